//! What may stand at the ref of a check, and what may take its place.

use countersign::model::{
    CheckName, Code, Holder, RefName, Signature,
    check::{CheckEvidence, CheckPlace, CheckResult, CheckStatement, HeldCheck, SignedCheck},
    evidence::{Movement, RefUpdate},
    policy::{Bite, Enforce},
    review::ReviewFault,
    signature::SignatureFault,
    statement::StatementFault,
};
use expect_test::expect;

use super::fixture::{
    BOB, CI, DAY, GITEA, NOW, Push, RENOVATE, TOPIC, branch, fingerprint, guard_rule, id, moves, name_of, object,
    open_guard, pattern, signed, tree,
};

fn check(name: &str) -> CheckName {
    CheckName::new(name).expect("the name of a check")
}

/// What `ci` says of the commit that Alice wrote, so many seconds ago.
fn said(result: CheckResult, age: u64) -> SignedCheck {
    let statement = CheckStatement {
        by: "ci".to_owned(),
        at: NOW.minus(age),
        check: check("ci/test"),
        result,
        repository: "git.example.org/acme/payments".to_owned(),
        head: id(TOPIC),
        tree: tree(TOPIC),
        url: "-".to_owned(),
    };
    SignedCheck { statement, signature: signed(CI) }
}

fn passed(age: u64) -> SignedCheck {
    said(CheckResult::Pass, age)
}

fn failed(age: u64) -> SignedCheck {
    said(CheckResult::Fail, age)
}

fn other(change: impl FnOnce(&mut SignedCheck)) -> SignedCheck {
    let mut result = passed(600);
    change(&mut result);
    result
}

fn by(holder: Holder) -> SignedCheck {
    other(|result| (result.statement.by, result.signature) = (name_of(holder).to_owned(), signed(holder)))
}

/// A push of this to the place of `ci`, where that stands.
fn pushed(brings: Option<HeldCheck>, stands: Option<HeldCheck>) -> Push {
    let place = CheckPlace { head: id(TOPIC), check: check("ci/test"), service: "ci".to_owned() };
    let name = place.ref_name().expect("a name");
    let (old, new) = (stands.as_ref().map(|_| object(1)), brings.as_ref().map(|_| object(2)));
    let mut about = moves("x", old, new, Movement::Create);
    about.update = RefUpdate { name: name.clone(), old, new };
    (about.moves, about.movement, about.kind) = (name, None, None);
    about.check = Some(CheckEvidence { place, brings, stands, tree: Some(tree(TOPIC)) });
    Push::of(about).with(|push| {
        for service in &mut push.policy.services[..2] {
            service.attests = vec![check("ci/test"), check("ci/lint")];
        }
    })
}

fn first(brings: SignedCheck) -> Push {
    pushed(Some(Ok(brings)), None)
}

fn over(stands: SignedCheck, brings: SignedCheck) -> Push {
    pushed(Some(Ok(brings)), Some(Ok(stands)))
}

#[test]
fn a_result_of_its_service_is_let_in() {
    first(passed(600)).finds(&[]);
    first(failed(600)).finds(&[]);
    // A clock that is a little ahead, and a job that took a week to tell.
    first(other(|result| result.statement.at = NOW.plus(300))).finds(&[]);
    first(passed(7 * DAY)).finds(&[]);
    // Whether a rule asks for it is for the rule to say.
    first(passed(600)).with(|push| push.policy.rules.clear()).finds(&[]);
}

#[test]
fn nothing_known_about_a_checks_ref_lets_nothing_in() {
    first(passed(600))
        .with(|push| push.about().check = None)
        .finds(&["error reserved-ref"])
        .reads(Code::ReservedRef, expect![[r#"
            error[reserved-ref]: `refs/countersign/checks/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1/ci+test/ci` is closed: a result stands at COMMIT/CHECK/SERVICE below it, and is no symbolic ref
              headline: this is no place for the result of a check; nothing was changed
              - leave this ref out of the push
        "#]]);
    let elsewhere = |name: &str| {
        let name = RefName::new(name).expect("a name");
        first(passed(600)).with(|push| push.about().update.name = name)
    };
    elsewhere("refs/countersign/policy").finds(&["error reserved-ref"]);
    elsewhere("refs/countersign/Checks/x/ci/ci").finds(&["error reserved-ref"]);
}

#[test]
fn a_symbolic_ref_is_no_way_to_a_check() {
    first(passed(600)).with(|push| push.about().update.name = branch("alias")).finds(&["error reserved-ref"]);
    first(passed(600)).with(|push| push.about().moves = branch("topic")).finds(&["error reserved-ref"]);
}

#[test]
fn a_rule_that_covers_refs_of_checks_is_asked_as_well() {
    let mut guard = guard_rule("x", countersign::model::policy::Guard { create: false, ..open_guard() });
    guard.pattern = pattern("refs/countersign/**");
    let guarded = first(passed(600)).with(|push| {
        push.policy.rules.push(guard);
        push.about().movement = Some(Movement::Create);
    });
    guarded.finds(&["error guarded"]);
}

#[test]
fn void_check() {
    let mut texts = String::new();
    let mut void = |what: &str, brings: HeldCheck| {
        // Nor where a good one stands.
        for stands in [None, Some(Ok(passed(DAY)))] {
            pushed(Some(brings.clone()), stands).finds(&["error void-check"]);
        }
        let finding = pushed(Some(brings), None).decision().findings.swap_remove(0);
        texts += &format!("{what}: {}\n", finding.what);
    };
    void("no blob", Err(ReviewFault::Kind("commit")));
    void("too long", Err(ReviewFault::TooLong(66_560)));
    void("two", Err(ReviewFault::Statements(2)));
    void("more", Err(ReviewFault::Beside));
    void("a review", Err(ReviewFault::Statements(0)));
    void("another format", Err(ReviewFault::Void(StatementFault::Version("countersign-check-v1"))));
    void("unsigned", Ok(other(|r| r.signature = Signature::Absent)));
    void("an unknown key", Ok(other(|r| r.signature = Signature::UnknownKey(fingerprint(CI, 9)))));
    void("tampered with", Ok(other(|r| r.signature = Signature::Refused(SignatureFault::Mismatch))));
    void("a person", Ok(other(|r| r.signature = signed(BOB))));
    void("a person, by name", Ok(by(BOB)));
    void("under another name", Ok(other(|r| r.statement.by = "gitea".to_owned())));
    void("another service's place", Ok(by(GITEA)));
    void("a service that attests nothing, there", Ok(by(RENOVATE)));
    void("another repository", Ok(other(|r| r.statement.repository = "git.example.org/mallory/x".to_owned())));
    void("another commit", Ok(other(|r| r.statement.head = id(0x77))));
    void("another check", Ok(other(|r| r.statement.check = check("ci/lint"))));
    void("a check that it does not attest", Ok(other(|r| r.statement.check = check("ci/e2e"))));
    void("another tree", Ok(other(|r| r.statement.tree = tree(0x77))));
    void("the future", Ok(other(|r| r.statement.at = NOW.plus(301))));
    expect![[r#"
        no blob: it is a commit, and a statement stands in a blob
        too long: it is longer than 66560 bytes
        two: it holds 2 statements, and exactly one belongs there
        more: something else stands beside its statement
        a review: it holds 0 statements, and exactly one belongs there
        another format: its statement does not read: it does not begin with `countersign-check-v1`
        unsigned: it is not signed
        an unknown key: it is signed with SHA256:Y2kJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk, which nobody of the policy has
        tampered with: its signature does not fit what it says
        a person: Bob Brown signed it, and results are signed by services
        a person, by name: Bob Brown signed it, and results are signed by services
        under another name: it is said by gitea, and the key is that of `ci`
        another service's place: `gitea` signed it, and it would stand in the place of `ci`
        a service that attests nothing, there: `renovate` signed it, and it would stand in the place of `ci`
        another repository: it speaks of repository git.example.org/mallory/x
        another commit: it speaks of `ci/test` for 777777777777, and the ref's name does not
        another check: it speaks of `ci/lint` for c1c1c1c1c1c1, and the ref's name does not
        a check that it does not attest: `ci` does not attest `ci/e2e`
        another tree: it speaks of tree 7878787, and c1c1c1c has cececec
        the future: it was signed at 2026-11-24T12:05:01Z, and it is 2026-11-24T12:00:00Z
    "#]].assert_eq(&texts);
}

#[test]
fn what_a_void_check_says() {
    let text = |push: Push, expected: expect_test::Expect| drop(push.reads(Code::VoidCheck, expected));
    text(
        pushed(Some(Err(ReviewFault::Statements(2))), None),
        expect![[r#"
        error[void-check]: it holds 2 statements, and exactly one belongs there
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - such a ref holds one result and nothing else; make it anew:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
    text(
        first(by(GITEA)),
        expect![[r#"
        error[void-check]: `gitea` signed it, and it would stand in the place of `ci`
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - push it to the place of its own:
          $ git push origin 020202020202:refs/countersign/checks/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1/ci+test/gitea
    "#]],
    );
    text(
        first(other(|r| r.statement.check = check("ci/lint"))),
        expect![[r#"
        error[void-check]: it speaks of `ci/lint` for c1c1c1c1c1c1, and the ref's name does not
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - push it to the place of its own:
          $ git push origin 020202020202:refs/countersign/checks/c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1/ci+lint/ci
    "#]],
    );
    text(
        first(by(BOB)),
        expect![[r#"
        error[void-check]: Bob Brown signed it, and results are signed by services
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - have the check's job sign it, with the key of its service
    "#]],
    );
    text(
        first(other(|r| r.statement.tree = tree(0x77))),
        expect![[r#"
        error[void-check]: it speaks of tree 7878787, and c1c1c1c has cececec
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - make it anew, for what was checked:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
    let unknown = |push: &mut Push| push.about().check.as_mut().expect("a check").tree = None;
    text(
        first(passed(600)).with(unknown),
        expect![[r#"
        error[void-check]: the server has no commit c1c1c1c1c1c1
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - push a branch that has the commit that was checked, then this:
          $ git push origin TOPIC
    "#]],
    );
    text(
        first(passed(600)).with(|push| push.policy.services[0].attests.clear()),
        expect![[r#"
        error[void-check]: `ci` does not attest `ci/test`
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - ask the administrator: the service's `attests` lists its checks
    "#]],
    );
    text(
        first(other(|r| r.signature = Signature::Absent)),
        expect![[r#"
        error[void-check]: it is not signed
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - have the service sign it anew, and copy it as it is:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
}

#[test]
fn a_key_must_count_at_receipt() {
    let with_key =
        |change: fn(&mut countersign::model::Key)| first(passed(600)).with(|push| change(push.key_of(CI)));
    with_key(|key| key.valid_until = Some(NOW.plus(1))).finds(&[]);
    with_key(|key| key.valid_until = Some(NOW)).finds(&["error void-check"]);
    with_key(|key| key.valid_from = Some(NOW.plus(1))).finds(&["error void-check"]);
    with_key(|key| key.revoked = Some(NOW.minus(1))).finds(&["error void-check"]);
    with_key(|key| key.compromised = Some(NOW.minus(1))).finds(&["error void-check"]);
}

#[test]
fn older_check() {
    // Later than whatever stands there.
    over(passed(60), failed(59)).finds(&[]);
    over(failed(60), passed(59)).finds(&[]);
    over(passed(60), passed(59)).finds(&[]);
    // Of one second, the fail is what holds.
    over(passed(60), failed(60)).finds(&[]);
    over(failed(60), passed(60)).finds(&["error older-check"]);
    over(passed(60), passed(60)).finds(&["error older-check"]);
    over(failed(60), failed(60)).finds(&["error older-check"]);
    // A result of yesterday is no news.
    over(failed(60), passed(61)).finds(&["error older-check"]);
    over(passed(60), failed(61)).finds(&["error older-check"]);
    over(failed(60), passed(61)).reads(Code::OlderCheck, expect![[r#"
        error[older-check]: it was signed at 2026-11-24T11:58:59Z, and what stands there (`fail`) at 2026-11-24T11:59:00Z
          headline: this result is not later than what stands there; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - sign it anew, with `at` 2026-11-24T11:59:01Z or later; is your clock slow?
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]]);
}

#[test]
fn a_result_whose_key_is_gone_still_has_its_date() {
    let gone = |result: SignedCheck| SignedCheck { signature: Signature::UnknownKey(fingerprint(CI, 9)), ..result };
    over(gone(failed(60)), passed(59)).finds(&[]);
    over(gone(failed(60)), passed(61)).finds(&["error older-check"]);
    // Such a date was never let in, so somebody wrote it there past the gate.
    over(gone(other(|result| result.statement.at = NOW.plus(301))), passed(59)).finds(&[]);
    over(other(|result| result.statement.at = NOW.plus(301)), passed(59)).finds(&["error older-check"]);
}

#[test]
fn what_stands_there_is_of_the_same_service_or_stays() {
    // Ids change hands, and some file systems take `CI` for `ci`.
    let theirs = other(|result| (result.statement.result, result.signature) = (CheckResult::Fail, signed(GITEA)));
    over(theirs, passed(1)).reads(
        Code::VoidCheck,
        expect![[r#"
        error[void-check]: what stands there was signed by gitea
          headline: this result of a check would not count; nothing was changed
          at: the result of ci/test for c1c1c1c1c1c1 by ci
          - ask the administrator to take that away, or to give the service another id
    "#]],
    );
}

#[test]
fn what_does_not_read_is_replaced() {
    for fault in [ReviewFault::Kind("commit"), ReviewFault::Beside, ReviewFault::Statements(0)] {
        pushed(Some(Ok(passed(600))), Some(Err(fault))).finds(&[]);
    }
}

#[test]
fn a_result_is_never_deleted() {
    pushed(None, Some(Err(ReviewFault::Beside))).finds(&["error deleted"]);
    pushed(None, Some(Ok(failed(60)))).finds(&["error deleted"]).reads(
        Code::Deleted,
        expect![[r#"
        error[deleted]: the result of ci/test for c1c1c1c1c1c1 by ci would be deleted
          headline: the result of a check is never deleted; nothing was changed
          - a later one takes its place:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
}

#[test]
fn nothing_softens_it() {
    let observe =
        |push: &mut Push| push.policy.enforce = Enforce { default: Bite::Observe, codes: Default::default() };
    first(by(BOB)).with(observe).finds(&["error void-check"]);
    over(failed(60), passed(61)).with(observe).finds(&["error older-check"]);
    pushed(None, Some(Ok(failed(60)))).with(observe).finds(&["error deleted"]);
}
