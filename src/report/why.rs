//! Who had a part in a commit and how it landed, for people and as JSON. The JSON is frozen under its version, as
//! report/json.rs says.

use serde::Serialize;

use super::{
    json::FindingV1,
    text::{command, lines, one_line},
};
use crate::model::{
    Code, CommitId, Finding, Fingerprint, RefName, Severity, Time,
    finding::Asked,
    statement::Tree,
    text::{count, cut, escape},
};

/// The version of the JSON.
pub const VERSION: u32 = 1;

/// Columns of a subject, a name or an address from outside.
const NAMED: usize = 60;

/// What there is to say about a commit, as it came from outside.
#[derive(Clone, Debug)]
pub struct Why {
    /// The line that was asked about, `FILE:LINE`.
    pub line: Option<String>,
    /// The commit.
    pub commit: Made,
    /// The branch.
    pub branch: RefName,
    /// How it stands to the branch.
    pub landed: Landed,
}

/// A commit and who made it.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
    /// Whom it names, and as what: `author`, `committer`, `co-author`.
    pub named: Vec<Named>,
    /// What its signature proves, in words.
    pub signature: String,
    /// The person or service that signed, where that is proven.
    pub signer: Option<String>,
    /// The key that signed, whoever has it.
    pub key: Option<Fingerprint>,
    /// It only brings the branch into a topic.
    pub update_merge: bool,
}

/// Somebody whom a commit names.
#[derive(Clone, Debug)]
pub struct Named {
    /// `author`, `committer`, `co-author`.
    pub role: &'static str,
    /// As written.
    pub name: String,
    /// As written.
    pub email: String,
    /// Whose address that is in the policy.
    pub holder: Option<String>,
}

/// How a commit stands to a branch.
#[derive(Clone, Debug)]
pub enum Landed {
    /// It is a baseline of the policy, or an ancestor of one: this.
    BeforeAdoption(CommitId),
    /// By a step.
    By(Box<Step>),
    /// Not at all; it is on these.
    Not(Vec<RefName>),
}

/// The step by which it landed.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's own commit.
    pub commit: Made,
    /// Where the branch stood.
    pub onto: Option<CommitId>,
    /// What was merged, and how many commits that brought.
    pub brought: Option<(CommitId, usize)>,
    /// Its tree is what git makes of its parents.
    pub mechanical: bool,
    /// Its statements.
    pub statements: Vec<Review>,
    /// What each rule says.
    pub rules: Vec<Rule>,
    /// How to check all this without this program.
    pub by_hand: Vec<ByHand>,
}

/// One statement of the step.
#[derive(Clone, Debug)]
pub struct Review {
    /// What it says. `None` where it cannot be read.
    pub says: Option<Says>,
    /// The person whose key signed, where that is proven.
    pub person: Option<String>,
    /// That key.
    pub key: Option<Fingerprint>,
    /// Why no rule counts it. `None`: one does.
    pub why_not: Option<(Option<Code>, String)>,
}

/// What a statement says.
#[derive(Clone, Debug)]
pub struct Says {
    /// The address.
    pub by: String,
    /// When.
    pub at: Time,
    /// `approve`
    pub verdict: &'static str,
    /// The reviewed commit.
    pub head: CommitId,
    /// What it was compared with.
    pub base: CommitId,
    /// What may come of it.
    pub tree: Tree,
}

/// What one rule says of the step.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where it stands.
    pub asked_by: Asked,
    /// What it asks for.
    pub asks: Vec<Asks>,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
}

/// A number of approvals.
#[derive(Clone, Debug)]
pub struct Asks {
    /// Of paths. `None`: for every change.
    pub paths: Option<String>,
    /// How many.
    pub needed: usize,
    /// Who approved.
    pub approved: Vec<String>,
    /// Where it was reviewed already.
    pub elsewhere: Option<String>,
}

/// One step of a check by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ByHand {
    /// Words.
    Say(String),
    /// A line for a POSIX shell, its words quoted.
    Run(String),
}

impl Step {
    /// Whether every rule takes it for reviewed, and there is one.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        let refused = |finding: &Finding| finding.severity == Severity::Error;
        !self.rules.is_empty() && !self.rules.iter().any(|rule| rule.findings.iter().any(refused))
    }

    fn reviewers(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for review in self.statements.iter().filter(|review| review.why_not.is_none()) {
            names.extend(review.person.as_deref().filter(|name| !names.contains(name)));
        }
        names
    }

    fn elsewhere(&self) -> Option<&str> {
        self.rules.iter().flat_map(|rule| &rule.asks).find_map(|asks| asks.elsewhere.as_deref())
    }
}

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

/// As one line of JSON.
#[must_use]
pub fn json(why: &Why) -> String {
    serde_json::to_string(&WhyV1::from(why)).map_or_else(|_| String::new(), |line| line + "\n")
}

#[derive(Serialize)]
struct WhyV1 {
    version: u32,
    line: Option<String>,
    commit: CommitV1,
    #[serde(rename = "ref")]
    branch: String,
    /// `landed`, `before-adoption` or `elsewhere`.
    state: &'static str,
    baseline: Option<String>,
    branches: Vec<String>,
    step: Option<StepV1>,
}

#[derive(Serialize)]
struct CommitV1 {
    id: String,
    subject: String,
    named: Vec<NamedV1>,
    signature: String,
    signer: Option<String>,
    key: Option<String>,
    update_merge: bool,
}

#[derive(Serialize)]
struct NamedV1 {
    role: &'static str,
    name: String,
    email: String,
    holder: Option<String>,
}

#[derive(Serialize)]
struct StepV1 {
    commit: CommitV1,
    onto: Option<String>,
    head: Option<String>,
    commits: usize,
    mechanical: bool,
    accepted: bool,
    statements: Vec<StatementV1>,
    rules: Vec<RuleV1>,
    by_hand: Vec<String>,
}

#[derive(Serialize)]
struct StatementV1 {
    by: Option<String>,
    at: Option<String>,
    verdict: Option<&'static str>,
    head: Option<String>,
    base: Option<String>,
    tree: Option<String>,
    person: Option<String>,
    key: Option<String>,
    counts: bool,
    code: Option<&'static str>,
    why_not: Option<String>,
}

#[derive(Serialize)]
struct RuleV1 {
    file: String,
    line: u32,
    table: String,
    asks: Vec<AsksV1>,
    findings: Vec<FindingV1>,
}

#[derive(Serialize)]
struct AsksV1 {
    paths: Option<String>,
    needed: usize,
    approved: Vec<String>,
    elsewhere: Option<String>,
}

impl From<&Why> for WhyV1 {
    fn from(why: &Why) -> Self {
        let Why { line, commit, branch, landed } = why;
        let (state, baseline, branches, step) = match landed {
            Landed::BeforeAdoption(baseline) => ("before-adoption", Some(baseline.to_string()), Vec::new(), None),
            Landed::By(step) => ("landed", None, Vec::new(), Some(StepV1::from(step.as_ref()))),
            Landed::Not(branches) => {
                ("elsewhere", None, branches.iter().map(|branch| escape(branch.as_str())).collect(), None)
            }
        };
        Self {
            version: VERSION,
            line: line.as_deref().map(escape),
            commit: commit.into(),
            branch: escape(branch.as_str()),
            state,
            baseline,
            branches,
            step,
        }
    }
}

impl From<&Made> for CommitV1 {
    fn from(made: &Made) -> Self {
        let Made { id, subject, named, signature, signer, key, update_merge } = made;
        let named = named.iter().map(|Named { role, name, email, holder }| NamedV1 {
            role,
            name: escape(name),
            email: escape(email),
            holder: holder.as_deref().map(escape),
        });
        Self {
            id: id.to_string(),
            subject: escape(subject),
            named: named.collect(),
            signature: escape(signature),
            signer: signer.as_deref().map(escape),
            key: key.map(|key| key.to_string()),
            update_merge: *update_merge,
        }
    }
}

impl From<&Step> for StepV1 {
    fn from(step: &Step) -> Self {
        let by_hand = step.by_hand.iter().filter_map(|step| match step {
            ByHand::Run(line) => Some(escape(line)),
            ByHand::Say(_) => None,
        });
        Self {
            commit: (&step.commit).into(),
            onto: step.onto.map(|onto| onto.to_string()),
            head: step.brought.map(|(head, _)| head.to_string()),
            commits: step.brought.map_or(0, |(_, commits)| commits),
            mechanical: step.mechanical,
            accepted: step.is_accepted(),
            statements: step.statements.iter().map(StatementV1::from).collect(),
            rules: step.rules.iter().map(RuleV1::from).collect(),
            by_hand: by_hand.collect(),
        }
    }
}

impl From<&Review> for StatementV1 {
    fn from(review: &Review) -> Self {
        let Review { says, person, key, why_not } = review;
        let says = says.as_ref();
        Self {
            by: says.map(|says| escape(&says.by)),
            at: says.map(|says| says.at.to_string()),
            verdict: says.map(|says| says.verdict),
            head: says.map(|says| says.head.to_string()),
            base: says.map(|says| says.base.to_string()),
            tree: says.map(|says| says.tree.to_string()),
            person: person.as_deref().map(escape),
            key: key.map(|key| key.to_string()),
            counts: why_not.is_none(),
            code: why_not.as_ref().and_then(|(code, _)| *code).map(Code::as_str),
            why_not: why_not.as_ref().map(|(_, why)| escape(why)),
        }
    }
}

impl From<&Rule> for RuleV1 {
    fn from(rule: &Rule) -> Self {
        let Rule { asked_by: Asked { file, line, table }, asks, findings } = rule;
        let asks = asks.iter().map(|Asks { paths, needed, approved, elsewhere }| AsksV1 {
            paths: paths.as_deref().map(escape),
            needed: *needed,
            approved: approved.iter().map(|name| escape(name)).collect(),
            elsewhere: elsewhere.as_deref().map(escape),
        });
        Self {
            file: escape(file),
            line: *line,
            table: escape(table),
            asks: asks.collect(),
            findings: findings.iter().map(FindingV1::from).collect(),
        }
    }
}
