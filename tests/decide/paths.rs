//! More eyes for some paths.

use countersign::model::{
    Code,
    policy::{PathRule, Who},
};
use expect_test::expect;

use super::fixture::{
    ALICE, BOB, CAROL, DANA, FORK, Push, RENOVATE, TOPIC, approved_by, commit, ident, pattern, role, touched,
};

fn path_rule(text: &str, approvals: u32, by: Who, line: u32) -> PathRule {
    PathRule { pattern: pattern(text), approvals, by, line }
}

/// The change touches `deploy/prod.yml`, for which the rule asks this.
fn guarded(approvals: u32, by: Who) -> Push {
    Push::honest().with(|push| {
        push.review().paths = vec![path_rule("deploy/**", approvals, by, 45)];
        push.merge().touched = vec![touched("deploy/**", &["deploy/prod.yml"])];
    })
}

#[test]
fn path_not_approved() {
    guarded(1, role("reviewers")).passes();
    guarded(1, role("operators")).finds(&["error path-not-approved", "note reviewed"]).reads(
        Code::PathNotApproved,
        expect![[r#"
            error[path-not-approved]: 0 of 1 countersignatures for deploy/**
              headline: deploy/** asks for more reviewers; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" touches:
              at:   "deploy/prod.yml"
              asked by: policy.toml:45 [review.main]
              - have it approved by one of: Carol Chu, Dana Diaz
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    guarded(2, Who::Anyone).finds(&["error path-not-approved", "note reviewed"]);
}

#[test]
fn one_person_may_satisfy_several_rules() {
    let by_carol = |push: &mut Push| push.step().claims = vec![approved_by(CAROL)];
    guarded(1, role("operators")).with(by_carol).passes();
    guarded(1, role("operators")).with(|push| push.claims().push(approved_by(DANA))).passes();
}

#[test]
fn paths_that_no_change_touches_ask_nothing() {
    guarded(2, role("operators")).with(|push| push.merge().touched.clear()).passes();
    guarded(2, role("operators")).with(|push| push.merge().touched[0].count = 0).passes();
    guarded(2, role("operators"))
        .with(|push| push.merge().touched = vec![touched("docs/**", &["docs/a.md"])])
        .passes();
}

#[test]
fn every_path_asks_by_itself() {
    let push = guarded(1, role("operators")).with(|push| {
        push.review().paths.push(path_rule("db/**", 2, role("reviewers"), 46));
        push.merge().touched.push(touched("db/**", &["db/schema.sql"]));
    });
    push.clone().finds(&["error path-not-approved", "error path-not-approved", "note reviewed"]);
    push.clone().with(|push| push.claims().push(approved_by(CAROL))).finds(&["note reviewed"]);
    push.with(|push| push.claims().push(approved_by(DANA)))
        .finds(&["error path-not-approved", "note reviewed"])
        .reads(
            Code::PathNotApproved,
            expect![[r#"
                error[path-not-approved]: 1 of 2 countersignatures for db/**
                  headline: db/** asks for more reviewers; main was not changed
                  at: merge b1b1b1b "Merge branch 'rounding'" touches:
                  at:   "db/schema.sql"
                  asked by: policy.toml:46 [review.main]
                  - have it approved by one of: Carol Chu
                  sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
            "#]],
        );
}

#[test]
fn a_contributor_does_not_approve_a_path_either() {
    let push = guarded(1, role("operators")).with(|push| push.claims().push(approved_by(DANA)));
    push.clone().passes();
    push.with(|push| push.commit().co_authors = vec![ident(DANA)]).finds(&[
        "error path-not-approved",
        "note self-approval",
        "note reviewed",
    ]);
}

/// The author behind a service's signature may be the very one who approves the path.
#[test]
fn an_unproven_author_costs_one_approval_more_on_a_path_as_well() {
    let push = guarded(1, role("operators")).with(|push| {
        *push.commit() = commit(TOPIC, &[FORK], RENOVATE);
        push.step().claims = vec![approved_by(BOB), approved_by(DANA)];
    });
    push.clone().finds(&["error path-not-approved", "note reviewed"]).reads(
        Code::PathNotApproved,
        expect![[r#"
            error[path-not-approved]: 1 of 2 countersignatures for deploy/**
              headline: deploy/** asks for more reviewers; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" touches:
              at:   "deploy/prod.yml"
              asked by: policy.toml:45 [review.main]
              - have it approved by one of: Carol Chu
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    push.with(|push| push.claims().push(approved_by(CAROL))).passes();
}

#[test]
fn files_are_listed_and_then_counted_and_whoever_could_help_is_named() {
    let push = guarded(3, role("operators")).with(|push| {
        let files: Vec<String> = (0..12).map(|file| format!("deploy/{file}")).collect();
        push.merge().touched[0].examples = files;
        push.merge().touched[0].count = 40;
        push.commit().co_authors = vec![ident(CAROL)];
    });
    push.clone().reads(
        Code::PathNotApproved,
        expect![[r#"
            error[path-not-approved]: 0 of 3 countersignatures for deploy/**
              headline: deploy/** asks for more reviewers; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" touches:
              at:   "deploy/0"
              at:   "deploy/1"
              at:   "deploy/2"
              at:   "deploy/3"
              at:   "deploy/4"
              at:   "deploy/5"
              at:   "deploy/6"
              at:   "deploy/7"
              at:   "deploy/8"
              at:   "deploy/9"
              at:   and 30 more
              asked by: policy.toml:45 [review.main]
              - have it approved by one of: Dana Diaz
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    push.with(|push| push.claims().push(approved_by(DANA))).reads(
        Code::PathNotApproved,
        expect![[r#"
            error[path-not-approved]: 1 of 3 countersignatures for deploy/**
              headline: deploy/** asks for more reviewers; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" touches:
              at:   "deploy/0"
              at:   "deploy/1"
              at:   "deploy/2"
              at:   "deploy/3"
              at:   "deploy/4"
              at:   "deploy/5"
              at:   "deploy/6"
              at:   "deploy/7"
              at:   "deploy/8"
              at:   "deploy/9"
              at:   and 30 more
              asked by: policy.toml:45 [review.main]
              - nobody else could approve this: have the administrator look at the rule
        "#]],
    );
}

#[test]
fn a_path_does_not_approve_the_change() {
    let push = guarded(1, Who::Anyone).with(|push| push.claims().clear());
    push.finds(&["error not-approved", "error path-not-approved"]);
    let selfish = guarded(1, Who::Anyone).with(|push| push.step().claims = vec![approved_by(ALICE)]);
    selfish.finds(&["error self-approval", "error path-not-approved"]);
}
