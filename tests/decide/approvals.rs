//! Whether enough people approved.

use countersign::{
    model::{
        Code, Mend, RefName,
        evidence::{Claim, Kinship, Mechanical},
        policy::{Bite, Person, Review, Who},
        statement::{StatementFault, Tree},
    },
    report::text,
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, DANA, FORK, MERGE, OLD, Push, RENOVATE, TOPIC, advance, approved_by,
    approved_exactly_by, commit, id, ident, lenient, review_rule, role, tree,
};

#[test]
fn reviewed() {
    Push::honest().passes().reads(
        Code::Reviewed,
        expect![[r#"
            note[reviewed]: b1b1b1b reviewed by Bob Brown
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: Bob Brown with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              asked by: policy.toml:34 [review.main]
        "#]],
    );
}

#[test]
fn not_approved() {
    Push::honest().with(|push| push.claims().clear()).finds(&["error not-approved"]).reads(
        Code::NotApproved,
        expect![[r#"
            error[not-approved]: 0 of 1 countersignatures on a merge into main
              headline: this merge has 0 of 1 countersignatures; not merged
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: can approve: Bob Brown, Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - ask one of them to run this, then merge again:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
}

#[test]
fn as_many_as_the_rule_asks_for() {
    let asked = |approvals: u32, by: &[Claim]| {
        Push::honest().with(|push| {
            push.review().approvals = approvals;
            push.step().claims = by.to_vec();
        })
    };
    let [bob, carol, dana] = [BOB, CAROL, DANA].map(approved_by);
    asked(2, &[bob.clone(), carol.clone()]).passes();
    asked(2, std::slice::from_ref(&bob)).finds(&["error not-approved"]).reads(
        Code::NotApproved,
        expect![[r#"
            error[not-approved]: 1 of 2 countersignatures on a merge into main
              headline: this merge has 1 of 2 countersignatures; not merged
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: approved by Bob Brown with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              at: can approve: Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - ask one of them to run this, then merge again:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    asked(3, &[bob.clone(), carol.clone()]).finds(&["error not-approved"]);
    asked(3, &[bob, carol, dana]).passes();
}

#[test]
fn self_approval() {
    let selfish = Push::honest().with(|push| push.step().claims = vec![approved_by(ALICE)]);
    selfish.clone().finds(&["error self-approval"]).reads(
        Code::SelfApproval,
        expect![[r#"
            error[self-approval]: Alice Archer approved a change of their own
              headline: this merge has 0 of 1 countersignatures; not merged
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: Alice Archer worked on c1c1c1c; approved with SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              at: can approve: Bob Brown, Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - ask one of them to run this, then merge again:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    // Where enough others remain it is only not counted.
    selfish
        .with(|push| push.claims().push(approved_by(BOB)))
        .finds(&["note self-approval", "note reviewed"])
        .reads(
            Code::SelfApproval,
            expect![[r#"
            note[self-approval]: Alice Archer worked on this change, so that approval was not counted
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              asked by: policy.toml:31 [review.main]
        "#]],
        );
}

#[test]
fn several_contributors_who_approve_are_each_told_what_they_worked_on() {
    let push = Push::honest().with(|push| {
        push.merge().change = vec![
            commit(TOPIC, &[1], BOB),
            commit(1, &[2], ALICE),
            commit(2, &[3], ALICE),
            commit(3, &[FORK], ALICE),
        ];
        push.merge().change[3].co_authors = vec![ident(BOB)];
        push.merge().change[1].update_merge = true;
        push.step().claims = vec![approved_by(ALICE), approved_by(BOB)];
    });
    push.reads(Code::SelfApproval, expect![[r#"
        error[self-approval]: Alice Archer and Bob Brown approved changes of their own
          headline: this merge has 0 of 1 countersignatures; not merged
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          at: Alice Archer worked on 0202020 and 1 more; approved with SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
          at: Bob Brown worked on c1c1c1c and 1 more; approved with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
          at: can approve: Carol Chu, Dana Diaz
          asked by: policy.toml:34 [review.main]
          - ask one of them to run this, then merge again:
          sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
    "#]]);
}

#[test]
fn nobody_is_left_to_ask() {
    let push = Push::honest().with(|push| {
        push.review().by = role("reviewers");
        push.commit().co_authors = vec![ident(BOB), ident(CAROL)];
        push.claims().clear();
    });
    push.reads(
        Code::NotApproved,
        expect![[r#"
        error[not-approved]: 0 of 1 countersignatures on a merge into main
          headline: this merge has 0 of 1 countersignatures; not merged
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:34 [review.main]
          - everybody who may approve here has worked on this change:
          - have the administrator add a reviewer, or an author give up a part
    "#]],
    );
}

#[test]
fn no_more_than_three_are_named_of_those_who_could_help() {
    let push = Push::honest().with(|push| {
        for name in ["erin", "frank"] {
            push.policy.people.push(Person { id: name.to_owned(), name: None, emails: Vec::new(), line: 9 });
        }
        push.claims().clear();
    });
    let found = fixture::render(&push.decision(), None);
    let told = found.lines().find(|line| line.contains("can approve")).unwrap_or_default();
    assert_eq!(told.trim(), "at: can approve: Bob Brown, Carol Chu, Dana Diaz and 2 more");
}

#[test]
fn not_a_reviewer() {
    let by_dana = |push: &mut Push| push.step().claims = vec![approved_by(DANA)];
    let reviewers = |push: &mut Push| push.review().by = role("reviewers");
    Push::honest().with(reviewers).passes();
    Push::honest().with(by_dana).passes();
    Push::honest().with(by_dana).with(reviewers).finds(&["error not-approved", "error not-a-reviewer"]).reads(
        Code::NotAReviewer,
        expect![[r#"
            error[not-a-reviewer]: Dana Diaz approved, and may not review here
              headline: main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              asked by: policy.toml:33 [review.main]
              - have somebody who may review here approve
        "#]],
    );
    // Beside enough others, worth a note.
    Push::honest()
        .with(reviewers)
        .with(|push| push.claims().push(approved_by(DANA)))
        .finds(&["note not-a-reviewer", "note reviewed"]);
}

#[test]
fn a_role_that_nobody_has_approves_nothing() {
    Push::honest()
        .with(|push| push.review().by = role("nobody"))
        .finds(&["error not-approved", "error not-a-reviewer"]);
}

// ---- merges that git would not make

#[test]
fn altered_merge() {
    let altered = || Push::honest().with(Push::alter_merge);
    altered().finds(&["error altered-merge", "error wrong-tree"]).reads(
        Code::AlteredMerge,
        expect![[r#"
            error[altered-merge]: the merge's tree is not what git makes of its parents
              headline: this merge holds more than git merges by itself; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: can approve: Bob Brown, Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - merge as git does by itself, or have exactly this tree approved:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree bebebebebebebebebebebebebebebebebebebebe
        "#]],
    );
    altered().with(|push| push.claims().clear()).finds(&["error altered-merge"]);
    // A statement that nobody can read asks nobody about anything.
    altered()
        .with(|push| push.step().claims = vec![Claim::Void(StatementFault::Version("countersign-v1"))])
        .finds(&["error altered-merge", "error void-statement"]);
    altered().with(|push| push.step().claims = vec![approved_exactly_by(BOB)]).passes();
    let conflict = altered().with(|push| push.merge().mechanical = Mechanical::Conflict);
    conflict.reads(
        Code::AlteredMerge,
        expect![[r#"
            error[altered-merge]: git alone finds conflicts here, so somebody wrote what the merge holds
              headline: this merge holds more than git merges by itself; main was not changed
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: can approve: Bob Brown, Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - merge as git does by itself, or have exactly this tree approved:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree bebebebebebebebebebebebebebebebebebebebe
        "#]],
    );
}

/// Where somebody was asked about this very tree, the trouble is with that approval.
#[test]
fn an_altered_merge_about_which_somebody_was_asked_is_short_of_approvals() {
    let asked = Push::honest().with(Push::alter_merge).with(|push| {
        push.review().approvals = 2;
        push.step().claims = vec![approved_exactly_by(BOB)];
    });
    asked.finds(&["error not-approved"]);
    let selfish = Push::honest().with(Push::alter_merge).with(|push| {
        push.step().claims = vec![approved_exactly_by(ALICE)];
    });
    selfish.finds(&["error self-approval"]);
}

// ---- what a reviewer is asked to sign

#[test]
fn the_statement_that_would_do_is_spelled_out() {
    let asked = |change: fn(&mut Push)| {
        let push = Push::honest().with(|push| push.claims().clear()).with(change);
        let found = fixture::render(&push.decision(), None);
        found.lines().find_map(|line| line.trim().strip_prefix("sign: ")).unwrap_or_default().to_owned()
    };
    let exact = format!("refs/heads/main head c1c1c1c base a0a0a0a tree {}", tree(MERGE));
    assert_eq!(asked(|_| {}), "refs/heads/main head c1c1c1c base a0a0a0a tree auto");
    assert_eq!(asked(Push::alter_merge), exact);
    // `auto` would not do: the reviewer and git could look at different bases.
    assert_eq!(asked(|push| push.merge().kinship = Kinship::Bases(vec![id(1), id(2)])), exact);
    // Nothing to approve can be named.
    assert_eq!(asked(|push| push.merge().heads.clear()), "");
}

/// Only the newest commit of a push can be amended as it stands.
#[test]
fn whether_the_merge_is_the_newest_commit_is_told() {
    let steps = vec![fixture::step(0xb2, MERGE, 0xc2, "main"), fixture::step(MERGE, OLD, TOPIC, "main")];
    let push = Push::of(advance("main", OLD, steps)).with(|push| {
        for step in &mut push.about().steps {
            step.claims.clear();
        }
    });
    let decision = push.decision();
    let newest = decision.findings.iter().flat_map(|finding| &finding.mend).filter_map(|mend| match mend {
        Mend::Sign(request) => Some((request.head, request.merge, request.newest)),
        Mend::Say(_) | Mend::Run(_) => None,
    });
    assert_eq!(newest.collect::<Vec<_>>(), [(id(0xc2), id(0xb2), true), (id(TOPIC), id(MERGE), false)]);
}

/// The commands of the refusal, as a pusher reads them.
#[test]
fn how_to_review_and_merge_is_told_in_commands() {
    let said = |push: Push| {
        let text = text::decision(&push.decision());
        let (_, cure) = text.split_once("[review.main]\n").expect("asked for by");
        cure.lines().map(|line| format!("{}\n", line.strip_prefix("  ").expect("indented"))).collect::<String>()
    };
    let unapproved = || Push::honest().with(|push| push.claims().clear());
    expect![[r#"
        ask one of them to run this, then merge again:
        $ git countersign approve c1c1c1c1c1c1 --onto main
        $ git countersign merge c1c1c1c1c1c1 --onto main --push
        by hand: countersign's docs/by-hand.md; repo git.example.org/acme/payments
    "#]]
    .assert_eq(&said(unapproved()));
    expect![[r#"
        merge as git does by itself, or have exactly this tree approved:
        $ git push origin b1b1b1b1b1b1:refs/heads/review/c1c1c1c1c1c1
        $ git countersign approve --tree b1b1b1b1b1b1 --onto main
        $ git countersign merge --tree b1b1b1b1b1b1 --onto main --push
        by hand: countersign's docs/by-hand.md; repo git.example.org/acme/payments
    "#]]
    .assert_eq(&said(unapproved().with(Push::alter_merge)));
    let on_top = Push::of(advance(
        "main",
        OLD,
        vec![fixture::step(0xb2, MERGE, 0xc2, "main"), fixture::step(MERGE, OLD, TOPIC, "main")],
    ));
    expect![[r#"
        ask one of them to run this, then merge again:
        $ git countersign approve c1c1c1c1c1c1 --onto main
        $ git countersign merge c1c1c1c1c1c1 --onto main --push
        that lands by itself; then come the merges on top of it, made anew
        by hand: countersign's docs/by-hand.md; repo git.example.org/acme/payments
    "#]]
    .assert_eq(&said(on_top.with(|push| push.about().steps[1].claims.clear())));
}

/// A ref's name may hold whatever git lets it, and people paste what a refusal tells them.
#[test]
fn a_name_in_a_command_is_one_word() {
    let named = Push::honest().with(|push| {
        push.claims().clear();
        push.about().moves = RefName::new("refs/heads/$(touch${IFS}gone)").expect("git takes it");
        push.policy.rules = vec![review_rule("**", lenient())];
    });
    let text = text::decision(&named.decision());
    assert!(text.contains(" --onto '$(touch${IFS}gone)'\n"), "{text}");
}

/// What the refusal asks for is accepted when it comes.
#[test]
fn the_statement_that_would_do_does() {
    for alter in [false, true] {
        let push = Push::honest().with(|push| {
            push.claims().clear();
            if alter {
                push.alter_merge();
            }
        });
        let decision = push.decision();
        let request = decision.findings.iter().flat_map(|finding| &finding.mend).find_map(|mend| match mend {
            Mend::Sign(request) => Some(request.clone()),
            Mend::Say(_) | Mend::Run(_) => None,
        });
        let request = request.expect("a statement is asked for");
        let mut claim = fixture::approval(BOB, TOPIC, "main");
        claim.statement.repository = request.repository;
        claim.statement.target = request.target;
        claim.statement.head = request.head;
        claim.statement.base = request.base;
        claim.statement.tree = request.tree;
        push.with(|push| push.claims().push(Claim::Read(Box::new(claim)))).passes();
    }
}

// ---- several rules, several steps

#[test]
fn every_rule_that_matches_judges_alone() {
    let second = |approvals: u32, by| {
        Push::honest().with(|push| {
            push.policy.rules.push(review_rule("*", Review { approvals, by, ..lenient() }));
        })
    };
    second(1, Who::Anyone).finds(&["note reviewed"]);
    second(2, Who::Anyone).finds(&["error not-approved", "note reviewed"]);
    second(1, role("operators")).finds(&["error not-approved", "error not-a-reviewer", "note reviewed"]);
}

/// Dana's approval is not counted by the one rule and not enough for the other, in the same words.
#[test]
fn a_note_of_one_rule_does_not_swallow_the_refusal_of_another() {
    let push = Push::honest().with(|push| {
        push.review().by = role("reviewers");
        let stricter = Review { approvals: 2, by: role("reviewers"), ..lenient() };
        push.policy.rules.push(review_rule("*", stricter));
        push.claims().push(approved_by(DANA));
    });
    push.finds(&["error not-approved", "error not-a-reviewer", "note not-a-reviewer", "note reviewed"]);
}

#[test]
fn every_step_is_judged() {
    let steps = vec![
        fixture::step(0xb3, 0xb2, 0xc3, "main"),
        fixture::step(0xb2, MERGE, 0xc2, "main"),
        fixture::step(MERGE, OLD, TOPIC, "main"),
    ];
    let push = Push::of(advance("main", OLD, steps));
    push.clone().finds(&["note reviewed"; 3]);
    for step in 0..3 {
        let one = push.clone().with(|push| push.about().steps[step].claims.clear());
        one.finds(&["error not-approved", "note reviewed", "note reviewed"]);
    }
}

// ---- softened

#[test]
fn softening_the_special_case_does_not_open_the_general_one() {
    let selfish = || Push::honest().with(|push| push.step().claims = vec![approved_by(ALICE)]);
    selfish()
        .with(|push| push.soften(Code::SelfApproval, Bite::Observe))
        .finds(&["error not-approved", "note self-approval"])
        .reads(
            Code::NotApproved,
            expect![[r#"
                error[not-approved]: 0 of 1 countersignatures on a merge into main
                  headline: this merge has 0 of 1 countersignatures; not merged
                  at: merge b1b1b1b "Merge branch 'rounding'" into main
                  at: can approve: Bob Brown, Carol Chu, Dana Diaz
                  asked by: policy.toml:34 [review.main]
                  - ask one of them to run this, then merge again:
                  sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
            "#]],
        );
    let altered = || Push::honest().with(Push::alter_merge).with(|push| push.claims().clear());
    altered()
        .with(|push| push.soften(Code::AlteredMerge, Bite::Observe))
        .finds(&["error not-approved", "note altered-merge"]);
}

/// Nor the other way round: a junk statement about the tree must not hide that the merge is altered.
#[test]
fn softening_the_general_case_does_not_open_the_special_one() {
    let lax = |push: Push| push.with(|push| push.soften(Code::NotApproved, Bite::Observe));
    let junk = || {
        let mut claim = fixture::approval(BOB, 9, "main");
        claim.statement.tree = Tree::Exact(tree(MERGE));
        Push::honest().with(Push::alter_merge).with(|push| push.step().claims = vec![Claim::Read(Box::new(claim))])
    };
    lax(Push::honest().with(|push| push.claims().clear())).finds(&["note not-approved"]);
    lax(junk()).with(|push| push.soften(Code::WrongHead, Bite::Observe)).finds(&[
        "error altered-merge",
        "note not-approved",
        "note wrong-head",
    ]);
    lax(Push::honest().with(|push| push.step().claims = vec![approved_by(ALICE)])).finds(&["error self-approval"]);
}

#[test]
fn softening_everything_opens_it_and_tells() {
    let push = Push::honest().with(Push::alter_merge).with(|push| {
        push.policy.enforce.default = Bite::Observe;
        push.step().claims =
            vec![Claim::Void(StatementFault::Version("countersign-v1")), approved_exactly_by(ALICE)];
    });
    push.finds(&["note altered-merge", "note self-approval", "note not-approved", "note void-statement"]);
}

#[test]
fn an_unproven_author_is_told_of() {
    let push = Push::honest().with(|push| *push.commit() = commit(TOPIC, &[OLD], RENOVATE));
    let found = fixture::render(&push.decision(), Some(Code::NotApproved));
    assert!(found.contains("their author is unproven: one approval more"), "{found}");
    let proven = Push::honest().with(|push| push.claims().clear());
    let found = fixture::render(&proven.decision(), Some(Code::NotApproved));
    assert!(!found.contains("unproven"), "{found}");
}
