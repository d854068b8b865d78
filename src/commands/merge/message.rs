//! The message of a merge: the user's words, then the approvals.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::Plan;
use crate::{
    cli::Merge,
    client::{Desk, Trouble},
    commands::console::Console,
    model::{
        RefName,
        text::{count, shell_word},
    },
};

/// What the user wants to say, without the approvals.
pub(super) struct Message {
    pub(super) text: String,
    /// Where it is kept, if somebody wrote it in an editor.
    pub(super) file: Option<PathBuf>,
}

impl Message {
    pub(super) fn compose(console: &Console, desk: &Desk, words: &Merge, plan: &Plan) -> Result<Self, Trouble> {
        let given = words.message.clone().unwrap_or_else(|| default(desk, plan));
        let edit = words.edit || (words.message.is_none() && console.is_interactive() && !words.no_edit);
        let (text, file) = if edit && !words.dry_run {
            let file = place(desk)?;
            (edited(desk, &file, &given, plan)?, Some(file))
        } else {
            (given, None)
        };
        let cleaned = desk.clone.git().feed(["stripspace"], text.as_bytes())?;
        match cleaned.text().map(str::trim_end).filter(|text| !text.is_empty()) {
            Some(text) => Ok(Self { text: format!("{text}\n"), file }),
            None => Err(Trouble::no("the message is empty, so nothing was merged")),
        }
    }
}

/// In git's own folder, where `git commit` keeps its own.
fn place(desk: &Desk) -> Result<PathBuf, Trouble> {
    let place =
        desk.clone.git().ask(["rev-parse", "--path-format=absolute", "--git-path", "COUNTERSIGN_EDITMSG"])?;
    Ok(place.text().map_or_else(|| desk.scratch().join("COUNTERSIGN_EDITMSG"), PathBuf::from))
}

/// As git words it (git-fmt-merge-msg(1)).
fn default(desk: &Desk, plan: &Plan) -> String {
    let Plan { topic, target, .. } = plan;
    let what = match topic.branch.as_ref().map(RefName::short) {
        Some(branch) => format!("Merge branch '{branch}'"),
        None => format!("Merge commit '{}'", topic.head),
    };
    let default = desk.clone.default_branch().ok().flatten();
    if default.as_ref() == Some(target) { format!("{what}\n") } else { format!("{what} into {}\n", target.short()) }
}

fn edited(desk: &Desk, file: &Path, given: &str, plan: &Plan) -> Result<String, Trouble> {
    let unwritten = |fault: std::io::Error| Trouble::failed(format!("the message cannot be kept: {fault}"));
    let note = match plan.approvals.len() {
        0 => String::from("# No approval is asked for here."),
        number => format!("# {} will follow as trailers; not shown here.", count(number, "signed approval")),
    };
    let help = "# Lines that begin with `#` are left out; an empty message stops the merge.";
    let subject = format!("# {} into {}", plan.topic.head, plan.target.short());
    // From a try that the server refused.
    let last = fs::read_to_string(file).ok().filter(|last| last.lines().any(|line| line == subject));
    let given = last.map_or_else(|| given.to_owned(), |last| without_comments(&last));
    fs::write(file, format!("{given}\n{note}\n{help}\n{subject}\n")).map_err(unwritten)?;
    let editor = desk.clone.git().ask(["var", "GIT_EDITOR"])?;
    let editor =
        editor.text().ok_or_else(|| Trouble::failed("git knows no editor").say("name the message with -m"))?;
    // A command line of the user's own, which git hands to a shell as well.
    let command = format!("{editor} {}", shell_word(&file.display().to_string()));
    let code = desk.clone.git().hand_over(OsStr::new("sh"), ["-c", &command], None, &[])?;
    if code != Some(0) {
        return Err(Trouble::no("the editor ended with an error, so nothing was merged"));
    }
    let text = fs::read_to_string(file).map_err(unwritten)?;
    Ok(without_comments(&text))
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}
