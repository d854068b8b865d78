//! One run of a hook: the repository, the policy as it was before the push, and what judges.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{faults::Fault, verdicts::Verdicts};
use crate::{
    cli::HookOptions,
    commands::{World, load},
    decide::decide,
    gather::{self, Depth, Identity, Sources},
    git::{Deadline, GitFault, Merger, Receive, Refs, Repository, Store, Tools, repository::Granularity, run},
    model::{
        Decision, Policy, Time, Verdict,
        evidence::{Pusher, RefUpdate},
        policy::Limits,
    },
    trace::{Entry, Trace},
};

/// The most that is read of sshd's file.
const AUTH_INFO: u64 = 64 << 10;

/// Where programs are looked for when the environment does not say.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The repository, as far as it can be opened without a policy.
pub(super) struct Ground {
    repository: Repository,
    folder: PathBuf,
}

impl Ground {
    pub(super) fn open(world: &World) -> Result<Self, Fault> {
        let git_dir = variable(world, "GIT_DIR").map_or_else(|| ".".into(), PathBuf::from);
        let repository = Repository::open(&git_dir)?;
        let folder = repository.git_dir().join("countersign");
        fs::create_dir_all(&folder).map_err(|source| GitFault::Io { path: folder.clone(), source })?;
        Ok(Self { repository, folder })
    }

    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.repository.hash()
    }

    /// What pre-receive left for other hooks of this push.
    pub(super) fn verdicts(&self) -> Verdicts {
        Verdicts::of_this_push(&self.folder)
    }
}

/// One run of a hook.
pub(super) struct Session {
    hook: &'static str,
    ground: Ground,
    judge: Judge,
    trace: Trace,
    received: Time,
}

/// What judges.
struct Judge {
    policy: Policy,
    store: Store,
    refs: Refs,
    tools: Tools,
    pusher: Pusher,
    threads: usize,
}

impl Session {
    /// Opens everything that a verdict needs. What fails here is traced where that is possible already.
    pub(super) fn open(
        ground: Ground,
        options: &HookOptions,
        world: &World,
        hook: &'static str,
    ) -> Result<Self, Fault> {
        let trace = Trace::open(ground.repository.settings().trace.as_deref(), &ground.folder, world.started)?;
        match Judge::open(&ground, options, world) {
            Ok(judge) => Ok(Self { hook, ground, judge, trace, received: world.now }),
            Err(fault) => {
                trace.write(&Entry::unjudged(hook, world.now, &fault.decision(), &fault.inside()));
                Err(fault)
            }
        }
    }

    /// Judges ref updates. The quick walk proves an acceptance; before a refusal everything is walked exactly.
    pub(super) fn judge(&self, updates: &[RefUpdate]) -> Result<Decision, Fault> {
        let Judge { policy, store, refs, tools, pusher, threads } = &self.judge;
        let merger = Merger::new(store, tools.clone());
        let sources = Sources { policy, store, refs, merger: &merger, threads: *threads };
        let gather = |depth| gather::gather(&sources, updates, pusher.clone(), self.received, depth);
        let evidence = gather(Depth::Quick)?;
        let decision = decide(policy, &evidence);
        if decision.verdict() == Verdict::Accept || evidence.exact {
            return Ok(decision);
        }
        drop(evidence);
        Ok(decide(policy, &gather(Depth::Exact)?))
    }

    /// Writes a verdict to the administrator's trace.
    pub(super) fn trace(&self, decision: &Decision, updates: &[RefUpdate]) {
        self.trace.write(&Entry::judged(
            self.hook,
            self.received,
            &self.judge.policy,
            &self.judge.pusher,
            decision,
            updates,
        ));
    }

    /// Writes why there is no verdict to the administrator's trace.
    pub(super) fn trace_fault(&self, fault: &Fault) {
        self.trace.write(&Entry::unjudged(self.hook, self.received, &fault.decision(), &fault.inside()));
    }

    /// Writes what happened to the administrator's trace.
    pub(super) fn trace_moved(&self, updates: &[RefUpdate]) {
        self.trace.write(&Entry::moved(self.hook, self.received, updates));
    }

    pub(super) fn ground(&self) -> &Ground {
        &self.ground
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.judge.policy.limits
    }

    pub(super) fn granularity(&self) -> Granularity {
        self.ground.repository.settings().granularity
    }

    /// Whether git will run our update hook for every ref: without it, what pre-receive lets through by granularity lands
    /// unjudged. Asked of the file that runs just now, since `core.hooksPath` may be set where we do not look.
    pub(super) fn asks_update_hook(&self, running: Option<&Path>) -> bool {
        let Some((folder, file)) = running.and_then(beside_update) else { return false };
        let folder = self.ground.repository.git_dir().join(folder);
        let ours = folder.join(file);
        let text = fs::read_to_string(&ours).unwrap_or_default();
        let calls_us =
            text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("hook update "));
        !self.ground.repository.settings().proc_receive
            && is_executable(&folder.join("update"))
            && is_executable(&ours)
            && calls_us
    }
}

/// The folder of hooks, and the update hook in it that stands where this pre-receive hook does: `hooks/pre-receive` and
/// `update`, `hooks/pre-receive.countersign` and `update.countersign`, `hooks/pre-receive.d/50-x` and `update.d/50-x`.
fn beside_update(running: &Path) -> Option<(PathBuf, PathBuf)> {
    let file = running.file_name()?.to_str()?;
    let folder = running.parent()?;
    if let Some(rest) = file.strip_prefix("pre-receive") {
        return Some((folder.to_owned(), PathBuf::from(format!("update{rest}"))));
    }
    let inner = folder.file_name()?.to_str()?.strip_prefix("pre-receive")?;
    Some((folder.parent()?.to_owned(), Path::new(&format!("update{inner}")).join(file)))
}

impl Judge {
    fn open(ground: &Ground, options: &HookOptions, world: &World) -> Result<Self, Fault> {
        let Ground { repository, folder } = ground;
        let policy = load::read(&load::find(repository, &options.site)?)?.policy;
        let Limits { memory, seconds, .. } = policy.limits;
        run::limit_ourselves(memory, seconds.saturating_mul(world.threads as u64))?;
        let receive = Receive::from_environment(repository, &world.environment)?;
        let deadline = Deadline::in_seconds(policy.limits.seconds);
        let store = Store::open(repository, receive.quarantine.as_deref(), &policy.limits, deadline)?;
        let path = variable(world, "PATH").map_or_else(|| PATH.into(), OsString::from);
        let tools = Tools { path, scratch: folder.clone() };
        let identity = Identity::parse(repository.settings().identity.as_deref())?;
        let said = said(&identity, &receive, world)?;
        let pusher = identity.pusher(said.as_deref(), &policy);
        let refs = repository.refs()?;
        Ok(Self { policy, store, refs, tools, pusher, threads: world.threads })
    }
}

/// What the one trusted source of identity says.
fn said(identity: &Identity, receive: &Receive, world: &World) -> Result<Option<String>, GitFault> {
    match identity {
        Identity::None => Ok(None),
        Identity::Env(name) => Ok(variable(world, name).map(|value| value.to_string_lossy().into_owned())),
        Identity::SshKey => receive.ssh_user_auth.as_deref().map(auth_info).transpose(),
    }
}

fn auth_info(path: &Path) -> Result<String, GitFault> {
    let fault = |source: io::Error| GitFault::Io { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(fault)?.take(AUTH_INFO).read_to_string(&mut text).map_err(fault)?;
    Ok(text)
}

fn variable<'a>(world: &'a World, name: &str) -> Option<&'a OsStr> {
    world.environment.get(OsStr::new(name)).map(OsString::as_os_str)
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
