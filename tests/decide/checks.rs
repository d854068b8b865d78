//! Whether what a rule asks to be checked was checked, and passed.

use countersign::{
    decide::standings,
    model::{
        CheckName, Code, Holder, Signature,
        check::{CheckResult, CheckStatement, SignedCheck},
        policy::{Bite, CheckRule},
        signature::SignatureFault,
    },
};
use expect_test::expect;

use super::fixture::{
    BOB, CI, DAY, GITEA, NOW, OLD, Push, RENOVATE, TOPIC, fingerprint, id, name_of, signed, source, step, tree,
};

fn check(name: &str) -> CheckName {
    CheckName::new(name).expect("the name of a check")
}

/// What `ci` says of the commit that Alice wrote, ten minutes ago.
fn said(result: CheckResult) -> SignedCheck {
    said_by(CI, result)
}

fn said_by(service: Holder, result: CheckResult) -> SignedCheck {
    let statement = CheckStatement {
        by: name_of(service).to_owned(),
        at: NOW.minus(600),
        check: check("ci/test"),
        result,
        repository: "git.example.org/acme/payments".to_owned(),
        head: id(TOPIC),
        tree: tree(TOPIC),
        url: "https://ci.example.org/7".to_owned(),
    };
    SignedCheck { statement, signature: signed(service) }
}

fn passed() -> SignedCheck {
    said(CheckResult::Pass)
}

fn failed() -> SignedCheck {
    said(CheckResult::Fail)
}

/// The honest push under a rule that asks for `ci/test`, which `ci` and `gitea` attest, with these results.
fn with(results: Vec<SignedCheck>) -> Push {
    Push::honest().with(|push| {
        for service in &mut push.policy.services[..2] {
            service.attests = vec![check("ci/test"), check("ci/lint")];
        }
        push.review().checks = vec![CheckRule { check: check("ci/test"), max_age: None, line: 44 }];
        push.step().checks = results;
    })
}

/// One result that is changed in one thing.
fn with_other(change: impl FnOnce(&mut SignedCheck)) -> Push {
    let mut result = passed();
    change(&mut result);
    with(vec![result])
}

#[test]
fn a_check_that_passed_is_enough() {
    with(vec![passed()]).passes();
    with(vec![said_by(GITEA, CheckResult::Pass)]).passes();
    with(vec![passed(), said_by(GITEA, CheckResult::Pass)]).passes();
}

#[test]
fn what_let_it_pass_stands_beside_who_reviewed_it() {
    with(vec![passed(), said_by(GITEA, CheckResult::Pass)]).reads(
        Code::Reviewed,
        expect![[r#"
        note[reviewed]: b1b1b1b reviewed by Bob Brown
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          at: Bob Brown with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
          at: ci/test: pass by ci at 2026-11-24T11:50:00Z: https://ci.example.org/7
          at: ci/test: pass by gitea at 2026-11-24T11:50:00Z: https://ci.example.org/7
          asked by: policy.toml:34 [review.main]
    "#]],
    );
}

#[test]
fn what_nobody_asks_for_does_not_matter() {
    let mut lint = failed();
    lint.statement.check = check("ci/lint");
    with(vec![passed(), lint]).passes();
    let asks_nothing = |push: &mut Push| push.review().checks.clear();
    with(vec![failed()]).with(asks_nothing).passes();
}

#[test]
fn missing_check() {
    with(vec![]).finds(&["error missing-check", "note reviewed"]).reads(
        Code::MissingCheck,
        expect![[r#"
        error[missing-check]: `ci/test` has no result for c1c1c1c
          headline: a check has no result; main was not changed
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          at: can attest: ci, gitea
          asked by: policy.toml:44 [review.main]
          - have its job sign what it came to, then try again:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
}

#[test]
fn a_result_that_does_not_count_says_why() {
    type Change = fn(&mut SignedCheck);
    let changes: [(&str, Change); 10] = [
        ("another commit", |r| r.statement.head = id(OLD)),
        ("another tree", |r| r.statement.tree = tree(OLD)),
        ("another repository", |r| r.statement.repository = "git.example.org/mallory/payments".to_owned()),
        ("the future", |r| r.statement.at = NOW.plus(301)),
        ("unsigned", |r| r.signature = Signature::Absent),
        ("tampered with", |r| r.signature = Signature::Refused(SignatureFault::Mismatch)),
        ("an unknown key", |r| r.signature = Signature::UnknownKey(fingerprint(CI, 9))),
        ("a person", |r| r.signature = signed(BOB)),
        ("another service's key", |r| r.signature = signed(GITEA)),
        ("a service that attests nothing", |r| {
            (r.statement.by, r.signature) = ("renovate".to_owned(), signed(RENOVATE));
        }),
    ];
    let mut why = String::new();
    for (what, change) in changes {
        let push = with_other(change).finds(&["error missing-check", "note reviewed"]);
        let finding = push.decision().findings.swap_remove(0);
        why += &format!("{what}: {}\n", finding.place.get(1).expect("why it does not count"));
    }
    expect![[r#"
        another commit: by ci: it speaks of a0a0a0a
        another tree: by ci: it speaks of tree afafafa, which c1c1c1c has not
        another repository: by ci: it speaks of repository git.example.org/mallory/payments
        the future: by ci: it was signed at 2026-11-24T12:05:01Z, and it is 2026-11-24T12:00:00Z
        unsigned: by ci: it is not signed
        tampered with: by ci: its signature does not fit what it says
        an unknown key: by ci: it is signed with SHA256:Y2kJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk, which nobody of the policy has
        a person: by ci: the key is Bob Brown's
        another service's key: by ci: the key is gitea's
        a service that attests nothing: by renovate: it does not attest `ci/test`
    "#]].assert_eq(&why);
    // A clock that is a little ahead.
    with_other(|result| result.statement.at = NOW.plus(300)).passes();
}

#[test]
fn a_person_signs_no_result() {
    with_other(|result| (result.statement.by, result.signature) = ("bob".to_owned(), signed(BOB)))
        .finds(&["error missing-check", "note reviewed"]);
}

#[test]
fn failed_check() {
    with(vec![failed()]).reads(
        Code::FailedCheck,
        expect![[r#"
        error[failed-check]: `ci/test` failed for c1c1c1c
          headline: a check failed; main was not changed
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          at: fail by ci at 2026-11-24T11:50:00Z: https://ci.example.org/7
          at: can attest: ci, gitea
          asked by: policy.toml:44 [review.main]
          - mend the change; or have the job run again, and sign what it came to:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
    // Whoever else says that it passed.
    with(vec![failed(), said_by(GITEA, CheckResult::Pass)]).finds(&["error failed-check", "note reviewed"]);
    with(vec![passed(), said_by(GITEA, CheckResult::Fail)]).finds(&["error failed-check", "note reviewed"]);
}

#[test]
fn a_fail_is_believed_whatever_became_of_its_key() {
    for signature in [Signature::UnknownKey(fingerprint(GITEA, 9)), Signature::Refused(SignatureFault::Mismatch)] {
        let fail = SignedCheck { signature, ..said_by(GITEA, CheckResult::Fail) };
        with(vec![passed(), fail]).finds(&["error failed-check", "note reviewed"]);
    }
    // Of a service that attests the check no more, nobody asks.
    let other = |push: &mut Push| push.policy.services[1].attests.clear();
    with(vec![passed(), said_by(GITEA, CheckResult::Fail)]).with(other).passes();
}

#[test]
fn stale_check() {
    let in_time = |age| with(vec![passed()]).with(|push| push.review().checks[0].max_age = Some(age));
    in_time(600).passes();
    in_time(599).reads(
        Code::StaleCheck,
        expect![[r#"
        error[stale-check]: `ci/test` passed for c1c1c1c more than 599s ago
          headline: the result of a check is too old; main was not changed
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          at: pass by ci at 2026-11-24T11:50:00Z: https://ci.example.org/7
          at: can attest: ci, gitea
          asked by: policy.toml:44 [review.main]
          - have its job run again, and sign what it came to, then try again:
          $ git countersign attest ci/test c1c1c1c1c1c1 --pass
    "#]],
    );
    in_time(599).finds(&["error stale-check", "note reviewed"]);
    // One that is young enough will do.
    let mut old = said_by(GITEA, CheckResult::Pass);
    old.statement.at = NOW.minus(DAY);
    with(vec![passed(), old]).with(|push| push.review().checks[0].max_age = Some(600)).passes();
    // A fail never is too old.
    let mut old = said_by(GITEA, CheckResult::Fail);
    old.statement.at = NOW.minus(DAY);
    with(vec![passed(), old])
        .with(|push| push.review().checks[0].max_age = Some(600))
        .finds(&["error failed-check", "note reviewed"]);
}

#[test]
fn a_key_that_has_ended_since_still_counts_and_a_compromised_one_never() {
    let with_key =
        |change: fn(&mut countersign::model::Key)| with(vec![passed()]).with(|push| change(push.key_of(CI)));
    with_key(|key| key.valid_until = Some(NOW)).passes();
    with_key(|key| key.revoked = Some(NOW.minus(1))).passes();
    with_key(|key| key.compromised = Some(NOW.minus(1))).finds(&["error missing-check", "note reviewed"]);
}

#[test]
fn every_check_is_asked_for() {
    let both = |push: &mut Push| {
        push.review().checks.push(CheckRule { check: check("ci/lint"), max_age: None, line: 45 });
    };
    with(vec![passed()]).with(both).finds(&["error missing-check", "note reviewed"]);
    let mut lint = passed();
    lint.statement.check = check("ci/lint");
    with(vec![passed(), lint]).with(both).passes();
}

#[test]
fn softening_one_code_never_opens_another() {
    let soft = |code: Code| move |push: &mut Push| push.soften(code, Bite::Observe);
    with(vec![]).with(soft(Code::MissingCheck)).finds(&["note missing-check", "note reviewed"]);
    with(vec![]).with(soft(Code::FailedCheck)).finds(&["error missing-check", "note reviewed"]);
    // A fail is no pass.
    with(vec![failed()]).with(soft(Code::FailedCheck)).finds(&[
        "error missing-check",
        "note failed-check",
        "note reviewed",
    ]);
    with(vec![failed(), said_by(GITEA, CheckResult::Pass)])
        .with(soft(Code::FailedCheck))
        .finds(&["note failed-check", "note reviewed"]);
}

#[test]
fn nobody_who_attests_it() {
    let nobody = |push: &mut Push| push.policy.services.iter_mut().for_each(|service| service.attests.clear());
    with(vec![]).with(nobody).reads(
        Code::MissingCheck,
        expect![[r#"
        error[missing-check]: `ci/test` has no result for c1c1c1c
          headline: a check has no result; main was not changed
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:44 [review.main]
          - no service attests it: have the administrator give one `attests`, or
          - take the check out of the rule
    "#]],
    );
}

#[test]
fn a_commit_whose_tree_is_not_known_has_no_result() {
    // The commit of the change is another one: nothing says what tree the 2nd parent has.
    let hidden = |push: &mut Push| push.commit().id = id(0x33);
    let codes: Vec<Code> = with(vec![passed()]).with(hidden).decision().errors().map(|f| f.code).collect();
    assert_eq!(codes, [Code::MissingCheck]);
}

#[test]
fn what_landed_before_is_not_asked_again() {
    let brings = with(vec![]).with(|push| {
        push.review().accepts_from = vec![super::fixture::pattern("refs/heads/next")];
        let next = super::fixture::review_rule("next", push.review().clone());
        push.policy.rules.push(next);
        push.review().checks.clear();
        let landed = step(TOPIC, 0x91, 0xc2, "next");
        push.merge().change = vec![landed.commit.clone()];
        push.merge().sources = vec![source("next", vec![landed])];
        push.claims().clear();
    });
    brings.passes();
}

#[test]
fn a_merge_that_nobody_has_made_waits_for_it() {
    let standing = |push: &Push| standings(&push.policy, &push.evidence).swap_remove(0);
    let waits = standing(&with(vec![]));
    assert!(waits.is_approved() && !waits.is_met());
    assert_eq!(waits.missing_checks().map(|finding| finding.code).collect::<Vec<_>>(), [Code::MissingCheck]);
    assert_eq!(waits.refusals().count(), 0, "nobody's approval waits for a check");
    assert!(standing(&with(vec![passed()])).is_met());
    let soft = with(vec![]).with(|push| push.soften(Code::MissingCheck, Bite::Observe));
    assert!(standing(&soft).is_met() && standing(&soft).checks.len() == 1);
}

#[test]
fn commits_that_are_made_anew_are_checked_anew() {
    let push = with(vec![]).with(|push| push.commit().signature = Signature::Absent);
    let decision = push.decision();
    let finding = decision.errors().find(|finding| finding.code == Code::MissingCheck).expect("a missing check");
    assert_eq!(
        format!("{:?}", finding.mend),
        r#"[Say("first the commits: this comes with the new merge of them")]"#
    );
}
