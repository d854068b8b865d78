//! Which countersignatures count. A statement that does not is told under its own code, beside `not-approved` where too
//! few others remain, and as a note where enough do.

use countersign::model::{
    Code, CommitId, Holder, Key, Signature, Time,
    evidence::{Claim, Countersignature, Mechanical},
    policy::Bite,
    signature::{Presence, SignatureFault, Unchecked},
    statement::{Stance, StatementFault, Tree},
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, CI, DANA, DAY, FORK, GITEA, MERGE, NOW, OLD, Push, RENOVATE, TOPIC, approval,
    approved_by, approved_exactly_by, branch, commit, email, fingerprint, id, ident, key, role, signed,
    signed_with, tree,
};

/// The honest push, with one thing about Bob's approval changed.
fn approval_with(change: impl FnOnce(&mut Countersignature)) -> Push {
    Push::honest().with(|push| change(push.claim()))
}

/// It does not count: alone the change is not approved; beside another that counts, it is worth a note.
#[track_caller]
fn is_void(push: Push, code: Code) {
    let mut refused = [format!("error {code}"), "error not-approved".to_owned()];
    refused.sort_by_key(|finding| order(finding));
    push.clone().finds(&refused.each_ref().map(String::as_str));

    let mut noted = [format!("note {code}"), "note reviewed".to_owned()];
    noted.sort_by_key(|finding| order(finding));
    push.with(|push| push.claims().push(approved_by(CAROL))).finds(&noted.each_ref().map(String::as_str));
}

fn order(finding: &str) -> Option<Code> {
    finding.split(' ').nth(1).and_then(|code| code.parse().ok())
}

#[test]
fn an_honest_approval_counts() {
    approval_with(|_| {}).passes();
}

// ---- what was read

#[test]
fn void_statement() {
    let fault = StatementFault::Field { expected: "base", found: "tree".to_owned() };
    let push = Push::honest().with(|push| push.step().claims = vec![Claim::Void(fault)]);
    is_void(push.clone(), Code::VoidStatement);
    push.clone().reads(
        Code::VoidStatement,
        expect![[r#"
        error[void-statement]: a statement does not count
          headline: main was not changed
          at: `base` must come next, not `tree`
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have it signed anew, and copied as it is
    "#]],
    );
    push.with(|push| push.claims().push(approved_by(CAROL))).reads(
        Code::VoidStatement,
        expect![[r#"
        note[void-statement]: a statement was not counted
          at: `base` must come next, not `tree`
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
    "#]],
    );
}

#[test]
fn more_statements_than_the_limit_are_refused_whatever_else_is_there() {
    let push = Push::honest().with(|push| push.claims().push(Claim::TooMany(65)));
    push.finds(&["error over-limit", "note reviewed"]).reads(
        Code::OverLimit,
        expect![[r#"
        error[over-limit]: a statement does not count
          headline: main was not changed
          at: 65 statements in one message, and 64 are read
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - keep one statement a reviewer, and merge again
    "#]],
    );
}

// ---- who signed

#[test]
fn bad_countersignature() {
    for signature in [
        Signature::Absent,
        Signature::UnknownKey(fingerprint(BOB, 9)),
        Signature::Refused(SignatureFault::Mismatch),
        Signature::Refused(SignatureFault::Namespace("git".to_owned(), "countersign")),
        Signature::Unchecked(Unchecked::NotAsked),
        Signature::Unchecked(Unchecked::Baseline),
    ] {
        is_void(approval_with(|claim| claim.signature = signature), Code::BadCountersignature);
    }
    let read = |signature| {
        let push = approval_with(|claim| claim.signature = signature);
        fixture::render(&push.decision(), Some(Code::BadCountersignature))
    };
    let every = [
        read(Signature::Absent),
        read(Signature::UnknownKey(fingerprint(BOB, 9))),
        read(Signature::Refused(SignatureFault::Mismatch)),
        read(Signature::Refused(SignatureFault::NotTouched)),
        read(Signature::Unchecked(Unchecked::NotAsked)),
    ];
    let told: Vec<&str> = every
        .iter()
        .flat_map(|text| text.lines().map(str::trim).filter(|line| line.starts_with("at: by")))
        .collect();
    expect![[r#"
          at: by bob@example.org: it is not signed
          at: by bob@example.org: it is signed with SHA256:Ym8JCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk, which nobody of the policy has
          at: by bob@example.org: its signature does not fit what it says
          at: by bob@example.org: its security key was not touched
          at: by bob@example.org: its signature was not looked at"#]].assert_eq(&told.join("\n"));
}

#[test]
fn an_approval_under_another_name_is_void() {
    for by in [email(CAROL), "bob@elsewhere.example".to_owned()] {
        is_void(approval_with(|claim| claim.statement.by = by), Code::BadCountersignature);
    }
    approval_with(|claim| claim.statement.by = email(CAROL)).reads(
        Code::BadCountersignature,
        expect![[r#"
        error[bad-countersignature]: a statement does not count
          headline: main was not changed
          at: by carol@example.org: the key is Bob Brown's
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have it signed anew, and copied as it is
    "#]],
    );
    approval_with(|claim| claim.statement.by = "BOB@Example.org".to_owned()).passes();
}

#[test]
fn services_never_review() {
    for service in [CI, GITEA, RENOVATE] {
        let push = Push::honest().with(|push| push.step().claims = vec![approved_by(service)]);
        is_void(push, Code::NotAReviewer);
    }
    Push::honest().with(|push| push.step().claims = vec![approved_by(GITEA)]).reads(
        Code::NotAReviewer,
        expect![[r#"
            error[not-a-reviewer]: a statement does not count
              headline: main was not changed
              at: `gitea` is a service, and services never review
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              asked by: policy.toml:31 [review.main]
              - have a person approve
        "#]],
    );
}

#[test]
fn a_countersignature_is_made_with_a_key_that_counts_today() {
    let with_key = |change: fn(&mut Key)| Push::honest().with(|push| change(push.key_of(BOB)));
    with_key(|key| key.valid_until = Some(Time(NOW.0 + 1))).passes();
    is_void(with_key(|key| key.valid_until = Some(NOW)), Code::ExpiredKey);
    is_void(with_key(|key| key.valid_from = Some(Time(NOW.0 + 1))), Code::ExpiredKey);
    is_void(with_key(|key| key.revoked = Some(NOW)), Code::RevokedKey);
    is_void(with_key(|key| key.compromised = Some(NOW)), Code::RevokedKey);
    with_key(|key| key.revoked = Some(NOW)).reads(
        Code::RevokedKey,
        expect![[r#"
            error[revoked-key]: a statement does not count
              headline: main was not changed
              at: by bob@example.org: SHA256:Ym8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE is revoked since 2026-11-24
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              asked by: policy.toml:31 [review.main]
              - have it signed anew with a key that counts
        "#]],
    );
}

#[test]
fn a_countersignature_is_made_with_a_security_key_where_one_is_asked_for() {
    let by = |presence| {
        Push::honest().with(|push| {
            push.review().hardware = true;
            push.commit().signature = signed_with(ALICE, 1, Presence::Touched);
            push.merge_commit().signature = signed_with(ALICE, 1, Presence::Touched);
            push.claim().signature = signed_with(BOB, 1, presence);
        })
    };
    by(Presence::Touched).passes();
    by(Presence::NotHardware).finds(&["error not-hardware", "error not-approved"]);
}

// ---- of what it speaks

#[test]
fn not_an_approval() {
    for verdict in [Stance::Withdraw, Stance::Ship, Stance::Emergency] {
        is_void(approval_with(|claim| claim.statement.verdict = verdict), Code::NotAnApproval);
    }
    approval_with(|claim| claim.statement.verdict = Stance::Withdraw).reads(
        Code::NotAnApproval,
        expect![[r#"
        error[not-an-approval]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it says `withdraw`
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have somebody approve
    "#]],
    );
}

#[test]
fn wrong_repository() {
    let fork =
        |claim: &mut Countersignature| claim.statement.repository = "git.example.org/eve/payments".to_owned();
    is_void(approval_with(fork), Code::WrongRepository);
    approval_with(fork).reads(
        Code::WrongRepository,
        expect![[r#"
        error[wrong-repository]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it speaks of repository git.example.org/eve/payments
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
}

#[test]
fn wrong_ref() {
    is_void(approval_with(|claim| claim.statement.target = branch("release/1")), Code::WrongRef);
    is_void(approval_with(|claim| claim.statement.target = branch("Main")), Code::WrongRef);
    approval_with(|claim| claim.statement.target = branch("release/1")).reads(
        Code::WrongRef,
        expect![[r#"
        error[wrong-ref]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it speaks of refs/heads/release/1
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
}

/// Pushed through an alias, `main` is what moves, and what the reviewer approved for.
#[test]
fn an_approval_names_what_moves_and_not_the_alias_that_was_pushed() {
    let through_alias = |push: &mut Push| push.about().update.name = branch("alias");
    Push::honest().with(through_alias).passes();
    is_void(approval_with(|claim| claim.statement.target = branch("alias")).with(through_alias), Code::WrongRef);
}

#[test]
fn wrong_head() {
    // Commits were added after the review, or the topic was rebased.
    is_void(approval_with(|claim| claim.statement.head = id(0xc9)), Code::WrongHead);
    approval_with(|claim| claim.statement.head = id(0xc9)).reads(
        Code::WrongHead,
        expect![[r#"
        error[wrong-head]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it speaks of c9c9c9c, and c1c1c1c is merged
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
    Push::honest().with(|push| push.merge().heads.clear()).finds(&["error not-approved", "error wrong-head"]);
}

#[test]
fn an_approval_may_speak_of_a_head_under_update_merges() {
    let push = Push::honest().with(|push| {
        let mut update = commit(2, &[TOPIC, OLD], ALICE);
        update.update_merge = true;
        push.merge().change.insert(0, update);
        push.merge().heads = vec![id(2), id(TOPIC)];
        push.merge_commit().parents = vec![id(OLD), id(2)];
    });
    push.clone().passes();
    push.clone().with(|push| push.claim().statement.head = id(2)).passes();
    push.with(|push| push.merge().heads = vec![id(2)]).finds(&["error not-approved", "error wrong-head"]);
}

// ---- when

#[test]
fn future_approval() {
    let at = |seconds| approval_with(|claim| claim.statement.at = NOW.plus(seconds));
    at(300).passes();
    // Beside a good approval by Carol, which is an hour old.
    is_void(at(301), Code::FutureApproval);
    at(301).reads(
        Code::FutureApproval,
        expect![[r#"
        error[future-approval]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: signed at 2026-11-24T12:05:01Z, and it is 2026-11-24T12:00:00Z
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - set the reviewer's clock, and have it signed anew
    "#]],
    );
}

#[test]
fn stale_approval() {
    let aged = |seconds| {
        approval_with(|claim| claim.statement.at = NOW.minus(seconds))
            .with(|push| push.review().max_age = Some(30 * DAY))
    };
    aged(30 * DAY).passes();
    is_void(aged(30 * DAY + 1), Code::StaleApproval);
    aged(30 * DAY + 1).reads(
        Code::StaleApproval,
        expect![[r#"
        error[stale-approval]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: signed at 2026-10-25T11:59:59Z, more than 30d ago
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
    aged(300 * DAY).with(|push| push.review().max_age = None).passes();
}

// ---- what may come of it: tree <id>

/// Bob approved exactly the tree that the merge has.
fn exactly(change: impl FnOnce(&mut Countersignature)) -> Push {
    Push::honest()
        .with(|push| push.step().claims = vec![approved_exactly_by(BOB)])
        .with(|push| change(push.claim()))
}

#[test]
fn the_exact_tree_may_be_one_that_git_would_not_make() {
    exactly(|_| {}).passes();
    exactly(|_| {}).with(Push::alter_merge).passes();
    // What only `auto` depends on is not asked.
    exactly(|claim| {
        claim.base_on_branch = false;
        claim.bases_seen.clear();
        claim.bases_now.clear();
    })
    .passes();
}

#[test]
fn wrong_tree() {
    is_void(exactly(|claim| claim.statement.tree = Tree::Exact(tree(0x77))), Code::WrongTree);
    exactly(|claim| claim.statement.tree = Tree::Exact(tree(0x77))).reads(
        Code::WrongTree,
        expect![[r#"
        error[wrong-tree]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it allows tree 7878787, and the merge has bebebeb
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
}

/// On any other tip an exact tree would silently undo what came between.
#[test]
fn an_exact_tree_is_approved_on_top_of_the_first_parent_itself() {
    is_void(exactly(|claim| claim.statement.base = id(FORK)), Code::WrongBase);
    exactly(|claim| claim.statement.base = id(FORK)).reads(
        Code::WrongBase,
        expect![[r#"
        error[wrong-base]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: the tree was approved on top of 9090909, which has moved
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
    is_void(exactly(|claim| claim.statement.base = CommitId(id(TOPIC).0)), Code::WrongBase);
}

// ---- what may come of it: tree auto

/// Update merges on top of the reviewed head, each clean by itself, that together bring something else.
#[test]
fn auto_allows_what_the_reviewed_head_merges_to() {
    let claim = |merges_to: Mechanical| {
        exactly(move |claim| {
            claim.statement.tree = Tree::Auto;
            claim.merges_to = merges_to;
        })
    };
    is_void(claim(Mechanical::Clean(tree(0x77))), Code::WrongTree);
    is_void(claim(Mechanical::Conflict), Code::WrongTree);
    is_void(claim(Mechanical::NotAsked), Code::WrongTree);
}

#[test]
fn auto_allows_what_git_merges_by_itself() {
    let push = Push::honest().with(Push::alter_merge);
    push.clone().finds(&["error altered-merge", "error wrong-tree"]).reads(
        Code::WrongTree,
        expect![[r#"
        error[wrong-tree]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: it allows what git merges by itself, and this merge is something else
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have the exact tree approved
    "#]],
    );
    // Beside an approval of exactly this tree it is only not counted.
    push.with(|push| push.claims().push(approved_exactly_by(CAROL))).finds(&["note wrong-tree", "note reviewed"]);
}

#[test]
fn wrong_base() {
    let rewound = |claim: &mut Countersignature| claim.base_on_branch = false;
    is_void(approval_with(rewound), Code::WrongBase);
    approval_with(rewound).reads(
        Code::WrongBase,
        expect![[r#"
        error[wrong-base]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: 9090909 is not a tip that the branch ever had
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
}

/// A part of the topic landed and was reverted, or the topic took `main` in sideways: git would merge from another base
/// than the one that the reviewer looked at, and drop something that every diff shows.
#[test]
fn the_merge_base_is_the_one_that_the_reviewer_saw() {
    let bases = |seen: &[u8], now: &[u8]| {
        let [seen, now] = [seen, now].map(|bases| bases.iter().map(|seed| id(*seed)).collect::<Vec<_>>());
        approval_with(|claim| (claim.bases_seen, claim.bases_now) = (seen, now))
    };
    bases(&[1], &[1]).passes();
    is_void(bases(&[1], &[2]), Code::WrongBase);
    is_void(bases(&[1, 2], &[1, 2]), Code::WrongBase);
    is_void(bases(&[1], &[1, 2]), Code::WrongBase);
    is_void(bases(&[1, 2], &[1]), Code::WrongBase);
    is_void(bases(&[], &[]), Code::WrongBase);
    bases(&[1], &[2]).reads(
        Code::WrongBase,
        expect![[r#"
        error[wrong-base]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: the merge base has moved since, so the merge brings something else
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have what is merged now approved again
    "#]],
    );
}

// ---- where it stands

/// Position proves nothing, the signature does.
#[test]
fn unlisted_trailer() {
    let unlisted = || approval_with(|claim| claim.listed = false);
    unlisted().finds(&["note reviewed", "note unlisted-trailer"]).reads(
        Code::UnlistedTrailer,
        expect![[r#"
        note[unlisted-trailer]: Bob Brown's statement counts, and git does not list it as a trailer
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - tools that read trailers want it in the last paragraph of the message
    "#]],
    );
    // Only of a statement that counts is it said that it does.
    let two = |push: &mut Push| push.claims().push(approved_by(CAROL));
    unlisted()
        .with(two)
        .with(|push| push.claim().statement.head = id(9))
        .finds(&["note wrong-head", "note reviewed"]);
    unlisted()
        .with(two)
        .with(|push| push.commit().author = ident(BOB))
        .finds(&["note self-approval", "note reviewed"]);
    unlisted()
        .with(two)
        .with(|push| push.review().by = role("operators"))
        .finds(&["note not-a-reviewer", "note reviewed"]);
}

// ---- whose it is

#[test]
fn one_person_counts_once_with_however_many_keys() {
    let two = |second: Claim| {
        Push::honest().with(|push| {
            push.review().approvals = 2;
            push.policy.keys.insert(fingerprint(BOB, 2), key(BOB, 2));
            push.policy.emails.insert("bob@old.example.org".to_owned(), BOB);
            push.claims().push(second);
        })
    };
    let bobs = |change: fn(&mut Countersignature)| {
        let mut claim = approval(BOB, TOPIC, "main");
        change(&mut claim);
        Claim::Read(Box::new(claim))
    };
    two(approved_by(CAROL)).passes();
    two(bobs(|_| {})).finds(&["error not-approved"]);
    two(bobs(|claim| claim.signature = signed_with(BOB, 2, Presence::NotHardware))).finds(&["error not-approved"]);
    two(bobs(|claim| claim.statement.by = "bob@old.example.org".to_owned())).finds(&["error not-approved"]);
    two(approved_exactly_by(BOB)).finds(&["error not-approved"]);
}

/// A commit's signer who approves pastes one signature over another; they are different namespaces and different bytes,
/// and whose key it is says nothing about the statement.
#[test]
fn each_statement_answers_for_its_own_signer() {
    let swapped = |by: Holder, signer: Holder| {
        let mut claim = approval(by, TOPIC, "main");
        claim.signature = signed(signer);
        Push::honest().with(|push| push.step().claims = vec![Claim::Read(Box::new(claim))])
    };
    swapped(DANA, DANA).passes();
    is_void(swapped(DANA, BOB), Code::BadCountersignature);
    is_void(swapped(BOB, ALICE), Code::BadCountersignature);
    swapped(ALICE, ALICE).finds(&["error self-approval"]);
}

#[test]
fn the_merge_of_another_step_does_not_share_its_approvals() {
    let steps = || {
        let mut newer = fixture::step(0xb2, MERGE, 0xc2, "main");
        newer.claims = vec![approved_by(BOB)];
        vec![newer, fixture::step(MERGE, OLD, TOPIC, "main")]
    };
    Push::of(fixture::advance("main", OLD, steps())).finds(&[
        "error not-approved",
        "error wrong-head",
        "note reviewed",
    ]);
}

// ---- what was said since

#[test]
fn withdrawn_approval() {
    let since = |at: Time| approval_with(|claim| claim.withdrawn = Some(at));
    is_void(since(NOW), Code::WithdrawnApproval);
    since(NOW).reads(
        Code::WithdrawnApproval,
        expect![[r#"
        error[withdrawn-approval]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: signed at 2026-11-24T11:00:00Z, taken back at 2026-11-24T12:00:00Z
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - have somebody approve again
    "#]],
    );
    let replaced = approval_with(|claim| claim.replaced = Some(NOW));
    is_void(replaced.clone(), Code::WithdrawnApproval);
    replaced.reads(Code::WithdrawnApproval, expect![[r#"
        error[withdrawn-approval]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: signed at 2026-11-24T11:00:00Z, and replaced by what the same person approved at 2026-11-24T12:00:00Z
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - collect the approvals again, and merge again
    "#]]);
    // Also one of exactly this tree.
    let exact = Push::honest().with(|push| push.step().claims = vec![approved_exactly_by(BOB)]);
    exact.clone().passes();
    is_void(exact.with(|push| push.claim().withdrawn = Some(NOW)), Code::WithdrawnApproval);
}

#[test]
fn softened_or_not_a_withdrawn_approval_does_not_count() {
    let push = approval_with(|claim| claim.withdrawn = Some(NOW));
    push.with(|push| push.soften(Code::WithdrawnApproval, Bite::Observe))
        .finds(&["error not-approved", "note withdrawn-approval"]);
}
