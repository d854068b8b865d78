//! git, and what it calls, as its user runs it: with the user's own environment, settings and terminal. For the verbs of a
//! clone; a hook never comes here.

use std::{
    ffi::{OsStr, OsString},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use crate::git::GitFault;

/// Bytes of output that are kept. More than any person reads.
const OUTPUT_BYTES: u64 = 256 << 20;

/// A folder in which git runs for its user.
#[derive(Clone, Debug)]
pub struct UserGit {
    folder: PathBuf,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Its exit status. `None`: a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub output: Vec<u8>,
    /// Its standard error, where it was kept. Invalid UTF-8 is replaced.
    pub errors: String,
}

/// Where standard error goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Errors {
    /// Into the answer.
    Kept,
    /// To the user: progress, questions of ssh, what the server says.
    Shown,
}

impl Answer {
    /// Its output as text, without the last line break. `None` where it failed or wrote no UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.output).ok()?;
        (self.code == Some(0)).then(|| text.strip_suffix('\n').unwrap_or(text))
    }

    /// Whether it ended well.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.code == Some(0)
    }
}

impl UserGit {
    /// git in this folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Runs git and keeps all that it says.
    ///
    /// # Errors
    /// [`GitFault::Helper`] where it cannot be started.
    pub fn ask<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Result<Answer, GitFault> {
        self.start(OsStr::new("git"), words, None, Errors::Kept)
    }

    /// The same, with this on its standard input.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn feed<S: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<Answer, GitFault> {
        self.start(OsStr::new("git"), words, Some(input), Errors::Kept)
    }

    /// Runs git before the user's eyes: it may ask, and show how far it is.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn show<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Result<Answer, GitFault> {
        self.start(OsStr::new("git"), words, None, Errors::Shown)
    }

    /// Runs any program of the user's settings: the one that signs, the editor, the pager. Without `input` it has the
    /// user's own standard input.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn start<S: AsRef<OsStr>>(
        &self,
        program: &OsStr,
        words: impl IntoIterator<Item = S>,
        input: Option<&[u8]>,
        errors: Errors,
    ) -> Result<Answer, GitFault> {
        let mut command = self.command(program);
        command.args(words).stdout(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::inherit() });
        command.stderr(match errors {
            Errors::Kept => Stdio::piped(),
            Errors::Shown => Stdio::inherit(),
        });
        let failed = failed(program);
        let mut child = command.spawn().map_err(&failed)?;
        let answer = thread::scope(|scope| talk(scope, &mut child, input));
        let status = child.wait().map_err(&failed)?;
        let (output, errors) = answer;
        if [&output, &errors].iter().any(|kept| kept.len() as u64 > OUTPUT_BYTES) {
            // Half of what there is to see must not be taken for all of it.
            let program = program.to_string_lossy().into_owned();
            return Err(GitFault::Helper { program, why: format!("it says more than {OUTPUT_BYTES} bytes") });
        }
        Ok(Answer { code: status.code(), output, errors: String::from_utf8_lossy(&errors).into_owned() })
    }

    /// Lends a program the whole terminal: an editor. `input` for a pager.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn hand_over<S: AsRef<OsStr>>(
        &self,
        program: &OsStr,
        words: impl IntoIterator<Item = S>,
        input: Option<&[u8]>,
        variables: &[(&str, &str)],
    ) -> Result<Option<i32>, GitFault> {
        let mut command = self.command(program);
        command.args(words).envs(variables.iter().copied());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::inherit() });
        let failed = failed(program);
        let mut child = command.spawn().map_err(&failed)?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A pager that is closed early has seen enough.
            let _ = stdin.write_all(input);
        }
        Ok(child.wait().map_err(&failed)?.code())
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that starts a process")]
    fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        // What is judged is what is there, whatever stands in for it in this clone. There is no such file of grafts.
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "/dev/null/grafts")
            .current_dir(&self.folder);
        command
    }
}

fn failed(program: &OsStr) -> impl Fn(std::io::Error) -> GitFault {
    let program: OsString = program.to_owned();
    move |why| GitFault::Helper { program: program.to_string_lossy().into_owned(), why: why.to_string() }
}

/// Writes and reads at the same time, so that neither side waits for the other.
fn talk<'s>(scope: &'s thread::Scope<'s, '_>, child: &mut Child, input: Option<&'s [u8]>) -> (Vec<u8>, Vec<u8>) {
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // Who ends early says why by the exit status.
        scope.spawn(move || stdin.write_all(input));
    }
    let errors = child.stderr.take().map(|pipe| scope.spawn(move || keep(pipe)));
    let output = child.stdout.take().map(keep).unwrap_or_default();
    let errors = errors.and_then(|reader| reader.join().ok()).unwrap_or_default();
    (output, errors)
}

fn keep(mut pipe: impl std::io::Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = pipe.by_ref().take(OUTPUT_BYTES + 1).read_to_end(&mut kept);
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    kept
}
