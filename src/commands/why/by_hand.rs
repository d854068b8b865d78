//! How to check a landed step with git and ssh-keygen alone (docs/statement.md, "Checking").

use ssh_key::PublicKey;

use crate::{
    client::{Desk, Landing},
    decide::Counts,
    model::{
        CommitId, Fingerprint, Holder, Signature,
        evidence::{Claim, Mechanical, Step},
        statement::NAMESPACE,
        text::shell_word,
    },
    report::why::ByHand,
};

/// Where the files lie: in git's own folder, where no `git add` finds them.
const FILES: &str = r#"f="$(git rev-parse --absolute-git-dir)/why""#;

/// git as it reads a clone that somebody has prepared: what is replaced there is not.
const GIT: &str = "git --no-replace-objects";

/// The commands that check who signed the commit, the step and the statements that count.
pub(super) fn checks(desk: &Desk, landing: &Landing, step: &Step, commit: CommitId) -> Vec<ByHand> {
    let counted: Vec<(usize, &Signature)> = counted(landing, step).collect();
    let commits = [landing.commit(commit), Some(&step.commit)];
    let signed: Vec<_> =
        commits.into_iter().flatten().filter(|commit| commit.signature.verified().is_some()).collect();
    let proofs = signed.iter().map(|commit| &commit.signature).chain(counted.iter().map(|(_, proof)| *proof));
    let mut keys: Vec<Fingerprint> = Vec::new();
    for key in proofs.filter_map(|proof| Some(proof.verified()?.key())) {
        keys.extend((!keys.contains(&key)).then_some(key));
    }

    let mut checks = vec![run(FILES)];
    if !keys.is_empty() {
        let lines: Vec<String> = keys.iter().filter_map(|key| allowed_signer(desk, *key)).collect();
        checks.push(run(format!(r#"printf '%s\n' {} > "$f.signers""#, quoted(&lines))));
    }
    let mut ids: Vec<CommitId> = signed.iter().map(|commit| commit.id).collect();
    ids.dedup();
    checks.extend(
        ids.iter().map(|id| run(format!(r#"{GIT} -c gpg.ssh.allowedSignersFile="$f.signers" verify-commit {id}"#))),
    );
    checks.extend(merged(step));
    for (at, _) in counted {
        checks.extend(statement(landing, step, at));
    }
    checks
}

/// The statements that some rule counts.
fn counted<'a>(landing: &'a Landing, step: &'a Step) -> impl Iterator<Item = (usize, &'a Signature)> {
    let counts = |at: usize| {
        let verdicts = landing.past.iter().filter_map(move |past| past.standing.as_ref()?.statements.get(at));
        verdicts.into_iter().any(|counts| matches!(counts, Counts::Yes(..)))
    };
    let read = step.claims.iter().enumerate().filter_map(|(at, claim)| match claim {
        Claim::Read(claim) => Some((at, &claim.signature)),
        Claim::Void(_) | Claim::TooMany(_) => None,
    });
    read.filter(move |(at, _)| counts(*at))
}

/// A line of an allowed signers file (ssh-keygen(1), "ALLOWED SIGNERS"): every address of whoever holds the key.
fn allowed_signer(desk: &Desk, key: Fingerprint) -> Option<String> {
    let key = desk.policy.keys.get(&key)?;
    let (emails, id) = match key.holder {
        Holder::Person(person) => desk.policy.person(person).map(|person| (&person.emails, &person.id))?,
        Holder::Service(service) => desk.policy.service(service).map(|service| (&service.emails, &service.id))?,
    };
    let principals = if emails.is_empty() { id.clone() } else { emails.join(",") };
    let public = PublicKey::new(key.public.clone(), "").to_openssh().ok()?;
    Some(format!("{principals} {}", public.trim_end()))
}

/// What git makes of the parents.
fn merged(step: &Step) -> Vec<ByHand> {
    let ([first, second], Some(merge)) = (step.commit.parents.as_slice(), &step.merge) else { return Vec::new() };
    let id = step.commit.id;
    let tree = run(format!("{GIT} rev-parse '{id}^{{tree}}'"));
    let mechanical = merge.mechanical == Mechanical::Clean(step.commit.tree);
    if mechanical {
        let merged = run(format!("{GIT} merge-tree --write-tree {first} {second}"));
        vec![say("the merge is what git makes of its parents, so these two print one tree:"), merged, tree]
    } else {
        vec![say("the merge has the tree that was approved:"), tree]
    }
}

fn statement(landing: &Landing, step: &Step, at: usize) -> Vec<ByHand> {
    let Some(written) = landing.written(at) else { return Vec::new() };
    let id = step.commit.id;
    let armor = ["-----BEGIN SSH SIGNATURE-----", &written.base64, "-----END SSH SIGNATURE-----"].map(String::from);
    let by = shell_word(&written.by);
    vec![
        say(format!("the statement of {}, as it stands in the merge's message:", written.by)),
        run(format!("{GIT} show -s --format=%B {id}")),
        run(format!(r#"printf '%s\n' {} > "$f""#, quoted(&written.lines))),
        run(format!(r#"printf '%s\n' {} > "$f.sig""#, quoted(&armor))),
        run(format!(r#"ssh-keygen -Y verify -f "$f.signers" -I {by} -n {NAMESPACE} -s "$f.sig" < "$f""#)),
    ]
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

fn say(words: impl Into<String>) -> ByHand {
    ByHand::Say(words.into())
}

fn run(line: impl Into<String>) -> ByHand {
    ByHand::Run(line.into())
}
