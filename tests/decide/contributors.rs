//! Who touched a change.

use countersign::model::{
    Code, Holder, Signature,
    evidence::{Ident, Mechanical},
    policy::{Authors, Bite},
};
use expect_test::expect;

use super::fixture::{
    ALICE, BOB, CAROL, DANA, FORK, GITEA, OLD, Push, RENOVATE, TOPIC, approved_by, approved_exactly_by, commit,
    fingerprint, id, ident, signed, stranger,
};

/// What Bob's approval is worth after he had his hands in.
const HIS_OWN: &[&str] = &["error self-approval"];

#[test]
fn who_did_not_touch_it_may_approve() {
    Push::honest().passes();
}

#[test]
fn the_author_contributed() {
    Push::honest().with(|push| push.commit().author = ident(BOB)).finds(HIS_OWN);
}

#[test]
fn the_committer_contributed() {
    // A colleague rebased Bob's commit, or Alice says that he did.
    Push::honest()
        .with(|push| push.commit().committer = ident(BOB))
        .finds(&["error wrong-committer", "error self-approval"]);
}

#[test]
fn the_signer_contributed() {
    // Bob signs what Alice wrote and committed, and approves it.
    Push::honest()
        .with(|push| push.commit().signature = signed(BOB))
        .finds(&["error wrong-committer", "error self-approval"]);
}

#[test]
fn a_co_author_contributed() {
    Push::honest().with(|push| push.commit().co_authors = vec![stranger(), ident(BOB)]).finds(HIS_OWN);
    Push::honest().with(|push| push.commit().co_authors = vec![stranger(), ident(CAROL)]).passes();
}

#[test]
fn an_address_is_the_same_in_any_case_and_with_blanks_around_it() {
    for email in ["BOB@Example.org", " bob@example.org", "bob@example.org\t"] {
        let bob = Ident { name: "nobody".to_owned(), email: email.to_owned() };
        Push::honest().with(|push| push.commit().author = bob).finds(HIS_OWN);
    }
}

#[test]
fn one_commit_of_many_is_enough() {
    let push = Push::honest().with(|push| push.merge().change.push(commit(1, &[FORK], ALICE)));
    push.clone().passes();
    push.with(|push| push.merge().change[1].author = ident(BOB)).finds(HIS_OWN);
}

#[test]
fn history_before_the_baseline_has_authors_too() {
    let old = |push: &mut Push| push.commit().before_baseline = true;
    Push::honest().with(old).passes();
    Push::honest().with(old).with(|push| push.commit().author = ident(BOB)).finds(HIS_OWN);
}

#[test]
fn an_update_merge_adds_nobody() {
    let bobs = |update_merge: bool| {
        Push::honest().with(|push| {
            let mut update = commit(2, &[TOPIC, OLD], BOB);
            update.update_merge = update_merge;
            push.merge().change.insert(0, update);
        })
    };
    bobs(true).passes();
    bobs(false).finds(HIS_OWN);
}

#[test]
fn a_mechanical_merge_adds_nobody() {
    let by_bob = |push: &mut Push| {
        push.merge_commit().author = ident(BOB);
        push.merge_commit().committer = ident(BOB);
        push.merge_commit().signature = signed(BOB);
        push.merge_commit().co_authors = vec![ident(BOB)];
    };
    Push::honest().with(by_bob).passes();
}

/// Whoever makes a merge that git would not make wrote it.
#[test]
fn an_altered_merge_has_contributors() {
    let altered = |change: fn(&mut Push)| {
        Push::honest()
            .with(|push| {
                push.alter_merge();
                push.step().claims = vec![approved_exactly_by(BOB)];
            })
            .with(change)
    };
    altered(|_| {}).passes();
    altered(|push| push.merge_commit().author = ident(BOB)).finds(HIS_OWN);
    altered(|push| push.merge_commit().co_authors = vec![ident(BOB)]).finds(HIS_OWN);
    altered(|push| {
        push.merge_commit().committer = ident(BOB);
        push.merge_commit().signature = signed(BOB);
    })
    .finds(HIS_OWN)
    .reads(
        Code::SelfApproval,
        expect![[r#"
            error[self-approval]: Bob Brown approved a change of their own
              headline: this merge has 0 of 1 countersignatures; not merged
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: Bob Brown made the merge b1b1b1b; approved with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              at: can approve: Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - merge as git does by itself, or have exactly this tree approved:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree bebebebebebebebebebebebebebebebebebebebe
        "#]],
    );
    altered(|push| push.merge_commit().committer = ident(BOB))
        .finds(&["error wrong-committer", "error self-approval"]);
    // Under a colleague's name and unsigned, or signed by the forge: the merge is nobody's, so it is refused.
    altered(|push| push.merge_commit().signature = Signature::Absent)
        .finds(&["error unsigned-commit", "note reviewed"]);
    altered(|push| push.merge_commit().signature = signed(GITEA))
        .finds(&["error not-a-writer", "error not-approved"]);
}

#[test]
fn a_merge_that_conflicts_or_that_nobody_computed_is_not_mechanical() {
    for mechanical in [Mechanical::Conflict, Mechanical::NotAsked] {
        let push = Push::honest().with(|push| {
            push.merge().mechanical = mechanical;
            push.step().claims = vec![approved_exactly_by(BOB)];
        });
        push.clone().passes();
        push.with(|push| push.merge_commit().author = ident(BOB)).finds(HIS_OWN);
    }
}

// ---- services

/// Renovate signed a commit that names `author`.
fn by_renovate(author: Holder) -> Push {
    Push::honest().with(|push| {
        *push.commit() = commit(TOPIC, &[FORK], RENOVATE);
        push.commit().author = ident(author);
    })
}

/// The author behind a service's signature may be anybody, one of the approvers for one.
#[test]
fn an_unproven_author_costs_one_approval_more() {
    by_renovate(RENOVATE).finds(&["error not-approved"]).reads(
        Code::NotApproved,
        expect![[r#"
            error[not-approved]: 1 of 2 countersignatures on a merge into main
              headline: this merge has 1 of 2 countersignatures; not merged
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              at: approved by Bob Brown with SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
              at: no person signed some commits of it, so their author is unproven: one approval more
              at: can approve: Alice Archer, Carol Chu, Dana Diaz
              asked by: policy.toml:34 [review.main]
              - ask one of them to run this, then merge again:
              sign: refs/heads/main head c1c1c1c base a0a0a0a tree auto
        "#]],
    );
    by_renovate(RENOVATE).with(|push| push.claims().push(approved_by(CAROL))).passes();
    by_renovate(ALICE).finds(&["error not-approved"]);
    by_renovate(ALICE).with(|push| push.claims().push(approved_by(CAROL))).passes();
    // Whom it names is believed, to his disadvantage.
    by_renovate(BOB)
        .with(|push| push.claims().extend([approved_by(CAROL), approved_by(DANA)]))
        .finds(&["note self-approval", "note reviewed"]);
}

/// Nobody answers for the author of a commit that is unsigned, where the policy lets it pass for now.
#[test]
fn an_unsigned_author_is_unproven() {
    let unsigned = |signature: Signature, code: Code, bite: Bite| {
        Push::honest().with(|push| {
            push.commit().signature = signature;
            push.soften(code, bite);
        })
    };
    let observed = || unsigned(Signature::Absent, Code::UnsignedCommit, Bite::Observe);
    observed().finds(&["error not-approved", "note unsigned-commit"]);
    observed()
        .with(|push| push.claims().push(approved_by(CAROL)))
        .finds(&["note unsigned-commit", "note reviewed"]);
    let unknown = unsigned(Signature::UnknownKey(fingerprint(BOB, 9)), Code::UnknownKey, Bite::Observe);
    unknown.finds(&["error not-approved", "note unknown-key"]);
    // Where it is refused for that, there is nothing to add.
    unsigned(Signature::Absent, Code::UnsignedCommit, Bite::Now).finds(&["error unsigned-commit", "note reviewed"]);
    // History from before the baseline was never asked.
    observed().with(|push| push.commit().before_baseline = true).passes();
    // Softening another code lets nothing pass.
    unsigned(Signature::Absent, Code::UnknownKey, Bite::Observe).finds(&["error unsigned-commit", "note reviewed"]);
}

#[test]
fn a_service_is_no_person() {
    Push::honest().with(|push| push.commit().author = ident(RENOVATE)).passes();
    let update_by_gitea = Push::honest().with(|push| {
        let mut update = commit(2, &[TOPIC, OLD], GITEA);
        update.update_merge = true;
        push.merge().change.insert(0, update);
        push.merge().heads.insert(0, id(2));
    });
    update_by_gitea.passes();
}

// ---- authors = "known"

#[test]
fn unknown_author() {
    let known = |push: &mut Push| push.review().authors = Authors::Known;
    Push::honest().with(known).passes();
    Push::honest().with(known).with(|push| push.commit().author = ident(RENOVATE)).passes();
    Push::honest()
        .with(known)
        .with(|push| push.commit().author = stranger())
        .finds(&["error unknown-author", "note reviewed"])
        .reads(
            Code::UnknownAuthor,
            expect![[r#"
            error[unknown-author]: 1 commit by an unknown author
              headline: 1 commit by an author who is not in the policy; main was not changed
              at: c1c1c1c "round half to even": Mallory <mallory@elsewhere.example>
              asked by: policy.toml:36 [review.main]
              - have the administrator add the author's address to the policy; where it is your own, and mistyped:
              $ git rebase --exec git commit --amend --no-edit --reset-author -S BASE TOPIC
        "#]],
        );
    Push::honest()
        .with(known)
        .with(|push| push.commit().co_authors = vec![ident(CAROL), stranger()])
        .finds(&["error unknown-author", "note reviewed"]);
}

#[test]
fn authors_are_asked_of_what_holds_somebodys_work() {
    let known = |change: fn(&mut Push)| {
        Push::honest()
            .with(|push| {
                push.review().authors = Authors::Known;
                push.commit().author = stranger();
            })
            .with(change)
    };
    known(|push| push.commit().before_baseline = true).passes();
    known(|push| push.commit().update_merge = true).passes();
    // A mechanical merge names whoever pressed the button; any other was written.
    let merge_of_a_stranger = |push: &mut Push| {
        push.review().authors = Authors::Known;
        push.merge_commit().author = stranger();
    };
    Push::honest().with(merge_of_a_stranger).passes();
    Push::honest()
        .with(merge_of_a_stranger)
        .with(|push| {
            push.alter_merge();
            push.step().claims = vec![approved_exactly_by(BOB)];
        })
        .finds(&["error unknown-author", "note reviewed"]);
}
