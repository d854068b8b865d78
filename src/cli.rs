//! What can be said on the command line. Definitions only.

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

/// Separation of duties on a git server: who writes, who reviews and who ships are different people.
#[derive(Parser, Debug)]
#[command(name = "countersign", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Run as one of git's hooks. The files in a repository's hooks folder call this.
    #[command(subcommand)]
    Hook(Hook),
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
    /// Tell the long story of a finding.
    Explain {
        /// Its code, as a refusal prints it in brackets: self-approval. Without one: all of them.
        code: Option<String>,
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
