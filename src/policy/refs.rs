//! Which refs a rule covers: from `main` or `release/*` to patterns over full names.

use super::{faults::Faults, section::Word};
use crate::model::{Pattern, text::cut};

/// Reads the name of a rule, or of a ref in one of its keys: a branch, or a full name where it begins with `refs/`.
///
/// A name that git would never let exist protects nothing, and nobody would notice.
pub(super) fn read(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    read_in("refs/heads/", word, faults)
}

/// Reads the name of a rule for tags: `v*`.
pub(super) fn read_tag(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    read_in("refs/tags/", word, faults)
}

/// Reads the name of a `[ship]` rule: a deploy branch.
pub(super) fn read_deploy(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    let pattern = read(word, faults)?;
    within("refs/heads/", word, pattern, ("a deploy branch is a branch", "tags have a `[release.X]`"), faults)
}

/// Reads the name of a `[release]` rule: tags.
pub(super) fn read_release(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    let pattern = read_tag(word, faults)?;
    let words = ("a release is a tag", "branches that are shipped to have a `[ship.X]`");
    within("refs/tags/", word, pattern, words, faults)
}

/// Reads an entry of `from`: branches.
pub(super) fn read_source(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    let pattern = read(word, faults)?;
    let words = ("what is shipped comes from a branch", "name a branch that a `[review.X]` covers");
    within("refs/heads/", word, pattern, words, faults)
}

fn within(
    space: &str,
    word: Word<'_>,
    pattern: Pattern,
    (what, help): (&str, &str),
    faults: &mut Faults<'_>,
) -> Option<Pattern> {
    if pattern.as_str().starts_with(space) {
        return Some(pattern);
    }
    faults.error(word.at, format!("{what}, and `{}` is none", cut(word.text, 80))).help(help);
    None
}

fn read_in(space: &str, word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    let text = word.text;
    let full = if text.starts_with("refs/") { text.to_owned() } else { format!("{space}{text}") };
    let shown = cut(text, 80);
    if text.is_empty() {
        let help = if space == "refs/tags/" { "`**` is every tag" } else { "`**` is every branch" };
        faults.error(word.at, "a pattern cannot be empty").help(help);
        return None;
    }
    let pattern = match Pattern::parse(&full) {
        Ok(pattern) => pattern,
        Err(fault) => {
            faults.error(word.at, format!("`{shown}` is no pattern: {fault}"));
            return None;
        }
    };
    if let Some(why) = never_a_ref(&full) {
        let said = faults.error(word.at, format!("`{shown}` matches nothing: {why}"));
        said.maybe_help(text.strip_prefix('/').map(|rest| format!("did you mean `{rest}`?")));
        return None;
    }
    if let Some(rest) =
        ["heads/", "tags/", "origin/", "remotes/"].iter().find_map(|prefix| text.strip_prefix(prefix))
    {
        let what = if space == "refs/tags/" { "tag" } else { "branch" };
        let said = faults.warning(word.at, format!("this is the {what} `{shown}`, whose full name is {full}"));
        said.help(format!("did you mean `{rest}`?"));
    }
    Some(pattern)
}

/// Why git lets no ref have such a name (git-check-ref-format(1)).
fn never_a_ref(full: &str) -> Option<&'static str> {
    let mut parts = full.split('/');
    if full.to_ascii_lowercase().starts_with("refs/heads/refs/") {
        return Some("full names begin with `refs/`, in small letters");
    }
    if full == "refs/heads/HEAD" {
        return Some("no branch is called HEAD");
    }
    if full.contains(|c: char| c.is_whitespace() || "~^:".contains(c)) {
        return Some("the name of a ref holds no blank and none of `~^:`");
    }
    if full.contains("..") || full.contains("@{") {
        return Some("the name of a ref holds no `..` and no `@{`");
    }
    if full.ends_with('.') || parts.clone().any(|part| part.starts_with('.') || part.ends_with(".lock")) {
        return Some("no part of a ref's name begins with `.` or ends with `.lock`");
    }
    parts.any(str::is_empty).then_some("the name of a ref does not begin or end with `/`, nor hold it twice")
}

/// Reads a pattern over paths of a tree.
pub(super) fn read_path(word: Word<'_>, faults: &mut Faults<'_>) -> Option<Pattern> {
    let shown = cut(word.text, 80);
    let pattern = match Pattern::parse(word.text) {
        Ok(pattern) => pattern,
        Err(fault) => {
            faults.error(word.at, format!("`{shown}` is no pattern: {fault}"));
            return None;
        }
    };
    let mut parts = word.text.split('/');
    if parts.any(|part| part.is_empty() || part == "." || part == "..") {
        let said =
            faults.error(word.at, format!("`{shown}` matches nothing: paths are written like `deploy/app.toml`"));
        let plain = word.text.trim_start_matches(['/', '.']);
        let folder = plain.trim_end_matches('/');
        said.help(match (folder, folder == plain) {
            ("", _) => "`**` is every path".to_owned(),
            (path, true) => format!("did you mean `{path}`?"),
            (folder, false) => format!("everything below a folder: `{folder}/**`"),
        });
        return None;
    }
    Some(pattern)
}
