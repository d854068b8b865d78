//! How a reviewed branch may move.

use countersign::model::{
    Code,
    evidence::{Birthplace, Kind, Movement},
    policy::Review,
};
use expect_test::expect;

use super::fixture::{
    self, MERGE, OLD, Push, TOPIC, branch, lenient, moves, object, pattern, plain_step, review_rule, step,
};

fn moved(how: Movement) -> Push {
    Push::of(moves("main", Some(object(OLD)), Some(object(MERGE)), how))
}

fn created() -> Push {
    Push::of(moves("main", None, Some(object(MERGE)), Movement::Create))
}

/// Created at a commit that stands, first-parent, on these branches of some rule's `create-from`.
fn created_on(on: &[&str]) -> Push {
    let place = Birthplace { baseline: false, on: on.iter().map(|name| branch(name)).collect() };
    created().with(|push| push.about().birthplace = Some(place))
}

#[test]
fn advancing_by_reviewed_merges_is_accepted() {
    Push::honest().passes();
    let newest_first = vec![step(0xb2, MERGE, 0xc2, "main"), step(MERGE, OLD, TOPIC, "main")];
    Push::honest()
        .with(|push| *push.about() = fixture::advance("main", OLD, newest_first))
        .finds(&["note reviewed", "note reviewed"]);
}

#[test]
fn staying_is_accepted() {
    moved(Movement::Stay).finds(&[]);
}

#[test]
fn deleted() {
    let push = Push::of(moves("main", Some(object(OLD)), None, Movement::Delete));
    push.finds(&["error deleted"]).reads(
        Code::Deleted,
        expect![[r#"
        error[deleted]: main would be deleted
          headline: main is protected and stays; nothing was changed
          asked by: policy.toml:31 [review.main]
          - leave it out of the push; to retire it, an administrator first takes its rule out of the policy
    "#]],
    );
    Push::of(moves("topic", Some(object(OLD)), None, Movement::Delete)).finds(&[]);
}

#[test]
fn rewound() {
    moved(Movement::Rewind).finds(&["error rewound"]).reads(
        Code::Rewound,
        expect![[r#"
        error[rewound]: main would lose commits that it has (a0a0a0a -> b1b1b1b)
          headline: main never loses commits; nothing was changed
          asked by: policy.toml:31 [review.main]
          - put your commits on top of what is there, on a branch of their own:
          $ git fetch origin
          $ git switch -c TOPIC
          $ git rebase origin/main
          $ git push -u origin TOPIC
    "#]],
    );
    Push::of(moves("topic", Some(object(OLD)), Some(object(MERGE)), Movement::Rewind)).finds(&[]);
}

#[test]
fn wrong_parent() {
    moved(Movement::Sidestep).finds(&["error wrong-parent"]).reads(
        Code::WrongParent,
        expect![[r#"
        error[wrong-parent]: the first-parent chain of the new tip passes main by (a0a0a0a -> b1b1b1b)
          headline: main must stay the 1st parent of what moves it; nothing was changed
          at: main was merged into something else, not something else into main
          asked by: policy.toml:31 [review.main]
          - merge the other way round, from main:
          $ git branch TOPIC
          $ git switch main
          $ git reset --hard origin/main
          $ git merge --no-ff -S TOPIC
    "#]],
    );
}

#[test]
fn created_elsewhere() {
    created().finds(&["error created-elsewhere"]).reads(
        Code::CreatedElsewhere,
        expect![[r#"
            error[created-elsewhere]: main would be created at b1b1b1b
              headline: main may not begin at this commit; nothing was changed
              at: a reviewed branch begins at a baseline of the policy
              asked by: policy.toml:37 [review.main]
              - ask the administrator to accept this commit as a start, in the policy:
              - baseline = ["b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"]
        "#]],
    );
    created_on(&[]).finds(&["error created-elsewhere"]);
}

#[test]
fn a_branch_begins_at_a_baseline() {
    let place = Birthplace { baseline: true, on: Vec::new() };
    created().with(|push| push.about().birthplace = Some(place)).finds(&[]);
}

#[test]
fn a_branch_begins_at_a_step_of_a_branch_that_its_rule_names() {
    let from = |names: &[&str]| names.iter().map(|name| pattern(&format!("refs/heads/{name}"))).collect::<Vec<_>>();
    let may = |push: Push, names: &[&str]| {
        push.with(|push| {
            push.review().create_from = from(names);
            push.policy.rules.push(review_rule("trunk", lenient()));
            push.policy.rules.push(review_rule("release/*", lenient()));
        })
    };

    may(created_on(&["trunk"]), &["trunk"]).finds(&[]);
    // A branch that nobody reviews proves nothing.
    may(created_on(&["wip"]), &["wip"]).finds(&["error created-elsewhere"]);
    may(created_on(&["release/1"]), &["trunk", "release/*"]).finds(&[]);
    may(created_on(&[]), &["trunk", "release/*"]).finds(&["error created-elsewhere"]).reads(
        Code::CreatedElsewhere,
        expect![[r#"
            error[created-elsewhere]: main would be created at b1b1b1b
              headline: main may not begin at this commit; nothing was changed
              at: it begins at a step of trunk, release/* or at a baseline of the policy
              at: a commit that was merely merged there is not a step
              asked by: policy.toml:37 [review.main]
              - begin there:
              $ git branch -f main origin/trunk
              - or ask the administrator to accept this commit as a start, in the policy:
              - baseline = ["b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"]
        "#]],
    );
    may(created_on(&[]), &["release/*"]).reads(
        Code::CreatedElsewhere,
        expect![[r#"
            error[created-elsewhere]: main would be created at b1b1b1b
              headline: main may not begin at this commit; nothing was changed
              at: it begins at a step of release/* or at a baseline of the policy
              at: a commit that was merely merged there is not a step
              asked by: policy.toml:37 [review.main]
              - ask the administrator to accept this commit as a start, in the policy:
              - baseline = ["b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1"]
        "#]],
    );
}

/// The evidence lists the branches that any rule for this ref names. Each rule asks for itself.
#[test]
fn what_one_rule_allows_does_not_speak_for_another() {
    let push = created_on(&["trunk"]).with(|push| {
        push.review().create_from = vec![pattern("refs/heads/trunk")];
        push.policy.rules.push(review_rule("*", lenient()));
    });
    push.finds(&["error created-elsewhere"]);
}

/// Only what stood before a push counts, so one that moves `main` and begins a branch there is told the order.
#[test]
fn a_branch_does_not_begin_at_what_the_same_push_brings() {
    let both = |at: u8, from: &str| {
        Push::honest().with(|push| {
            let accepting = Review { create_from: vec![pattern(from)], ..lenient() };
            push.policy.rules.push(review_rule("release/*", accepting));
            push.evidence.refs.push(moves("release/1", None, Some(object(at)), Movement::Create));
        })
    };
    let text = |push: Push| fixture::render(&push.decision(), Some(Code::CreatedElsewhere));
    both(MERGE, "refs/heads/main").finds(&["error created-elsewhere", "note reviewed"]).reads(
        Code::CreatedElsewhere,
        expect![[r#"
            error[created-elsewhere]: release/1 would be created at b1b1b1b
              headline: release/1 may not begin at this commit; nothing was changed
              at: main gets that commit by this very push, and only what stood before a push counts
              asked by: policy.toml:37 [review."release/*"]
              - push main first, then release/1:
              $ git push origin main
              $ git push origin release/1
        "#]],
    );
    // Also at a step on the way, and not at a commit that only comes in by a merge.
    let on_the_way = both(MERGE, "refs/heads/main").with(|push| {
        let steps = vec![step(0xb2, MERGE, 0xc2, "main"), step(MERGE, OLD, TOPIC, "main")];
        *push.about() = fixture::advance("main", OLD, steps);
    });
    assert!(text(on_the_way).contains("by this very push"));
    assert!(!text(both(TOPIC, "refs/heads/main")).contains("by this very push"));
    assert!(!text(both(MERGE, "refs/heads/trunk")).contains("by this very push"));
}

#[test]
fn a_movement_that_nobody_found_out_is_refused() {
    let push = Push::honest().with(|push| push.about().movement = None);
    push.finds(&["error could-not-judge"]).reads(
        Code::CouldNotJudge,
        expect![[r#"
        error[could-not-judge]: how this branch moves was not found out
          headline: the server could not judge this push; nothing was changed
          asked by: policy.toml:31 [review.main]
          - tell the administrator of this server
    "#]],
    );
}

/// Steps are what is judged, so they must be all of them.
#[test]
fn an_advance_whose_steps_do_not_lead_from_new_to_old_is_refused() {
    let two = || vec![step(0xb2, MERGE, 0xc2, "main"), step(MERGE, OLD, TOPIC, "main")];
    let advance = |steps| Push::of(fixture::advance("main", OLD, steps));
    advance(two()).finds(&["note reviewed", "note reviewed"]);

    Push::honest().with(|push| push.about().steps.clear()).finds(&["error could-not-judge"]);
    let missing_first = advance(two()).with(|push| drop(push.about().steps.remove(0)));
    missing_first.finds(&["error could-not-judge", "note reviewed"]);
    let missing_last = advance(two()).with(|push| drop(push.about().steps.pop()));
    missing_last.finds(&["error could-not-judge", "note reviewed"]);
    let swapped = advance(two()).with(|push| push.about().steps.swap(0, 1));
    swapped.finds(&["error could-not-judge", "note reviewed", "note reviewed"]);
}

#[test]
fn two_direct_commits_are_two_steps() {
    let push = Push::of(fixture::advance("main", OLD, vec![plain_step(2, 1), plain_step(1, OLD)]));
    push.finds(&["error direct-push"]);
}

#[test]
fn not_a_commit() {
    for kind in [Kind::Blob, Kind::Tree, Kind::Tag] {
        created().with(|push| push.about().kind = Some(kind)).finds(&["error not-a-commit"]);
    }
    created().with(|push| push.about().kind = Some(Kind::Tag)).reads(
        Code::NotACommit,
        expect![[r#"
            error[not-a-commit]: main would point to a tag
              headline: main holds commits only; nothing was changed
              asked by: policy.toml:31 [review.main]
              - push a commit:
              $ git push origin TOPIC^{commit}:refs/heads/main
        "#]],
    );
}
