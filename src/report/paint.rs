//! Colours for a terminal. Adds them to text that is safe already, and takes nothing away.

const RESET: &str = "\x1b[m";
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";

/// A page of ours: what hurts is red, what to type is cyan.
#[must_use]
pub fn report(text: &str) -> String {
    by_line(text, |line| {
        let inner = line.trim_start();
        match inner {
            _ if inner.starts_with("error[") => Some(RED),
            _ if inner.starts_with("warning[") => Some(YELLOW),
            _ if inner.starts_with("$ ") => Some(CYAN),
            _ if line.starts_with("countersign: ") => Some(BOLD),
            _ => None,
        }
    })
}

/// What `git diff` writes, in git's own default colours (git-config(1), `color.diff`).
#[must_use]
pub fn diff(text: &str) -> String {
    by_line(text, |line| match line {
        _ if line.starts_with("diff --git ") || line.starts_with("--- ") || line.starts_with("+++ ") => Some(BOLD),
        _ if line.starts_with("@@") => Some(CYAN),
        _ if line.starts_with('+') => Some(GREEN),
        _ if line.starts_with('-') => Some(RED),
        _ => None,
    })
}

fn by_line(text: &str, colour: impl Fn(&str) -> Option<&'static str>) -> String {
    let painted = text.split_inclusive('\n').map(|line| {
        let inner = line.trim_end_matches('\n');
        match colour(inner) {
            Some(colour) => format!("{colour}{inner}{RESET}{}", if line.ends_with('\n') { "\n" } else { "" }),
            None => line.to_owned(),
        }
    });
    painted.collect()
}
