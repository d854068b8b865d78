//! The manual pages (man(7)): what the command line says, and what it has no room for.

use std::ffi::OsStr;

use clap::Command;
use clap_mangen::Man;

use crate::cli::{self, EXIT_STATUS};

/// The pages' section of the manual: user commands.
const SECTION: &str = "1";

/// A command and what it is for.
type Example = (&'static str, &'static str);

/// By verb.
const EXAMPLES: [(&str, &[Example]); 9] = [
    (
        "setup",
        &[
            ("git countersign setup", "See what is missing in this clone, and set it after a question."),
            ("git countersign setup --key ~/.ssh/id_work.pub", "Sign with this key."),
            ("git countersign setup --pre-push --yes", "Ask nothing, and judge every push beforehand from now on."),
        ],
    ),
    (
        "approve",
        &[
            ("git countersign approve rounding", "Look at the branch, and approve it for the reviewed branch."),
            ("git countersign approve 9fceb02d --onto release/1", "Approve a commit for another branch."),
            ("git countersign approve --tree review/up", "Approve a merge in which somebody resolved a conflict."),
            ("git countersign approve rounding --print", "Print the trailer, for the message in a web form."),
        ],
    ),
    ("withdraw", &[("git countersign withdraw rounding", "Take back what you approved.")]),
    (
        "reviews",
        &[
            ("git countersign reviews", "What waits for you."),
            ("git countersign reviews rounding", "Who approved it, and what is missing."),
        ],
    ),
    (
        "merge",
        &[
            ("git countersign merge rounding --push", "Merge it with its approvals, and push that."),
            ("git countersign merge rounding --dry-run", "See whether it could be merged."),
        ],
    ),
    (
        "verify",
        &[
            ("git countersign verify", "Would the server take the current branch?"),
            ("git countersign verify main~5..main", "Would it take these steps, if they came today?"),
        ],
    ),
    (
        "why",
        &[
            ("git countersign why 9fceb02d", "How a commit came to the reviewed branch."),
            ("git countersign why src/round.rs:12", "Who stands behind a line."),
        ],
    ),
    ("explain", &[("git countersign explain self-approval", "What a refusal means, and how to mend it.")]),
    ("man", &[("countersign man ~/.local/share/man/man1", "Let `git help countersign` find these pages.")]),
];

const ENVIRONMENT: [(&str, &str); 4] = [
    ("NO_COLOR", "Where it is set, nothing is coloured. Nothing is where no terminal is, either."),
    ("GIT_PAGER, PAGER", "What shows long texts on a terminal, found as git finds it."),
    ("GIT_EDITOR, VISUAL, EDITOR", "What edits the message of a merge, found as git finds it."),
    ("TMPDIR", "Where files lie for a moment."),
];

const CONFIGURATION: [(&str, &str); 4] = [
    (
        "countersign.remote",
        "What the server is called in this clone. Default: the current branch's remote, else origin.",
    ),
    (
        "countersign.policy",
        "The policy: a file, or REV:PATH. Default: what the server publishes, else .countersign/policy.toml on its \
         default branch.",
    ),
    (
        "countersign.repository",
        "What the policy must call the repository. `git countersign setup` sets it, so that nothing is signed for a \
         repository that you do not mean.",
    ),
    (
        "gpg.format, user.signingKey, gpg.ssh.program, gpg.ssh.defaultKeyCommand",
        "What git signs with. Reviews and merges are signed with the same key.",
    ),
];

/// Every page, by the name of its file.
pub(super) fn all() -> Vec<(String, Vec<u8>)> {
    let whole = cli::command(OsStr::new("git-countersign"));
    let mut whole = whole.display_name("git-countersign").disable_help_subcommand(true);
    whole.build();
    let mut pages = Vec::new();
    add(&whole, None, &mut pages);
    pages.push((format!("countersign.{SECTION}"), format!(".so man{SECTION}/git-countersign.{SECTION}\n").into()));
    pages
}

fn add(command: &Command, above: Option<&str>, pages: &mut Vec<(String, Vec<u8>)>) {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    pages.push((format!("{name}.{SECTION}"), page(command, &name, above)));
    for below in command.get_subcommands() {
        add(below, Some(&name), pages);
    }
}

fn page(command: &Command, name: &str, above: Option<&str>) -> Vec<u8> {
    let version = concat!("countersign ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .section(SECTION)
        .source(version)
        .manual("Countersign Manual");
    let mut page = Page::default();
    page.generated(|text| man.render_title(text));
    page.generated(|text| man.render_name_section(text));
    page.generated(|text| man.render_synopsis_section(text));
    page.generated(|text| man.render_description_section(text));
    if command.get_arguments().next().is_some() {
        page.generated(|text| man.render_options_section(text));
    }
    let verbs: Vec<&Command> = command.get_subcommands().collect();
    if !verbs.is_empty() {
        page.heading("COMMANDS");
        for verb in &verbs {
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            page.item(&page_name(verb), &about);
        }
    }
    page.heading("EXIT STATUS");
    for (status, means) in EXIT_STATUS {
        page.item(status, means);
    }
    match above {
        None => page.whole(),
        Some(_) => page.examples(command.get_name()),
    }
    page.heading("SEE ALSO");
    let below = verbs.iter().map(|verb| page_name(verb));
    let others = above.map(|above| format!("{above}({SECTION})"));
    let more = ["git(1)", "ssh-keygen(1)"].map(String::from);
    page.words(&others.into_iter().chain(below).chain(more).collect::<Vec<_>>().join(", "));
    page.text
}

/// `git-countersign-approve(1)`
fn page_name(verb: &Command) -> String {
    format!("{}({SECTION})", verb.get_display_name().unwrap_or_else(|| verb.get_name()))
}

#[derive(Default)]
struct Page {
    text: Vec<u8>,
}

impl Page {
    /// A section that clap_mangen makes. Nothing fails that writes to memory.
    fn generated(&mut self, write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) {
        let _ = write(&mut self.text);
    }

    /// What only the first page has.
    fn whole(&mut self) {
        self.heading("ENVIRONMENT");
        for (name, means) in ENVIRONMENT {
            self.item(name, means);
        }
        self.heading("CONFIGURATION");
        self.words("In the clone's git config, all of them optional:");
        for (name, means) in CONFIGURATION {
            self.item(name, means);
        }
    }

    fn examples(&mut self, verb: &str) {
        let Some((_, examples)) = EXAMPLES.iter().find(|(of, _)| *of == verb) else { return };
        self.heading("EXAMPLES");
        for (command, means) in *examples {
            self.item(command, means);
        }
    }

    fn heading(&mut self, heading: &str) {
        self.line(&format!(".SH {heading}"));
    }

    fn item(&mut self, term: &str, means: &str) {
        self.line(".TP");
        self.line(&format!("\\fB{}\\fR", safe(term)));
        self.words(means);
    }

    fn words(&mut self, words: &str) {
        let safe = safe(words);
        // A dot or an apostrophe at the beginning of a line makes a request of it (groff(7)).
        let guard = if safe.starts_with(['.', '\'']) { "\\&" } else { "" };
        self.line(&format!("{guard}{safe}"));
    }

    fn line(&mut self, line: &str) {
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
    }
}

/// Text for a page: backslashes and hyphens mean something there. A hyphen that stays one can be copied.
fn safe(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('~', "\\(ti").replace('^', "\\(ha")
}
