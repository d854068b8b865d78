//! What holds for any evidence whatever.
//!
//! The evidence is random, and honest more often than not, so that both verdicts are met
//! (`random_evidence_is_accepted_and_refused` sees to that): a property of pushes that are all refused says nothing.

use std::collections::BTreeSet;

use arbtest::{
    arbitrary::{Result, Unstructured},
    arbtest,
};
use countersign::{
    decide::decide,
    model::{
        Code, Decision, Finding, Holder, KeyState, PersonId, Policy, RefName, Severity, Signature, Time, Verdict,
        Verified,
        evidence::{
            Birthplace, Claim, Commit, Evidence, Ident, Kind, Kinship, Mechanical, Movement, Pusher, RefEvidence,
            Step,
        },
        policy::{Authors, Bite, Duty, Guard, PathRule, Review, Rule, Who},
        signature::{Presence, SignatureFault, Unchecked},
        statement::{Stance, StatementFault, Tree},
    },
};

use super::fixture::{
    ALICE, BOB, CAROL, DANA, DAY, EVERYBODY, FORK, NOW, OLD, Push, RENOVATE, advance, approval, branch, commit,
    email, fingerprint, guard_rule, id, ident, key, lenient, moves, name_of, object, open_guard, pattern, policy,
    review_rule, role, signed_with, source, step, stranger, touched, tree,
};

/// The property is asked of evidence made of these bytes, again and again for a while.
fn for_any(property: fn(&mut Unstructured<'_>) -> Result<()>) {
    arbtest(property).size_min(512).size_max(2048).budget_ms(400).run();
}

fn verdict(push: &Push) -> Verdict {
    push.decision().verdict()
}

/// `after` differs from `before` in something that must not help.
#[track_caller]
fn never_helps(before: &Push, after: &Push) {
    if verdict(before) == Verdict::Refuse {
        assert_eq!(verdict(after), Verdict::Refuse, "before: {:#?}\nafter: {after:#?}", before.decision());
    }
}

/// Findings as a set: order and repetition aside.
fn told(decision: &Decision) -> BTreeSet<(Severity, Code, Option<RefName>)> {
    decision.findings.iter().map(|finding| (finding.severity, finding.code, finding.about.clone())).collect()
}

// ---- the theorems

#[test]
fn random_evidence_is_accepted_and_refused() {
    // Knuth's multiplier: bytes enough like those of a property, and the same every time.
    let bytes = |seed: u32| (0..1024).map(move |at: u32| ((seed ^ at).wrapping_mul(2_654_435_761) >> 13) as u8);
    let verdicts = (0..256u32).map(|seed| {
        let bytes: Vec<u8> = bytes(seed.wrapping_mul(0x9e37_79b9)).collect();
        verdict(&push(&mut Unstructured::new(&bytes)).expect("bytes enough"))
    });
    let (accepted, refused): (Vec<Verdict>, Vec<Verdict>) =
        verdicts.partition(|verdict| *verdict == Verdict::Accept);
    assert!(accepted.len() > 40 && refused.len() > 40, "{} and {}", accepted.len(), refused.len());
}

#[test]
fn one_refusal_refuses() {
    for_any(|u| {
        let whole = push(u)?;
        let one_by_one = whole.evidence.refs.iter().map(|about| {
            let evidence = Evidence { refs: vec![about.clone()], ..whole.evidence.clone() };
            decide(&whole.policy, &evidence).verdict()
        });
        let any = one_by_one.into_iter().any(|verdict| verdict == Verdict::Refuse);
        assert_eq!(verdict(&whole) == Verdict::Refuse, any);
        Ok(())
    });
}

#[test]
fn order_and_duplicates_of_refs_do_not_matter() {
    for_any(|u| {
        let before = push(u)?;
        let after = before.clone().with(|push| {
            let twice = push.evidence.refs.clone();
            push.evidence.refs.extend(twice);
            push.evidence.refs.reverse();
        });
        assert_eq!(told(&before.decision()), told(&after.decision()));
        Ok(())
    });
}

#[test]
fn order_and_duplicates_of_claims_do_not_matter() {
    for_any(|u| {
        let before = push(u)?;
        let after = before.clone().with(|push| {
            for step in steps_of(push) {
                let twice = step.claims.clone();
                step.claims.extend(twice);
                step.claims.reverse();
            }
        });
        assert_eq!(told(&before.decision()), told(&after.decision()));
        Ok(())
    });
}

#[test]
fn order_and_duplicates_of_rules_do_not_matter() {
    for_any(|u| {
        let before = push(u)?;
        let after = before.clone().with(|push| {
            let twice = push.policy.rules.clone();
            push.policy.rules.extend(twice);
            push.policy.rules.reverse();
        });
        assert_eq!(told(&before.decision()), told(&after.decision()));
        Ok(())
    });
}

#[test]
fn adding_a_requirement_never_accepts_more() {
    for_any(|u| {
        let before = push(u)?;
        let mut after = before.clone();
        for _ in 0..u.int_in_range(1..=3)? {
            tighten(u, &mut after)?;
        }
        never_helps(&before, &after);
        Ok(())
    });
}

/// Under a policy that asks for every signature: what `unsigned-merges` and `[enforce]` let pass unsigned can of course
/// be freed of a bad signature.
#[test]
fn unchecked_is_never_verified() {
    for_any(|u| {
        let mut before = push(u)?.with(harden);
        for rule in &mut before.policy.rules {
            if let Duty::Review(review) = &mut rule.duty {
                review.unsigned_merges = false;
            }
        }
        let mut after = before.clone();
        let mut signatures = signatures_of(&mut after);
        if !signatures.is_empty() {
            let which = u.choose_index(signatures.len())?;
            *signatures[which] = no_proof(u)?;
        }
        never_helps(&before, &after);
        Ok(())
    });
}

#[test]
fn an_unchecked_statement_never_counts() {
    for_any(|u| {
        let before = push(u)?;
        let mut after = before.clone();
        for step in steps_of(&mut after) {
            for claim in &mut step.claims {
                if let (Claim::Read(claim), true) = (claim, u.arbitrary()?) {
                    claim.signature = no_proof(u)?;
                }
            }
        }
        never_helps(&before, &after);
        Ok(())
    });
}

/// Counted anew, by hand, and without anything from `decide/`.
#[test]
fn a_contributor_never_approves() {
    for_any(|u| {
        let push = push(u)?.with(harden);
        if verdict(&push) == Verdict::Refuse {
            return Ok(());
        }
        for about in &push.evidence.refs {
            let reviews = || push.policy.rules_for(&about.moves).filter_map(Rule::review);
            for (step, review) in about.steps.iter().flat_map(|step| reviews().map(move |review| (step, review))) {
                let merge = step.merge.as_ref().expect("a reviewed branch moves by merges");
                if !merge.sources.is_empty() {
                    continue;
                }
                let hands = hands_of(&push.policy, step);
                let others: BTreeSet<PersonId> = step
                    .claims
                    .iter()
                    .filter_map(signer_of)
                    .filter(|person| !hands.contains(person) && push.policy.is_one_of(*person, &review.by))
                    .collect();
                assert!(others.len() >= review.approvals as usize, "{others:?} without {hands:?}: {push:#?}");
            }
        }
        Ok(())
    });
}

#[test]
fn whoever_lends_a_hand_approves_no_more() {
    for_any(|u| {
        let before = push(u)?;
        let helper = ident(*u.choose(&EVERYBODY)?);
        let mut after = before.clone();
        for step in steps_of(&mut after) {
            for commit in step.merge.iter_mut().flat_map(|merge| &mut merge.change) {
                commit.co_authors.push(helper.clone());
            }
        }
        never_helps(&before, &after);
        Ok(())
    });
}

#[test]
fn one_person_counts_once() {
    for_any(|u| {
        let before = push(u)?;
        let mut after = before.clone();
        for step in steps_of(&mut after) {
            let mut again = step.claims.clone();
            for claim in &mut again {
                let Claim::Read(claim) = claim else { continue };
                // Where the first key does not count, the second may: only who counts already is to count again.
                let counts = |proof: &&Verified| {
                    let key = before.policy.keys.get(&proof.key());
                    key.is_some_and(|key| key.state(NOW) == KeyState::Valid)
                };
                if let Some(proof) = claim.signature.verified().filter(counts) {
                    claim.signature = signed_with(proof.holder(), 2, proof.presence());
                }
            }
            step.claims.extend(again);
        }
        never_helps(&before, &after);
        Ok(())
    });
}

#[test]
fn softening_touches_only_habits() {
    for_any(|u| {
        let strict = push(u)?.with(harden);
        let mut soft = strict.clone();
        soften(u, &mut soft)?;
        let (strict, soft_decision) = (strict.decision(), soft.decision());
        for finding in strict.errors() {
            let bites = match soft.policy.enforce.bite(finding.code) {
                Bite::Now => true,
                Bite::From(date) => date <= NOW,
                Bite::Observe => false,
            };
            if bites || !finding.code.is_softenable() {
                // In other words perhaps: where an unsigned commit passes, one approval more is asked for.
                let same = |other: &Finding| (other.code, &other.about) == (finding.code, &finding.about);
                assert!(soft_decision.errors().any(same), "{finding:#?}\n{soft_decision:#?}");
            }
        }
        if strict.verdict() == Verdict::Accept {
            assert_eq!(strict, soft_decision);
        }
        Ok(())
    });
}

/// A quick walk returns every commit of a change and sometimes more: ancestors of the target, which therefore stand on
/// nothing that the change brings.
#[test]
fn a_superset_that_passes_is_a_proof() {
    for_any(|u| {
        let exact = push(u)?;
        let mut superset = exact.clone();
        for step in steps_of(&mut superset) {
            let Some(merge) = &mut step.merge else { continue };
            for extra in 0..u.int_in_range(0..=3)? {
                let mut below = some_commit(u, 0x40 + extra, &[FORK])?;
                below.update_merge = rarely(u)?;
                merge.change.push(below);
            }
        }
        never_helps(&exact, &superset);
        Ok(())
    });
}

/// Whatever is pushed beside it, a reviewed branch that was refused is refused.
#[test]
fn no_ref_makes_another_legitimate() {
    for_any(|u| {
        let alone = push(u)?;
        let mut beside = alone.clone();
        beside.evidence.refs.extend(push(u)?.evidence.refs);
        never_helps(&alone, &beside);
        Ok(())
    });
}

// ---- by hand

/// Everybody who had a hand in what a step brings.
fn hands_of(policy: &Policy, step: &Step) -> BTreeSet<PersonId> {
    let merge = step.merge.as_ref().expect("a merge");
    let mut commits: Vec<&Commit> = merge.change.iter().filter(|commit| !commit.update_merge).collect();
    if merge.mechanical != Mechanical::Clean(step.commit.tree) {
        commits.push(&step.commit);
    }
    let mut hands = BTreeSet::new();
    for commit in commits {
        let addresses = [&commit.author, &commit.committer].into_iter().chain(&commit.co_authors);
        for Ident { email: address, .. } in addresses {
            let people = (0u32..).zip(&policy.people);
            let theirs = people
                .filter(|(_, person)| person.emails.iter().any(|email| email.eq_ignore_ascii_case(address.trim())));
            hands.extend(theirs.map(|(index, _)| PersonId(index)));
        }
        if let Signature::Verified(proof) = &commit.signature
            && let Holder::Person(person) = proof.holder()
        {
            hands.insert(person);
        }
    }
    hands
}

fn signer_of(claim: &Claim) -> Option<PersonId> {
    let Claim::Read(claim) = claim else { return None };
    match claim.signature.verified()?.holder() {
        Holder::Person(person) => Some(person),
        Holder::Service(_) => None,
    }
}

// ---- any evidence

fn rarely(u: &mut Unstructured<'_>) -> Result<bool> {
    Ok(u.int_in_range(0..=19)? == 19)
}

fn push(u: &mut Unstructured<'_>) -> Result<Push> {
    let mut push = Push { policy: some_policy(u)?, evidence: Push::honest().evidence };
    push.evidence.refs = (0..u.int_in_range(1..=3)?).map(|_| some_ref(u)).collect::<Result<_>>()?;
    if rarely(u)? {
        let pushers = [Pusher::Unknown, Pusher::Unlisted("gitea:99".to_owned()), Pusher::Person(PersonId(3))];
        push.evidence.pusher = u.choose(&pushers)?.clone();
    }
    Ok(push)
}

fn some_policy(u: &mut Unstructured<'_>) -> Result<Policy> {
    let mut some = policy();
    some.keys.extend(EVERYBODY.map(|holder| (fingerprint(holder, 2), key(holder, 2))));
    some.rules = vec![review_rule("main", some_review(u)?)];
    if u.arbitrary()? {
        let accepting = Review { accepts_from: vec![pattern("refs/heads/main")], ..some_review(u)? };
        some.rules.push(review_rule("release/*", accepting));
    }
    if rarely(u)? {
        some.rules.push(guard_rule("**", some_guard(u)?));
    }
    for holder in EVERYBODY {
        if rarely(u)? {
            let ended = some.keys.get_mut(&fingerprint(holder, 1)).expect("everybody has a key");
            let when = Some(Time(NOW.0 + u.int_in_range(-1..=1)?));
            match u.int_in_range(0..=3)? {
                0 => ended.valid_from = when,
                1 => ended.valid_until = when,
                2 => ended.revoked = when,
                _ => ended.compromised = when,
            }
        }
    }
    let mut softened = Push { policy: some, evidence: Push::honest().evidence };
    if rarely(u)? {
        soften(u, &mut softened)?;
    }
    Ok(softened.policy)
}

fn some_review(u: &mut Unstructured<'_>) -> Result<Review> {
    let mut review = lenient();
    if rarely(u)? {
        review.approvals = u.int_in_range(2..=3)?;
    }
    if rarely(u)? {
        review.write = some_role(u)?;
    }
    if rarely(u)? {
        review.by = some_role(u)?;
    }
    if rarely(u)? {
        review.max_age = Some(DAY);
    }
    if rarely(u)? {
        review.paths = vec![some_path_rule(u)?];
    }
    review.unsigned_merges = rarely(u)?;
    Ok(review)
}

fn some_role(u: &mut Unstructured<'_>) -> Result<Who> {
    Ok(role(u.choose(&["developers", "reviewers", "operators"])?))
}

fn some_path_rule(u: &mut Unstructured<'_>) -> Result<PathRule> {
    let text = *u.choose(&["deploy/**", "db/**"])?;
    Ok(PathRule { pattern: pattern(text), approvals: u.int_in_range(1..=2)?, by: some_role(u)?, line: 45 })
}

fn some_guard(u: &mut Unstructured<'_>) -> Result<Guard> {
    let push = if rarely(u)? { Some(some_role(u)?) } else { None };
    let [rewind, create, update, delete] = [rarely(u)?, rarely(u)?, rarely(u)?, rarely(u)?].map(|closed| !closed);
    Ok(Guard { signed: u.arbitrary()?, rewind, create, update, delete, push })
}

fn soften(u: &mut Unstructured<'_>, push: &mut Push) -> Result<()> {
    let bites = [Bite::Now, Bite::Observe, Bite::From(Time(NOW.0 + 1)), Bite::From(NOW)];
    if rarely(u)? {
        push.policy.enforce.default = *u.choose(&bites)?;
    }
    for _ in 0..u.int_in_range(1..=4)? {
        push.soften(*u.choose(Code::ALL)?, *u.choose(&bites)?);
    }
    Ok(())
}

fn some_ref(u: &mut Unstructured<'_>) -> Result<RefEvidence> {
    let old = OLD;
    let mut about = match u.int_in_range(0..=7)? {
        0 => moves("topic", Some(object(old)), Some(object(1)), some_movement(u)?),
        1 => moves("main", Some(object(old)), Some(object(1)), some_movement(u)?),
        2 => {
            let mut created = moves("release/1", None, Some(object(1)), Movement::Create);
            let on = if u.arbitrary()? { vec![branch("main")] } else { Vec::new() };
            created.birthplace = Some(Birthplace { baseline: rarely(u)?, on });
            created
        }
        3 => advance("release/1", old, vec![some_step_of_main(u, old)?]),
        4 => advance("main", old, vec![some_step(u, 0x02, 0x01, "main")?, some_step(u, 0x01, old, "main")?]),
        _ => advance("main", old, vec![some_step(u, 0x01, old, "main")?]),
    };
    if rarely(u)? {
        about.brought = vec![some_commit(u, 1, &[old])?];
    }
    if rarely(u)? {
        about.shadows = Some(branch("main"));
    }
    if rarely(u)? {
        about.update.name = branch(u.choose(&["alias", "Main", "HEAD"])?);
    }
    if rarely(u)? {
        about.kind = *u.choose(&[None, Some(Kind::Tag), Some(Kind::Blob)])?;
    }
    if rarely(u)? {
        about.movement = None;
    }
    Ok(about)
}

fn some_movement(u: &mut Unstructured<'_>) -> Result<Movement> {
    let every = [
        Movement::Create,
        Movement::Advance,
        Movement::Sidestep,
        Movement::Rewind,
        Movement::Delete,
        Movement::Stay,
    ];
    Ok(*u.choose(&every)?)
}

/// What `main` brings to `release/1` by one mechanical merge.
fn some_step_of_main(u: &mut Unstructured<'_>, old: u8) -> Result<Step> {
    let landed = some_step(u, 0x11, 0x10, "main")?;
    let mut brings = some_step(u, 0x12, old, "release/1")?;
    brings.commit.parents = vec![id(old), id(0x11)];
    if let Some(merge) = &mut brings.merge {
        merge.heads = vec![id(0x11)];
        merge.change = vec![landed.commit.clone()];
        merge.change.extend(landed.merge.iter().flat_map(|merge| merge.change.clone()));
        merge.sources = vec![source("main", vec![landed])];
        merge.sources.last_mut().expect("just put there").meets = !rarely(u)?;
    }
    if u.arbitrary()? {
        brings.claims.clear();
    }
    Ok(brings)
}

fn some_step(u: &mut Unstructured<'_>, seed: u8, old: u8, target: &str) -> Result<Step> {
    let topic = seed ^ 0x80;
    let mut some = step(seed, old, topic, target);
    let who = some_person(u)?;
    some.commit = some_commit_by(u, seed, &[old, topic], who)?;
    some.claims = (0..u.int_in_range(1..=3)?).map(|_| some_claim(u, seed, old, target)).collect::<Result<_>>()?;
    let Some(merge) = &mut some.merge else { return Ok(some) };
    if rarely(u)? {
        merge.mechanical = u.choose(&[Mechanical::Conflict, Mechanical::Clean(tree(0x55))])?.clone();
    }
    if rarely(u)? {
        let kinships = [Kinship::Unrelated, Kinship::AlreadyMerged, Kinship::Bases(vec![id(1), id(2)])];
        merge.kinship = u.choose(&kinships)?.clone();
    }
    if rarely(u)? {
        merge.touched = vec![touched("deploy/**", &["deploy/prod.yml"])];
    }
    merge.change = vec![some_commit(u, topic, &[topic ^ 0x01])?];
    if u.arbitrary()? {
        merge.change.push(some_commit(u, topic ^ 0x01, &[FORK])?);
    }
    if rarely(u)? {
        some.merge = None;
    }
    if rarely(u)? {
        some.commit.parents =
            u.choose(&[vec![id(old)], vec![id(old); 2], vec![id(old), id(topic), id(9)]])?.clone();
    }
    Ok(some)
}

fn some_person(u: &mut Unstructured<'_>) -> Result<Holder> {
    Ok(*u.choose(&[ALICE, ALICE, ALICE, BOB, CAROL, DANA])?)
}

fn some_commit(u: &mut Unstructured<'_>, seed: u8, parents: &[u8]) -> Result<Commit> {
    let who = if rarely(u)? { RENOVATE } else { some_person(u)? };
    some_commit_by(u, seed, parents, who)
}

fn some_commit_by(u: &mut Unstructured<'_>, seed: u8, parents: &[u8], who: Holder) -> Result<Commit> {
    let mut some = commit(seed, parents, who);
    if rarely(u)? {
        some.author = some_ident(u)?;
    }
    if rarely(u)? {
        some.committer = some_ident(u)?;
    }
    if rarely(u)? {
        some.co_authors = vec![some_ident(u)?];
    }
    if rarely(u)? {
        some.signature = if u.arbitrary()? { no_proof(u)? } else { some_proof(u)? };
    }
    if rarely(u)? {
        // As gathering has it: nobody looks at a signature from before the baseline.
        some.before_baseline = true;
        some.signature = Signature::Unchecked(Unchecked::Baseline);
    }
    some.update_merge = parents.len() == 1 && rarely(u)?;
    Ok(some)
}

fn some_ident(u: &mut Unstructured<'_>) -> Result<Ident> {
    let holder = *u.choose(&EVERYBODY)?;
    let loud = Ident { name: name_of(holder).to_owned(), email: email(holder).to_uppercase() };
    Ok(u.choose(&[stranger(), ident(holder), loud])?.clone())
}

fn some_proof(u: &mut Unstructured<'_>) -> Result<Signature> {
    let presences = [Presence::NotHardware, Presence::Touched, Presence::Verified];
    Ok(signed_with(*u.choose(&EVERYBODY)?, u.int_in_range(1..=3)?, *u.choose(&presences)?))
}

fn no_proof(u: &mut Unstructured<'_>) -> Result<Signature> {
    let none = [
        Signature::Absent,
        Signature::UnknownKey(fingerprint(BOB, 9)),
        Signature::Refused(SignatureFault::Mismatch),
        Signature::Unchecked(Unchecked::NotAsked),
        Signature::Unchecked(Unchecked::Baseline),
    ];
    Ok(u.choose(&none)?.clone())
}

fn some_claim(u: &mut Unstructured<'_>, seed: u8, old: u8, target: &str) -> Result<Claim> {
    if rarely(u)? {
        return Ok(u
            .choose(&[Claim::Void(StatementFault::Version("countersign-v1")), Claim::TooMany(65)])?
            .clone());
    }
    let by = *u.choose(&[BOB, BOB, CAROL, DANA, ALICE, RENOVATE])?;
    let mut claim = approval(by, seed ^ 0x80, target);
    claim.merges_to = Mechanical::Clean(tree(seed));
    if u.arbitrary()? {
        claim.statement.tree = Tree::Exact(tree(seed));
        claim.statement.base = id(old);
    }
    if rarely(u)? {
        claim.signature = if u.arbitrary()? { no_proof(u)? } else { some_proof(u)? };
    }
    if rarely(u)? {
        match u.int_in_range(0..=8)? {
            0 => claim.statement.verdict = Stance::Withdraw,
            1 => claim.statement.head = id(9),
            2 => claim.statement.target = branch("other"),
            3 => claim.statement.repository.push('x'),
            4 => claim.statement.at = NOW.plus(3_600),
            5 => claim.statement.at = NOW.minus(40 * DAY),
            6 => claim.base_on_branch = false,
            7 => claim.merges_to = Mechanical::Conflict,
            _ => claim.bases_now.clear(),
        }
    }
    Ok(Claim::Read(Box::new(claim)))
}

// ---- changes of it

/// Every step of a push, and those of the branches that its merges come from.
fn steps_of(push: &mut Push) -> Vec<&mut Step> {
    push.evidence.refs.iter_mut().flat_map(|about| &mut about.steps).collect()
}

/// Every signature of a push that a rule may ask for.
fn signatures_of(push: &mut Push) -> Vec<&mut Signature> {
    let mut signatures = Vec::new();
    for about in &mut push.evidence.refs {
        signatures.extend(about.brought.iter_mut().map(|commit| &mut commit.signature));
        for Step { commit, claims, merge, .. } in &mut about.steps {
            signatures.push(&mut commit.signature);
            signatures.extend(claims.iter_mut().filter_map(|claim| match claim {
                Claim::Read(claim) => Some(&mut claim.signature),
                Claim::Void(_) | Claim::TooMany(_) => None,
            }));
            if let Some(merge) = merge {
                signatures.extend(merge.change.iter_mut().map(|commit| &mut commit.signature));
                let landed = merge
                    .sources
                    .iter_mut()
                    .flat_map(|source| &mut source.steps)
                    .flat_map(|landed| &mut landed.on)
                    .map(|(_, step)| step);
                signatures.extend(landed.map(|step| &mut step.commit.signature));
            }
        }
    }
    signatures
}

/// Nothing is softened.
fn harden(push: &mut Push) {
    push.policy.enforce.default = Bite::Now;
    push.policy.enforce.codes.clear();
}

/// One thing more is asked.
fn tighten(u: &mut Unstructured<'_>, push: &mut Push) -> Result<()> {
    let which = u.choose_index(push.policy.rules.len())?;
    let more = some_role(u)?;
    let Duty::Review(review) = &mut push.policy.rules[which].duty else {
        return tighten_by_a_rule(u, push);
    };
    match u.int_in_range(0..=11)? {
        0 => review.approvals += 1,
        1 => review.paths.push(some_path_rule(u)?),
        2 if review.by == Who::Anyone => review.by = more,
        3 if review.write == Who::Anyone => review.write = more,
        4 => review.max_age = Some(review.max_age.unwrap_or(DAY).min(60)),
        5 if review.push.is_none() => review.push = Some(more),
        6 => review.authors = Authors::Known,
        7 => review.hardware = true,
        8 => review.user_verification = true,
        9 => review.unsigned_merges = false,
        10 => review.accepts_from.clear(),
        _ => tighten_by_a_rule(u, push)?,
    }
    Ok(())
}

/// A guard on everything, or a second review of `main`.
fn tighten_by_a_rule(u: &mut Unstructured<'_>, push: &mut Push) -> Result<()> {
    let rule = match u.int_in_range(0..=2)? {
        0 => guard_rule("**", some_guard(u)?),
        1 => guard_rule("main", open_guard()),
        _ => review_rule("m*", some_review(u)?),
    };
    push.policy.rules.push(rule);
    Ok(())
}
