//! What would be pushed: the words `REF|RANGE` and `--onto REF`, and what git tells its pre-push hook.

use std::io::{BufRead, Read as _};

use super::{Desk, Fetched, Trouble, topic};
use crate::{
    git::walk,
    model::{CommitId, ObjectId, RefName, evidence::RefUpdate},
};

/// Bytes that git writes for 100,000 refs with long names.
const PUSH_BYTES: u64 = 64 << 20;

/// One ref update that somebody asks about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// As it would be pushed.
    pub update: RefUpdate,
    /// The branch has it already: a question about what landed, judged as if it came today.
    pub landed: bool,
}

impl Outgoing {
    /// Reads what the user calls it. Without words: the current branch.
    ///
    /// # Errors
    /// Where it names nothing, or nothing says where it would be pushed to.
    pub fn find(desk: &mut Desk, what: Option<&str>, onto: Option<&str>) -> Result<Self, Trouble> {
        let what = what.filter(|what| !matches!(*what, "HEAD" | "@"));
        match what.map(|what| (what, what.split_once(".."))) {
            Some((range, Some((old, new)))) => of_range(desk, range, (old, new), onto),
            Some((name, None)) => of_ref(desk, name, onto),
            None => of_current_branch(desk, onto),
        }
    }
}

/// Reads `<local ref> SP <local id> SP <remote ref> SP <remote id> LF` (githooks(5)), zeros for what is not there. The local
/// ref is what the user wrote, and may hold blanks.
///
/// # Errors
/// Where git would not have written it.
pub fn of_pre_push(input: &mut dyn BufRead) -> Result<Vec<RefUpdate>, Trouble> {
    let odd = || Trouble::failed("this is not what git tells a pre-push hook");
    let mut text = Vec::new();
    input.take(PUSH_BYTES).read_to_end(&mut text).map_err(|_| odd())?;
    let text = String::from_utf8_lossy(&text);
    let updates = text.lines().map(|line| {
        let mut words = line.rsplitn(4, ' ');
        let (old, name, new) = (words.next()?, words.next()?, words.next()?);
        words.next()?;
        Some(RefUpdate { name: RefName::new(name)?, old: id_or_zeros(old)?, new: id_or_zeros(new)? })
    });
    updates.collect::<Option<Vec<_>>>().ok_or_else(odd)
}

fn id_or_zeros(hex: &str) -> Option<Option<ObjectId>> {
    let id = ObjectId::from_hex(hex.as_bytes()).ok()?;
    Some(Some(id).filter(|id| !id.is_null()))
}

fn of_current_branch(desk: &mut Desk, onto: Option<&str>) -> Result<Outgoing, Trouble> {
    let head = desk.clone.git().ask(["symbolic-ref", "--quiet", "HEAD"])?;
    match (head.text().and_then(RefName::new), onto) {
        (Some(branch), _) => of_ref(desk, branch.as_str(), onto),
        (None, Some(_)) => of_ref(desk, "HEAD", onto),
        (None, None) => Err(Trouble::failed("HEAD is on no branch: where would it be pushed to?")
            .say("say so; or name a branch:")
            .run(["git", "countersign", "verify", "--onto", "BRANCH"])
            .run(["git", "countersign", "verify", "TOPIC"])),
    }
}

fn of_ref(desk: &mut Desk, name: &str, onto: Option<&str>) -> Result<Outgoing, Trouble> {
    let candidates = match name.strip_prefix("refs/") {
        Some(_) => vec![name.to_owned()],
        None => vec![format!("refs/heads/{name}"), format!("refs/tags/{name}")],
    };
    for full in candidates {
        if let (Some(own), Some(new)) = (RefName::new(full.as_str()), object(desk, &full)?) {
            let there = onto.map_or(Ok(own), |onto| named(desk, onto))?;
            return outgoing(desk, there, new);
        }
    }
    let Some(onto) = onto else {
        let mut trouble = Trouble::failed(format!("`{name}` is neither a local branch nor a tag"));
        if desk.clone.commit(name)?.is_some() {
            trouble = trouble.say("say where that commit would be pushed to:");
            return Err(trouble.run(["git", "countersign", "verify", name, "--onto", "BRANCH"]));
        }
        return Err(trouble.say("see what there is:").run(["git", "branch", "--all"]));
    };
    match desk.clone.commit(name)? {
        Some(new) => {
            let there = named(desk, onto)?;
            outgoing(desk, there, new.0)
        }
        None => Err(no_commit(name)),
    }
}

/// From OLD to NEW, wherever the branch stands today.
fn of_range(
    desk: &mut Desk,
    range: &str,
    (old, new): (&str, &str),
    onto: Option<&str>,
) -> Result<Outgoing, Trouble> {
    if new.starts_with('.') {
        return Err(Trouble::failed(format!("`{range}` has three dots, and a branch moves from OLD..NEW")));
    }
    let there = match onto {
        Some(onto) => named(desk, onto)?,
        None => topic::target(desk, None)?,
    };
    let commit = |desk: &Desk, text: &str| desk.clone.commit(text)?.ok_or_else(|| no_commit(text));
    let new = commit(desk, if new.is_empty() { "HEAD" } else { new })?;
    let mut outgoing = outgoing(desk, there, new.0)?;
    if !old.is_empty() {
        outgoing.landed = match outgoing.update.old {
            Some(tip) if desk.store.is_commit(CommitId(tip))? => {
                walk::is_ancestor(&desk.store, new, CommitId(tip))?
            }
            Some(_) | None => false,
        };
        outgoing.update.old = Some(commit(desk, old)?.0);
    }
    Ok(outgoing)
}

/// The update that moves a ref of the server to this object, from where it stands there.
fn outgoing(desk: &mut Desk, there: RefName, new: ObjectId) -> Result<Outgoing, Trouble> {
    let short = there.short();
    let fetched = there.branch_name().is_some() && desk.refs.exists(&there)?;
    if !fetched && desk.fetched == Fetched::Now {
        let beside = [format!("refs/tags/{short}"), format!("refs/{short}")];
        let beside = beside.into_iter().filter_map(RefName::new).filter(|name| *name != there);
        let names: Vec<RefName> = std::iter::once(there.clone()).chain(beside).collect();
        desk.look_at(&names)?;
    }
    // A clone's own tag says nothing about the server's.
    let known = there.tag_name().is_none() || desk.fetched == Fetched::Now;
    let old = if known { desk.refs.tip(&there)? } else { None };
    Ok(Outgoing { update: RefUpdate { name: there, old, new: Some(new) }, landed: false })
}

fn named(desk: &Desk, onto: &str) -> Result<RefName, Trouble> {
    let short = onto.strip_prefix(&format!("{}/", desk.clone.remote())).unwrap_or(onto);
    let name =
        if onto.starts_with("refs/") { RefName::new(onto) } else { RefName::new(format!("refs/heads/{short}")) };
    name.ok_or_else(|| Trouble::failed(format!("`{onto}` is no name for a branch")))
}

fn object(desk: &Desk, name: &str) -> Result<Option<ObjectId>, Trouble> {
    let answer = desk.clone.git().ask(["rev-parse", "--verify", "--quiet", "--end-of-options", name])?;
    Ok(answer.text().and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok()))
}

fn no_commit(text: &str) -> Trouble {
    Trouble::failed(format!("this clone has no commit that is called `{text}`")).say("see what there is:").run([
        "git",
        "log",
        "--oneline",
        "--all",
    ])
}
