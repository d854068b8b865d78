//! Pushes with real git, and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Id, Ran, Scene, Statement, git::run_with};

/// A push that is about to be made.
#[must_use = "nothing is pushed before `run`"]
pub struct Push<'s> {
    scene: &'s Scene,
    updates: Vec<(String, Option<Id>)>,
    options: Vec<String>,
    words: Vec<String>,
    env: Vec<(String, String)>,
}

impl<'s> Push<'s> {
    pub(super) fn new(scene: &'s Scene) -> Self {
        Self { scene, updates: Vec::new(), options: Vec::new(), words: Vec::new(), env: Vec::new() }
    }

    /// Moves a branch, by force where it must be: the server is asked, not the client.
    pub fn branch(self, name: &str, id: Id) -> Self {
        self.name(&format!("refs/heads/{name}"), id)
    }

    /// Moves any ref.
    pub fn name(mut self, name: &str, id: Id) -> Self {
        self.updates.push((name.to_owned(), Some(id)));
        self
    }

    /// Puts a statement at its review ref, as its trailer's text.
    pub fn review(self, statement: &Statement) -> Self {
        self.blob(&statement.place(), statement.trailer())
    }

    /// Moves a ref to a blob with these bytes.
    pub fn blob(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let blob = self.scene.client.write(gix::objs::Kind::Blob, bytes.as_ref());
        self.name(name, blob)
    }

    /// Deletes a branch.
    pub fn delete(self, branch: &str) -> Self {
        self.delete_name(&format!("refs/heads/{branch}"))
    }

    /// Deletes any ref.
    pub fn delete_name(mut self, name: &str) -> Self {
        self.updates.push((name.to_owned(), None));
        self
    }

    /// A push option (`-o`).
    pub fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// One more word for `git push`, as `--atomic`.
    pub fn word(mut self, word: &str) -> Self {
        self.words.push(word.to_owned());
        self
    }

    /// Sets a variable on the server's side, as an sshd with a generous `AcceptEnv` lets a client do.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Pushes.
    pub fn run(self) -> Outcome<'s> {
        let scene = self.scene;
        let mut command = scene.command("git", &scene.client.path);
        command.arg("push").args(&self.words);
        for option in &self.options {
            command.args(["-o", option]);
        }
        if !self.env.is_empty() {
            let set: Vec<String> =
                self.env.iter().map(|(name, value)| format!("{name}='{}'", value.replace('\'', r"'\''"))).collect();
            command.arg(format!("--receive-pack=env {} git receive-pack", set.join(" ")));
        }
        command.arg(&scene.server.path);
        for (name, id) in &self.updates {
            command.arg(match id {
                Some(id) => format!("+{id}:{name}"),
                None => format!(":{name}"),
            });
        }
        let before = scene.server.refs();
        let ran = run_with(&mut command, b"");
        let outcome = Outcome::new(scene, ran, before, self.updates);
        outcome.follow();
        outcome
    }
}

/// What came of a push.
pub struct Outcome<'s> {
    scene: &'s Scene,
    ok: bool,
    updates: Vec<(String, Option<Id>)>,
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
    /// What the server said, line by line, without `remote: `.
    pub said: String,
    /// Everything that git printed.
    whole: String,
}

impl<'s> Outcome<'s> {
    /// Also for pushes that a test makes with plain git.
    pub fn new(
        scene: &'s Scene,
        ran: Ran,
        before: BTreeMap<String, String>,
        updates: Vec<(String, Option<Id>)>,
    ) -> Self {
        let said = remote_lines(&ran.err);
        let after = scene.server.refs();
        Self {
            scene,
            ok: ran.ok,
            updates,
            before,
            after,
            said,
            whole: String::from_utf8_lossy(&ran.err).into_owned(),
        }
    }

    /// Branches of the story stand where the server's do.
    fn follow(&self) {
        for (name, id) in &self.updates {
            if let (Some(branch), Some(id)) = (name.strip_prefix("refs/heads/"), id)
                && self.after.get(name) == Some(&id.to_string())
            {
                self.scene.set_tip(branch, *id);
            }
        }
    }

    /// It landed, all of it.
    #[track_caller]
    pub fn accepted(self) -> Self {
        assert!(self.ok, "an honest push was refused:\n{}", self.whole);
        for (name, id) in &self.updates {
            let wanted = id.map(|id| id.to_string());
            assert_eq!(self.after.get(name), wanted.as_ref(), "{name} is not where it was pushed to");
        }
        self
    }

    /// It was refused for exactly this reason, and nothing moved.
    #[track_caller]
    pub fn refused(self, code: &str) -> Self {
        self.refused_for(&[code])
    }

    /// It was refused for exactly these reasons, and nothing moved.
    #[track_caller]
    pub fn refused_for(self, codes: &[&str]) -> Self {
        let outcome = self.refused_somehow();
        let wanted: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(outcome.codes("error"), wanted, "refused for other reasons:\n{}", outcome.said);
        outcome
    }

    /// It was refused, among others for this reason, and nothing moved.
    #[track_caller]
    pub fn refused_also_for(self, code: &str) -> Self {
        let outcome = self.refused_somehow();
        assert!(outcome.codes("error").contains(code), "not refused for {code}:\n{}", outcome.said);
        outcome
    }

    /// It was refused in our own words, and nothing moved.
    #[track_caller]
    pub fn refused_somehow(self) -> Self {
        assert!(!self.ok, "an attack was accepted:\n{}", self.whole);
        assert_eq!(self.before, self.after, "refused, and yet a ref moved:\n{}", self.whole);
        assert!(self.said.starts_with("countersign: "), "not refused in our words:\n{}", self.whole);
        assert!(!self.codes("error").is_empty(), "no reason is given:\n{}", self.whole);
        for block in self.said.split("\n\n").filter(|block| block.starts_with("error[")) {
            let mended = block.lines().skip(1).any(|line| !line.trim_start().starts_with("asked for by"));
            assert!(mended, "a refusal without a cure:\n{block}");
        }
        self
    }

    /// git itself refused it, for whatever reason, and nothing moved: the attack is closed off before any hook.
    #[track_caller]
    pub fn refused_by_git_or_hook(self) -> Self {
        assert!(!self.ok, "an attack was accepted:\n{}", self.whole);
        assert_eq!(self.before, self.after, "refused, and yet a ref moved:\n{}", self.whole);
        self
    }

    /// The server said these words somewhere, line breaks aside.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let flat = self.said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "`{words}` is not in:\n{}", self.said);
        self
    }

    /// The server did not say these words.
    #[track_caller]
    pub fn does_not_say(self, words: &str) -> Self {
        assert!(!self.said.contains(words), "`{words}` is in:\n{}", self.said);
        self
    }

    /// A warning under this code.
    #[track_caller]
    pub fn warns(self, code: &str) -> Self {
        assert!(self.codes("warning").contains(code), "no warning[{code}] in:\n{}", self.said);
        self
    }

    /// A note under this code.
    #[track_caller]
    pub fn notes(self, code: &str) -> Self {
        assert!(self.codes("note").contains(code), "no note[{code}] in:\n{}", self.said);
        self
    }

    fn codes(&self, severity: &str) -> BTreeSet<&str> {
        let begin = format!("{severity}[");
        self.said
            .lines()
            .filter_map(|line| line.strip_prefix(&begin)?.split_once(']'))
            .map(|(code, _)| code)
            .collect()
    }
}

/// What the server said, checked for what no server of ours may ever say.
fn remote_lines(err: &[u8]) -> String {
    let mut said = String::new();
    for line in err.split(|b| *b == b'\n') {
        let Some(line) = line.strip_prefix(b"remote: ") else { continue };
        // git ends each line with what wipes the rest of a terminal's line.
        let line = line.strip_suffix(b"\x1b[K").or_else(|| line.strip_suffix(b"        ")).unwrap_or(line);
        let line = String::from_utf8_lossy(line);
        assert_polite(&line);
        said.push_str(&line);
        said.push('\n');
    }
    said
}

/// Nothing in it moves a cursor or reorders letters, and it fits.
fn assert_polite(line: &str) {
    let odd = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert!(!line.contains(odd), "the server sent raw control characters: {line:?}");
    let of_git = ["error: ", "fatal: ", "warning: ", "hint: "].iter().any(|begin| line.starts_with(begin));
    let one_word = !line.trim().contains(' ');
    let command = line.trim_start().starts_with("$ ");
    let fits = line.chars().count() <= 76;
    assert!(fits || of_git || one_word || command, "over 76 columns: {line:?}");
}
