//! A line of a file, and the commit that last changed it.

use super::{Desk, Trouble};
use crate::model::{CommitId, text::cut};

/// Characters of git's complaint that are passed on.
const COMPLAINT: usize = 400;

/// A line as its user sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The file, from the folder in which the user stands.
    pub file: String,
    /// From 1.
    pub number: u32,
}

impl Line {
    /// Reads `FILE:LINE`. A file's name may hold colons: the last one counts.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (file, number) = text.rsplit_once(':')?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        Some(Self { file: Some(file).filter(|file| !file.is_empty())?.to_owned(), number })
    }

    /// The commit that last changed it, as git blames it: the file as it lies there; where nothing is checked out, as it
    /// is in HEAD. No setting of the clone takes a commit out of the question.
    ///
    /// # Errors
    /// Where there is no such line, or it is in no commit yet.
    pub fn changed_by(&self, desk: &Desk) -> Result<CommitId, Trouble> {
        let Self { file, number } = self;
        let range = format!("-L{number},{number}");
        let bare = desk.clone.git().ask(["rev-parse", "--is-bare-repository"])?.text() == Some("true");
        // An empty name empties git's list of files, also of those that settings name.
        let words = ["blame", "--porcelain", "--no-textconv", "--ignore-revs-file=", &range];
        let words = words.into_iter().chain(bare.then_some("HEAD")).chain(["--", file]);
        let answer = desk.clone.git().ask(words)?;
        let output = String::from_utf8_lossy(&answer.output);
        let id = output.split(' ').next().and_then(CommitId::from_hex).filter(|_| answer.is_fine());
        match id {
            Some(id) if id.0.is_null() => {
                Err(Trouble::no(format!("{file}:{number} is in no commit yet: it was changed here"))
                    .say("see what was:")
                    .run(["git", "diff", "HEAD", "--", file]))
            }
            Some(id) => Ok(id),
            None => Err(Trouble::failed(format!("there is no line {number} of `{file}`"))
                .at(cut(answer.errors.trim(), COMPLAINT))
                .say("see its lines:")
                .run(["git", "blame", "--", file])),
        }
    }
}
