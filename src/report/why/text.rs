//! For people.

use super::{Asks, ByHand, Landed, Made, Named, Review, Rule, Says, Step, Why};
use crate::{
    model::{
        Code, Finding, RefName, Severity,
        finding::Asked,
        text::{count, cut},
    },
    report::text::{command, lines, one_line},
};

/// Columns of a subject, a name or an address from outside.
const NAMED: usize = 60;

/// For people.
#[must_use]
pub fn text(why: &Why) -> String {
    let mut page = headline(why);
    match &why.landed {
        Landed::BeforeAdoption(baseline) => {
            page.push_str(&section(made("commit", &why.commit)));
            page.push_str(&section(vec![
                format!("from before adoption (baseline {})", baseline.short()),
                "  its signature was not asked for, and nobody had to review it".to_owned(),
            ]));
        }
        Landed::By(step) => {
            if step.commit.id != why.commit.id {
                page.push_str(&section(made("commit", &why.commit)));
            }
            page.push_str(&section(landed_by(step)));
            let statements = step.statements.iter().map(|review| section(statement(review)));
            page.extend(statements);
            page.extend(step.rules.iter().map(|rule| section(asked(rule, &step.statements))));
            page.push_str("\nto check it by hand:\n");
            page.extend(step.by_hand.iter().map(|step| match step {
                ByHand::Say(words) => lines(2, [words]),
                ByHand::Run(line) => command(line),
            }));
        }
        Landed::Not(branches) => {
            page.push_str(&section(made("commit", &why.commit)));
            page.push('\n');
            match branches.as_slice() {
                [] => page.push_str(&lines(2, ["no branch of the server has it, as far as this clone knows"])),
                all => {
                    page.push_str(&lines(2, ["see how far it is on its way:"]));
                    let shown = |branch: &RefName| {
                        let word = crate::model::text::shell_word(branch.short());
                        command(&format!("git countersign reviews {word}"))
                    };
                    page.extend(all.iter().map(shown));
                }
            }
        }
    }
    page
}

/// `countersign: a.txt:3 is from 1ad5793, which 9fceb02 brought to main; reviewed by Bob Brown`
fn headline(why: &Why) -> String {
    let id = why.commit.id.short();
    let branch = why.branch.short();
    let subject = match &why.line {
        Some(line) => format!("{} is from {id}, which", cut(line, NAMED)),
        None => id,
    };
    let by = |step: &Step| match step.commit.id == why.commit.id {
        true => format!("is on {branch}"),
        false => format!("is on {branch} by {}", step.commit.id.short()),
    };
    let rest = match &why.landed {
        Landed::BeforeAdoption(_) => "is from before adoption".to_owned(),
        Landed::Not(_) => format!("is not on {branch}"),
        Landed::By(step) if !step.is_accepted() => format!("{}, which does not count as reviewed", by(step)),
        Landed::By(step) => {
            let names = step.reviewers().join(", ");
            let reviewed = match (names.is_empty(), step.elsewhere()) {
                (false, _) => format!("reviewed by {names}"),
                (true, Some(elsewhere)) => elsewhere.to_owned(),
                (true, None) => "accepted".to_owned(),
            };
            format!("{}, {reviewed}", by(step))
        }
    };
    one_line(&format!("{subject} {rest}"))
}

/// A block behind an empty line. What is indented stays so.
fn section(block: Vec<String>) -> String {
    String::from("\n") + &lines(0, block)
}

fn made(what: &str, made: &Made) -> Vec<String> {
    let mut block = vec![format!("{what} {} \"{}\"", made.id.short(), cut(&made.subject, NAMED))];
    let mut last: Option<&Named> = None;
    for named in &made.named {
        // Author and committer are one, most of the time.
        if last.is_some_and(|last| last.name == named.name && last.email == named.email) {
            continue;
        }
        let Named { role, name, email, holder } = named;
        let (name, email) = (cut(name, NAMED), cut(email, NAMED));
        let stranger = if holder.is_some() { "" } else { ", whom the policy does not know" };
        block.push(format!("  {role} {name} <{email}>{stranger}"));
        last = Some(named);
    }
    block.push(format!("  {}", made.signature));
    block.extend(made.key.map(|key| format!("    with {key}")));
    if made.update_merge {
        block.push("  it only takes the branch in: nobody's work".to_owned());
    }
    block
}

fn landed_by(step: &Step) -> Vec<String> {
    let what = if step.brought.is_some() { "landed by merge" } else { "landed by itself, a direct push:" };
    let mut block = made(what, &step.commit);
    if let Some((head, commits)) = step.brought {
        let onto = step.onto.map(|onto| onto.short()).unwrap_or_default();
        block.push(format!("  brings {} up to {} onto {onto}", count(commits, "commit"), head.short()));
        block.push(if step.mechanical {
            "  its tree is what git makes of its parents".to_owned()
        } else {
            "  its tree is more than git makes of its parents".to_owned()
        });
    }
    block
}

fn statement(review: &Review) -> Vec<String> {
    let mut block = Vec::new();
    let by = review.says.as_ref().map(|says| cut(&says.by, NAMED));
    let who = match (&review.person, &by) {
        (Some(person), Some(by)) => format!("{person} <{by}>"),
        (None, Some(by)) => by.clone(),
        (_, None) => "a statement".to_owned(),
    };
    match &review.why_not {
        None => block.push(format!("reviewed by {who}")),
        Some((code, why)) => {
            block.push(format!("not counted: {who}"));
            let code = code.map(|code| format!("{code}: ")).unwrap_or_default();
            block.push(format!("  {code}{why}"));
        }
    }
    if let Some(key) = review.key {
        block.push(format!("  with {key}"));
    }
    if let Some(Says { by: _, at, verdict, head, base, tree }) = &review.says {
        block.push(format!("  {verdict} at {at}"));
        block.push(format!("  head {head}"));
        block.push(format!("  base {base}"));
        block.push(format!("  tree {tree}"));
    }
    block
}

fn asked(rule: &Rule, statements: &[Review]) -> Vec<String> {
    let Asked { file, line, table } = &rule.asked_by;
    let mut block = vec![format!("asked for by {file}:{line} {table}")];
    for Asks { paths, needed, approved, elsewhere } in &rule.asks {
        let what = paths.as_ref().map(|paths| format!(" for {paths}")).unwrap_or_default();
        let names = if approved.is_empty() { String::new() } else { format!(": {}", approved.join(", ")) };
        block.push(match elsewhere {
            Some(elsewhere) => format!("  {elsewhere}"),
            None => format!("  {} of {needed} countersignatures{what}{names}", approved.len()),
        });
    }
    for finding in rule.findings.iter().filter(|finding| is_news(finding, statements)) {
        block.push(format!("  {}[{}]: {}", finding.severity.as_str(), finding.code, finding.what));
        block.extend(finding.place.iter().map(|place| format!("    {place}")));
    }
    block
}

/// Whether it was not said above: the statements are told one by one.
fn is_news(finding: &Finding, statements: &[Review]) -> bool {
    let of_statement = |review: &Review| matches!(review.why_not, Some((Some(code), _)) if code == finding.code);
    let shortage = matches!(finding.code, Code::SelfApproval | Code::NotApproved);
    finding.severity != Severity::Note && (shortage || !statements.iter().any(of_statement))
}
