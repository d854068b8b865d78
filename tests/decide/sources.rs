//! `accepts-from`: what was reviewed on another branch needs no second review.

use countersign::model::{
    Code, Signature,
    evidence::{Claim, Kinship, Landed, Mechanical, Merge, Source, Step},
    policy::{Bite, Duty, Review, Who},
    statement::Tree,
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, DANA, FORK, GITEA, MERGE, NOW, OLD, Push, TOPIC, advance, approval,
    approved_exactly_by, branch, commit, fingerprint, id, key, lenient, pattern, review_rule, role, signed, source,
    step, tree,
};

/// The merge that brings `main` into `release/1`.
const RELEASE: u8 = 0xd1;
/// Where `release/1` stood.
const STOOD: u8 = 0xe0;

/// `release/1` takes in the honest step of `main`, which Bob approved there, with a merge by Dana that nobody approved.
fn from_main() -> Push {
    let landed = step(MERGE, OLD, TOPIC, "main");
    let brings = Step {
        commit: commit(RELEASE, &[STOOD, MERGE], DANA),
        claims: Vec::new(),
        merge: step(RELEASE, STOOD, MERGE, "release/1").merge.map(|merge| Merge {
            change: vec![landed.commit.clone(), commit(TOPIC, &[FORK], ALICE)],
            sources: vec![source("main", vec![landed])],
            ..merge
        }),
        checks: Vec::new(),
        emergency: None,
    };
    Push::of(advance("release/1", STOOD, vec![brings])).with(|push| {
        let accepting = Review { accepts_from: vec![pattern("refs/heads/main")], ..lenient() };
        push.policy.rules.push(review_rule("release/*", accepting));
    })
}

/// The same, with one thing about it changed.
fn from_main_with(change: impl FnOnce(&mut Push)) -> Push {
    from_main().with(change)
}

fn the_source(push: &mut Push) -> &mut Source {
    push.merge().sources.first_mut().expect("it comes from main")
}

fn landed(push: &mut Push) -> &mut Step {
    &mut the_source(push).steps[0].on[0].1
}

fn on_main(step: Step) -> Landed {
    Landed { on: vec![(branch("main"), step)] }
}

/// Dana's merge approved for `release/1` itself.
fn approved_here(push: &mut Push) {
    let mut claim = approval(BOB, MERGE, "release/1");
    claim.statement.tree = Tree::Exact(tree(RELEASE));
    claim.statement.base = id(STOOD);
    push.claims().push(Claim::Read(Box::new(claim)));
}

/// Anybody may create another branch at the same step, and no rule need review it.
#[test]
fn one_source_that_is_enough_is_enough() {
    let beside = |push: &mut Push| {
        let mut other = the_source(push).clone();
        other.branch = branch("release/0");
        other.steps.iter_mut().for_each(|landed| landed.on[0].0 = branch("release/0"));
        push.merge().sources.insert(0, other);
    };
    from_main_with(beside).passes();
    from_main_with(beside).with(|push| push.merge().sources.truncate(1)).finds(&["error not-approved"]);
}

/// A step that its source has from the branch that it was created from is judged by that one's rules.
#[test]
fn a_step_is_judged_where_it_landed() {
    from_main_with(|push| the_source(push).steps[0].on[0].0 = branch("free")).finds(NOT_THERE);
    from_main_with(|push| the_source(push).steps[0].on[0].0 = branch("release/1")).finds(NOT_THERE);
}

/// Anybody may create a branch where this one stands: as read by that one the step was never reviewed, and it was here.
#[test]
fn one_branch_that_it_landed_on_is_enough() {
    let elsewhere = |push: &mut Push| {
        let step = landed(push).clone();
        the_source(push).steps[0].on.insert(0, (branch("release/0"), step));
    };
    from_main_with(elsewhere).passes();
    from_main_with(|push| the_source(push).steps[0].on.clear()).finds(NOT_THERE);
}

const NOT_THERE: &[&str] = &["error not-approved", "error not-reviewed-there"];

#[test]
fn what_was_reviewed_there_needs_no_second_review() {
    from_main().passes().reads(
        Code::Reviewed,
        expect![[r#"
        note[reviewed]: d1d1d1d reviewed on main
          at: merge d1d1d1d "round half to even"
          asked by: policy.toml:38 [review."release/*"]
    "#]],
    );
}

#[test]
fn what_comes_from_nowhere_is_reviewed_here() {
    from_main_with(|push| push.merge().sources.clear()).finds(&["error not-approved"]);
    from_main_with(|push| push.merge().sources.clear()).with(approved_here).passes();
}

#[test]
fn only_a_rule_that_names_the_branch_takes_from_it() {
    let accepting = |names: &[&str]| {
        from_main_with(|push| {
            push.policy.rules[1].duty = Duty::Review(Review {
                accepts_from: names.iter().map(|name| pattern(name)).collect(),
                ..lenient()
            });
        })
    };
    accepting(&["refs/heads/trunk", "refs/heads/m*"]).passes();
    accepting(&["refs/heads/trunk"]).finds(&["error not-approved"]);
    accepting(&[]).finds(&["error not-approved"]);
    // Another rule for the same branch that names none asks for a review of its own.
    from_main_with(|push| push.policy.rules.push(review_rule("release/1", lenient())))
        .finds(&["error not-approved", "note reviewed"]);
}

#[test]
fn not_reviewed_there() {
    let unreviewed = || from_main_with(|push| landed(push).claims.clear());
    unreviewed().finds(NOT_THERE).reads(
        Code::NotReviewedThere,
        expect![[r#"
        error[not-reviewed-there]: b1b1b1b "Merge branch 'rounding'" was not reviewed on main
          headline: not all of this was reviewed on main; release/1 was not changed
          at: merge d1d1d1d "round half to even"
          asked by: policy.toml:38 [review."release/*"]
          - have this merge approved for release/1 itself
    "#]],
    );
    // Approved for the branch itself, it needs no review there.
    unreviewed().with(approved_here).passes();
}

#[test]
fn every_rule_of_the_source_asks() {
    from_main_with(|push| push.policy.rules.push(review_rule("main", Review { approvals: 2, ..lenient() })))
        .finds(NOT_THERE);
    from_main_with(|push| {
        push.policy.rules.push(review_rule("main", Review { by: role("reviewers"), ..lenient() }))
    })
    .passes();
    from_main_with(|push| drop(push.policy.rules.remove(0))).finds(NOT_THERE).reads(
        Code::NotReviewedThere,
        expect![[r#"
            error[not-reviewed-there]: no rule reviews main
              headline: not all of this was reviewed on main; release/1 was not changed
              at: merge d1d1d1d "round half to even"
              asked by: policy.toml:38 [review."release/*"]
              - have this merge approved for release/1 itself
        "#]],
    );
}

#[test]
fn a_direct_push_there_was_not_reviewed_whatever_the_policy_softens() {
    let direct = || {
        from_main_with(|push| {
            let plain = fixture::plain_step(MERGE, OLD);
            push.merge().change = vec![plain.commit.clone()];
            the_source(push).steps = vec![on_main(plain)];
        })
    };
    direct().finds(NOT_THERE);
    let observed = |code| move |push: &mut Push| push.soften(code, Bite::Observe);
    direct().with(observed(Code::DirectPush)).finds(NOT_THERE);
    from_main_with(|push| landed(push).claims.clear())
        .with(observed(Code::NotApproved))
        .finds(&["error not-reviewed-there", "note not-approved"]);
}

#[test]
fn softening_what_was_not_reviewed_there_does_not_open_what_is_not_reviewed_here() {
    from_main_with(|push| landed(push).claims.clear())
        .with(|push| push.soften(Code::NotReviewedThere, Bite::Observe))
        .finds(&["error not-approved", "note not-reviewed-there"]);
}

#[test]
fn a_merge_that_is_not_mechanical_is_reviewed_here() {
    for mechanical in [Mechanical::Clean(tree(0x55)), Mechanical::Conflict, Mechanical::NotAsked] {
        let altered = || from_main_with(|push| push.merge().mechanical = mechanical.clone());
        altered().finds(&["error altered-merge", "error not-reviewed-there"]);
        altered().with(approved_here).passes();
    }
    from_main_with(|push| push.merge().mechanical = Mechanical::Conflict).reads(
        Code::NotReviewedThere,
        expect![[r#"
            error[not-reviewed-there]: the merge holds more than git makes of main by itself
              headline: not all of this was reviewed on main; release/1 was not changed
              at: merge d1d1d1d "round half to even"
              asked by: policy.toml:38 [review."release/*"]
              - have this merge approved for release/1 itself
        "#]],
    );
}

#[test]
fn a_merge_from_several_bases_is_reviewed_here() {
    let crossed = || from_main_with(|push| push.merge().kinship = Kinship::Bases(vec![id(1), id(2)]));
    crossed().finds(NOT_THERE).reads(
        Code::NotReviewedThere,
        expect![[r#"
        error[not-reviewed-there]: the two branches have several merge bases, so git's merge is a guess
          headline: not all of this was reviewed on main; release/1 was not changed
          at: merge d1d1d1d "round half to even"
          asked by: policy.toml:38 [review."release/*"]
          - have this merge approved for release/1 itself
    "#]],
    );
    crossed().with(approved_here).passes();
}

#[test]
fn history_from_before_the_sources_baseline_was_not_reviewed_there() {
    from_main_with(|push| the_source(push).meets = false).finds(NOT_THERE).reads(
        Code::NotReviewedThere,
        expect![[r#"
            error[not-reviewed-there]: it brings history of main from before its baseline
              headline: not all of this was reviewed on main; release/1 was not changed
              at: merge d1d1d1d "round half to even"
              asked by: policy.toml:38 [review."release/*"]
              - have this merge approved for release/1 itself
        "#]],
    );
}

#[test]
fn the_steps_there_lead_to_what_is_merged_without_a_gap() {
    from_main_with(|push| the_source(push).steps.clear()).finds(NOT_THERE).reads(
        Code::NotReviewedThere,
        expect![[r#"
            error[not-reviewed-there]: how it came to main was not found out
              headline: not all of this was reviewed on main; release/1 was not changed
              at: merge d1d1d1d "round half to even"
              asked by: policy.toml:38 [review."release/*"]
              - have this merge approved for release/1 itself
        "#]],
    );
    from_main_with(|push| landed(push).commit.id = id(7)).finds(NOT_THERE);
    let below = |old: u8| {
        from_main_with(|push| {
            let older = step(old, 0xa1, 0xc9, "main");
            the_source(push).steps.push(on_main(older));
        })
    };
    below(OLD).passes();
    below(0xa9).finds(NOT_THERE);
}

#[test]
fn every_step_there_was_reviewed() {
    let two = |change: fn(&mut Push)| {
        from_main_with(|push| the_source(push).steps.push(on_main(step(OLD, 0xa1, 0xc9, "main")))).with(change)
    };
    two(|_| {}).passes();
    two(|push| the_source(push).steps[1].on[0].1.claims.clear()).finds(NOT_THERE);
}

#[test]
fn an_approval_there_speaks_of_that_branch() {
    from_main_with(|push| landed(push).claims = vec![Claim::Read(Box::new(approval(BOB, TOPIC, "release/1")))])
        .finds(NOT_THERE);
}

// ---- what landed some time ago

/// Keys end and approvals age; history that was accepted stays accepted.
#[test]
fn what_counted_when_it_landed_still_counts() {
    let since = Some(NOW.minus(1));
    from_main_with(|push| push.key_of(ALICE).valid_until = since).passes();
    from_main_with(|push| push.key_of(ALICE).revoked = since).passes();
    from_main_with(|push| push.key_of(BOB).revoked = since).passes();
    // `[review.main]` takes no approval older than a minute, and Bob's is an hour old.
    from_main_with(|push| push.review().max_age = Some(60)).passes();
    // What Bob takes back today was reviewed all the same.
    let claims = |push: &mut Push| match &mut landed(push).claims[0] {
        Claim::Read(claim) => (claim.withdrawn, claim.replaced) = (Some(NOW), Some(NOW)),
        Claim::Void(_) | Claim::TooMany(_) => panic!("the first claim was read"),
    };
    from_main_with(claims).passes();
}

#[test]
fn a_compromised_key_never_counts() {
    from_main_with(|push| push.key_of(ALICE).compromised = Some(NOW)).finds(&[
        "error revoked-key",
        "error not-approved",
        "error not-reviewed-there",
    ]);
    from_main_with(|push| push.key_of(BOB).compromised = Some(NOW)).finds(NOT_THERE);
}

#[test]
fn whoever_merges_now_signs_with_a_key_that_counts_now() {
    from_main_with(|push| push.key_of(DANA).revoked = Some(NOW)).finds(&["error revoked-key", "note reviewed"]);
    // A key that has ended does not count for what comes from nowhere.
    from_main_with(|push| {
        push.key_of(ALICE).revoked = Some(NOW);
        push.merge().sources.clear();
        approved_here(push);
    })
    .finds(&["error revoked-key", "note reviewed"]);
}

#[test]
fn what_was_not_reviewed_there_is_judged_as_of_today() {
    let lapsed = from_main_with(|push| {
        push.key_of(ALICE).revoked = Some(NOW);
        landed(push).claims.clear();
        approved_here(push);
    });
    lapsed.finds(&["error revoked-key", "note reviewed"]);
}

/// `main` was merged by the web button, which may not write: nobody wrote that merge.
#[test]
fn the_mechanical_merges_by_which_it_landed_were_judged_there() {
    let by_gitea = || {
        from_main_with(|push| {
            landed(push).commit.signature = signed(GITEA);
            push.merge().change[0].signature = signed(GITEA);
        })
    };
    by_gitea().passes();
    // So they do not make an author unproven where the merge is approved here, nor say who may approve it.
    let resolved = |push: &mut Push| push.merge().mechanical = Mechanical::Conflict;
    by_gitea().with(resolved).with(approved_here).passes();
    // Coming from nowhere, it is a commit that a service wrote.
    by_gitea().with(|push| push.merge().sources.clear()).with(approved_here).finds(&[
        "error wrong-committer",
        "error not-a-writer",
        "error not-approved",
    ]);
}

#[test]
fn a_merge_there_that_git_would_not_make_was_written_by_somebody() {
    let written = |by| {
        from_main_with(|push| {
            push.policy.rules[1].duty = Duty::Review(Review {
                accepts_from: vec![pattern("refs/heads/main")],
                write: role("developers"),
                ..lenient()
            });
            landed(push).commit = commit(MERGE, &[OLD, TOPIC], by);
            push.merge().change[0] = commit(MERGE, &[OLD, TOPIC], by);
        })
    };
    let altered = |push: &mut Push| {
        let step = landed(push);
        step.claims = vec![approved_exactly_by(BOB)];
        step.merge.as_mut().expect("a merge").mechanical = Mechanical::Conflict;
    };
    written(DANA).passes();
    written(CAROL).with(altered).passes();
    written(DANA).with(altered).finds(&["error not-a-writer", "note reviewed"]);
}

#[test]
fn signatures_there_are_asked_for_by_the_rule_there() {
    from_main_with(|push| landed(push).commit.signature = Signature::Absent).finds(NOT_THERE);
    from_main_with(|push| {
        landed(push).commit.signature = Signature::Absent;
        push.merge().change[0].signature = Signature::Absent;
    })
    .finds(&["error unsigned-commit", "error not-approved", "error not-reviewed-there"]);
    from_main_with(|push| {
        push.review().unsigned_merges = true;
        landed(push).commit.signature = Signature::Absent;
        push.merge().change[0].signature = Signature::Absent;
    })
    .passes();
}

#[test]
fn whoever_writes_there_is_still_a_writer_here() {
    from_main_with(|push| {
        push.policy.rules[1].duty = Duty::Review(Review {
            accepts_from: vec![pattern("refs/heads/main")],
            write: role("reviewers"),
            ..lenient()
        });
    })
    .finds(&["error not-a-writer", "note reviewed"]);
}

/// A branch that accepts from a branch that accepts from `main`.
#[test]
fn branches_may_stand_in_a_row() {
    let hotfix = |reviewed: bool| {
        let inner = from_main_with(|push| {
            if !reviewed {
                landed(push).claims.clear();
            }
        });
        let through = inner.evidence.refs[0].steps[0].clone();
        let merge = 0xf1;
        let mut outer = step(merge, 0xf0, RELEASE, "hotfix");
        outer.claims.clear();
        let brought = outer.merge.as_mut().expect("a merge");
        brought.change =
            vec![through.commit.clone(), commit(MERGE, &[OLD, TOPIC], ALICE), commit(TOPIC, &[FORK], ALICE)];
        brought.sources = vec![source("release/1", vec![through])];
        inner.with(|push| {
            *push.about() = advance("hotfix", 0xf0, vec![outer]);
            let accepting = Review { accepts_from: vec![pattern("refs/heads/release/*")], ..lenient() };
            push.policy.rules.push(review_rule("hotfix", accepting));
        })
    };
    hotfix(true).passes();
    hotfix(false).finds(NOT_THERE);
}

#[test]
fn a_proof_of_a_key_that_the_policy_lost_does_not_count_there_either() {
    from_main_with(|push| drop(push.policy.keys.remove(&fingerprint(BOB, 1)))).finds(NOT_THERE);
    from_main_with(|push| {
        push.policy.keys.insert(fingerprint(BOB, 2), key(BOB, 2));
        push.review().by = Who::Anyone;
    })
    .passes();
}
