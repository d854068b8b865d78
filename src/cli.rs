//! What can be said on the command line. Definitions only.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

/// Separation of duties on a git server: who writes, who reviews and who ships are different people.
///
/// A reviewed branch moves only by merges that somebody approved who wrote no part of them, a deploy branch by promotions of
/// somebody who neither wrote nor approved, each proven by an SSH signature. In a clone, as `git countersign`: setup, reviews,
/// approve, withdraw, merge, verify, why, ship, attest, retract, evidence, emergencies. On a server: policy, prune, hook.
/// Whatever is signed can be made and checked with git and ssh-keygen alone.
#[derive(Parser, Debug)]
#[command(name = "countersign", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What an exit status means.
pub const EXIT_STATUS: [(&str, &str); 4] = [
    ("0", "Done."),
    ("1", "The answer is no: refused, not approved enough, not confirmed; on a server, also not done."),
    ("2", "Called wrongly."),
    ("3", "In a clone, it could not be done: no server, no key, no policy."),
];

impl Cli {
    /// Reads a command line, the program's own name first.
    ///
    /// # Errors
    /// What to say where it cannot be read, and where it asks for help only.
    pub fn read(words: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = command(words.first().map_or(OsStr::new(""), OsString::as_os_str));
        let matches = command.try_get_matches_from_mut(words)?;
        Self::from_arg_matches(&matches).map_err(|fault| fault.format(&mut command))
    }
}

/// All that can be said, to a program that was started under this name: git starts us as `git-countersign`.
#[must_use]
pub fn command(program: &OsStr) -> Command {
    let whole = with_exit_status(Cli::command().subcommand_value_name("COMMAND"));
    if Path::new(program).file_name() == Some(OsStr::new("git-countersign")) {
        whole.bin_name("git countersign").display_name("git-countersign")
    } else {
        whole
    }
}

/// In the long help of a verb, and of all below it.
fn with_exit_status(verb: Command) -> Command {
    let lines = EXIT_STATUS.iter().map(|(status, means)| format!("\n  {status}  {means}"));
    let text = format!("Exit status:{}", lines.collect::<String>());
    verb.after_long_help(text).mut_subcommands(with_exit_status)
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Set up this clone: signing, what is fetched, and who the policy thinks you are.
    ///
    /// Shows the `git config` lines that it would run, in this clone only, and asks. Where nothing is missing it says so.
    Setup(Setup),
    /// Look at a change and sign that it may go into a reviewed branch.
    ///
    /// Shows who worked on it, the commits, and what the merge would do to the branch; asks once; signs exactly what it
    /// showed, with the key that git signs with; and leaves the approval on the server. After an earlier approval of yours
    /// it shows only what is new.
    Approve(Approve),
    /// Take an approval back.
    ///
    /// It counts no more, also where somebody has copied it into a merge that is not on the server yet.
    Withdraw(Withdraw),
    /// Who approved what, whether it still counts, and what is missing.
    Reviews(Reviews),
    /// Make the merge that the server accepts, with its approvals.
    ///
    /// The merge is what git makes of the two by itself, signed by you, with the approvals in its message. Nothing of yours
    /// is rewritten. Where git finds conflicts, this says how to go on.
    Merge(Merge),
    /// Judge a branch as the server would, before it is pushed.
    ///
    /// Exits with 0 where the server would accept, 1 where it would refuse, 3 where that cannot be said. Who is pushing the
    /// server learns from the login, which a clone does not know: a rule that asks is noted.
    Verify(Verify),
    /// Who wrote, reviewed and merged a commit or a line, and how to check that by hand.
    ///
    /// Judged as history: keys that have ended since still count, compromised ones never. Exits with 0 where the commit landed
    /// as the policy asks, or before adoption; 1 where it did not, or not at all; 3 where that cannot be said.
    Why(Why),
    /// Promote a reviewed commit to a deploy branch, or make a release of it.
    ///
    /// Makes the promotion, or with --tag the tag, judged as the server will judge it, signs it with the key that git signs
    /// with, takes along what others have co-signed, and pushes it. Whoever wrote or reviewed a part of it cannot ship it
    /// alone: --who-can says who can.
    Ship(Ship),
    /// Sign the result of a check for a commit, and leave it on the server.
    ///
    /// For a CI job, whose key belongs to a service of the policy that attests the check. The newest result of each service
    /// decides.
    Attest(Attest),
    /// Take a release back: record who did it and why, and delete its tag on the server.
    Retract(Retract),
    /// Hand on what is known of a commit or a release: in-toto statements, signed, for machines of others.
    Evidence(EvidenceOf),
    /// Emergencies that nobody has reviewed since.
    Emergencies(Emergencies),
    /// Tell the long story of a finding.
    Explain {
        /// Its code, as a refusal prints it in brackets: self-approval. Without one: all of them.
        code: Option<String>,
    },
    /// Look at a policy.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Take away the approvals on a server that can no longer be merged. Run it there, now and then.
    ///
    /// Each is printed with the reason. Withdrawals stay until their commit was merged. Exits with 0 when that is done,
    /// and with 1 where it cannot be: no policy, or git refuses.
    Prune {
        /// The repository. Default: the current folder.
        #[arg(value_name = "REPO", default_value = ".")]
        repo: PathBuf,
        /// The folder of this server's settings.
        #[arg(long, value_name = "DIR", default_value = "/etc/countersign")]
        site: PathBuf,
        /// Say what would go, and take nothing away.
        #[arg(long)]
        dry_run: bool,
    },
    /// Run as one of git's hooks. The files in a repository's hooks folder call this.
    #[command(subcommand)]
    Hook(Hook),
    /// Print a script that completes commands in a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the manual pages into a folder.
    Man {
        /// The folder, which is there: PREFIX/share/man/man1.
        folder: PathBuf,
    },
}

/// One of git's hooks.
#[derive(Subcommand, Debug)]
pub enum Hook {
    /// Judge a whole push. Reads `old new ref` lines from standard input.
    PreReceive(HookOptions),
    /// Confirm, or judge, one ref update.
    Update {
        /// What every hook takes.
        #[command(flatten)]
        options: HookOptions,
        /// The full name of the ref.
        name: OsString,
        /// Where it stands.
        old: OsString,
        /// Where it shall stand.
        new: OsString,
    },
    /// Report what happened. Reads `old new ref` lines from standard input.
    PostReceive(HookOptions),
}

/// What every hook takes.
#[derive(clap::Args, Debug)]
pub struct HookOptions {
    /// The folder of this server's settings.
    #[arg(long, value_name = "DIR")]
    pub site: PathBuf,
    /// The file that git runs, as it calls itself. Without it, a push is always judged as a whole.
    #[arg(long, value_name = "FILE")]
    pub hook: Option<PathBuf>,
    /// How to write the verdict.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// What to do with a policy.
#[derive(Subcommand, Debug)]
pub enum PolicyVerb {
    /// Find every fault in a policy. Exits with 1 where there is one.
    Check {
        /// The file.
        file: PathBuf,
        /// How to write the faults.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show what holds for a ref, and which line says so.
    Show {
        /// The ref: main, or refs/heads/main.
        name: String,
        /// The policy's file. Default: the one that holds for the repository.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// The repository. Default: the current folder.
        #[arg(long, value_name = "DIR", default_value = ".")]
        repo: PathBuf,
        /// The folder of this server's settings.
        #[arg(long, value_name = "DIR", default_value = "/etc/countersign")]
        site: PathBuf,
    },
    /// Let everybody who can fetch read the policy of a server's repository, so that clones can judge as it does.
    ///
    /// Sets `countersign.publish` in the repository's config and writes refs/countersign/policy; from then on every push
    /// keeps it up to date.
    Publish {
        /// The repository. Default: the current folder.
        #[arg(value_name = "REPO", default_value = ".")]
        repo: PathBuf,
        /// The folder of this server's settings.
        #[arg(long, value_name = "DIR", default_value = "/etc/countersign")]
        site: PathBuf,
        /// Switch it off, and take the ref away.
        #[arg(long)]
        remove: bool,
    },
}

/// How to write an answer.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people.
    Text,
    /// For programs; versioned.
    Json,
}

/// What the verbs of a clone take.
#[derive(clap::Args, Debug)]
pub struct At {
    /// What the server is called in this clone. Default: the setting countersign.remote, else the current branch's
    /// remote, else origin.
    #[arg(long, value_name = "NAME")]
    pub remote: Option<String>,
    /// The policy's file. Default: the setting countersign.policy (a file, or REV:PATH), else what the server publishes.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Do not ask the server: work with what was fetched last.
    #[arg(long)]
    pub offline: bool,
}

/// `git countersign setup`
#[derive(clap::Args, Debug)]
pub struct Setup {
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
    /// Sign with this key: a file, or `key::ssh-...` for one that an agent holds.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Also install a pre-push hook that runs `git countersign verify`.
    #[arg(long)]
    pub pre_push: bool,
    /// Do it without asking.
    #[arg(long, short)]
    pub yes: bool,
}

/// `git countersign approve`
#[derive(clap::Args, Debug)]
pub struct Approve {
    /// A branch of the server, or a commit. With --tree not needed.
    #[arg(value_name = "TOPIC|COMMIT", required_unless_present = "tree")]
    pub topic: Option<String>,
    /// The branch that it shall go into. Default: the one that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// Approve exactly the tree of this merge, where git alone finds conflicts: a resolution. Of one that calls itself an
    /// emergency, be the second person who does.
    #[arg(long, value_name = "MERGE")]
    pub tree: Option<String>,
    /// Review an emergency afterwards: a merge, a promotion or a tag that passed by the rules.
    #[arg(long, conflicts_with = "tree")]
    pub emergency: bool,
    /// Show all of it, also what you approved before.
    #[arg(long)]
    pub full: bool,
    /// Show which files change and how much, in place of the whole change.
    #[arg(long)]
    pub stat: bool,
    /// Push nothing; print the trailer on one line, for a web form.
    #[arg(long)]
    pub print: bool,
    /// Sign without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign withdraw`
#[derive(clap::Args, Debug)]
pub struct Withdraw {
    /// A branch of the server, or a commit.
    #[arg(value_name = "TOPIC|COMMIT")]
    pub topic: String,
    /// The branch that it was approved for, or what it should be shipped to. Default: the branch that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// Sign without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign reviews`
#[derive(clap::Args, Debug)]
pub struct Reviews {
    /// A branch of the server, or a commit. Without one: what waits for you.
    #[arg(value_name = "TOPIC|COMMIT")]
    pub topic: Option<String>,
    /// The branch that it shall go into. Default: the one that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign merge`
#[derive(clap::Args, Debug)]
pub struct Merge {
    /// A branch of the server, or a commit. With --tree not needed.
    #[arg(value_name = "TOPIC|COMMIT", required_unless_present = "tree")]
    pub topic: Option<String>,
    /// The branch that it shall go into. Default: the one that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// Take the tree of this merge, which was approved with `approve --tree`.
    #[arg(long, value_name = "MERGE")]
    pub tree: Option<String>,
    /// The first lines of the message. Default: git's own.
    #[arg(long, short, value_name = "MESSAGE")]
    pub message: Option<String>,
    /// Edit the message first. Default on a terminal, where no message is given.
    #[arg(long, short, overrides_with = "no_edit")]
    pub edit: bool,
    /// Take the message as it is.
    #[arg(long)]
    pub no_edit: bool,
    /// Push it; where somebody else was faster, merge again and retry.
    #[arg(long)]
    pub push: bool,
    /// An emergency: pass by reviews and checks, for this reason. Somebody else of the role signs for exactly this merge.
    #[arg(long, value_name = "REASON")]
    pub emergency: Option<String>,
    /// Say what would be done, and leave nothing behind.
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign verify`
#[derive(clap::Args, Debug)]
pub struct Verify {
    /// A local branch or tag, judged as if it were pushed to the one of its name; or OLD..NEW, as if the branch moved from OLD
    /// to NEW today. Default: the current branch.
    #[arg(value_name = "REF|RANGE")]
    pub what: Option<String>,
    /// The branch that it would be pushed to.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// Read what would be pushed from standard input, as git's pre-push hook gets it.
    #[arg(long, conflicts_with_all = ["what", "onto"])]
    pub pre_push: bool,
    /// Judge what may be deployed: a deploy branch, a release tag, or a commit that one of them shipped. Everything is derived
    /// from the objects again: who wrote, reviewed, merged, checked and shipped each change.
    #[arg(long, conflicts_with_all = ["pre_push", "onto"])]
    pub deploy: bool,
    /// With --deploy: the commit that is going to be deployed. It must be what stands there, or what that shipped.
    #[arg(long, value_name = "COMMIT", requires_all = ["deploy", "what"])]
    pub commit: Option<String>,
    /// With --deploy: everything that was shipped there since the baseline, not only the last time.
    #[arg(long, requires = "deploy")]
    pub full: bool,
    /// How to write the verdict.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign ship`
#[derive(clap::Args, Debug)]
pub struct Ship {
    /// The deploy branch. With --tag not needed.
    #[arg(value_name = "BRANCH")]
    pub target: Option<String>,
    /// What to ship: a branch of the server, or a commit. Default: the tip of the first branch that the rule ships from. With
    /// --tag it is the only word.
    #[arg(value_name = "COMMIT")]
    pub commit: Option<String>,
    /// Make a release tag of this name.
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Sign beside whoever ships it, and leave that on the server.
    #[arg(long, conflicts_with = "who_can")]
    pub co_sign: bool,
    /// Say who could ship it, and ship nothing.
    #[arg(long)]
    pub who_can: bool,
    /// The first lines of the message. Default: what is shipped.
    #[arg(long, short, value_name = "MESSAGE")]
    pub message: Option<String>,
    /// Say what would be done, and leave nothing behind.
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// An emergency: pass by checks and `distinct-from`, for this reason. Somebody else of the role co-signs.
    #[arg(long, value_name = "REASON", conflicts_with = "who_can")]
    pub emergency: Option<String>,
    /// Sign without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign attest`
#[derive(clap::Args, Debug)]
#[group(id = "result", required = true, multiple = false, args = ["pass", "fail"])]
pub struct Attest {
    /// The check, as the policy calls it: ci/test.
    #[arg(value_name = "CHECK")]
    pub check: String,
    /// The commit that was checked. Default: the one that is checked out.
    #[arg(value_name = "COMMIT", default_value = "HEAD")]
    pub commit: String,
    /// It passed.
    #[arg(long)]
    pub pass: bool,
    /// It failed.
    #[arg(long)]
    pub fail: bool,
    /// Where to read more: the job's page.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Sign with this private key. Default: what git signs with.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Push nothing; print what would be pushed.
    #[arg(long)]
    pub print: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign retract`
#[derive(clap::Args, Debug)]
pub struct Retract {
    /// The release's tag.
    #[arg(value_name = "TAG")]
    pub tag: String,
    /// Why. Everybody can read it.
    #[arg(long, short, value_name = "REASON")]
    pub message: String,
    /// Sign without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign evidence`
#[derive(clap::Args, Debug)]
pub struct EvidenceOf {
    /// A commit of a reviewed branch, or a release tag.
    #[arg(value_name = "COMMIT|TAG")]
    pub what: String,
    /// The branch on which it landed. Default: the one that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// Sign with this private key. Default: what git signs with. It belongs to a service of the policy.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where the repository is reached: git+https://git.example.org/acme/payments. Default: made of the policy's
    /// `repository`.
    #[arg(long, value_name = "URI")]
    pub resource: Option<String>,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign emergencies`
#[derive(clap::Args, Debug)]
pub struct Emergencies {
    /// Also those that were reviewed since.
    #[arg(long)]
    pub all: bool,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// `git countersign why`
#[derive(clap::Args, Debug)]
pub struct Why {
    /// A commit, or a line of a file as it lies there.
    #[arg(value_name = "COMMIT|FILE:LINE")]
    pub what: String,
    /// The branch on which it landed. Default: the one that the policy reviews.
    #[arg(long, value_name = "REF")]
    pub onto: Option<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// What every verb of a clone takes.
    #[command(flatten)]
    pub at: At,
}

/// A shell whose commands can be completed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    /// `countersign` and `git countersign`.
    Bash,
    /// `countersign` and `git countersign`.
    Zsh,
    /// `countersign` and `git countersign`.
    Fish,
}
