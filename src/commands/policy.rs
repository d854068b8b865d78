//! `countersign policy check`, `policy show` and `policy publish`

use std::path::Path;

use serde::Serialize;

use super::{
    Outcome, World,
    load::{self, LoadFault},
    server::{Server, ServerFault},
};
use crate::{
    cli::Format,
    git::{GitFault, Repository, Target},
    model::{RefName, review::POLICY, text::escape},
    policy::{self, Diagnostic, Severity},
};

pub(super) fn check(file: &Path, format: Format) -> Outcome {
    let found = match load::check(file) {
        Ok(found) => found,
        Err(fault) => return Outcome::failed(format!("countersign: {}\n", escape(&fault.to_string()))),
    };
    let fails = found.iter().any(|diagnostic| diagnostic.severity != Severity::Warning);
    let text = match format {
        Format::Json => json(&found),
        Format::Text => {
            let name = escape(&file.display().to_string());
            let faults: String = found.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
            match found.len() {
                0 => format!("{name}: no fault found\n"),
                _ => faults,
            }
        }
    };
    Outcome { stdout: text, status: u8::from(fails), ..Outcome::default() }
}

pub(super) fn show(name: &str, file: Option<&Path>, repo: &Path, site: &Path) -> Outcome {
    let full = if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") };
    let Some(full) = RefName::new(full) else {
        return Outcome::failed(format!("countersign: `{}` is no name for a ref\n", escape(name)));
    };
    let loaded = match file {
        Some(file) => load::read(file),
        None => match Repository::open(repo) {
            Ok(repository) => load::find(&repository, site).and_then(|file| load::read(&file)),
            Err(fault) => {
                let help = "help: run it in REPO.git on the server, or name one with --repo";
                return Outcome::failed(format!("countersign: {}\n{help}\n", escape(&fault.to_string())));
            }
        },
    };
    match loaded {
        Ok(loaded) => Outcome::fine(policy::show(&loaded, &full)),
        Err(LoadFault::Faults(_, faults)) => {
            Outcome::failed(faults.iter().map(|fault| format!("{fault}\n")).collect::<String>())
        }
        Err(fault) => Outcome::failed(format!("countersign: {}\n", escape(&fault.to_string()))),
    }
}

/// Seconds that git may take.
const SECONDS: u64 = 120;

/// The key of the repository's config that keeps the published policy up to date.
const SETTING: &str = "countersign.publish";

pub(super) fn publish(repo: &Path, site: &Path, world: &World) -> Outcome {
    let done = || -> Result<bool, ServerFault> {
        let server = Server::open(repo, world, SECONDS)?;
        let in_force = server.policy(site)?;
        let writer = server.writer()?;
        if !server.repository.settings().publish {
            writer.configure(SETTING, "true")?;
        }
        let Some(name) = RefName::new(POLICY) else { return Ok(false) };
        Ok(writer.point_at_blob(&server.repository.refs()?, &name, &in_force.bytes)?)
    };
    match done() {
        Ok(true) => Outcome::fine(format!("the policy is published: whoever can fetch can read {POLICY}\n")),
        Ok(false) => Outcome::fine(format!("{POLICY} holds the policy already\n")),
        Err(fault) => Outcome::failed(fault.words()),
    }
}

/// Works without a policy, too: whoever takes it away may have no other one.
pub(super) fn unpublish(repo: &Path, world: &World) -> Outcome {
    let done = || -> Result<bool, ServerFault> {
        let server = Server::open(repo, world, SECONDS)?;
        let writer = server.writer()?;
        if server.repository.settings().publish {
            writer.configure(SETTING, "false")?;
        }
        let Some(name) = RefName::new(POLICY) else { return Ok(false) };
        match server.repository.refs()?.find(&name)? {
            Some(Target::Object(id)) => {
                writer.delete(&[(name, id)]).into_iter().collect::<Result<(), _>>()?;
                Ok(true)
            }
            Some(Target::Symbolic(to)) => {
                let why = format!("it is symbolic, and leads to {to}");
                Err(GitFault::Ref { name: name.to_string(), why }.into())
            }
            None => Ok(false),
        }
    };
    match done() {
        Ok(true) => Outcome::fine(format!("{POLICY} is gone; a copy may stay with whoever fetched it\n")),
        Ok(false) => Outcome::fine("the policy is not published\n"),
        Err(fault) => Outcome::failed(fault.words()),
    }
}

/// A fault of a policy as programs read it.
#[derive(Serialize)]
struct DiagnosticV1<'a> {
    severity: &'static str,
    file: &'a str,
    line: u32,
    column: u32,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct CheckV1<'a> {
    version: u32,
    faults: Vec<DiagnosticV1<'a>>,
}

fn json(found: &[Diagnostic]) -> String {
    let faults = found.iter().map(|fault| DiagnosticV1 {
        severity: fault.severity.as_str(),
        file: &fault.file,
        line: fault.line,
        column: fault.column,
        message: &fault.message,
        help: fault.help.as_deref(),
    });
    let check = CheckV1 { version: 1, faults: faults.collect() };
    serde_json::to_string(&check).map_or_else(|_| String::new(), |line| line + "\n")
}
