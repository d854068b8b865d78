//! Who signed what, and whether that person or service may.

use countersign::model::{
    Code, Holder, Key, ServiceId, Signature, Time, Verified,
    evidence::{Ident, Mechanical, Movement},
    policy::{Bite, Guard, Who},
    signature::{Presence, SignatureFault, Unchecked},
};
use expect_test::expect;

use super::fixture::{
    self, ALICE, BOB, CAROL, CI, DANA, DAY, FORK, GITEA, MERGE, NOW, OLD, Push, RENOVATE, TOPIC, advance,
    approved_by, approved_exactly_by, commit, email, fingerprint, guard_rule, id, ident, key, moves, object,
    open_guard, plain_step, role, signed, signed_with, stranger,
};

const SOON: Time = Time(NOW.0 + 1);

/// The honest push, with Alice's commit signed otherwise.
fn commit_signed(signature: Signature) -> Push {
    Push::honest().with(|push| push.commit().signature = signature)
}

/// The honest push, with its merge signed otherwise.
fn merge_signed(signature: Signature) -> Push {
    Push::honest().with(|push| push.merge_commit().signature = signature)
}

// ---- the commits of a change

#[test]
fn unsigned_commit() {
    commit_signed(Signature::Absent).finds(&["error unsigned-commit", "note reviewed"]).reads(
        Code::UnsignedCommit,
        expect![[r#"
            error[unsigned-commit]: 1 commit without a signature
              headline: 1 commit without a signature; main was not changed
              at: c1c1c1c "round half to even": not signed
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]],
    );
    merge_signed(Signature::Absent).finds(&["error unsigned-commit", "note reviewed"]).reads(
        Code::UnsignedCommit,
        expect![[r#"
            error[unsigned-commit]: 1 commit without a signature
              headline: 1 commit without a signature; main was not changed
              at: b1b1b1b "Merge branch 'rounding'": not signed
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git commit --amend --no-edit -S
        "#]],
    );
}

#[test]
fn an_unsigned_commit_deep_in_a_change_is_found() {
    let push = Push::honest().with(|push| {
        push.merge().change = vec![
            commit(TOPIC, &[2, 3], ALICE),
            commit(3, &[1], ALICE),
            commit(2, &[1], ALICE),
            commit(1, &[FORK], ALICE),
        ];
    });
    push.clone().passes();
    push.with(|push| push.merge().change[2].signature = Signature::Absent)
        .finds(&["error unsigned-commit", "note reviewed"]);
}

#[test]
fn what_nobody_looked_at_is_not_signed() {
    for why in [Unchecked::NotAsked, Unchecked::Baseline] {
        commit_signed(Signature::Unchecked(why)).finds(&["error unsigned-commit", "note reviewed"]);
        merge_signed(Signature::Unchecked(why)).finds(&["error unsigned-commit", "note reviewed"]);
    }
}

#[test]
fn history_up_to_the_baseline_is_not_asked_for_signatures() {
    let before = |push: &mut Push| push.commit().before_baseline = true;
    commit_signed(Signature::Unchecked(Unchecked::Baseline)).with(before).passes();
    let step_before = |push: &mut Push| {
        let mut plain = plain_step(1, OLD);
        plain.commit.before_baseline = true;
        plain.commit.signature = Signature::Absent;
        *push.about() = advance("main", OLD, vec![plain]);
    };
    // Its signature is not asked for; a review is.
    Push::honest().with(step_before).finds(&["error direct-push"]);
}

#[test]
fn bad_signature() {
    commit_signed(Signature::Refused(SignatureFault::Mismatch))
        .finds(&["error bad-signature", "note reviewed"])
        .reads(
            Code::BadSignature,
            expect![[r#"
                error[bad-signature]: 1 commit with a signature that proves nothing
                  headline: 1 commit with a signature that proves nothing; main was not changed
                  at: c1c1c1c "round half to even": it does not fit what it stands on
                  asked by: policy.toml:31 [review.main]
                  - set up signing if you have not, then sign again:
                  $ git config gpg.format ssh
                  $ git config user.signingKey KEY.pub
                  $ git rebase --force-rebase -S 9090909 TOPIC
                  - signing makes new commits: let go of the merge, have them approved, merge again:
                  $ git branch -f main origin/main
            "#]],
        );
}

#[test]
fn unknown_key() {
    commit_signed(Signature::UnknownKey(fingerprint(ALICE, 9)))
        .finds(&["error unknown-key", "note reviewed"])
        .reads(Code::UnknownKey, expect![[r#"
            error[unknown-key]: 1 commit signed with a key that is not in the policy
              headline: 1 commit signed with a key that is not in the policy; main was not changed
              at: c1c1c1c "round half to even": signed with SHA256:YWwJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk, which nobody of the policy has
              asked by: policy.toml:31 [review.main]
              - have the administrator add the key to the policy, or sign with one that is there:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]]);
}

#[test]
fn wrong_committer() {
    Push::honest()
        .with(|push| push.commit().committer = ident(CAROL))
        .finds(&["error wrong-committer", "note reviewed"])
        .reads(
            Code::WrongCommitter,
            expect![[r#"
                error[wrong-committer]: 1 commit whose committer is not who signed
                  headline: 1 commit whose committer is not who signed; main was not changed
                  at: c1c1c1c "round half to even": committer is carol@example.org, signed by Alice Archer
                  asked by: policy.toml:31 [review.main]
                  - commit under an address that the policy lists for you, then sign again:
                  $ git config user.email alice@example.org
                  $ git rebase --force-rebase -S 9090909 TOPIC
                  - signing makes new commits: let go of the merge, have them approved, merge again:
                  $ git branch -f main origin/main
            "#]],
        );
    Push::honest()
        .with(|push| push.merge_commit().committer = stranger())
        .finds(&["error wrong-committer", "note reviewed"]);
}

#[test]
fn the_committer_may_use_any_address_of_the_signer_in_any_case() {
    let as_written = |address: &str| {
        let ident = Ident { name: "A".to_owned(), email: address.to_owned() };
        Push::honest().with(|push| push.commit().committer = ident)
    };
    as_written("ALICE@Example.org").passes();
    as_written("alice@old.example.org").finds(&["error wrong-committer", "note reviewed"]);
    as_written("alice@old.example.org")
        .with(|push| push.policy.emails.extend([("alice@old.example.org".to_owned(), ALICE)]))
        .passes();
}

#[test]
fn the_author_may_be_an_outsider_for_whom_the_signer_answers() {
    Push::honest().with(|push| push.commit().author = stranger()).passes();
}

#[test]
fn not_a_writer() {
    let only_developers = |push: &mut Push| push.review().write = role("developers");
    Push::honest().with(only_developers).passes();
    let by_dana = |push: &mut Push| *push.commit() = commit(TOPIC, &[FORK], DANA);
    Push::honest().with(by_dana).passes();
    Push::honest().with(by_dana).with(only_developers).finds(&["error not-a-writer", "note reviewed"]).reads(
        Code::NotAWriter,
        expect![[r#"
            error[not-a-writer]: 1 commit signed by somebody who may not
              headline: 1 commit signed by somebody who may not; main was not changed
              at: c1c1c1c "round half to even": Dana Diaz may not write here
              asked by: policy.toml:32 [review.main]
              - have somebody who may write here sign these commits
        "#]],
    );
}

#[test]
fn write_speaks_of_the_change_and_not_of_its_merge() {
    let push = Push::honest().with(|push| {
        push.review().write = role("developers");
        *push.merge_commit() = commit(MERGE, &[OLD, TOPIC], DANA);
    });
    push.passes();
}

#[test]
fn a_service_writes_only_where_the_policy_says_so() {
    let by = |service: Holder| {
        Push::honest().with(|push| {
            *push.commit() = commit(TOPIC, &[FORK], service);
            push.claims().push(approved_by(CAROL));
        })
    };
    by(RENOVATE).passes();
    by(GITEA).finds(&["error not-a-writer", "note reviewed"]).reads(
        Code::NotAWriter,
        expect![[r#"
            error[not-a-writer]: 1 commit signed by somebody who may not
              headline: 1 commit signed by somebody who may not; main was not changed
              at: c1c1c1c "round half to even": service `gitea` may not write
              asked by: policy.toml:32 [review.main]
              - have somebody who may write here sign these commits
        "#]],
    );
    by(CI).finds(&["error not-a-writer", "note reviewed"]);
}

#[test]
fn a_service_that_writes_commits_under_its_own_address() {
    let push = Push::honest().with(|push| {
        *push.commit() = commit(TOPIC, &[FORK], RENOVATE);
        push.commit().committer = ident(CAROL);
        push.claims().push(approved_by(DANA));
    });
    push.finds(&["error wrong-committer", "note reviewed"]);
}

// ---- merges

#[test]
fn a_service_that_merges_may_sign_a_mechanical_merge() {
    let by_gitea = merge_signed(signed(GITEA));
    by_gitea.clone().passes();
    // Whoever pressed the button is named, whoever that is.
    by_gitea.clone().with(|push| push.merge_commit().committer = stranger()).passes();
    by_gitea
        .with(|push| {
            push.alter_merge();
            push.step().claims = vec![approved_exactly_by(BOB), approved_exactly_by(CAROL)];
        })
        .finds(&["error not-a-writer", "note reviewed"])
        .reads(
            Code::NotAWriter,
            expect![[r#"
            error[not-a-writer]: 1 commit signed by somebody who may not
              headline: 1 commit signed by somebody who may not; main was not changed
              at: b1b1b1b "Merge branch 'rounding'": service `gitea` may sign only a merge that git makes by itself
              asked by: policy.toml:32 [review.main]
              - have somebody who may write here sign these commits
        "#]],
        );
}

#[test]
fn a_service_that_does_not_merge_signs_no_merge() {
    for service in [CI, RENOVATE] {
        let push = merge_signed(signed(service)).with(|push| push.merge_commit().committer = ident(service));
        push.finds(&["error not-a-writer", "note reviewed"]);
    }
}

/// A merge of a branch that moves is no update merge, whatever the evidence says of it.
#[test]
fn a_service_that_writes_signs_no_altered_merge() {
    let push = merge_signed(signed(RENOVATE)).with(|push| {
        push.merge_commit().committer = ident(RENOVATE);
        push.merge_commit().update_merge = true;
        push.alter_merge();
        push.step().claims = vec![approved_exactly_by(BOB), approved_exactly_by(CAROL)];
    });
    push.finds(&["error not-a-writer", "note reviewed"]);
}

#[test]
fn unsigned_merges() {
    let allowed = |push: &mut Push| push.review().unsigned_merges = true;
    merge_signed(Signature::Absent).with(allowed).passes();
    // Only what git makes by itself, and only the merge.
    merge_signed(Signature::Absent)
        .with(allowed)
        .with(|push| {
            push.alter_merge();
            push.step().claims = vec![approved_exactly_by(BOB)];
        })
        .finds(&["error unsigned-commit", "note reviewed"])
        .reads(
            Code::UnsignedCommit,
            expect![[r#"
            error[unsigned-commit]: 1 commit without a signature
              headline: 1 commit without a signature; main was not changed
              at: b1b1b1b "Merge branch 'rounding'": only a merge that git makes by itself may go unsigned
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git commit --amend --no-edit -S
        "#]],
        );
    commit_signed(Signature::Absent).with(allowed).finds(&["error unsigned-commit", "note reviewed"]);
    // Not signed is one thing, badly signed another.
    merge_signed(Signature::Refused(SignatureFault::Mismatch))
        .with(allowed)
        .finds(&["error bad-signature", "note reviewed"]);
    merge_signed(Signature::Unchecked(Unchecked::NotAsked))
        .with(allowed)
        .finds(&["error unsigned-commit", "note reviewed"]);
}

/// The topic took `main` in, as git does by itself, and was approved below.
fn with_update_merge(by: Holder) -> Push {
    Push::honest().with(|push| {
        let mut update = commit(2, &[TOPIC, OLD], by);
        update.update_merge = true;
        push.merge_commit().parents = vec![id(OLD), id(2)];
        push.merge().heads = vec![id(2), id(TOPIC)];
        push.merge().change.insert(0, update);
    })
}

#[test]
fn an_update_merge_is_signed_like_a_merge() {
    with_update_merge(ALICE).passes();
    with_update_merge(GITEA).with(|push| push.commit().committer = ident(ALICE)).passes();
    with_update_merge(RENOVATE).passes();
    with_update_merge(CI).finds(&["error not-a-writer", "note reviewed"]);
    with_update_merge(DANA).with(|push| push.review().write = role("developers")).passes();
    let unsigned = with_update_merge(ALICE).with(|push| push.commit().signature = Signature::Absent);
    unsigned.clone().finds(&["error unsigned-commit", "note reviewed"]);
    unsigned.with(|push| push.review().unsigned_merges = true).passes();
}

#[test]
fn any_other_merge_in_a_topic_is_written_by_somebody() {
    with_update_merge(GITEA)
        .with(|push| {
            push.commit().committer = ident(ALICE);
            push.commit().update_merge = false;
            push.claims().push(approved_by(CAROL));
        })
        .finds(&["error wrong-committer", "error not-a-writer", "note reviewed"]);
}

// ---- keys and time

#[test]
fn expired_key() {
    let until = |end: Time| Push::honest().with(|push| push.key_of(ALICE).valid_until = Some(end));
    until(SOON).passes();
    until(NOW)
        .with(|push| *push.merge_commit() = commit(MERGE, &[OLD, TOPIC], DANA))
        .finds(&["error expired-key", "note reviewed"])
        .reads(Code::ExpiredKey, expect![[r#"
            error[expired-key]: 1 commit signed with a key that does not count today
              headline: 1 commit signed with a key that does not count today; main was not changed
              at: c1c1c1c "round half to even": SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE counted until 2026-11-24
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]]);
}

#[test]
fn a_key_whose_first_day_has_not_come_does_not_count() {
    let from = |start: Time| Push::honest().with(|push| push.key_of(ALICE).valid_from = Some(start));
    from(NOW).passes();
    // The merge and the commit each tell.
    from(SOON).finds(&["error expired-key", "error expired-key", "note reviewed"]).reads(
        Code::ExpiredKey,
        expect![[r#"
            error[expired-key]: 1 commit signed with a key that does not count today
              headline: 1 commit signed with a key that does not count today; main was not changed
              at: b1b1b1b "Merge branch 'rounding'": SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE counts from 2026-11-24 on
              asked by: policy.toml:31 [review.main]
              - first the commits: this comes with the new merge of them
            error[expired-key]: 1 commit signed with a key that does not count today
              headline: 1 commit signed with a key that does not count today; main was not changed
              at: c1c1c1c "round half to even": SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE counts from 2026-11-24 on
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]],
    );
}

/// Alice's first key ended yesterday; she signed the merge with her second.
fn with_a_new_key(end: impl FnOnce(&mut Key)) -> Push {
    Push::honest().with(|push| {
        end(push.key_of(ALICE));
        push.policy.keys.insert(fingerprint(ALICE, 2), key(ALICE, 2));
        push.merge_commit().signature = signed_with(ALICE, 2, Presence::NotHardware);
    })
}

fn yesterday() -> Option<Time> {
    Some(NOW.minus(DAY))
}

#[test]
fn revoked_key() {
    with_a_new_key(|key| key.revoked = Some(SOON)).passes();
    with_a_new_key(|key| key.revoked = yesterday())
        .finds(&["error revoked-key", "note reviewed"])
        .reads(Code::RevokedKey, expect![[r#"
            error[revoked-key]: 1 commit signed with a revoked key
              headline: 1 commit signed with a revoked key; main was not changed
              at: c1c1c1c "round half to even": SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE is revoked since 2026-11-23
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]]);
    with_a_new_key(|key| key.compromised = yesterday())
        .finds(&["error revoked-key", "note reviewed"])
        .reads(Code::RevokedKey, expect![[r#"
            error[revoked-key]: 1 commit signed with a revoked key
              headline: 1 commit signed with a revoked key; main was not changed
              at: c1c1c1c "round half to even": SHA256:YWwBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE is compromised since 2026-11-23
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]]);
}

/// A commit on top, by `holder` with this key, that descends from Alice's.
fn vouch(push: &mut Push, holder: Holder, number: u8) {
    let mut on_top = commit(2, &[3], holder);
    on_top.signature = signed_with(holder, number, Presence::NotHardware);
    let between = commit(3, &[TOPIC], BOB);
    push.merge().change.splice(0..0, [on_top, between]);
    push.merge().heads = vec![id(2), id(TOPIC)];
    push.merge_commit().parents = vec![id(OLD), id(2)];
    push.step().claims = vec![approved_by(CAROL)];
}

#[test]
fn a_later_signature_of_the_same_person_vouches_for_a_key_that_has_ended() {
    let ended = with_a_new_key(|key| key.revoked = yesterday());
    ended.clone().with(|push| vouch(push, ALICE, 2)).passes();
    let expired = with_a_new_key(|key| key.valid_until = yesterday());
    expired.with(|push| vouch(push, ALICE, 2)).passes();
    // Not of another person, nor with the key that has ended.
    ended.clone().with(|push| vouch(push, CAROL, 1)).finds(&["error revoked-key", "error self-approval"]);
    ended.with(|push| vouch(push, ALICE, 1)).finds(&["error revoked-key", "note reviewed"]);
}

#[test]
fn a_signature_vouches_only_for_what_it_stands_on() {
    let beside = with_a_new_key(|key| key.revoked = yesterday()).with(|push| {
        vouch(push, ALICE, 2);
        push.merge().change[1].parents = vec![id(FORK)];
        push.merge().change.push(commit(4, &[2, TOPIC], BOB));
    });
    beside.finds(&["error revoked-key", "note reviewed"]);
}

#[test]
fn nothing_vouches_for_a_compromised_key_or_for_one_that_is_not_valid_yet() {
    with_a_new_key(|key| key.compromised = yesterday())
        .with(|push| vouch(push, ALICE, 2))
        .finds(&["error revoked-key", "note reviewed"]);
    with_a_new_key(|key| key.valid_from = Some(SOON))
        .with(|push| vouch(push, ALICE, 2))
        .finds(&["error expired-key", "note reviewed"]);
}

#[test]
fn nobody_vouches_for_a_service() {
    let push = Push::honest().with(|push| {
        *push.commit() = commit(TOPIC, &[FORK], RENOVATE);
        push.key_of(RENOVATE).revoked = yesterday();
        push.policy.keys.insert(fingerprint(RENOVATE, 2), key(RENOVATE, 2));
        vouch(push, RENOVATE, 2);
        push.claims().push(approved_by(DANA));
    });
    push.finds(&["error revoked-key", "note reviewed"]);
}

#[test]
fn a_vouched_commit_still_answers_for_everything_but_its_key() {
    let push = with_a_new_key(|key| key.revoked = yesterday()).with(|push| vouch(push, ALICE, 2));
    push.with(|push| push.merge().change[2].committer = stranger())
        .finds(&["error wrong-committer", "note reviewed"]);
}

/// Only a proof made for another policy could hold such a key.
#[test]
fn a_proof_by_a_key_that_the_policy_does_not_have_is_worth_nothing() {
    commit_signed(signed_with(ALICE, 7, Presence::NotHardware)).finds(&["error revoked-key", "note reviewed"]);
}

#[test]
fn a_proof_by_a_service_that_the_policy_does_not_have_is_worth_nothing() {
    let nobody = Holder::Service(ServiceId(9));
    let proof = Verified::attest(fingerprint(GITEA, 1), nobody, Presence::NotHardware);
    merge_signed(Signature::Verified(proof)).finds(&[
        "error wrong-committer",
        "error not-a-writer",
        "note reviewed",
    ]);
}

// ---- several things at once

/// What a policy only observes must not hide what it refuses.
#[test]
fn every_flaw_of_a_commit_is_told() {
    let stolen = |push: &mut Push| {
        push.key_of(DANA).compromised = yesterday();
        *push.commit() = commit(TOPIC, &[FORK], DANA);
    };
    let forged = |push: &mut Push| push.commit().committer = stranger();
    Push::honest().with(stolen).finds(&["error revoked-key", "note reviewed"]);
    Push::honest()
        .with(stolen)
        .with(forged)
        .with(|push| push.review().write = role("developers"))
        .with(|push| push.review().hardware = true)
        .with(|push| push.merge_commit().signature = signed_with(ALICE, 1, Presence::Touched))
        .with(|push| push.claim().signature = signed_with(BOB, 1, Presence::Touched))
        .finds(&[
            "error revoked-key",
            "error wrong-committer",
            "error not-a-writer",
            "error not-hardware",
            "note reviewed",
        ]);
}

#[test]
fn softening_a_habit_does_not_open_a_stolen_key() {
    let stolen = || Push::honest().with(|push| push.key_of(ALICE).compromised = yesterday());
    let observed = |push: Push, code| push.with(|push| push.soften(code, Bite::Observe));
    let by_dana = |push: &mut Push| *push.merge_commit() = commit(MERGE, &[OLD, TOPIC], DANA);

    let forged = stolen().with(by_dana).with(|push| push.commit().committer = stranger());
    observed(forged, Code::WrongCommitter).finds(&["error revoked-key", "note wrong-committer", "note reviewed"]);
    let barred = stolen().with(by_dana).with(|push| push.review().write = role("reviewers"));
    observed(barred, Code::NotAWriter).finds(&["error revoked-key", "note not-a-writer", "note reviewed"]);
}

#[test]
fn flaws_of_one_kind_are_one_finding_that_lists_ten_and_counts_the_rest() {
    let push = Push::honest().with(|push| {
        push.merge().change = (0..12).map(|seed| commit(TOPIC + seed, &[TOPIC + seed + 1], ALICE)).collect();
        for commit in &mut push.merge().change {
            commit.signature = Signature::Absent;
        }
    });
    push.finds(&["error unsigned-commit", "note reviewed"]).reads(
        Code::UnsignedCommit,
        expect![[r#"
            error[unsigned-commit]: 12 commits without a signature
              headline: 12 commits without a signature; main was not changed
              at: c1c1c1c "round half to even": not signed
              at: c2c2c2c "round half to even": not signed
              at: c3c3c3c "round half to even": not signed
              at: c4c4c4c "round half to even": not signed
              at: c5c5c5c "round half to even": not signed
              at: c6c6c6c "round half to even": not signed
              at: c7c7c7c "round half to even": not signed
              at: c8c8c8c "round half to even": not signed
              at: c9c9c9c "round half to even": not signed
              at: cacacac "round half to even": not signed
              at: and 2 more
              asked by: policy.toml:31 [review.main]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]],
    );
}

// ---- security keys

#[test]
fn not_hardware() {
    let with = |all: Presence| {
        Push::honest().with(|push| {
            push.commit().signature = signed_with(ALICE, 1, all);
            push.merge_commit().signature = signed_with(ALICE, 1, all);
            push.claim().signature = signed_with(BOB, 1, all);
        })
    };
    let hardware = |push: &mut Push| push.review().hardware = true;
    let verified = |push: &mut Push| push.review().user_verification = true;

    with(Presence::Touched).with(hardware).passes();
    with(Presence::Verified).with(hardware).with(verified).passes();
    let all = ["error not-hardware", "error not-hardware", "error not-hardware", "error not-approved"];
    with(Presence::NotHardware).with(hardware).finds(&all);
    with(Presence::Touched).with(verified).finds(&all);
    with(Presence::Touched).with(verified).reads(Code::NotHardware, expect![[r#"
        error[not-hardware]: 1 commit not signed with a security key
          headline: 1 commit not signed with a security key; main was not changed
          at: b1b1b1b "Merge branch 'rounding'": a security key unlocked by a PIN is asked for (ssh-keygen -t ed25519-sk -O verify-required)
          asked by: policy.toml:39 [review.main]
          - first the commits: this comes with the new merge of them
        error[not-hardware]: a statement does not count
          headline: main was not changed
          at: by bob@example.org: a security key unlocked by a PIN is asked for (ssh-keygen -t ed25519-sk -O verify-required)
          at: merge b1b1b1b "Merge branch 'rounding'" into main
          asked by: policy.toml:31 [review.main]
          - first the commits: this comes with the new merge of them
        error[not-hardware]: 1 commit not signed with a security key
          headline: 1 commit not signed with a security key; main was not changed
          at: c1c1c1c "round half to even": a security key unlocked by a PIN is asked for (ssh-keygen -t ed25519-sk -O verify-required)
          asked by: policy.toml:39 [review.main]
          - set up signing with a security key, then sign again:
          $ git config gpg.format ssh
          $ git config user.signingKey KEY.pub
          $ git rebase --force-rebase -S 9090909 TOPIC
          - signing makes new commits: let go of the merge, have them approved, merge again:
          $ git branch -f main origin/main
    "#]]);
    with(Presence::NotHardware).with(verified).reads(
        Code::NotHardware,
        expect![[r#"
            error[not-hardware]: 1 commit not signed with a security key
              headline: 1 commit not signed with a security key; main was not changed
              at: b1b1b1b "Merge branch 'rounding'": a security key is asked for (ssh-keygen -t ed25519-sk)
              asked by: policy.toml:39 [review.main]
              - first the commits: this comes with the new merge of them
            error[not-hardware]: a statement does not count
              headline: main was not changed
              at: by bob@example.org: a security key is asked for (ssh-keygen -t ed25519-sk)
              at: merge b1b1b1b "Merge branch 'rounding'" into main
              asked by: policy.toml:31 [review.main]
              - first the commits: this comes with the new merge of them
            error[not-hardware]: 1 commit not signed with a security key
              headline: 1 commit not signed with a security key; main was not changed
              at: c1c1c1c "round half to even": a security key is asked for (ssh-keygen -t ed25519-sk)
              asked by: policy.toml:39 [review.main]
              - set up signing with a security key, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S 9090909 TOPIC
              - signing makes new commits: let go of the merge, have them approved, merge again:
              $ git branch -f main origin/main
        "#]],
    );
}

#[test]
fn services_have_no_fingers() {
    let push = Push::honest().with(|push| {
        push.review().hardware = true;
        push.commit().signature = signed_with(ALICE, 1, Presence::Touched);
        push.claim().signature = signed_with(BOB, 1, Presence::Touched);
        push.merge_commit().signature = signed(GITEA);
    });
    push.passes();
}

#[test]
fn a_plain_step_is_signed_with_such_a_key_too() {
    let direct =
        Push::of(advance("main", OLD, vec![plain_step(1, OLD)])).with(|push| push.review().hardware = true);
    direct.finds(&["error direct-push", "error not-hardware"]);
}

// ---- what a guard asks

/// A free branch that a guard asks signatures for.
fn brought(by: Holder) -> Push {
    Push::of(moves("topic", Some(object(OLD)), Some(object(TOPIC)), Movement::Advance)).with(|push| {
        push.policy.rules.push(guard_rule("**", Guard { signed: true, ..open_guard() }));
        push.about().brought = vec![commit(TOPIC, &[OLD], by)];
    })
}

#[test]
fn a_guard_takes_the_signature_of_anybody_of_the_policy() {
    for holder in [ALICE, DANA, CI, GITEA, RENOVATE] {
        brought(holder).finds(&[]);
    }
    let unsigned = brought(ALICE).with(|push| push.about().brought[0].signature = Signature::Absent);
    unsigned.clone().finds(&["error unsigned-commit"]).reads(
        Code::UnsignedCommit,
        expect![[r#"
            error[unsigned-commit]: 1 commit without a signature
              headline: 1 commit without a signature; topic was not changed
              at: c1c1c1c "round half to even": not signed
              asked by: policy.toml:52 [guard."**"]
              - set up signing if you have not, then sign again:
              $ git config gpg.format ssh
              $ git config user.signingKey KEY.pub
              $ git rebase --force-rebase -S a0a0a0a
        "#]],
    );
    unsigned.clone().with(|push| push.about().brought[0].before_baseline = true).finds(&[]);
    unsigned.with(|push| push.about().update.old = None).reads(
        Code::UnsignedCommit,
        expect![[r#"
        error[unsigned-commit]: 1 commit without a signature
          headline: 1 commit without a signature; topic was not changed
          at: c1c1c1c "round half to even": not signed
          asked by: policy.toml:52 [guard."**"]
          - set up signing if you have not, then sign again:
          $ git config gpg.format ssh
          $ git config user.signingKey KEY.pub
          $ git commit --amend --no-edit -S
    "#]],
    );
}

#[test]
fn a_guard_asks_the_committer_as_well() {
    let as_alice = |push: &mut Push| push.about().brought[0].committer = ident(ALICE);
    brought(BOB).with(as_alice).finds(&["error wrong-committer"]);
    brought(GITEA).with(as_alice).finds(&["error wrong-committer"]);
    let merge = |push: &mut Push| push.about().brought[0].parents = vec![id(OLD), id(1)];
    brought(GITEA).with(as_alice).with(merge).finds(&[]);
    brought(CI).with(as_alice).with(merge).finds(&["error wrong-committer"]);
    brought(BOB).with(as_alice).with(merge).finds(&["error wrong-committer"]);
}

#[test]
fn a_guard_knows_keys_that_have_ended() {
    brought(ALICE).with(|push| push.key_of(ALICE).revoked = yesterday()).finds(&["error revoked-key"]);
}

// ---- what a cure says

#[test]
fn a_cure_names_an_address_of_whoever_signed() {
    let told = |push: Push| {
        let found = fixture::render(&push.decision(), None);
        let line = found.lines().find_map(|line| line.trim().strip_prefix("$ git config user.email "));
        line.unwrap_or_default().to_owned()
    };
    let forged = |push: &mut Push| push.commit().committer = stranger();
    assert_eq!(told(Push::honest().with(forged)), email(ALICE));
    let by_renovate = |push: &mut Push| *push.commit() = commit(TOPIC, &[FORK], RENOVATE);
    assert_eq!(told(Push::honest().with(by_renovate).with(forged)), email(RENOVATE));
    assert_eq!(
        told(Push::honest().with(forged).with(|push| push.policy.people[0].emails.clear())),
        "YOU@EXAMPLE.ORG"
    );
}

#[test]
fn a_conflict_that_nobody_resolved_by_hand_does_not_exist() {
    let push = merge_signed(signed(GITEA)).with(|push| {
        push.merge().mechanical = Mechanical::NotAsked;
        push.step().claims = vec![approved_exactly_by(BOB)];
        push.review().write = Who::Anyone;
    });
    push.finds(&["error not-a-writer", "error not-approved"]);
}
