//! Why a push could not be judged, in words for whoever pushed. The policy is wrong, or the machine failed: both refuse,
//! and neither is the pusher's fault, so neither shows the inside of the server.

use crate::{
    commands::load::LoadFault,
    gather::UnknownIdentity,
    git::GitFault,
    model::{Code, CommitId, Decision, Finding, text::count},
    trace::UnknownTrace,
};

/// Why a push could not be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// git's side.
    #[error(transparent)]
    Git(#[from] GitFault),
    /// The policy's side.
    #[error(transparent)]
    Load(#[from] LoadFault),
    /// A setting.
    #[error(transparent)]
    Identity(#[from] UnknownIdentity),
    /// Another.
    #[error(transparent)]
    Trace(#[from] UnknownTrace),
}

/// What `[enforce]` can never soften, and what a caller can only tell to somebody else.
const TELL: &str = "tell the administrator of this server; there is nothing to mend on your side";

impl Fault {
    /// The refusal.
    pub(super) fn decision(&self) -> Decision {
        let finding = match self {
            Self::Git(fault) => git(fault),
            Self::Load(fault) => load(fault),
            Self::Identity(fault) => unjudged(fault.to_string()),
            Self::Trace(fault) => unjudged(fault.to_string()),
        };
        Decision::new(vec![finding])
    }

    /// What the administrator reads: with what lies inside the server.
    pub(super) fn inside(&self) -> String {
        match self {
            Self::Load(LoadFault::Faults(path, faults)) => {
                let first = faults.first().map(|fault| format!(": line {}: {}", fault.line, fault.message));
                format!("{} does not load{}", path.display(), first.unwrap_or_default())
            }
            Self::Git(_) | Self::Load(_) | Self::Identity(_) | Self::Trace(_) => self.to_string(),
        }
    }
}

fn load(fault: &LoadFault) -> Finding {
    match fault {
        LoadFault::None(_) => {
            let headline = "this repository has no policy, so nothing can be pushed";
            Finding::refusal(Code::NoPolicy, headline, "no policy was found for this repository")
                .say("the administrator writes one, REPO.git/countersign/policy.toml, then checks it:")
                .run(["countersign", "policy", "check", "REPO.git/countersign/policy.toml"])
        }
        LoadFault::Faults(path, faults) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let lines =
                faults.first().map(|fault| format!(", the first on line {}", fault.line)).unwrap_or_default();
            let headline = "the policy of this repository does not load, so nothing can be pushed";
            Finding::refusal(
                Code::BadPolicy,
                headline,
                format!("{name} has {}{lines}", count(faults.len(), "fault")),
            )
            .say("the administrator mends it:")
            .run(["countersign", "policy", "check", "REPO.git/countersign/policy.toml"])
        }
        LoadFault::Unreadable(path, _) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let headline = "the policy of this repository cannot be read, so nothing can be pushed";
            Finding::refusal(Code::BadPolicy, headline, format!("{name} cannot be read")).say(TELL)
        }
        LoadFault::NotYet(what) => {
            let headline = "the server's settings ask for something that this version does not do";
            Finding::refusal(Code::BadPolicy, headline, what.clone()).say(TELL)
        }
    }
}

/// The refusal, where what was pushed is at fault.
pub(super) fn of_the_push(fault: &GitFault) -> Option<Decision> {
    match fault {
        GitFault::OverLimit { .. } | GitFault::Malformed { .. } | GitFault::RefName(_) => {
            Some(Decision::new(vec![git(fault)]))
        }
        GitFault::OutOfTime
        | GitFault::Unsupported(_)
        | GitFault::Missing(_)
        | GitFault::Unreadable { .. }
        | GitFault::Setting(_)
        | GitFault::PushLine { .. }
        | GitFault::Ref { .. }
        | GitFault::Helper { .. }
        | GitFault::Io { .. }
        | GitFault::Environment(_) => None,
    }
}

fn git(fault: &GitFault) -> Finding {
    match fault {
        GitFault::OverLimit { limit, allowed, found } => {
            let found = found.map(|found| format!("; this push has {found}")).unwrap_or_default();
            let headline = "this push is over a limit of the server; nothing was changed";
            Finding::refusal(Code::OverLimit, headline, format!("the limit `{limit}` is {allowed}{found}"))
                .say("push less at once; or ask the administrator to raise the limit in the policy:")
                .say(format!("[limits] {limit} = ..."))
        }
        GitFault::OutOfTime => {
            let headline = "this push takes the server too long to judge; nothing was changed";
            Finding::refusal(Code::OverLimit, headline, "the limit `time` is over")
                .say("push less at once; or ask the administrator to raise the limit in the policy:")
                .say("[limits] time = ...")
        }
        GitFault::Malformed { id, why } => {
            let headline = "this push holds an object that git programs read differently; nothing was changed";
            Finding::refusal(
                Code::MalformedObject,
                headline,
                format!("{} is malformed: {why}", CommitId(*id).short()),
            )
            .say("make the commit again, with git itself:")
            .run(["git", "rebase", "--force-rebase", "-S", "BASE", "TOPIC"])
        }
        GitFault::Unsupported(what) => {
            let headline = "this repository has a shape that countersign does not read";
            Finding::refusal(Code::UnsupportedRepository, headline, what.clone()).say(TELL)
        }
        GitFault::RefName(name) => {
            let headline = "a ref has a confusing name; nothing was changed";
            Finding::refusal(
                Code::ConfusingRef,
                headline,
                format!("`{name}` is not UTF-8, or no full name of a ref"),
            )
            .say("rename it, then push it again:")
            .run(["git", "branch", "-m", "OLD-NAME", "NEW-NAME"])
        }
        GitFault::Missing(id) => unjudged(format!("object {} is not there", CommitId(*id).short()))
            .say("where your clone is shallow, complete it, then push again:")
            .run(["git", "fetch", "--unshallow"]),
        GitFault::Unreadable { id, .. } => unjudged(format!("object {} cannot be read", CommitId(*id).short())),
        GitFault::Setting(_)
        | GitFault::PushLine { .. }
        | GitFault::Ref { .. }
        | GitFault::Helper { .. }
        | GitFault::Io { .. }
        | GitFault::Environment(_) => unjudged("something failed on the server; its log says what"),
    }
}

fn unjudged(what: impl Into<String>) -> Finding {
    let headline = "the server could not judge this push; nothing was changed";
    Finding::refusal(Code::CouldNotJudge, headline, what).say(TELL)
}
