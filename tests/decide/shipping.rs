//! Promotions and releases: who signed, what goes out, who kept away from what.

use std::collections::{BTreeMap, BTreeSet};

use countersign::{
    decide::{Shippers, outlook, shippers},
    model::{
        Code, Holder, PersonId, RefName, Signature,
        evidence::{Claim, Countersignature, Kind, Mechanical, Movement, RefEvidence, RefUpdate},
        policy::{Bite, DistinctFrom, Duty, Shipping, Who},
        shipment::{Carrier, Course, Proof, Shipment, Shipped, ShippedChange, Touches},
        statement::{Stance, Tree},
    },
};

use super::fixture::*;

const PROMOTION: u8 = 0xf1;
const SHIPPED: u8 = MERGE;
const LOG: u8 = 0xf0;

/// What a production branch asks for here: anything of main, by anybody, who kept away from it.
fn shipping() -> Shipping {
    Shipping {
        from: vec![pattern("refs/heads/main")],
        by: Who::Anyone,
        distinct_from: DistinctFrom { contributors: true, reviewers: true },
        checks: Vec::new(),
        push: None,
        hardware: false,
        user_verification: false,
        emergency: None,
    }
}

/// Dana promotes one change of main that Alice wrote and Bob reviewed.
fn promotion() -> Push {
    let change = change(SHIPPED, &[ALICE], &[BOB]);
    let about = promoted(vec![change]);
    Push::of(about).with(|push| {
        push.policy.rules.push(ship_rule("production", shipping()));
    })
}

fn promoted(changes: Vec<ShippedChange>) -> RefEvidence {
    let carrier = commit(PROMOTION, &[LOG, SHIPPED], DANA);
    let carrier = countersign::model::evidence::Commit { tree: tree(SHIPPED), ..carrier };
    let shipment = Shipment {
        carrier: Carrier::Promotion(Box::new(carrier)),
        claims: Vec::new(),
        shipped: Some(Shipped {
            commit: id(SHIPPED),
            subject: "Merge branch 'rounding'".to_owned(),
            tree: tree(SHIPPED),
            course: Course::Forward,
            on: vec![branch("main")],
            changes,
            checks: Vec::new(),
            emergencies: Vec::new(),
        }),
        emergency: None,
        ship_to: vec!["git.example.org/acme/payments refs/heads/production".to_owned()],
    };
    let update = RefUpdate { name: branch("production"), old: Some(object(LOG)), new: Some(object(PROMOTION)) };
    RefEvidence {
        kind: Some(Kind::Commit),
        movement: Some(Movement::Advance),
        shipments: vec![shipment],
        ..RefEvidence::of(update, branch("production"))
    }
}

fn change(step: u8, wrote: &[Holder], reviewed: &[Holder]) -> ShippedChange {
    let people =
        |holders: &[Holder]| holders.iter().filter_map(|holder| person_of(*holder)).collect::<BTreeSet<_>>();
    let touched = |person| (person, Touches { examples: vec![id(step.wrapping_add(1))], count: 1 });
    // That it was reviewed is another question: by somebody who is never among the shippers here.
    let by = BTreeMap::from([(PersonId(1), fingerprint(BOB, 1))]);
    ShippedChange {
        step: id(step),
        subject: "Merge branch 'rounding'".to_owned(),
        contributors: people(wrote).into_iter().map(touched).collect(),
        reviewers: people(reviewed),
        proof: Proof::Countersigned { on: branch("main"), by },
    }
}

/// Somebody ships beside Dana.
fn beside(who: Holder) -> Countersignature {
    let plain = approval(who, SHIPPED, "production");
    let statement = countersign::model::Statement {
        verdict: Stance::Ship,
        base: id(LOG),
        tree: Tree::Exact(tree(SHIPPED)),
        ..plain.statement
    };
    Countersignature { statement, merges_to: Mechanical::NotAsked, ..plain }
}

fn shipment(push: &mut Push) -> &mut Shipment {
    &mut push.about().shipments[0]
}

fn shipped(push: &mut Push) -> &mut Shipped {
    shipment(push).shipped.as_mut().expect("it ships something")
}

fn rule(push: &mut Push) -> &mut Shipping {
    match &mut push.policy.rules.last_mut().expect("a rule").duty {
        Duty::Ship(shipping) => shipping,
        Duty::Review(_) | Duty::Release(_) | Duty::Guard(_) => panic!("the last rule ships"),
    }
}

fn carrier(push: &mut Push) -> &mut countersign::model::evidence::Commit {
    match &mut shipment(push).carrier {
        Carrier::Promotion(commit) => commit,
        Carrier::Tag(_) | Carrier::Bare(..) => panic!("a promotion"),
    }
}

#[test]
fn somebody_who_kept_away_ships() {
    promotion().finds(&["note shipped"]);
}

#[test]
fn the_writer_and_the_reviewer_do_not() {
    let of = |by: Holder| {
        promotion().with(|push| {
            let commit = carrier(push);
            (commit.signature, commit.committer) = (signed(by), ident(by));
        })
    };
    of(ALICE).finds(&["error self-shipping", "note shipped"]);
    of(BOB).finds(&["error self-shipping", "note shipped"]);
    of(CAROL).finds(&["note shipped"]);
}

#[test]
fn distinct_from_gives_up_what_it_leaves_out() {
    let by = |who: Holder, contributors, reviewers| {
        promotion().with(|push| {
            rule(push).distinct_from = DistinctFrom { contributors, reviewers };
            let commit = carrier(push);
            (commit.signature, commit.committer) = (signed(who), ident(who));
        })
    };
    by(ALICE, false, true).finds(&["note shipped"]);
    by(BOB, true, false).finds(&["note shipped"]);
    by(BOB, false, true).finds(&["error self-shipping", "note shipped"]);
    by(ALICE, true, false).finds(&["error self-shipping", "note shipped"]);
}

/// Against trying it out: every pair of shippers, every way in which three people touch two changes.
#[test]
fn separation_holds_change_by_change() {
    let people = [CAROL, DANA];
    for touched in 0u32..16 {
        let touches = |at: u32| touched >> at & 1 == 1;
        let wrote = |change: u32| -> Vec<Holder> {
            (0u32..).zip(people).filter(|(who, _)| touches(change * 2 + who)).map(|(_, holder)| holder).collect()
        };
        let changes = vec![change(SHIPPED, &wrote(0), &[BOB]), change(0x77, &wrote(1), &[BOB])];
        let clean = |who: u32, change: u32| !touches(change * 2 + who);
        let alone = (0..2).all(|change| clean(1, change));
        let both = (0..2).all(|change| clean(0, change) || clean(1, change));
        let found = |push: &Push| push.decision().errors().map(|finding| finding.code).collect::<Vec<_>>();
        let wanted = |fine: bool| if fine { Vec::new() } else { vec![Code::SelfShipping] };
        let one = promotion().with(|push| shipped(push).changes.clone_from(&changes));
        assert_eq!(found(&one), wanted(alone), "{touched:04b} alone");
        let two = one.with(|push| shipment(push).claims.push(Claim::Read(Box::new(beside(CAROL)))));
        assert_eq!(found(&two), wanted(both), "{touched:04b} together");
    }
}

#[test]
fn who_could_ship_is_who_may() {
    let changes = vec![change(SHIPPED, &[ALICE, DANA], &[BOB]), change(0x77, &[ALICE, CAROL], &[BOB])];
    let push = promotion().with(|push| shipped(push).changes = changes);
    let Shippers { alone, pairs, barred } = shippers(&push.policy, &push.evidence);
    assert!(alone.is_empty());
    let [carol, dana] = [CAROL, DANA].map(|holder| person_of(holder).expect("a person"));
    assert_eq!(pairs, [(carol, dana)]);
    assert_eq!(barred.len(), push.policy.people.len());
    let push = promotion();
    assert_eq!(shippers(&push.policy, &push.evidence).alone, [carol, dana]);
}

#[test]
fn a_statement_beside_counts_for_exactly_this() {
    let own = |bend: fn(&mut Countersignature)| {
        promotion().with(|push| shipped(push).changes = vec![change(SHIPPED, &[DANA], &[BOB])]).with(|push| {
            let mut claim = beside(CAROL);
            bend(&mut claim);
            shipment(push).claims.push(Claim::Read(Box::new(claim)));
        })
    };
    own(|_| {}).finds(&["note shipped"]);
    let refused = |code: &str, bend: fn(&mut Countersignature)| {
        own(bend).finds(&["error self-shipping", &format!("error {code}"), "note shipped"]);
    };
    refused("wrong-repository", |c| c.statement.repository = "elsewhere".to_owned());
    refused("wrong-ref", |c| c.statement.target = branch("staging"));
    refused("wrong-head", |c| c.statement.head = id(0x01));
    refused("wrong-base", |c| c.statement.base = id(0x01));
    refused("wrong-tree", |c| c.statement.tree = Tree::Auto);
    refused("wrong-tree", |c| c.statement.tree = Tree::Exact(tree(0x01)));
    refused("not-an-approval", |c| c.statement.verdict = Stance::Approve);
    refused("not-an-approval", |c| c.statement.verdict = Stance::Emergency);
    refused("not-an-approval", |c| c.statement.verdict = Stance::Withdraw);
    refused("future-approval", |c| c.statement.at = NOW.plus(3_600));
    refused("withdrawn-approval", |c| c.withdrawn = Some(NOW));
    refused("withdrawn-approval", |c| c.replaced = Some(NOW));
    refused("bad-countersignature", |c| c.signature = Signature::Absent);
    refused("bad-countersignature", |c| c.signature = signed(ALICE));
}

#[test]
fn evidence_that_says_nothing_proves_nothing() {
    promotion().with(|push| push.about().shipments.clear()).finds(&["error could-not-judge"]);
    promotion().with(|push| push.about().movement = None).finds(&["error could-not-judge"]);
    promotion().with(|push| shipment(push).shipped = None).finds(&["error not-a-promotion"]);
    promotion().with(|push| carrier(push).id = id(0x01)).finds(&["error could-not-judge", "note shipped"]);
    promotion()
        .with(|push| carrier(push).parents = vec![id(0x01), id(SHIPPED)])
        .finds(&["error could-not-judge", "note shipped"]);
    promotion().with(|push| carrier(push).parents = vec![id(LOG), id(0x01)]).finds(&["error not-a-promotion"]);
    promotion().with(|push| shipped(push).on.clear()).finds(&["error not-on-source", "note shipped"]);
    promotion()
        .with(|push| shipped(push).on = vec![branch("elsewhere")])
        .finds(&["error not-on-source", "note shipped"]);
}

#[test]
fn a_change_is_proven_by_enough_people_who_kept_away() {
    let proven = |bend: fn(&mut ShippedChange)| promotion().with(|push| bend(&mut shipped(push).changes[0]));
    let nobody = |change: &mut ShippedChange| {
        change.proof = Proof::Countersigned { on: branch("main"), by: BTreeMap::new() };
    };
    proven(nobody).finds(&["error shipped-unreviewed", "note shipped"]);
    proven(|change| {
        let by = BTreeMap::from([(PersonId(0), fingerprint(ALICE, 1))]);
        change.proof = Proof::Countersigned { on: branch("main"), by };
    })
    .finds(&["error shipped-unreviewed", "note shipped"]);
    proven(|change| {
        let by = BTreeMap::from([(PersonId(1), fingerprint(BOB, 1))]);
        change.proof = Proof::Countersigned { on: branch("elsewhere"), by };
    })
    .finds(&["error shipped-unreviewed", "note shipped"]);
    promotion().with(|push| push.review().approvals = 2).finds(&["error shipped-unreviewed", "note shipped"]);
    promotion()
        .with(|push| push.review().by = role("operators"))
        .finds(&["error shipped-unreviewed", "note shipped"]);
}

#[test]
fn a_way_back_is_by_any_shipper() {
    let back = promotion().with(|push| {
        let shipped = shipped(push);
        (shipped.course, shipped.changes) = (Course::Back, Vec::new());
        shipped.on.clear();
    });
    back.clone().finds(&["note shipped"]);
    back.with(|push| rule(push).by = role("reviewers")).finds(&["error not-a-shipper", "note shipped"]);
}

#[test]
fn another_course_is_none() {
    for course in [Course::Sideways, Course::Unfounded] {
        promotion().with(|push| shipped(push).course = course).finds(&["error never-shipped", "note shipped"]);
    }
}

#[test]
fn a_signature_that_is_only_warned_about_makes_no_shipper() {
    let unsigned = promotion().with(|push| carrier(push).signature = Signature::Absent);
    unsigned.clone().finds(&["error unsigned-commit", "note shipped"]);
    unsigned.with(|push| push.soften(Code::UnsignedCommit, Bite::Observe)).finds(&[
        "error not-a-shipper",
        "error self-shipping",
        "note unsigned-commit",
        "note shipped",
    ]);
}

#[test]
fn two_duties_for_one_ref() {
    let both = promotion().with(|push| push.policy.rules.push(review_rule("prod*", lenient())));
    assert!(both.decision().errors().any(|finding| finding.code == Code::ConflictingDuties));
    let elsewhere = promotion().with(|push| push.policy.rules.push(review_rule("proof*", lenient())));
    elsewhere.finds(&["note shipped"]);
    let name = RefName::branch("production");
    assert!(both.policy.rules_for(&name).count() == 2);
}

/// What is said beforehand is what will be said, whoever signs and whatever is wrong.
#[test]
fn the_outlook_is_the_decision() {
    let writes = |who: Holder| move |push: &mut Push| shipped(push).changes = vec![change(SHIPPED, &[who], &[BOB])];
    let stands_beside = |who: Holder, bend: fn(&mut Countersignature)| {
        move |push: &mut Push| {
            let mut claim = beside(who);
            bend(&mut claim);
            shipment(push).claims.push(Claim::Read(Box::new(claim)));
        }
    };
    let bent: Vec<Push> = vec![
        promotion(),
        promotion().with(writes(DANA)),
        promotion().with(writes(DANA)).with(stands_beside(CAROL, |_| {})),
        promotion().with(writes(DANA)).with(stands_beside(CAROL, |c| c.withdrawn = Some(NOW))),
        promotion().with(writes(DANA)).with(stands_beside(CAROL, |c| c.statement.base = id(0x01))),
        promotion().with(stands_beside(CAROL, |c| c.statement.head = id(0x01))),
        promotion().with(|push| rule(push).by = role("operators")),
        promotion().with(|push| rule(push).by = role("reviewers")),
        promotion().with(|push| shipped(push).course = Course::Sideways),
        promotion().with(|push| shipped(push).on.clear()),
        promotion().with(|push| push.review().approvals = 2),
        promotion().with(|push| push.soften(Code::SelfShipping, Bite::Observe)).with(writes(DANA)),
    ];
    for (at, push) in bent.iter().enumerate() {
        for who in [ALICE, BOB, CAROL, DANA] {
            let signed = push.clone().with(|push| {
                let commit = carrier(push);
                (commit.signature, commit.committer) = (signed(who), ident(who));
            });
            let mut decided: Vec<Code> = signed.decision().errors().map(|finding| finding.code).collect();
            let planned = push.clone().with(|push| carrier(push).signature = Signature::Absent);
            let signer = person_of(who).map(|person| (person, fingerprint(who, 1)));
            let outlook = outlook(&planned.policy, &planned.evidence, signer);
            let mut said: Vec<Code> = outlook.refusals().map(|finding| finding.code).collect();
            // Whoever may not ship is told that first, and, beforehand, everything else as well.
            if decided.contains(&Code::NotAShipper) {
                assert!(said.contains(&Code::NotAShipper), "{at}, {who:?}: {said:?}");
                continue;
            }
            decided.sort();
            said.sort();
            assert_eq!(said, decided, "{at}, {who:?}");
        }
    }
}

#[test]
fn the_outlook_tells_which_statements_count() {
    let late = |claim: &mut Countersignature| claim.withdrawn = Some(NOW);
    let push = promotion().with(|push| {
        let mut withdrawn = beside(BOB);
        late(&mut withdrawn);
        let claims = [beside(CAROL), withdrawn].map(|claim| Claim::Read(Box::new(claim)));
        shipment(push).claims.extend(claims);
    });
    let [carol, dana] = [CAROL, DANA].map(|holder| person_of(holder).expect("a person"));
    let outlook = outlook(&push.policy, &push.evidence, Some((dana, fingerprint(DANA, 1))));
    let statements: Vec<_> =
        outlook.statements.iter().map(|judged| judged.as_ref().map_err(|(code, _)| *code)).collect();
    assert_eq!(statements, [Ok(&carol), Err(Code::WithdrawnApproval)]);
}

#[test]
fn in_an_emergency_the_outlook_counts_who_calls_it() {
    let emergency =
        countersign::model::shipment::Emergency { reason: "INC-123".to_owned(), fault: None, reviews: Vec::new() };
    let push = promotion().with(|push| {
        rule(push).emergency = Some(role("operators"));
        shipped(push).changes = vec![change(SHIPPED, &[DANA], &[BOB, CAROL])];
        let with = |verdict| {
            let mut word = beside(CAROL);
            word.statement.verdict = verdict;
            Claim::Read(Box::new(word))
        };
        shipment(push).claims = vec![with(Stance::Emergency), with(Stance::Ship), with(Stance::Approve)];
        shipment(push).emergency = Some(emergency);
    });
    let said = |who: Holder| {
        let signer = person_of(who).map(|person| (person, fingerprint(who, 1)));
        let outlook = outlook(&push.policy, &push.evidence, signer);
        let counts: Vec<bool> = outlook.statements.iter().map(Result::is_ok).collect();
        let refused: Vec<Code> = outlook.refusals().map(|finding| finding.code).collect();
        (counts, refused)
    };
    assert_eq!(said(DANA), (vec![true, false, false], Vec::new()));
    // Carol would sign both, and Bob may call none.
    for (who, counts) in [(CAROL, [false; 3]), (BOB, [true, false, false])] {
        let (counted, refused) = said(who);
        assert_eq!(counted, counts);
        assert!(refused.contains(&Code::SelfShipping) && refused.contains(&Code::VoidEmergency), "{refused:?}");
    }
}
