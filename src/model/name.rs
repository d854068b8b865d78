//! Full names of refs.

use std::fmt;

/// The full name of a ref, `refs/…`, in UTF-8, as git received it.
///
/// Comparison is byte for byte: `refs/heads/Main` is not `refs/heads/main`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RefName(String);

impl RefName {
    /// Takes a full name. `None` where it does not begin with `refs/` or holds a NUL, LF or blank, which git itself
    /// never lets through.
    #[must_use]
    pub fn new(full: impl Into<String>) -> Option<Self> {
        let full = full.into();
        let sane = full.starts_with("refs/") && !full.contains(['\0', '\n', ' ']);
        sane.then_some(Self(full))
    }

    /// `refs/heads/<short>`.
    #[must_use]
    pub fn branch(short: &str) -> Self {
        Self(format!("refs/heads/{short}"))
    }

    /// The full name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people call it: `main` for a branch, `v1` for a tag, the full name for anything else.
    #[must_use]
    pub fn short(&self) -> &str {
        self.branch_name().or_else(|| self.tag_name()).unwrap_or(&self.0)
    }

    /// The part after `refs/heads/`.
    #[must_use]
    pub fn branch_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/heads/")
    }

    /// The part after `refs/tags/`.
    #[must_use]
    pub fn tag_name(&self) -> Option<&str> {
        self.0.strip_prefix("refs/tags/")
    }
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
