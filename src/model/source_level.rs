//! Levels of the SLSA source track, version 1.2: how far it is known how a revision came to be.

use std::fmt;

/// A level. What each asks of the evidence, `decide/grade.rs` says; docs/evidence.md tells why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SourceLevel {
    /// Nothing is claimed.
    Zero,
    /// It is a revision of the repository.
    One,
    /// Who moved the branch to it is known, and the branch loses nothing.
    Two,
    /// The branch's rules held, with an exception that they know.
    Three,
    /// Two people agreed to exactly this, before it landed, for this branch.
    Four,
}

impl SourceLevel {
    /// The level as a number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

impl fmt::Display for SourceLevel {
    /// As an attestation names it: `SLSA_SOURCE_LEVEL_3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SLSA_SOURCE_LEVEL_{}", self.number())
    }
}
