//! What may stand at a review ref, and what may take its place.

use countersign::model::{
    Code, RefName, ReviewPlace, Signature, Statement,
    evidence::{Held, Movement, RefUpdate, ReviewEvidence, SignedStatement},
    policy::{Bite, DistinctFrom, Enforce, Shipping, Who},
    review::ReviewFault,
    signature::SignatureFault,
    statement::{Stance, StatementFault, Tree},
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, CI, DAY, NOW, Push, TOPIC, approval, branch, email, fingerprint, guard_rule, id,
    lenient, moves, object, open_guard, review_rule, role, ship_rule, signed, tree,
};

/// Bob's approval, an hour old.
fn bobs() -> SignedStatement {
    let approval = approval(BOB, TOPIC, "main");
    SignedStatement { statement: approval.statement, signature: approval.signature }
}

fn said(change: impl FnOnce(&mut Statement)) -> SignedStatement {
    let mut signed = bobs();
    change(&mut signed.statement);
    signed
}

/// Bob's withdrawal, so many seconds old.
fn withdrawn(age: u64) -> SignedStatement {
    said(|s| (s.verdict, s.at) = (Stance::Withdraw, NOW.minus(age)))
}

fn approved(age: u64) -> SignedStatement {
    said(|s| s.at = NOW.minus(age))
}

/// A push of this to Bob's place, where that stands.
fn pushed(brings: Option<Held>, stands: Option<Held>) -> Push {
    let place = ReviewPlace { head: id(TOPIC), person: "bob".to_owned(), target: branch("main") };
    let name = place.ref_name().expect("a name");
    let (old, new) = (stands.as_ref().map(|_| object(1)), brings.as_ref().map(|_| object(2)));
    let mut about = moves("x", old, new, Movement::Create);
    about.update = RefUpdate { name: name.clone(), old, new };
    (about.moves, about.movement, about.kind) = (name, None, None);
    about.review = Some(ReviewEvidence { place, brings, stands, kept: None, has_head: true, has_base: true });
    Push::of(about)
}

fn first(brings: SignedStatement) -> Push {
    pushed(Some(Ok(brings)), None)
}

fn over(stands: SignedStatement, brings: SignedStatement) -> Push {
    pushed(Some(Ok(brings)), Some(Ok(stands)))
}

fn with(push: Push, change: impl FnOnce(&mut ReviewEvidence)) -> Push {
    push.with(|push| change(push.about().review.as_mut().expect("a review")))
}

#[test]
fn a_statement_of_its_person_is_let_in() {
    first(bobs()).finds(&[]);
    first(withdrawn(0)).finds(&[]);
    // Under another of the person's addresses, in other letters.
    first(said(|s| s.by = "BOB@Example.org".to_owned())).finds(&[]);
    // Whether he may review there is for the merge to ask.
    first(bobs()).with(|push| push.review().by = role("operators")).finds(&[]);
    // A clock that is a little ahead.
    first(said(|s| s.at = NOW.plus(300))).finds(&[]);
}

#[test]
fn nothing_known_about_a_review_ref_lets_nothing_in() {
    first(bobs()).with(|push| push.about().review = None).finds(&["error reserved-ref"]);
    let other =
        |push: &mut Push| push.about().update.name = RefName::new("refs/countersign/policy").expect("a name");
    first(bobs()).with(other).finds(&["error reserved-ref"]);
}

#[test]
fn a_symbolic_ref_is_no_way_to_a_review() {
    let onto = first(bobs()).with(|push| push.about().update.name = branch("alias"));
    onto.finds(&["error reserved-ref"]);
    let from = first(bobs()).with(|push| push.about().moves = branch("topic"));
    from.finds(&["error reserved-ref"]);
}

#[test]
fn a_rule_that_covers_review_refs_is_asked_as_well() {
    let mut guard = guard_rule("x", countersign::model::policy::Guard { create: false, ..open_guard() });
    guard.pattern = fixture::pattern("refs/countersign/**");
    let push = first(bobs()).with(|push| {
        push.policy.rules.push(guard);
        push.about().movement = Some(Movement::Create);
    });
    push.finds(&["error guarded"]);
}

#[test]
fn void_review() {
    for fault in [
        ReviewFault::Kind("commit"),
        ReviewFault::TooLong(66_560),
        ReviewFault::Statements(0),
        ReviewFault::Statements(2),
        ReviewFault::Beside,
        ReviewFault::Void(StatementFault::Version("countersign-v1")),
    ] {
        pushed(Some(Err(fault)), None).finds(&["error void-review"]);
    }
    let elsewhere = "git.example.org/mallory/payments";
    for statement in [
        said(|s| s.verdict = Stance::Ship),
        said(|s| s.repository = elsewhere.to_owned()),
        said(|s| s.target = branch("next")),
        said(|s| s.target = branch("Main")),
        said(|s| s.head = id(0x77)),
        said(|s| s.at = NOW.plus(301)),
        said(|s| s.by = email(CAROL)),
        SignedStatement { signature: Signature::Absent, ..bobs() },
        SignedStatement { signature: Signature::UnknownKey(fingerprint(BOB, 9)), ..bobs() },
        SignedStatement { signature: Signature::Refused(SignatureFault::Mismatch), ..bobs() },
        SignedStatement { signature: signed(CI), ..said(|s| s.by = email(CI)) },
    ] {
        first(statement.clone()).finds(&["error void-review"]);
        // Nor where a good one stands.
        over(approved(DAY), statement).finds(&["error void-review"]);
    }
    first(said(|s| s.target = branch("next"))).reads(Code::VoidReview, expect![[r#"
        error[void-review]: it speaks of c1c1c1c1c1c1 for next, and the ref's name does not
          headline: this review would not count; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - push it to the place of its own:
          $ git push origin 020202020202:refs/countersign/reviews/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1/bob/heads/next
    "#]]);
    pushed(Some(Err(ReviewFault::Statements(2))), None).reads(
        Code::VoidReview,
        expect![[r#"
        error[void-review]: it holds 2 statements, and exactly one belongs there
          headline: this review would not count; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - a review ref holds one statement and nothing else; make it anew:
          $ git countersign approve c1c1c1c1c1c1 --onto main
    "#]],
    );
    first(said(|s| s.at = NOW.plus(301))).reads(
        Code::VoidReview,
        expect![[r#"
        error[void-review]: it was signed at 2026-11-24T12:05:01Z, and it is 2026-11-24T12:00:00Z
          headline: this review would not count; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - set your clock, and sign it anew
    "#]],
    );
    first(SignedStatement { signature: signed(CI), ..said(|s| s.by = email(CI)) }).reads(
        Code::VoidReview,
        expect![[r#"
            error[void-review]: `ci` is a service, and services never review
              headline: this review would not count; nothing was changed
              at: bob's review of c1c1c1c1c1c1 for main
              - have a person approve
        "#]],
    );
}

#[test]
fn a_key_must_count_at_receipt() {
    let with_key = |change: fn(&mut countersign::model::Key)| first(bobs()).with(|push| change(push.key_of(BOB)));
    with_key(|key| key.valid_until = Some(NOW.plus(1))).finds(&[]);
    with_key(|key| key.valid_until = Some(NOW)).finds(&["error void-review"]);
    with_key(|key| key.valid_from = Some(NOW.plus(1))).finds(&["error void-review"]);
    with_key(|key| key.revoked = Some(NOW.minus(1))).finds(&["error void-review"]);
    with_key(|key| key.compromised = Some(NOW.minus(1))).finds(&["error void-review"]);
}

#[test]
fn a_branch_that_nobody_reviews_has_no_review_refs() {
    let free = |push: &mut Push| push.policy.rules = vec![review_rule("next", lenient())];
    first(bobs()).with(free).finds(&["error void-review"]);
    let guarded = |push: &mut Push| push.policy.rules = vec![guard_rule("main", open_guard())];
    first(bobs()).with(guarded).finds(&["error void-review"]);
}

#[test]
fn the_server_has_the_commits() {
    with(first(bobs()), |review| review.has_head = false).finds(&["error void-review"]).reads(
        Code::VoidReview,
        expect![[r#"
            error[void-review]: the server has no commit c1c1c1c1c1c1
              headline: this review would not count; nothing was changed
              at: bob's review of c1c1c1c1c1c1 for main
              - push the branch that was reviewed, then this:
              $ git push origin TOPIC
        "#]],
    );
    with(first(bobs()), |review| review.has_base = false).finds(&["error void-review"]).reads(
        Code::VoidReview,
        expect![[r#"
            error[void-review]: the server has no commit 909090909090, its base
              headline: this review would not count; nothing was changed
              at: bob's review of c1c1c1c1c1c1 for main
              - fetch, and look at it again:
              $ git fetch origin
              $ git countersign approve c1c1c1c1c1c1 --onto main
        "#]],
    );
    with(first(withdrawn(0)), |review| review.has_base = false).finds(&[]);
    with(first(withdrawn(0)), |review| review.has_head = false).finds(&["error void-review"]);
}

#[test]
fn misplaced_review() {
    let carols = SignedStatement { signature: signed(CAROL), ..said(|s| s.by = email(CAROL)) };
    first(carols.clone()).finds(&["error misplaced-review"]).reads(Code::MisplacedReview, expect![[r#"
        error[misplaced-review]: Carol Chu signed it, and it would stand in the place of `bob`
          headline: this is the place of somebody else's review; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - push it to the place of its own:
          $ git push origin 020202020202:refs/countersign/reviews/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1/carol/heads/main
    "#]]);
    over(approved(DAY), carols.clone()).finds(&["error misplaced-review"]);
    let taken_back = said(|s| (s.by, s.verdict) = (email(CAROL), Stance::Withdraw));
    over(approved(DAY), SignedStatement { signature: signed(CAROL), ..taken_back })
        .finds(&["error misplaced-review"]);
    // An id that the policy does not have, and one that differs by a letter's case.
    for person in ["mallory", "Bob", "ci"] {
        let push = with(first(bobs()), |review| review.place.person = person.to_owned()).with(|push| {
            let name = push.about().review.as_ref().and_then(|review| review.place.ref_name()).expect("a name");
            (push.about().update.name, push.about().moves) = (name.clone(), name);
        });
        push.finds(&["error misplaced-review"]);
    }
}

#[test]
fn what_stands_there_is_of_the_same_person_or_stays() {
    // Ids change hands, and some file systems take `Bob` for `bob`.
    let carols = SignedStatement { signature: signed(CAROL), ..withdrawn(DAY) };
    over(carols, bobs()).finds(&["error misplaced-review"]).reads(
        Code::MisplacedReview,
        expect![[r#"
        error[misplaced-review]: what stands there was signed by Carol Chu
          headline: this is the place of somebody else's review; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - ask the administrator to take that away, or hand your statement to whoever merges
    "#]],
    );
}

#[test]
fn older_review() {
    // An approval is later than whatever stands there.
    over(approved(60), approved(59)).finds(&[]);
    over(approved(60), approved(60)).finds(&["error older-review"]);
    over(approved(60), approved(61)).finds(&["error older-review"]);
    over(withdrawn(60), approved(59)).finds(&[]);
    over(withdrawn(60), approved(60)).finds(&["error older-review"]);
    over(withdrawn(60), approved(61)).finds(&["error older-review"]);
    // A withdrawal takes back what is not later; a second one is later.
    over(approved(60), withdrawn(59)).finds(&[]);
    over(approved(60), withdrawn(60)).finds(&[]);
    over(approved(60), withdrawn(61)).finds(&["error older-review"]);
    over(withdrawn(60), withdrawn(59)).finds(&[]);
    over(withdrawn(60), withdrawn(60)).finds(&["error older-review"]);
    over(withdrawn(60), approved(61)).reads(Code::OlderReview, expect![[r#"
        error[older-review]: it was signed at 2026-11-24T11:58:59Z, and what stands there (`withdraw`) at 2026-11-24T11:59:00Z
          headline: this review is not later than what stands there; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - sign it anew, with `at` 2026-11-24T11:59:01Z or later; is your clock slow?
          $ git countersign approve c1c1c1c1c1c1 --onto main
    "#]]);
    over(approved(60), withdrawn(61)).reads(Code::OlderReview, expect![[r#"
        error[older-review]: it was signed at 2026-11-24T11:58:59Z, and what stands there (`approve`) at 2026-11-24T11:59:00Z
          headline: this review is not later than what stands there; nothing was changed
          at: bob's review of c1c1c1c1c1c1 for main
          - sign it anew, with `at` 2026-11-24T11:59:00Z or later; is your clock slow?
          $ git countersign withdraw c1c1c1c1c1c1 --onto main
    "#]]);
}

#[test]
fn a_statement_whose_key_is_gone_still_has_its_date() {
    let gone = |signed: SignedStatement| SignedStatement {
        signature: Signature::UnknownKey(fingerprint(BOB, 9)),
        ..signed
    };
    over(gone(withdrawn(60)), approved(59)).finds(&[]);
    over(gone(withdrawn(60)), approved(61)).finds(&["error older-review"]);
    // Such a date was never let in, so somebody wrote it there past the gate.
    over(gone(said(|s| s.at = NOW.plus(301))), approved(59)).finds(&[]);
    // Under his own key it holds all the same.
    over(said(|s| s.at = NOW.plus(301)), approved(59)).finds(&["error older-review"]);
}

#[test]
fn what_does_not_read_is_replaced() {
    for fault in [ReviewFault::Kind("commit"), ReviewFault::Beside, ReviewFault::Statements(0)] {
        pushed(Some(Ok(bobs())), Some(Err(fault))).finds(&[]);
    }
}

#[test]
fn a_review_is_never_deleted() {
    pushed(None, Some(Ok(withdrawn(60)))).finds(&["error deleted"]);
    pushed(None, Some(Ok(bobs()))).finds(&["error deleted"]).reads(
        Code::Deleted,
        expect![[r#"
            error[deleted]: bob's review of c1c1c1c1c1c1 for main would be deleted
              headline: a review is taken back, never deleted; nothing was changed
              - whoever signed it takes it back:
              $ git countersign withdraw c1c1c1c1c1c1 --onto main
        "#]],
    );
    pushed(None, Some(Err(ReviewFault::Beside))).finds(&["error deleted"]);
}

#[test]
fn nothing_softens_it() {
    let observe =
        |push: &mut Push| push.policy.enforce = Enforce { default: Bite::Observe, codes: Default::default() };
    let carols = SignedStatement { signature: signed(CAROL), ..said(|s| s.by = email(CAROL)) };
    pushed(Some(Err(ReviewFault::Beside)), None).with(observe).finds(&["error void-review"]);
    first(SignedStatement { signature: Signature::Absent, ..bobs() }).with(observe).finds(&["error void-review"]);
    first(carols).with(observe).finds(&["error misplaced-review"]);
    over(withdrawn(60), approved(61)).with(observe).finds(&["error older-review"]);
    pushed(None, Some(Ok(bobs()))).with(observe).finds(&["error deleted"]);
}

#[test]
fn each_ref_is_judged_by_itself() {
    let mut both = first(bobs());
    let other = pushed(Some(Err(ReviewFault::Beside)), None).evidence.refs.remove(0);
    both.evidence.refs.push(other);
    both.finds(&["error void-review"]);
    let beside = Push::honest().with(|push| push.evidence.refs.extend(first(bobs()).evidence.refs));
    beside.passes();
}

#[test]
fn services_and_strangers_take_nobodys_place() {
    for holder in [ALICE, CAROL, CI] {
        let theirs = SignedStatement { signature: signed(holder), ..bobs() };
        let decision = first(theirs).decision();
        assert_eq!(decision.errors().count(), 1, "{}: {decision:?}", fixture::name_of(holder));
    }
}

/// A shipper's word for production, and a rule that asks for it.
fn shippers(change: impl FnOnce(&mut Statement)) -> Push {
    let word = said(|s| {
        (s.verdict, s.target, s.tree) = (Stance::Ship, branch("production"), Tree::Exact(tree(TOPIC)));
        change(s);
    });
    at_production(first(word))
}

/// The same push, to the place of Bob's word for production.
fn at_production(push: Push) -> Push {
    push.with(|push| {
        let place = ReviewPlace { head: id(TOPIC), person: "bob".to_owned(), target: branch("production") };
        let name = place.ref_name().expect("a name");
        push.about().update.name = name.clone();
        push.about().moves = name;
        push.about().review.as_mut().expect("a review").place = place;
        push.policy.rules.push(ship_rule("production", shipping(None)));
    })
}

fn shipping(emergency: Option<Who>) -> Shipping {
    Shipping {
        from: vec![fixture::pattern("refs/heads/main")],
        by: Who::Anyone,
        distinct_from: DistinctFrom { contributors: true, reviewers: true },
        checks: Vec::new(),
        push: None,
        hardware: false,
        user_verification: false,
        emergency,
    }
}

#[test]
fn a_shippers_word_waits_where_something_is_shipped() {
    shippers(|_| {}).finds(&[]);
    shippers(|s| s.verdict = Stance::Withdraw).finds(&[]);
    // Where nothing is, it would wait for ever.
    shippers(|_| {}).with(|push| drop(push.policy.rules.pop())).finds(&["error void-review"]);
    first(said(|s| (s.verdict, s.tree) = (Stance::Ship, Tree::Exact(tree(TOPIC))))).finds(&["error void-review"]);
    // Whoever ships says what, exactly.
    shippers(|s| s.tree = Tree::Auto).finds(&["error void-review"]);
    shippers(|s| s.repository = "git.example.org/mallory/payments".to_owned()).finds(&["error void-review"]);
    shippers(|s| s.at = NOW.plus(301)).finds(&["error void-review"]);
    with(shippers(|_| {}), |review| review.has_base = false).finds(&["error void-review"]);
    with(shippers(|_| {}), |review| review.has_head = false).finds(&["error void-review"]);
    with(shippers(|s| s.verdict = Stance::Withdraw), |review| review.has_base = false).finds(&[]);
}

#[test]
fn an_approval_waits_there_only_for_an_emergency() {
    let approves = |s: &mut Statement| s.verdict = Stance::Approve;
    shippers(approves).finds(&["error void-review"]).reads(
        Code::VoidReview,
        expect![[r#"
            error[void-review]: it says `approve`, and no rule for production knows emergencies
              headline: this statement would not count; nothing was changed
              at: bob's statement of c1c1c1c1c1c1 for production
              - a review ref holds one statement and nothing else; make it anew:
              $ git countersign approve --emergency c1c1c1c1c1c1 --onto production
        "#]],
    );
    let emergencies = |push: &mut Push| {
        push.policy.rules.pop();
        push.policy.rules.push(ship_rule("production", shipping(Some(Who::Anyone))));
    };
    shippers(approves).with(emergencies).finds(&[]);
}

#[test]
fn a_word_for_an_emergency_waits_only_where_the_rule_knows_emergencies() {
    let calls = |s: &mut Statement| s.verdict = Stance::Emergency;
    shippers(calls).finds(&["error void-review"]).reads(
        Code::VoidReview,
        expect![[r#"
        error[void-review]: it says `emergency`, and no rule for production knows emergencies
          headline: this statement would not count; nothing was changed
          at: bob's statement of c1c1c1c1c1c1 for production
          - go the way that the rule asks for
    "#]],
    );
    let known = |push: &mut Push| {
        push.policy.rules.pop();
        push.policy.rules.push(ship_rule("production", shipping(Some(Who::Anyone))));
    };
    shippers(calls).with(known).finds(&[]);
    let auto = |s: &mut Statement| (s.verdict, s.tree) = (Stance::Emergency, Tree::Auto);
    shippers(auto).with(known).finds(&["error void-review"]).reads(
        Code::VoidReview,
        expect![[r#"
        error[void-review]: it says `tree auto`, and whoever calls an emergency names the tree
          headline: this statement would not count; nothing was changed
          at: bob's statement of c1c1c1c1c1c1 for production
          - a review ref holds one statement and nothing else; make it anew:
          $ git countersign ship production c1c1c1c1c1c1 --emergency REASON --co-sign
    "#]],
    );
    // Of a branch that is reviewed, likewise.
    let for_main = || first(said(|s| (s.verdict, s.tree) = (Stance::Emergency, Tree::Exact(tree(TOPIC)))));
    for_main().finds(&["error void-review"]);
    for_main().with(|push| push.review().emergency = Some(Who::Anyone)).finds(&[]);
}

#[test]
fn a_shippers_word_keeps_its_order() {
    let word = |verdict, age: u64| {
        said(move |s| {
            (s.verdict, s.target, s.tree) = (verdict, branch("production"), Tree::Exact(tree(TOPIC)));
            s.at = NOW.minus(age);
        })
    };
    let over = |stands, brings| at_production(over(stands, brings));
    over(word(Stance::Ship, 60), word(Stance::Ship, 59)).finds(&[]);
    over(word(Stance::Ship, 60), word(Stance::Ship, 60)).finds(&["error older-review"]);
    // Of one second, taking back is what holds.
    over(word(Stance::Ship, 60), word(Stance::Withdraw, 60)).finds(&[]);
    over(word(Stance::Withdraw, 60), word(Stance::Ship, 60)).finds(&["error older-review"]);
    over(word(Stance::Withdraw, 60), word(Stance::Ship, 61)).finds(&["error older-review"]);
    over(word(Stance::Withdraw, 60), word(Stance::Ship, 59)).finds(&[]);
    // What was kept of an earlier withdrawal is asked as well.
    let kept =
        with(shippers(|s| s.at = NOW.minus(60)), |review| review.kept = Some(Ok(word(Stance::Withdraw, 60))));
    kept.finds(&["error older-review"]).reads(Code::OlderReview, expect![[r#"
        error[older-review]: it was signed at 2026-11-24T11:59:00Z, and what stands there (`withdraw`) at 2026-11-24T11:59:00Z
          headline: this statement is not later than what stands there; nothing was changed
          at: bob's statement of c1c1c1c1c1c1 for production
          - sign it anew, with `at` 2026-11-24T11:59:01Z or later; is your clock slow?
          $ git countersign ship production c1c1c1c1c1c1 --co-sign
    "#]]);
    // It is nobody else's.
    let carols = SignedStatement { signature: signed(CAROL), ..word(Stance::Ship, 0) };
    at_production(first(SignedStatement {
        statement: Statement { by: email(CAROL), ..carols.statement },
        ..carols
    }))
    .finds(&["error misplaced-review"]);
}
