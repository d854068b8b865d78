//! The manual pages (man(7)): what the command line says, and what it has no room for.

use std::ffi::OsStr;

use clap::{Arg, Command};
use clap_mangen::{Man, roff::Roff};

use crate::cli::{self, EXIT_STATUS};

/// The pages' section of the manual: user commands.
const SECTION: &str = "1";

/// A command and what it is for.
type Example = (&'static str, &'static str);

/// By verb.
const EXAMPLES: [(&str, &[Example]); 14] = [
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
            ("git countersign approve --emergency 9fceb02d", "Review an emergency that has landed."),
            ("git countersign approve rounding --print", "Print the trailer, for the message in a web form."),
        ],
    ),
    (
        "withdraw",
        &[
            ("git countersign withdraw rounding", "Take back what you approved."),
            ("git countersign withdraw 9fceb02d --onto production", "Take back what you signed beside a shipper."),
        ],
    ),
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
            (
                "git countersign merge fix --emergency INC-123 --push",
                "Pass by reviews and checks together with somebody else, whom it tells what to do.",
            ),
        ],
    ),
    (
        "verify",
        &[
            ("git countersign verify", "Would the server take the current branch?"),
            ("git countersign verify main~5..main", "Would it take these steps, if they came today?"),
            (
                "git countersign verify --deploy HEAD",
                "May what is checked out be deployed, and who had a part in it?",
            ),
            (
                "git countersign verify --deploy v1.2.0 --policy payments.toml",
                "The same of a release, by a policy of your own.",
            ),
        ],
    ),
    (
        "evidence",
        &[
            (
                "git countersign evidence main --key ci.key",
                "Say in one signed line how the tip of main came to be.",
            ),
            ("git countersign evidence v1.2.0 --key ci.key", "The same of a release, with who shipped it."),
        ],
    ),
    (
        "why",
        &[
            ("git countersign why 9fceb02d", "How a commit came to the reviewed branch."),
            ("git countersign why src/round.rs:12", "Who stands behind a line."),
        ],
    ),
    (
        "ship",
        &[
            ("git countersign ship production", "Look at what is new on main, and ship it."),
            ("git countersign ship production 9fceb02d --co-sign", "Sign beside somebody who ships that commit."),
            ("git countersign ship --who-can production", "Who could ship it, alone or together."),
            ("git countersign ship --tag v1.2.0", "Release the tip of main."),
            (
                "git countersign ship production --emergency INC-123",
                "Pass by checks and separation together with somebody else, whom it tells what to do.",
            ),
        ],
    ),
    (
        "attest",
        &[
            ("git countersign attest ci/test --pass", "In a job: what is checked out here passed."),
            (
                "git countersign attest ci/scan 9fceb02d --fail --url https://ci.example.org/7 --key ~/ci-key",
                "Another commit did not; the page says more, and the key is in a file.",
            ),
        ],
    ),
    (
        "retract",
        &[("git countersign retract v1.2.0 -m money-is-lost", "Take a release back; the reason stays on record.")],
    ),
    (
        "emergencies",
        &[
            ("git countersign emergencies", "What waits for its review, and who may review it."),
            ("git countersign emergencies --all --format json", "All that ever happened, for a machine."),
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
    ("countersign.policy", "The policy: a file, or REV:PATH. Default: what the server publishes."),
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
    let mut whole = cli::command(OsStr::new("git-countersign")).disable_help_subcommand(true);
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
    let man = Man::new(command.clone());
    let mut page = Page::titled(name);
    page.generated(|text| man.render_name_section(text));
    page.heading("SYNOPSIS");
    page.line(&synopsis(command));
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
    let others = above.map(|above| format!("{above}({SECTION})"));
    let more = ["git(1)", "githooks(5)", "ssh-keygen(1)"].map(String::from);
    page.words(&others.into_iter().chain(more).collect::<Vec<_>>().join(", "));
    page.text
}

/// As git's own pages write it: what can be left out in brackets, each option with its value.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let everywhere = |argument: &&Arg| matches!(argument.get_id().as_str(), "help" | "version");
    let options = command.get_arguments().filter(|argument| !argument.is_positional() && !everywhere(argument));
    let below = command.has_subcommands().then(|| italic("COMMAND") + " ...");
    let words = options.map(option).chain(command.get_positionals().map(positional)).chain(below);
    [bold(name)].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// `[-m|--message MESSAGE]`
fn option(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| bold(&format!("-{short}")));
    let long = argument.get_long().map(|long| bold(&format!("--{long}")));
    let names = short.into_iter().chain(long).collect::<Vec<_>>().join("|");
    let value = if argument.get_action().takes_values() { format!(" {}", value(argument)) } else { String::new() };
    bracketed(argument, names + &value)
}

fn positional(argument: &Arg) -> String {
    bracketed(argument, value(argument))
}

fn bracketed(argument: &Arg, words: String) -> String {
    if argument.is_required_set() { words } else { format!("[{words}]") }
}

fn value(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    italic(&names.iter().map(clap::builder::Str::as_str).collect::<Vec<_>>().join(" "))
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", safe(text))
}

fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", safe(text))
}

/// `git-countersign-approve(1)`
fn page_name(verb: &Command) -> String {
    format!("{}({SECTION})", verb.get_display_name().unwrap_or_else(|| verb.get_name()))
}

struct Page {
    text: Vec<u8>,
}

impl Page {
    /// Without a date, so that two builds write the same page.
    fn titled(name: &str) -> Self {
        // Where quotes are curled (groff(1) does), an apostrophe in a text stays one: `roff` writes it as this string.
        let mut page = Self { text: Roff::new().render().into_bytes() };
        let version = env!("CARGO_PKG_VERSION");
        page.line(&format!(
            ".TH {} {SECTION} \"\" \"countersign {version}\" \"Countersign Manual\"",
            safe(&name.to_uppercase())
        ));
        page
    }

    /// A section that clap_mangen makes. Nothing fails that writes to memory. Each begins with the requests that the page
    /// began with.
    fn generated(&mut self, write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) {
        let mut section = Vec::new();
        let _ = write(&mut section);
        let again = Roff::new().render();
        self.text.extend_from_slice(section.strip_prefix(again.as_bytes()).unwrap_or(&section));
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
        self.line(&bold(term));
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
