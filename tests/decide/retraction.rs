//! Records that take a release back, and what they let become of the tag.

use countersign::model::{
    Code, ObjectId, RefName, Signature, Time,
    evidence::{Ident, Kind, Movement, RefEvidence, RefUpdate},
    policy::{DistinctFrom, Duty, Release, Rule, Shipping},
    shipment::{Retraction, Tag, retracted_ref},
    signature::Presence,
};
use expect_test::expect;

use super::fixture::{
    ALICE, CAROL, CI, DANA, Push, fingerprint, guard_rule, ident, object, open_guard, pattern, role, signed,
    signed_with,
};

/// The tag object of v1.
const RELEASE: u8 = 0x71;

fn tag() -> RefName {
    RefName::new("refs/tags/v1").expect("a name")
}

/// `[release."v*"]` at line 61, `retract` at line 64.
fn release_rule() -> Rule {
    let shipping = Shipping {
        from: vec![pattern("refs/heads/main")],
        by: role("operators"),
        distinct_from: DistinctFrom { contributors: true, reviewers: true },
        checks: Vec::new(),
        push: None,
        hardware: false,
        user_verification: false,
        emergency: None,
    };
    Rule {
        name: "v*".to_owned(),
        pattern: pattern("refs/tags/v*"),
        duty: Duty::Release(Release { shipping, retract: Some(role("operators")) }),
        line: 61,
        lines: [("retract", 64)].into(),
        ..guard_rule("x", open_guard())
    }
}

/// Dana's record of v1.
fn record() -> Tag {
    Tag {
        id: object(0x72),
        target: object(RELEASE),
        target_kind: Kind::Tag,
        name: "retract/v1".to_owned(),
        tagger: ident(DANA),
        subject: "it loses money".to_owned(),
        body: String::new(),
        signature: signed(DANA),
    }
}

fn push(about: RefEvidence) -> Push {
    Push::of(about).with(|push| push.policy.rules = vec![release_rule()])
}

/// Dana pushes a record.
fn puts_on_record(brings: Option<Result<Tag, Kind>>) -> Push {
    let name = retracted_ref(&tag()).expect("a name");
    let new = brings.as_ref().map(|_| object(0x72));
    let old = if new.is_none() { Some(object(0x72)) } else { None };
    let mut about = RefEvidence::of(RefUpdate { name: name.clone(), old, new }, name);
    about.retraction = Some(Retraction { tag: tag(), stands: Some(object(RELEASE)), brings });
    push(about)
}

fn with(change: impl FnOnce(&mut Tag)) -> Push {
    let mut record = record();
    change(&mut record);
    puts_on_record(Some(Ok(record)))
}

/// Somebody deletes v1, of which the server has this record.
fn deletes(record: Option<Tag>) -> Push {
    let update = RefUpdate { name: tag(), old: Some(object(RELEASE)), new: None };
    let mut about = RefEvidence::of(update, tag());
    (about.movement, about.retracted) = (Some(Movement::Delete), record);
    push(about)
}

fn release(push: &mut Push) -> &mut Release {
    match &mut push.policy.rules[0].duty {
        Duty::Release(release) => release,
        Duty::Review(_) | Duty::Ship(_) | Duty::Guard(_) => panic!("the rule is a release's"),
    }
}

#[test]
fn a_record_by_somebody_who_may_is_let_in() {
    with(|_| {}).finds(&["note retracted"]).reads(
        Code::Retracted,
        expect![[r#"
            note[retracted]: v1 taken back by Dana Diaz
              at: reason: it loses money
              at: Dana Diaz with SHA256:ZGEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
        "#]],
    );
    // A release from before the rule may be no annotated tag.
    with(|record| record.target_kind = Kind::Commit).finds(&["note retracted"]);
}

#[test]
fn a_record_that_says_or_proves_something_else_is_void() {
    let void = ["error void-retraction"];
    for change in [
        (|r| r.name = "v1".to_owned()) as fn(&mut Tag),
        |r| r.name = "retract/v2".to_owned(),
        |r| r.subject = String::new(),
        |r| r.target = object(0x73),
        |r| r.signature = Signature::Absent,
        |r| r.signature = Signature::UnknownKey(fingerprint(DANA, 2)),
        |r| r.signature = signed(CI),
        |r| (r.signature, r.tagger) = (signed(ALICE), ident(ALICE)),
        |r| r.signature = signed(CAROL),
        |r| r.tagger = ident(ALICE),
        |r| r.tagger = Ident { name: "Dana Diaz".to_owned(), email: String::new() },
    ] {
        with(change).finds(&void);
    }
    for kind in [Kind::Commit, Kind::Tree, Kind::Blob] {
        puts_on_record(Some(Err(kind))).finds(&void);
    }
    with(|r| (r.signature, r.tagger) = (signed(ALICE), ident(ALICE))).reads(
        Code::VoidRetraction,
        expect![[r#"
            error[void-retraction]: Alice Archer signed it, who may not take a release back
              headline: v1 was not taken back; nothing was changed
              at: tag 7272727 "it loses money"
              asked by: policy.toml:64 [release."v*"]
              - make the record anew:
              $ git countersign retract v1 -m REASON
        "#]],
    );
}

#[test]
fn a_key_counts_today() {
    let void = ["error void-retraction"];
    with(|_| {}).with(|push| push.key_of(DANA).revoked = Some(Time(0))).finds(&void);
    with(|_| {}).with(|push| push.key_of(DANA).valid_until = Some(Time(0))).finds(&void);
    with(|_| {}).with(|push| push.key_of(DANA).compromised = Some(Time(0))).finds(&void);
    let hardware = |push: &mut Push| release(push).shipping.hardware = true;
    with(|_| {}).with(hardware).finds(&void);
    with(|r| r.signature = signed_with(DANA, 1, Presence::Touched)).with(hardware).finds(&["note retracted"]);
}

#[test]
fn every_rule_of_the_tag_is_asked() {
    let void = ["error void-retraction"];
    let other = |retract| {
        move |push: &mut Push| {
            let mut rule = release_rule();
            if let Duty::Release(release) = &mut rule.duty {
                release.retract = retract;
            }
            push.policy.rules.push(rule);
        }
    };
    with(|_| {}).with(other(Some(role("operators")))).finds(&["note retracted"]);
    with(|_| {}).with(other(Some(role("reviewers")))).finds(&void);
    with(|_| {}).with(other(None)).finds(&void);
    with(|_| {}).with(|push| push.policy.rules.clear()).finds(&void);
}

#[test]
fn a_record_is_of_what_stands_and_stays() {
    let stands = |id: Option<ObjectId>| {
        move |push: &mut Push| push.about().retraction.as_mut().expect("a record").stands = id
    };
    with(|_| {}).with(stands(None)).finds(&["error void-retraction"]);
    with(|_| {}).with(stands(Some(object(0x73)))).finds(&["error void-retraction"]);
    let moved = |push: &mut Push| push.about().update.old = Some(object(0x70));
    with(|_| {}).with(moved).finds(&["error void-retraction"]);
    puts_on_record(None).finds(&["error deleted"]);
    // Nothing known about it lets nothing in.
    with(|_| {}).with(|push| push.about().retraction = None).finds(&["error reserved-ref"]);
    let elsewhere = |push: &mut Push| push.about().moves = RefName::new("refs/heads/x").expect("a name");
    with(|_| {}).with(elsewhere).finds(&["error reserved-ref", "note retracted"]);
}

#[test]
fn a_release_goes_after_its_record() {
    deletes(Some(record())).finds(&["note retracted"]);
    deletes(None).finds(&["error deleted"]).reads(
        Code::Deleted,
        expect![[r#"
            error[deleted]: release v1 would be deleted
              headline: release v1 stays; nothing was changed
              at: may take it back: Carol Chu, Dana Diaz
              asked by: policy.toml:64 [release."v*"]
              - it is taken back with a reason, which stays on record:
              $ git countersign retract v1 -m REASON
        "#]],
    );
    deletes(None).with(|push| release(push).retract = None).finds(&["error deleted"]);
    // Of another tag of that name, or by somebody who never might.
    deletes(Some(Tag { target: object(0x73), ..record() })).finds(&["error deleted"]);
    deletes(Some(Tag { signature: signed(ALICE), tagger: ident(ALICE), ..record() })).finds(&["error deleted"]);
    deletes(Some(Tag { signature: Signature::Absent, ..record() })).finds(&["error deleted"]);
}

#[test]
fn a_record_outlives_its_key_unless_that_is_compromised() {
    let key =
        |change: fn(&mut countersign::model::Key)| deletes(Some(record())).with(|push| change(push.key_of(DANA)));
    key(|key| key.revoked = Some(Time(0))).finds(&["note retracted"]);
    key(|key| key.valid_until = Some(Time(0))).finds(&["note retracted"]);
    key(|key| key.compromised = Some(Time(0))).finds(&["error deleted"]);
}

#[test]
fn a_release_that_was_taken_back_is_not_made_again() {
    let again = |record: Option<Tag>| {
        let mut push = deletes(record);
        push.about().update = RefUpdate { name: tag(), old: None, new: Some(object(RELEASE)) };
        (push.about().movement, push.about().kind) = (Some(Movement::Create), Some(Kind::Tag));
        push.decision().errors().map(|finding| finding.code).collect::<Vec<Code>>()
    };
    assert!(again(Some(record())).contains(&Code::MovedRelease));
    // Whatever the record is worth: it says that somebody took it back.
    assert!(again(Some(Tag { signature: Signature::Absent, ..record() })).contains(&Code::MovedRelease));
    assert!(!again(None).contains(&Code::MovedRelease));
}
