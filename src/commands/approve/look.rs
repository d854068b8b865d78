//! What a reviewer is shown: people, commits, and what the merge would do to the branch.

use std::collections::BTreeSet;

use super::Subject;
use crate::{
    client::{Desk, Me, Trouble},
    git::walk,
    model::{
        CommitId, Holder, Signature, TreeId,
        evidence::{Commit, Ident, Mechanical},
        statement::{Stance, Tree},
        text::{count, cut},
    },
    report::text,
};

/// Columns of a subject.
const SUBJECT: usize = 50;

/// Columns of a name or an address from outside.
const NAME: usize = 40;

/// Commits that are listed before the rest is counted.
const LISTED: usize = 100;

/// What is looked at.
pub(super) struct Look<'a> {
    subject: &'a Subject,
    /// The branch as it is, or as it would be with what this person approved last.
    from: TreeId,
    /// As it would be.
    to: TreeId,
    /// What this person approved last.
    since: Option<CommitId>,
}

impl<'a> Look<'a> {
    pub(super) fn at(desk: &Desk, subject: &'a Subject, me: &Me, full: bool) -> Result<Self, Trouble> {
        subject.refuse_what_cannot_be_merged()?;
        // Kept in the clone, so that git can compare it.
        let to = match subject.tree {
            Tree::Exact(tree) => tree,
            Tree::Auto => clean(desk.mechanical(subject.tip, subject.topic.head)?)?,
        };
        let renewed = if full || subject.made.is_some() { None } else { renewed(desk, subject, me)? };
        let from = match renewed {
            Some((_, tree)) => tree,
            None => desk.store.links(subject.tip)?.tree,
        };
        Ok(Self { subject, from, to, since: renewed.map(|(head, _)| head) })
    }

    /// An approval that nobody would count is not asked for.
    pub(super) fn refuse_what_is_for_nothing(&self, desk: &Desk, me: &Me) -> Result<(), Trouble> {
        let Subject { proposed, target, .. } = self.subject;
        let target = target.short();
        if proposed.is_contributor(me.person) {
            let mut trouble = Trouble::no("you worked on this change, so your approval would not count");
            trouble.place = self.commits_of(desk, me);
            return Err(trouble.say(match proposed.standings.first().and_then(|standing| standing.asks.first()) {
                Some(ask) if !ask.could.is_empty() => format!("ask one of {}", desk.names(&ask.could)),
                Some(_) | None => String::from("ask somebody who did not"),
            }));
        }
        if !proposed.may_approve(me.person) {
            let rules = proposed.standings.iter().map(|standing| standing.asked_by.table.clone());
            return Err(Trouble::no(format!("you are not among those who may approve for {target}"))
                .at(format!("the rule is {}", rules.collect::<Vec<_>>().join(", ")))
                .say("where that is wrong, have the administrator give you the role"));
        }
        Ok(())
    }

    pub(super) fn text(&self, desk: &Desk, only_stat: bool) -> Result<String, Trouble> {
        let Subject { topic, target, tip, proposed, made, .. } = self.subject;
        let name = topic.name();
        let mut page =
            text::one_line(&format!("{name} ({}) into {} ({})", topic.head.short(), target.short(), tip.short()));
        let mut lines =
            vec![format!("in {}", desk.policy.repository), format!("worked on by {}", self.people(desk))];
        if let Some(merge) = made {
            lines.push(format!("exactly as merge {} resolves it", merge.short()));
        }
        lines.extend(topic.own.map(|own| {
            format!("your own branch {name} stands elsewhere ({}): this is what the server has", own.short())
        }));
        lines.extend(desk.missing(target, proposed));
        for trouble in proposed.standings.iter().flat_map(|standing| &standing.troubles) {
            lines.push(format!("{}[{}]: {}", trouble.severity.as_str(), trouble.code, trouble.what));
        }
        page.push_str(&text::lines(2, lines));
        page.push('\n');
        let change = proposed.merge().map(|merge| merge.change.as_slice()).unwrap_or_default();
        let seen = self.already_seen(desk)?;
        let new: Vec<&Commit> = change.iter().filter(|commit| !seen.contains(&commit.id)).collect();
        let mut heading = count(new.len(), "commit");
        if let Some(since) = self.since {
            heading = format!("{heading} since {}, which you approved (--full shows all)", since.short());
        }
        page.push_str(&text::lines(2, [format!("{heading}:")]));
        page.push_str(&text::lines(4, new.iter().take(LISTED).map(|commit| commit_line(desk, commit))));
        if new.len() > LISTED {
            page.push_str(&text::lines(4, [format!("and {} more", new.len() - LISTED)]));
        }
        page.push('\n');
        page.push_str(&diff(desk, (self.from, self.to), &["--stat=76"])?);
        if !only_stat {
            page.push('\n');
            page.push_str(&diff(desk, (self.from, self.to), &["--patch"])?);
        }
        Ok(page)
    }

    fn already_seen(&self, desk: &Desk) -> Result<BTreeSet<CommitId>, Trouble> {
        let Some(since) = self.since else { return Ok(BTreeSet::new()) };
        let change = walk::change_exact(&desk.store, since, self.subject.tip, &[])?;
        Ok(change.commits.into_iter().map(|(id, _)| id).collect())
    }

    /// Everybody whom any commit names, whether or not the policy knows them.
    fn people(&self, desk: &Desk) -> String {
        let standings = &self.subject.proposed.standings;
        let known: BTreeSet<_> =
            standings.iter().flat_map(|standing| standing.contributors.iter().copied()).collect();
        let mut names: Vec<String> = known.into_iter().map(|person| desk.called(person).to_owned()).collect();
        let change = self.subject.proposed.merge().map(|merge| merge.change.as_slice()).unwrap_or_default();
        let written = change.iter().filter(|commit| !commit.update_merge);
        let named =
            written.flat_map(|commit| [&commit.author, &commit.committer].into_iter().chain(&commit.co_authors));
        let strangers: BTreeSet<String> = named
            .filter(|ident| desk.policy.holder_of_email(&ident.email).is_none())
            .map(|Ident { name, email }| {
                let (name, email) = (quoted(name, NAME), cut(email, NAME));
                format!("{name} <{email}>, whom the policy does not know")
            })
            .collect();
        names.extend(strangers);
        if names.is_empty() { String::from("nobody") } else { names.join(", ") }
    }

    fn commits_of(&self, desk: &Desk, me: &Me) -> Vec<String> {
        let mine = |email: &str| desk.policy.holder_of_email(email) == Some(Holder::Person(me.person));
        let touched = |commit: &&Commit| {
            let mut named = [&commit.author, &commit.committer].into_iter().chain(&commit.co_authors);
            named.any(|ident| mine(&ident.email)) || signer(commit) == Some(Holder::Person(me.person))
        };
        let change = self.subject.proposed.merge().map(|merge| merge.change.as_slice()).unwrap_or_default();
        change.iter().filter(touched).take(3).map(|commit| commit_line(desk, commit)).collect()
    }
}

/// Two trees, so no merge base and no three dots: what the merge does to the branch, and nothing else. The settings of
/// the clone, and the attributes of the topic, hide nothing.
pub(super) fn diff(desk: &Desk, (from, to): (TreeId, TreeId), how: &[&str]) -> Result<String, Trouble> {
    const PLAIN: [&str; 14] = [
        "-c",
        "core.quotePath=true",
        "diff",
        "-O/dev/null",
        "--no-color",
        "--no-relative",
        "--no-ext-diff",
        "--no-textconv",
        "--text",
        "--ignore-submodules=none",
        "--submodule=short",
        "--find-renames",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ];
    let trees = [from.to_string(), to.to_string()];
    let words = PLAIN.iter().copied().chain(how.iter().copied()).chain(trees.iter().map(String::as_str));
    let answer = desk.clone.git().ask(words.chain(["--"]))?;
    if !answer.is_fine() {
        return Err(Trouble::failed("git diff failed").at(answer.errors.trim().to_owned()));
    }
    let shown = text::verbatim(&answer.output);
    Ok(if shown.is_empty() { String::from("  nothing changes\n") } else { shown })
}

fn clean(mechanical: Mechanical) -> Result<TreeId, Trouble> {
    match mechanical {
        Mechanical::Clean(tree) => Ok(tree),
        Mechanical::Conflict | Mechanical::NotAsked => Err(Trouble::no("this does not merge without conflicts")),
    }
}

fn signer(commit: &Commit) -> Option<Holder> {
    commit.signature.verified().map(|proof| proof.holder())
}

/// `711abda, signed by Alice Archer: "Round half to even"`: what is proven first, and what anybody may have written in
/// quotes that it cannot end.
fn commit_line(desk: &Desk, commit: &Commit) -> String {
    let id = commit.id.short();
    let subject = quoted(&commit.subject, SUBJECT);
    let signer = commit.signature.verified().map(|proof| proof.holder());
    let by = match &commit.signature {
        Signature::Verified(proof) => format!("signed by {}", desk.policy.called(proof.holder())),
        Signature::Absent => String::from("not signed"),
        Signature::UnknownKey(key) => format!("signed by {key}, whom nobody knows"),
        Signature::Refused(why) => format!("its signature proves nothing ({why})"),
        Signature::Unchecked(_) => String::from("from before adoption"),
    };
    if signer.is_some() && desk.policy.holder_of_email(&commit.author.email) == signer {
        return format!("{id}, {by}: {subject}");
    }
    format!("{id}, {by}: {subject} by {}", quoted(&commit.author.name, NAME))
}

/// Words from outside, which end where their quotes do.
fn quoted(text: &str, columns: usize) -> String {
    format!("\"{}\"", cut(text, columns).replace('"', "'"))
}

/// What this person approved last of the same topic, and what the branch would be with that: where that approval would
/// still be good, only what came since is new. The server's own measure says whether it is.
fn renewed(desk: &Desk, subject: &Subject, me: &Me) -> Result<Option<(CommitId, TreeId)>, Trouble> {
    let Subject { topic, target, tip, .. } = subject;
    let seen = topic.branch.as_ref().map(|branch| desk.clone.seen_tips(branch)).transpose()?.unwrap_or_default();
    let mut mine: Vec<_> = desk
        .waiting(|place| place.person == me.id && place.target == *target)?
        .into_iter()
        .filter(|waiting| waiting.is(me.person, target, Stance::Approve) && waiting.place.head != topic.head)
        .filter_map(|waiting| waiting.read.ok())
        .filter(|signed| signed.statement.tree == Tree::Auto)
        .map(|signed| signed.statement)
        .collect();
    mine.sort_by_key(|statement| std::cmp::Reverse(statement.at));
    for statement in mine {
        let head = statement.head;
        if !desk.store.is_commit(head)? || !desk.store.is_commit(statement.base)? {
            continue;
        }
        let of_this_topic = seen.contains(&head) || walk::is_ancestor(&desk.store, head, topic.head)?;
        let landed = walk::is_ancestor(&desk.store, head, *tip)?;
        if !of_this_topic || landed {
            continue;
        }
        let seen_from = walk::merge_bases(&desk.store, head, statement.base)?;
        let now_from = walk::merge_bases(&desk.store, head, *tip)?;
        if seen_from.len() != 1 || seen_from != now_from {
            continue;
        }
        if let Mechanical::Clean(tree) = desk.mechanical(*tip, head)? {
            return Ok(Some((head, tree)));
        }
    }
    Ok(None)
}
