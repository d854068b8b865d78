//! The hook that asks before a push what the server would say. A convenience: the server judges anyway.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use crate::{client::Trouble, git::WorkingClone};

/// Where the program is missing the push goes on. A hook that is in the way is switched off (`--no-verify`), and then it
/// says nothing where it could help.
const HOOK: &str = r#"#!/bin/sh
# Written by `git countersign setup --pre-push`. Says before a push what the server would say.
# It guards nothing: the server judges again. So where the program is missing, the push goes on.
command -v git-countersign >/dev/null 2>&1 || {
	echo 'countersign: git-countersign is not on PATH, so this push was not judged here' >&2
	exit 0
}
exec git countersign verify --pre-push --remote="$1"
"#;

/// What a hook says that calls us already.
const CALL: &str = "countersign verify --pre-push";

/// What becomes of the hook.
pub(super) enum PrePush {
    /// It is there.
    There,
    /// It is written to this file.
    Missing(PathBuf),
    /// Another hook stands there.
    Occupied(PathBuf),
    /// git looks for hooks in a folder that is not this clone's own.
    Elsewhere(PathBuf),
}

impl PrePush {
    pub(super) fn find(clone: &WorkingClone) -> Result<Self, Trouble> {
        let (folder, own) = clone.hooks()?;
        let file = folder.join("pre-push");
        let unreadable = |fault| Trouble::failed(format!("{} cannot be read: {fault}", file.display()));
        match fs::read(&file) {
            Ok(text) if String::from_utf8_lossy(&text).contains(CALL) => Ok(Self::There),
            Ok(_) => Ok(Self::Occupied(file)),
            // People switch all hooks off with a folder that is none: /dev/null.
            Err(fault) if !matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Err(unreadable(fault))
            }
            Err(_) if file.is_symlink() => Ok(Self::Occupied(file)),
            Err(_) if own => Ok(Self::Missing(file)),
            Err(_) => Ok(Self::Elsewhere(file)),
        }
    }

    pub(super) fn is_to_do(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// What would be done, in words.
    pub(super) fn announced(&self) -> Option<String> {
        match self {
            Self::Missing(file) => {
                Some(format!("a hook that runs `git countersign verify` before each push: {}", file.display()))
            }
            Self::There | Self::Occupied(_) | Self::Elsewhere(_) => None,
        }
    }

    pub(super) fn carry_out(&self) -> Result<(), Trouble> {
        match self {
            Self::Missing(file) => write(file)
                .map_err(|fault| Trouble::failed(format!("{} cannot be written: {fault}", file.display()))),
            Self::There | Self::Occupied(_) | Self::Elsewhere(_) => Ok(()),
        }
    }

    pub(super) fn refuse_what_was_not_done(&self) -> Result<(), Trouble> {
        let (what, file) = match self {
            Self::There | Self::Missing(_) => return Ok(()),
            Self::Occupied(file) => ("a pre-push hook stands here already, and was not touched", file),
            Self::Elsewhere(file) => ("the hooks here are not this clone's own, so none was written", file),
        };
        Err(Trouble::no(what)
            .at(file.display().to_string())
            .say("a line for it, before anything else in it that reads its standard input:")
            .say(r#"git countersign verify --pre-push --remote="$1" || exit 1"#)
            .say("git tells a hook only once what is pushed: what reads it after that line reads nothing"))
    }
}

/// Never over what stands there, even where it came a moment ago.
fn write(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o755).open(file)?.write_all(HOOK.as_bytes())
}
