//! What a guard asks of a movement, on top of what other duties ask.

use countersign::model::{
    Code, Signature,
    evidence::{Kind, Movement},
    policy::Guard,
};
use expect_test::expect;

use super::fixture::{self, MERGE, OLD, Push, guard_rule, moves, object, open_guard};

/// A free branch that moves, under a guard.
fn under(guard: Guard, how: Movement) -> Push {
    let (old, new) = match how {
        Movement::Create => (None, Some(object(MERGE))),
        Movement::Delete => (Some(object(OLD)), None),
        Movement::Stay => (Some(object(OLD)), Some(object(OLD))),
        Movement::Advance | Movement::Sidestep | Movement::Rewind => (Some(object(OLD)), Some(object(MERGE))),
    };
    Push::of(moves("topic", old, new, how)).with(|push| push.policy.rules.push(guard_rule("**", guard)))
}

const EVERY: [Movement; 6] =
    [Movement::Create, Movement::Advance, Movement::Sidestep, Movement::Rewind, Movement::Delete, Movement::Stay];

/// The movements that a guard refuses.
fn refused_by(guard: impl Fn() -> Guard) -> Vec<Movement> {
    let refused = |how: &Movement| under(guard(), *how).decision().errors().next().is_some();
    EVERY.into_iter().filter(refused).collect()
}

#[test]
fn an_open_guard_asks_nothing() {
    for how in EVERY {
        under(open_guard(), how).finds(&[]);
    }
}

#[test]
fn guarded() {
    use Movement::{Advance, Create, Delete, Rewind, Sidestep};
    assert_eq!(refused_by(|| Guard { create: false, ..open_guard() }), [Create]);
    assert_eq!(refused_by(|| Guard { delete: false, ..open_guard() }), [Delete]);
    assert_eq!(refused_by(|| Guard { rewind: false, ..open_guard() }), [Rewind]);
    assert_eq!(refused_by(|| Guard { update: false, ..open_guard() }), [Advance, Sidestep, Rewind]);
}

#[test]
fn a_guard_says_which_of_its_keys_asks() {
    let closed = || Guard { rewind: false, create: false, update: false, delete: false, ..open_guard() };
    let told: String = EVERY
        .into_iter()
        .map(|how| format!("{how:?}\n{}", fixture::render(&under(closed(), how).decision(), None)))
        .collect();
    expect![[r#"
        Create
        error[guarded]: topic would be created
          headline: topic may not be created; nothing was changed
          asked by: policy.toml:54 [guard."**"]
          - push under another name
        Advance
        error[guarded]: topic would be moved
          headline: topic may not be moved; nothing was changed
          asked by: policy.toml:55 [guard."**"]
          - push under another name
        Sidestep
        error[guarded]: topic would be moved
          headline: topic may not be moved; nothing was changed
          asked by: policy.toml:55 [guard."**"]
          - push under another name
        Rewind
        error[guarded]: topic would be rewound
          headline: topic may not be rewound; nothing was changed
          asked by: policy.toml:53 [guard."**"]
          - push without --force, on top of what is there
        error[guarded]: topic would be moved
          headline: topic may not be moved; nothing was changed
          asked by: policy.toml:55 [guard."**"]
          - push under another name
        Delete
        error[guarded]: topic would be deleted
          headline: topic may not be deleted; nothing was changed
          asked by: policy.toml:56 [guard."**"]
          - leave it out of the push
        Stay
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_guard_goes_with_a_review() {
    let push = Push::honest()
        .with(|push| push.policy.rules.push(guard_rule("**", Guard { update: false, ..open_guard() })));
    push.finds(&["error guarded", "note reviewed"]);
    Push::honest().with(|push| push.policy.rules.push(guard_rule("**", open_guard()))).passes();
}

#[test]
fn a_guard_that_knows_no_movement_refuses() {
    under(open_guard(), Movement::Advance)
        .with(|push| push.about().movement = None)
        .finds(&["error could-not-judge"]);
    // No rule asked, so nobody looked.
    Push::of(moves("topic", Some(object(OLD)), Some(object(MERGE)), Movement::Rewind))
        .with(|push| push.about().movement = None)
        .finds(&[]);
}

#[test]
fn a_guard_that_asks_for_signatures_wants_commits() {
    let holds = |signed: bool, kind: Kind| {
        under(Guard { signed, ..open_guard() }, Movement::Create).with(|push| push.about().kind = Some(kind))
    };
    holds(true, Kind::Commit).finds(&[]);
    holds(true, Kind::Tag).finds(&["error not-a-commit"]);
    holds(true, Kind::Blob).finds(&["error not-a-commit"]);
    holds(false, Kind::Tag).finds(&[]);
}

/// What is no commit moves in no way that anybody could find out, and that is not the server's fault.
#[test]
fn a_guard_says_that_it_wants_a_commit_before_it_says_that_it_knows_nothing() {
    let push = Push::honest().with(|push| {
        push.policy.rules.push(guard_rule("**", open_guard()));
        push.about().movement = None;
        push.about().kind = Some(Kind::Blob);
    });
    push.finds(&["error not-a-commit"]);
}

#[test]
fn only_a_guard_that_asks_for_signatures_reads_them() {
    let unsigned = |signed: bool| {
        under(Guard { signed, ..open_guard() }, Movement::Advance).with(|push| {
            let mut commit = fixture::commit(1, &[OLD], fixture::ALICE);
            commit.signature = Signature::Absent;
            push.about().brought = vec![commit];
        })
    };
    unsigned(false).finds(&[]);
    unsigned(true).finds(&["error unsigned-commit"]).reads(
        Code::UnsignedCommit,
        expect![[r#"
            error[unsigned-commit]: 1 commit without a signature
              headline: 1 commit without a signature; topic was not changed
              at: 0101010 "round half to even": not signed
              asked by: policy.toml:52 [guard."**"]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S a0a0a0a
        "#]],
    );
}
