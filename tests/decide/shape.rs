//! The shape of a step: a merge of exactly two related parents that still has something to bring.

use countersign::model::{
    Code, Signature,
    evidence::{Claim, Kinship},
    policy::Bite,
    statement::StatementFault,
};
use expect_test::expect;

use super::fixture::{self, BOB, MERGE, OLD, Push, TOPIC, advance, approved_by, id, plain_step, signed, step};

fn direct(commits: u8) -> Push {
    let steps = (1..=commits).rev().map(|seed| plain_step(seed, if seed == 1 { OLD } else { seed - 1 }));
    Push::of(advance("main", OLD, steps.collect()))
}

#[test]
fn direct_push() {
    direct(1).finds(&["error direct-push"]).reads(
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
    direct(2).finds(&["error direct-push"]).reads(
        Code::DirectPush,
        expect![[r#"
        error[direct-push]: 2 commits pushed straight onto main (0202020)
          headline: main moves only by reviewed merges; nothing was changed
          at: 0202020 "round half to even"
          at: 0101010 "round half to even"
          asked by: policy.toml:31 [review.main]
          - your commits are safe; move them to a branch and ask for a review:
          $ git switch -c round-half-to
          $ git push -u origin round-half-to
          $ git branch -f main origin/main
    "#]],
    );
}

#[test]
fn many_direct_commits_are_listed_and_then_counted() {
    let told = |push: Push| push.decision().findings[0].place.len();
    assert_eq!(told(direct(10)), 10);
    assert_eq!(told(direct(11)), 11);
    direct(12).reads(
        Code::DirectPush,
        expect![[r#"
        error[direct-push]: 12 commits pushed straight onto main (0c0c0c0)
          headline: main moves only by reviewed merges; nothing was changed
          at: 0c0c0c0 "round half to even"
          at: 0b0b0b0 "round half to even"
          at: 0a0a0a0 "round half to even"
          at: 0909090 "round half to even"
          at: 0808080 "round half to even"
          at: 0707070 "round half to even"
          at: 0606060 "round half to even"
          at: 0505050 "round half to even"
          at: 0404040 "round half to even"
          at: 0303030 "round half to even"
          at: and 2 more
          asked by: policy.toml:31 [review.main]
          - your commits are safe; move them to a branch and ask for a review:
          $ git switch -c round-half-to
          $ git push -u origin round-half-to
          $ git branch -f main origin/main
    "#]],
    );
}

#[test]
fn a_direct_commit_on_top_of_a_good_merge_or_between_two_is_refused() {
    let on_top = vec![plain_step(1, MERGE), step(MERGE, OLD, TOPIC, "main")];
    Push::of(advance("main", OLD, on_top)).finds(&["error direct-push", "note reviewed"]);
    let between = vec![step(0xb2, 1, 0xc2, "main"), plain_step(1, MERGE), step(MERGE, OLD, TOPIC, "main")];
    Push::of(advance("main", OLD, between)).finds(&["error direct-push", "note reviewed", "note reviewed"]);
}

#[test]
fn a_commit_without_parents_is_a_direct_push() {
    let mut root = plain_step(1, OLD);
    root.commit.parents.clear();
    direct(1).with(|push| push.about().steps = vec![root]).finds(&["error could-not-judge", "error direct-push"]);
}

#[test]
fn a_branch_is_suggested_from_words_that_are_safe_to_paste() {
    let named = |subject: &str| {
        let push = direct(1).with(|push| push.step().commit.subject = subject.to_owned());
        let found = fixture::render(&push.decision(), None);
        found.lines().find_map(|line| line.trim().strip_prefix("$ git switch -c ")).unwrap_or_default().to_owned()
    };
    assert_eq!(named("Round half to even"), "round-half-to");
    assert_eq!(named("$(touch x); `rm`"), "touch-x-rm");
    assert_eq!(named("--force"), "force");
    assert_eq!(named("日本語"), "topic");
    assert_eq!(named(""), "topic");
    assert_eq!(named(&"x".repeat(40)), "x".repeat(40));
    assert_eq!(named(&"x".repeat(41)), "topic");
}

#[test]
fn rewritten() {
    let squashed = direct(1).with(|push| push.step().claims = vec![approved_by(BOB)]);
    squashed.finds(&["error rewritten"]).reads(
        Code::Rewritten,
        expect![[r#"
        error[rewritten]: 1 rewritten commit with the review of other commits
          headline: a review speaks of commits that are not in this push; main was not changed
          at: 0101010 "round half to even"
          at: a squash or a rebase makes new commits: what was reviewed and signed is gone from them
          asked by: policy.toml:31 [review.main]
          - keep the reviewed commits, and merge them as they are:
          $ git reset --hard origin/main
          $ git merge --no-ff -S TOPIC
          - or have 0101010 reviewed on a branch of its own
    "#]],
    );
}

#[test]
fn softening_rewritten_does_not_open_direct_pushes() {
    let junk =
        || direct(1).with(|push| push.step().claims = vec![Claim::Void(StatementFault::Version("countersign-v1"))]);
    junk().finds(&["error rewritten"]);
    junk().with(|push| push.soften(Code::Rewritten, Bite::Observe)).finds(&["error direct-push", "note rewritten"]);
    junk().with(|push| push.soften(Code::DirectPush, Bite::Observe)).finds(&["error rewritten"]);
    junk().with(|push| push.policy.enforce.default = Bite::Observe).finds(&["note direct-push", "note rewritten"]);
}

#[test]
fn octopus() {
    let with_parents = |parents: &[u8]| {
        let parents = parents.iter().map(|seed| id(*seed)).collect();
        Push::honest().with(|push| push.merge_commit().parents = parents)
    };
    with_parents(&[OLD, TOPIC]).passes();
    with_parents(&[OLD, TOPIC, 0xc2]).finds(&["error octopus"]).reads(
        Code::Octopus,
        expect![[r#"
        error[octopus]: a merge has 3 parents where two different ones are asked for
          headline: a merge into main has exactly two parents; nothing was changed
          at: b1b1b1b "Merge branch 'rounding'"
          asked by: policy.toml:31 [review.main]
          - merge one topic at a time:
          $ git reset --hard origin/main
          $ git merge --no-ff -S TOPIC
    "#]],
    );
    with_parents(&[OLD, OLD]).finds(&["error octopus"]);
}

#[test]
fn unrelated_history() {
    let push = Push::honest().with(|push| push.merge().kinship = Kinship::Unrelated);
    push.finds(&["error unrelated-history"]).reads(
        Code::UnrelatedHistory,
        expect![[r#"
        error[unrelated-history]: a merge of unrelated history
          headline: this history has nothing in common with main; nothing was changed
          at: b1b1b1b "Merge branch 'rounding'"
          asked by: policy.toml:31 [review.main]
          - put the commits on top of main, then have them reviewed:
          $ git rebase --onto origin/main --root TOPIC
    "#]],
    );
}

#[test]
fn histories_without_a_merge_base_are_unrelated() {
    let push = Push::honest().with(|push| {
        push.merge().kinship = Kinship::Bases(Vec::new());
        push.step().claims = vec![fixture::approved_exactly_by(BOB)];
    });
    push.finds(&["error unrelated-history"]);
}

#[test]
fn already_merged() {
    let push = Push::honest().with(|push| push.merge().kinship = Kinship::AlreadyMerged);
    push.finds(&["error already-merged"]).reads(
        Code::AlreadyMerged,
        expect![[r#"
        error[already-merged]: a merge of commits that are merged already
          headline: main has this already; nothing was changed
          at: b1b1b1b "Merge branch 'rounding'"
          asked by: policy.toml:31 [review.main]
          - to bring back what was reverted, revert the revert on a topic and have it reviewed:
          $ git switch -c TOPIC origin/main
          $ git revert -S THE-REVERT
    "#]],
    );
}

#[test]
fn a_merge_of_which_nothing_was_found_out_is_refused() {
    Push::honest().with(|push| push.step().merge = None).finds(&["error could-not-judge"]);
}

/// In this order: signing makes other commits of them, so a topic is signed before it is pushed.
#[test]
fn an_unsigned_direct_push_is_signed_before_it_is_pushed_as_a_topic() {
    let unsigned = |push: &mut Push| push.merge_commit().signature = Signature::Absent;
    direct(2).with(unsigned).reads(
        Code::DirectPush,
        expect![[r#"
        error[direct-push]: 2 commits pushed straight onto main (0202020)
          headline: main moves only by reviewed merges; nothing was changed
          at: 0202020 "round half to even"
          at: 0101010 "round half to even"
          asked by: policy.toml:31 [review.main]
          - your commits are safe; move them to a branch, sign them there and ask for a review:
          $ git switch -c round-half-to
          $ git rebase --force-rebase -S origin/main
          $ git push -u origin round-half-to
          $ git branch -f main origin/main
    "#]],
    );
    direct(2).with(unsigned).reads(
        Code::UnsignedCommit,
        expect![[r#"
        error[unsigned-commit]: 1 commit without a signature
          headline: 1 commit without a signature; main was not changed
          at: 0202020 "round half to even": not signed
          asked by: policy.toml:31 [review.main]
          - set up signing if you have not, then sign again:
          $ git config gpg.format ssh
          $ git config user.signingKey KEY.pub
          $ git rebase --force-rebase -S a0a0a0a
    "#]],
    );
    let before_adoption = |push: &mut Push| push.merge_commit().before_baseline = true;
    let decision = direct(2).with(unsigned).with(before_adoption).decision();
    assert!(!fixture::render(&decision, None).contains("rebase"), "nobody asks for its signature");
}

/// A shape that no policy softens still tells who made it.
#[test]
fn a_step_of_another_shape_is_signed_too() {
    let unsigned = |push: &mut Push| push.merge_commit().signature = Signature::Absent;
    Push::honest()
        .with(|push| push.merge().kinship = Kinship::AlreadyMerged)
        .with(unsigned)
        .finds(&["error already-merged", "error unsigned-commit"]);
    direct(1).with(unsigned).finds(&["error direct-push", "error unsigned-commit"]);
    direct(1)
        .with(|push| push.merge_commit().signature = signed(BOB))
        .finds(&["error direct-push", "error wrong-committer"]);
}
