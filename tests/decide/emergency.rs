//! What two people may pass by, what they may not, and who has to look at it afterwards.

use countersign::{
    decide::{PastEmergency, emergencies},
    model::{
        CheckName, Code, Holder, Pattern, PersonId, Severity, Signature, Statement, Time,
        evidence::{Claim, Commit, Countersignature, Mechanical, RefUpdate},
        policy::{Authors, CheckRule, PathRule},
        shipment::{Emergency, EmergencyFault},
        statement::{Stance, Tree},
    },
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, CI, DANA, DAY, FORK, MERGE, NOW, OLD, Push, TOPIC, advance, approval, approved_by,
    branch, called_by, commit, email, fingerprint, id, ident, lenient, object, pattern, review_rule, role, signed,
    step, touched, tree,
};

fn said(reason: &str) -> Option<Emergency> {
    Some(Emergency { reason: reason.to_owned(), fault: None, reviews: Vec::new() })
}

/// Dana merges what Alice wrote, Carol approved exactly that, and nobody reviewed it: two approvals by reviewers are
/// asked for. Carol and Dana are the operators, who may call an emergency.
fn broken_glass() -> Push {
    Push::honest().with(|push| {
        let review = push.review();
        (review.approvals, review.by, review.emergency) = (2, role("reviewers"), Some(role("operators")));
        push.policy.rules[0].lines.insert("emergency", 40);
        let step = push.step();
        step.commit =
            Commit { subject: "Merge branch 'rounding'".to_owned(), ..commit(MERGE, &[OLD, TOPIC], DANA) };
        step.claims = vec![called_by(CAROL)];
        step.emergency = said("INC-123 payments are stuck");
    })
}

fn emergency(push: &mut Push) -> &mut Emergency {
    push.step().emergency.as_mut().expect("an emergency")
}

/// Bob's review afterwards, of what the merge made of `main`.
fn review_since(by: Holder) -> (Statement, Signature) {
    let Countersignature { statement, signature, .. } = approval(by, MERGE, "main");
    (Statement { base: id(OLD), tree: Tree::Exact(tree(MERGE)), at: NOW, ..statement }, signature)
}

/// The same push, as history.
fn past(push: &Push) -> Option<PastEmergency> {
    let mut all = emergencies(&push.policy, &push.evidence);
    assert!(all.len() < 2, "{all:?}");
    all.pop()
}

fn is_open(push: &Push) -> bool {
    past(push).expect("an emergency").is_open()
}

#[test]
fn two_people_pass_by_reviews() {
    broken_glass().finds(&["note not-approved", "note emergency"]).reads(
        Code::Emergency,
        expect![[r#"
            note[emergency]: Dana Diaz and Carol Chu call an emergency: INC-123 payments are stuck
              at: merge b1b1b1b "Merge branch 'rounding'"
              at: signed by Dana Diaz with SHA256:ZGEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              at: called by Carol Chu with SHA256:Y2EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              asked by: policy.toml:40 [review.main]
              - it is open until somebody else has reviewed it:
              $ git countersign approve --emergency b1b1b1b1b1b1 --onto main
        "#]],
    );
    // Without the line it is a merge that nobody reviewed.
    broken_glass()
        .with(|push| push.step().emergency = None)
        .finds(&["error not-approved", "error not-an-approval"]);
}

#[test]
fn they_pass_by_paths_checks_and_what_was_reviewed_elsewhere() {
    let rule = PathRule { pattern: pattern("deploy/**"), approvals: 1, by: role("developers"), line: 44 };
    let paths = |push: &mut Push| {
        push.review().paths = vec![rule.clone()];
        push.merge().touched = vec![touched("deploy/**", &["deploy/run"])];
    };
    let only_bob = |push: &mut Push| push.policy.roles.get_mut("developers").expect("a role").retain(|p| p.0 == 1);
    broken_glass().with(paths).with(only_bob).finds(&[
        "note not-approved",
        "note path-not-approved",
        "note emergency",
    ]);
    let check = CheckRule { check: CheckName::new("ci/test").expect("a name"), max_age: None, line: 45 };
    let attested = |push: &mut Push| {
        push.policy.services[0].attests = vec![CheckName::new("ci/test").expect("a name")];
        push.review().checks = vec![check.clone()];
    };
    broken_glass().with(attested).finds(&["note not-approved", "note missing-check", "note emergency"]);
    // A resolution that nobody but the two has seen.
    let nobody_reviews = |push: &mut Push| push.review().by = role("developers");
    broken_glass().with(Push::alter_merge).with(nobody_reviews).finds(&["note not-approved", "note emergency"]);
}

#[test]
fn statements_that_do_not_count_do_not_stand_in_their_way() {
    let with = |change: fn(&mut Countersignature)| {
        let mut other = approval(BOB, TOPIC, "main");
        change(&mut other);
        broken_glass().with(|push| push.claims().push(Claim::Read(Box::new(other)))).decision()
    };
    for (decision, code) in [
        (with(|claim| claim.statement.target = branch("other")), Code::WrongRef),
        (with(|claim| claim.withdrawn = Some(NOW)), Code::WithdrawnApproval),
        (with(|claim| claim.signature = Signature::UnknownKey(fingerprint(BOB, 2))), Code::BadCountersignature),
    ] {
        assert_eq!(decision.errors().count(), 0, "{decision:?}");
        assert!(decision.findings.iter().any(|finding| finding.code == code), "{code}: {decision:?}");
    }
    // More than anybody reads: none was read, not even the one that would do.
    let crowd = |push: &mut Push| push.claims().push(Claim::TooMany(65));
    broken_glass().with(crowd).finds(&["error over-limit", "note not-approved", "note emergency"]);
}

#[test]
fn they_never_pass_by_signatures() {
    for (change, expected) in [
        ((|push: &mut Push| push.commit().signature = Signature::Absent) as fn(&mut Push), "error unsigned-commit"),
        (|push| push.commit().committer = fixture::stranger(), "error wrong-committer"),
        (|push| push.commit().signature = Signature::UnknownKey(fingerprint(ALICE, 2)), "error unknown-key"),
        (|push| push.review().write = role("operators"), "error not-a-writer"),
        (|push| push.key_of(ALICE).revoked = Some(Time(0)), "error revoked-key"),
    ] {
        broken_glass().with(change).finds(&[expected, "note not-approved", "note emergency"]);
    }
    let unknown_author = |push: &mut Push| {
        push.review().authors = Authors::Known;
        push.commit().author = fixture::stranger();
    };
    broken_glass().with(unknown_author).finds(&["error unknown-author", "note not-approved", "note emergency"]);
    // The merge itself.
    let committer = |push: &mut Push| push.merge_commit().committer = ident(ALICE);
    broken_glass().with(committer).finds(&["error wrong-committer", "note not-approved", "note emergency"]);
    let unsigned = |push: &mut Push| push.merge_commit().signature = Signature::Absent;
    broken_glass().with(unsigned).finds(&["error unsigned-commit", "error not-approved", "error void-emergency"]);
}

#[test]
fn one_person_alone_is_not_two() {
    // By another key of the same person, too.
    let alone = |push: &mut Push| *push.claims() = vec![called_by(DANA)];
    broken_glass().with(alone).finds(&["error not-approved", "error void-emergency"]).reads(
        Code::VoidEmergency,
        expect![[r#"
                error[void-emergency]: Dana Diaz signed both, and it takes two people
                  headline: this is no emergency that may pass; main was not changed
                  at: merge b1b1b1b "Merge branch 'rounding'"
                  at: two of them together: Carol Chu, Dana Diaz
                  asked by: policy.toml:40 [review.main]
                  - one signs it, the other says `emergency` to exactly what comes of it:
                  $ git countersign explain void-emergency
            "#]],
    );
    let nobody = |push: &mut Push| push.claims().clear();
    broken_glass().with(nobody).finds(&["error not-approved", "error void-emergency"]);
}

#[test]
fn both_are_of_the_role() {
    let void = ["error not-approved", "error void-emergency"];
    let with = |who: Holder| move |push: &mut Push| *push.claims() = vec![called_by(who)];
    broken_glass().with(with(ALICE)).finds(&void);
    let signer = |push: &mut Push| {
        push.step().commit = commit(MERGE, &[OLD, TOPIC], ALICE);
    };
    broken_glass().with(signer).finds(&void);
    // A service is nobody.
    let service = |push: &mut Push| push.merge_commit().signature = signed(fixture::GITEA);
    broken_glass().with(service).finds(&void);
    broken_glass().with(with(CI)).finds(&void);
}

#[test]
fn the_second_person_approves_exactly_this() {
    for change in [
        (|s| s.tree = Tree::Auto) as fn(&mut Statement),
        |s| s.tree = Tree::Exact(tree(0x77)),
        |s| s.base = id(FORK),
        |s| s.head = id(MERGE),
        |s| s.target = branch("other"),
        |s| s.repository = "git.example.org/acme/fork".to_owned(),
        |s| s.verdict = Stance::Approve,
        |s| s.verdict = Stance::Withdraw,
        |s| s.verdict = Stance::Ship,
        |s| s.at = NOW.plus(3_600),
        |s| s.by = email(ALICE),
    ] {
        let push = broken_glass().with(|push| change(&mut push.claim().statement));
        let decision = push.decision();
        assert!(decision.errors().any(|f| f.code == Code::VoidEmergency), "{decision:?}");
        assert!(decision.errors().any(|f| f.code == Code::NotApproved), "{decision:?}");
    }
    for change in [
        (|c| c.signature = Signature::Absent) as fn(&mut Countersignature),
        |c| c.withdrawn = Some(NOW),
        |c| c.replaced = Some(NOW),
    ] {
        let decision = broken_glass().with(|push| change(push.claim())).decision();
        assert!(decision.errors().any(|f| f.code == Code::VoidEmergency), "{decision:?}");
    }
    let compromised = |push: &mut Push| push.key_of(CAROL).compromised = Some(Time(0));
    let decision = broken_glass().with(compromised).decision();
    assert!(decision.errors().any(|f| f.code == Code::VoidEmergency), "{decision:?}");
}

#[test]
fn a_reason_is_given_once_and_in_words() {
    for fault in [EmergencyFault::Empty, EmergencyFault::TooLong, EmergencyFault::NotText, EmergencyFault::Twice] {
        let decision = broken_glass().with(|push| emergency(push).fault = Some(fault)).decision();
        let void = decision.errors().find(|f| f.code == Code::VoidEmergency).expect("void");
        assert_eq!(void.what, fault.to_string());
    }
}

#[test]
fn a_rule_that_knows_none_lets_none_pass() {
    let none = |push: &mut Push| push.review().emergency = None;
    broken_glass().with(none).finds(&["error not-approved", "error void-emergency"]);
    // Each rule asks by itself.
    let other = review_rule("main", fixture::lenient());
    broken_glass()
        .with(|push| push.policy.rules.push(other))
        .with(|push| push.claims().push(approved_by(BOB)))
        .with(|push| push.review().emergency = None)
        .with(|push| push.policy.rules.swap(0, 1))
        .finds(&["error not-approved", "error void-emergency", "note reviewed"]);
}

#[test]
fn what_is_reviewed_passes_with_and_without_the_line() {
    let reviewed = |push: &mut Push| {
        push.review().emergency = Some(role("operators"));
        push.step().emergency = said("not one at all");
    };
    // Nobody needed it, so nobody is told that it is none.
    Push::honest().with(reviewed).passes();
}

#[test]
fn one_reason_moves_one_ref() {
    let two_refs = |reason: &str| {
        let mut push = broken_glass();
        let rule = review_rule(
            "other",
            countersign::model::policy::Review { approvals: 2, emergency: Some(role("operators")), ..lenient() },
        );
        push.policy.rules.push(rule);
        let mut other = step(0xb2, 0xa1, 0xc2, "other");
        other.commit.signature = signed(DANA);
        other.commit.committer = ident(DANA);
        let mut claim = approval(CAROL, 0xc2, "other");
        claim.statement.verdict = Stance::Emergency;
        (claim.statement.base, claim.statement.tree) = (id(0xa1), Tree::Exact(tree(0xb2)));
        other.claims = vec![Claim::Read(Box::new(claim))];
        other.emergency = said(reason);
        push.evidence.refs.push(advance("other", 0xa1, vec![other]));
        push
    };
    let passes = ["note not-approved", "note emergency", "note not-approved", "note emergency"];
    two_refs("INC-124 so are refunds").finds(&passes);
    for reason in ["INC-123 payments are stuck", "inc-123  Payments are stuck"] {
        let decision = two_refs(reason).decision();
        let errors: Vec<Code> = decision.errors().map(|finding| finding.code).collect();
        assert_eq!(errors, [Code::VoidEmergency], "{reason}");
    }
    // One ref may take two steps for one reason.
    let twice = |push: &mut Push| {
        let mut second = push.step().clone();
        second.commit = commit(0xb3, &[MERGE, 0xc3], DANA);
        let mut claim = approval(CAROL, 0xc3, "main");
        claim.statement.verdict = Stance::Emergency;
        (claim.statement.base, claim.statement.tree) = (id(MERGE), Tree::Exact(tree(0xb3)));
        second.claims = vec![Claim::Read(Box::new(claim))];
        let merge = second.merge.as_mut().expect("a merge");
        (merge.heads, merge.mechanical) = (vec![id(0xc3)], Mechanical::Clean(tree(0xb3)));
        push.about().update = RefUpdate { new: Some(object(0xb3)), ..push.about().update.clone() };
        push.about().steps.insert(0, second);
    };
    broken_glass().with(twice).finds(&[
        "note not-approved",
        "note not-approved",
        "note emergency",
        "note emergency",
    ]);
}

#[test]
fn it_is_open_until_as_many_have_reviewed_it_as_the_rule_asks() {
    let with = |reviewers: &[Holder]| {
        broken_glass()
            .with(|push| push.review().by = role("developers"))
            .with(|push| emergency(push).reviews = reviewers.iter().map(|who| review_since(*who)).collect())
    };
    // Alice wrote it, Carol and Dana are the two: Bob alone is left of the developers, and two are asked for.
    assert!(is_open(&with(&[])));
    assert!(is_open(&with(&[BOB])));
    assert!(is_open(&with(&[ALICE, CAROL, DANA, BOB])));
    let one = |push: &mut Push| push.review().approvals = 1;
    assert!(is_open(&with(&[]).with(one)));
    assert!(is_open(&with(&[ALICE]).with(one)));
    assert!(is_open(&with(&[CAROL]).with(one)));
    assert!(!is_open(&with(&[BOB]).with(one)));
    assert!(is_open(&with(&[BOB]).with(one).with(|push| push.review().by = role("operators"))));
    let asked = past(&with(&[])).expect("an emergency").asks[0].clone();
    assert_eq!((asked.needed, asked.could.as_slice()), (2, [PersonId(1)].as_slice()));
}

#[test]
fn paths_ask_afterwards_as_well() {
    let rule = PathRule { pattern: pattern("deploy/**"), approvals: 1, by: role("operators"), line: 44 };
    let guarded = |push: &mut Push| {
        push.review().approvals = 1;
        push.review().paths = vec![rule];
        push.merge().touched = vec![touched("deploy/**", &["deploy/run"])];
        emergency(push).reviews = vec![review_since(BOB)];
    };
    let push = broken_glass().with(guarded);
    let asks = past(&push).expect("an emergency").asks;
    let open: Vec<Option<Pattern>> =
        asks.iter().filter(|ask| !ask.is_met()).map(|ask| ask.pattern.clone()).collect();
    assert_eq!(open, [Some(pattern("deploy/**"))]);
}

#[test]
fn a_review_afterwards_speaks_of_what_happened() {
    let closed_by = |change: &dyn Fn(&mut (Statement, Signature))| {
        let mut review = review_since(BOB);
        change(&mut review);
        let push = broken_glass().with(|push| {
            push.review().approvals = 1;
            emergency(push).reviews = vec![review];
        });
        !is_open(&push)
    };
    assert!(closed_by(&|_| {}));
    assert!(closed_by(&|(s, _)| s.at = NOW.minus(400 * DAY)));
    for change in [
        (|s| s.tree = Tree::Auto) as fn(&mut Statement),
        |s| s.tree = Tree::Exact(tree(0x77)),
        |s| s.base = id(FORK),
        |s| s.head = id(TOPIC),
        |s| s.target = branch("other"),
        |s| s.repository = "git.example.org/acme/fork".to_owned(),
        |s| s.verdict = Stance::Withdraw,
        |s| s.verdict = Stance::Emergency,
        |s| s.by = email(ALICE),
    ] {
        assert!(!closed_by(&|(statement, _)| change(statement)));
    }
    for signature in [Signature::Absent, Signature::UnknownKey(fingerprint(BOB, 2)), signed(CI)] {
        assert!(!closed_by(&|(_, proof)| *proof = signature.clone()));
    }
}

#[test]
fn keys_that_ended_since_still_closed_it_and_stolen_ones_never_did() {
    let closed = |change: fn(&mut Push)| {
        let push = broken_glass().with(|push| {
            push.review().approvals = 1;
            emergency(push).reviews = vec![review_since(BOB)];
        });
        past(&push.with(change)).is_some_and(|past| !past.is_open())
    };
    assert!(closed(|push| push.key_of(BOB).revoked = Some(Time(0))));
    assert!(!closed(|push| push.key_of(BOB).compromised = Some(Time(0))));
    assert!(closed(|push| push.key_of(DANA).revoked = Some(Time(0))));
}

#[test]
fn history_accepts_it_and_says_that_it_is_open() {
    let said = |push: &Push| {
        let past = countersign::decide::history(&push.policy, &push.evidence);
        let findings = past.into_iter().flat_map(|past| past.decision.findings);
        findings.map(|f| (f.severity, f.code)).collect::<Vec<_>>()
    };
    // Bob reviewed it, so no approval was lacking; and two people called an emergency all the same.
    let notes = |codes: &[Code]| codes.iter().map(|code| (Severity::Note, *code)).collect::<Vec<_>>();
    let push = broken_glass().with(|push| {
        push.review().approvals = 1;
        push.claims().push(approved_by(BOB));
    });
    assert_eq!(said(&push), notes(&[Code::OpenEmergency, Code::Reviewed, Code::Emergency]));
    let push = push.with(|push| emergency(push).reviews = vec![review_since(BOB)]);
    assert_eq!(said(&push), notes(&[Code::Reviewed, Code::Emergency]));
}
