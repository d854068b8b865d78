//! How hard each finding bites.

use countersign::model::{Code, Signature, Time, evidence::Movement, policy::Bite};
use expect_test::expect;

use super::fixture::{self, MERGE, NOW, OLD, Push, advance, moves, object, plain_step};

fn direct() -> Push {
    Push::of(advance("main", OLD, vec![plain_step(1, OLD)]))
}

fn softened(bite: Bite) -> Push {
    direct().with(|push| push.soften(Code::DirectPush, bite))
}

#[test]
fn observed() {
    softened(Bite::Observe).finds(&["note direct-push"]);
    softened(Bite::Now).finds(&["error direct-push"]);
}

#[test]
fn a_warning_until_a_day_and_from_then_on_a_refusal() {
    let tomorrow = Bite::From(Time(NOW.0 + 86_400));
    softened(tomorrow).finds(&["warning direct-push"]).reads(
        Code::DirectPush,
        expect![[r#"
        warning[direct-push]: 1 commit pushed straight onto main (0101010); refused from 2026-11-25 on
          headline: main moves only by reviewed merges; nothing was changed
          asked by: policy.toml:31 [review.main]
          - your commits are safe; move them to a branch and ask for a review:
          $ git switch -c round-half-to
          $ git push -u origin round-half-to
          $ git branch -f main origin/main
    "#]],
    );
    softened(Bite::From(Time(NOW.0 + 1))).finds(&["warning direct-push"]);
    softened(Bite::From(NOW)).finds(&["error direct-push"]).reads(
        Code::DirectPush,
        expect![[r#"
        error[direct-push]: 1 commit pushed straight onto main (0101010)
          headline: main moves only by reviewed merges; nothing was changed
          asked by: policy.toml:31 [review.main]
          - your commits are safe; move them to a branch and ask for a review:
          $ git switch -c round-half-to
          $ git push -u origin round-half-to
          $ git branch -f main origin/main
    "#]],
    );
    softened(Bite::From(Time(NOW.0 - 1))).finds(&["error direct-push"]);
}

#[test]
fn the_default_is_for_every_code_that_is_not_listed() {
    let lax = |push: &mut Push| push.policy.enforce.default = Bite::Observe;
    direct().with(lax).finds(&["note direct-push"]);
    direct().with(lax).with(|push| push.soften(Code::DirectPush, Bite::Now)).finds(&["error direct-push"]);
}

#[test]
fn what_protects_the_gate_always_bites() {
    let rewound = Push::of(moves("main", Some(object(OLD)), Some(object(MERGE)), Movement::Rewind));
    rewound
        .with(|push| {
            push.policy.enforce.default = Bite::Observe;
            push.soften(Code::Rewound, Bite::Observe);
        })
        .finds(&["error rewound"]);
}

#[test]
fn a_note_never_becomes_harder() {
    Push::honest().with(|push| push.soften(Code::Reviewed, Bite::Now)).passes();
    let beside = Push::honest().with(|push| {
        push.claims().push(fixture::approved_by(fixture::ALICE));
        push.soften(Code::SelfApproval, Bite::From(Time(NOW.0 + 86_400)));
    });
    beside.finds(&["note self-approval", "note reviewed"]).reads(
        Code::SelfApproval,
        expect![[r#"
        note[self-approval]: Alice Archer worked on this change, so that approval was not counted
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
    "#]],
    );
}

#[test]
fn softening_one_code_leaves_the_others() {
    softened(Bite::Observe)
        .with(|push| push.merge_commit().signature = Signature::Absent)
        .finds(&["error unsigned-commit", "note direct-push"]);
}

/// Which codes a policy can soften is part of its contract with its administrators.
#[test]
fn which_codes_are_habits() {
    let hard: Vec<&str> = Code::ALL.iter().filter(|code| !code.is_softenable()).map(|code| code.as_str()).collect();
    expect![[r#"
        no-policy
        bad-policy
        could-not-judge
        unsupported-repository
        over-limit
        reserved-ref
        confusing-ref
        shadowing-ref
        not-a-commit
        void-review
        misplaced-review
        older-review
        void-check
        older-check
        void-retraction
        deleted
        rewound
        created-elsewhere
        wrong-parent
        conflicting-duties
        moved-release
        malformed-object
        octopus
        unrelated-history
        already-merged
        bad-signature
        revoked-key
        reviewed
        shipped
        retracted
        emergency
        unlisted-trailer"#]]
    .assert_eq(&hard.join("\n"));
}
