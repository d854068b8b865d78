//! One run of a hook: the repository, the policy as it was before the push, and what judges.

use std::{
    ffi::OsStr,
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
    git::{
        Deadline, GitFault, Merger, Receive, RefWriter, Refs, Repository, Store, Tools, repository::Granularity,
        run,
    },
    model::{
        Decision, ObjectId, Policy, RefName, ReviewPlace, Time, Verdict,
        evidence::{Pusher, RefUpdate},
        policy::Limits,
    },
    trace::{Entry, Trace},
};

/// The most that is read of sshd's file.
const AUTH_INFO: u64 = 64 << 10;

/// The repository, as far as it can be opened without a policy.
pub(super) struct Ground {
    repository: Repository,
    folder: PathBuf,
}

impl Ground {
    pub(super) fn open(world: &World) -> Result<Self, Fault> {
        let git_dir = world.variable("GIT_DIR").map_or_else(|| ".".into(), PathBuf::from);
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
    policy_bytes: Vec<u8>,
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
        let Judge { policy, store, refs, tools, pusher, threads, .. } = &self.judge;
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

    /// Writes to the administrator's trace what the hook meant to do for itself and could not.
    pub(super) fn trace_undone(&self, fault: &GitFault) {
        self.trace.write(&Entry::undone(self.hook, self.received, &fault.to_string()));
    }

    /// Review refs that are used up by what the push moved.
    pub(super) fn used_up(&self, moved: &[RefUpdate]) -> Vec<(RefName, ObjectId)> {
        let Judge { policy, store, refs, .. } = &self.judge;
        gather::used_up(policy, store, refs, moved)
    }

    /// Keeps the withdrawals whose place the push takes with approvals: before that happens, since nothing after it is
    /// certain. What was approved before them stays void, whatever becomes of the approval. A copy too many, where the push
    /// fails later, does no harm.
    pub(super) fn keep_withdrawals(&self, decision: &Decision, updates: &[RefUpdate]) -> Result<(), Fault> {
        if decision.verdict() == Verdict::Refuse && self.granularity() == Granularity::Push {
            return Ok(());
        }
        let Judge { policy, store, refs, .. } = &self.judge;
        let lands = |update: &&RefUpdate| decision.about(&update.name).verdict() == Verdict::Accept;
        let reviews = updates.iter().filter(|update| ReviewPlace::from_ref(&update.name).is_some());
        let reviews: Vec<RefUpdate> = reviews.filter(lands).cloned().collect();
        let writer = self.writer(store.deadline());
        for (name, bytes) in gather::replaced_withdrawals(store, refs, &policy.limits, &reviews)? {
            writer.point_at_blob(refs, &name, &bytes)?;
        }
        Ok(())
    }

    /// What changes refs in the server's own name.
    pub(super) fn writer(&self, deadline: Deadline) -> RefWriter<'_> {
        RefWriter::new(&self.ground.repository, &self.judge.tools, deadline)
    }

    /// The refs as they stood when the hook began.
    pub(super) fn refs(&self) -> &Refs {
        &self.judge.refs
    }

    /// The file that holds the policy, byte for byte.
    pub(super) fn policy_bytes(&self) -> &[u8] {
        &self.judge.policy_bytes
    }

    /// Whether clones may read the policy.
    pub(super) fn publishes(&self) -> bool {
        self.ground.repository.settings().publish
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
    /// unjudged. Asked of the file that runs just now, since `core.hooksPath` may be set where we do not look; and only
    /// what install.sh writes is known to call us.
    pub(super) fn asks_update_hook(&self, running: Option<&Path>) -> bool {
        let Some(running) = running else { return false };
        let Some(folder) = running.parent() else { return false };
        let folder = self.ground.repository.git_dir().join(folder);
        let update = folder.join("update");
        let ours = match running.file_name().and_then(OsStr::to_str) {
            Some("pre-receive") => is_hook(&update, SHIM),
            Some("pre-receive.countersign") => {
                is_hook(&update, CHAIN) && is_hook(&folder.join("update.countersign"), SHIM)
            }
            // Nothing proves that a forge's own hook runs every file beside it.
            _ => false,
        };
        ours && !self.ground.repository.settings().proc_receive
    }
}

/// The update hook as install.sh writes it, but for the two paths.
const SHIM: &str = include_str!("../../../hooks/update");

/// What runs two hooks where git runs one.
const CHAIN: &str = include_str!("../../../hooks/chain");

/// Whether a file is this hook, and git will run it.
fn is_hook(path: &Path, hook: &str) -> bool {
    let same = |text: String| same_but_for_paths(&text).eq(same_but_for_paths(hook));
    is_executable(path) && fs::read_to_string(path).is_ok_and(same)
}

fn same_but_for_paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with("countersign=") && !line.starts_with("site="))
}

impl Judge {
    fn open(ground: &Ground, options: &HookOptions, world: &World) -> Result<Self, Fault> {
        let Ground { repository, folder } = ground;
        let (loaded, policy_bytes) = load::read_with_bytes(&load::find(repository, &options.site)?)?;
        let policy = loaded.policy;
        let Limits { memory, seconds, .. } = policy.limits;
        run::limit_ourselves(memory, seconds.saturating_mul(world.threads as u64))?;
        let receive = Receive::from_environment(repository, &world.environment)?;
        let deadline = Deadline::in_seconds(policy.limits.seconds);
        let store = Store::open(repository, receive.quarantine.as_deref(), &policy.limits, deadline)?;
        let tools = Tools { path: world.search_path(), scratch: folder.clone() };
        let identity = Identity::parse(repository.settings().identity.as_deref())?;
        let said = said(&identity, &receive, world)?;
        let pusher = identity.pusher(said.as_deref(), &policy);
        let refs = repository.refs()?;
        Ok(Self { policy, policy_bytes, store, refs, tools, pusher, threads: world.threads })
    }
}

/// What the one trusted source of identity says.
fn said(identity: &Identity, receive: &Receive, world: &World) -> Result<Option<String>, GitFault> {
    match identity {
        Identity::None => Ok(None),
        Identity::Env(name) => Ok(world.variable(name).map(|value| value.to_string_lossy().into_owned())),
        Identity::SshKey => receive.ssh_user_auth.as_deref().map(auth_info).transpose(),
    }
}

fn auth_info(path: &Path) -> Result<String, GitFault> {
    let fault = |source: io::Error| GitFault::Io { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(fault)?.take(AUTH_INFO).read_to_string(&mut text).map_err(fault)?;
    Ok(text)
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
