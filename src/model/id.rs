//! Names of git objects. A commit's id and a tree's id are different types, so one is never taken for the other.

use std::fmt;

pub use gix::ObjectId;

/// How many hexadecimal digits of an id a person is shown.
const SHORT: usize = 7;

/// How many stand in a command that a person will run.
const TYPED: usize = 12;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub ObjectId);

        impl $name {
            /// Reads exactly 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                if !lower {
                    return None;
                }
                ObjectId::from_hex(text.as_bytes()).ok().map(Self)
            }

            /// So many digits that nobody makes another object that begins with them by accident, for commands.
            #[must_use]
            pub fn long_enough(&self) -> String {
                self.0.to_hex_with_len(TYPED).to_string()
            }

            /// The first seven digits, for people.
            #[must_use]
            pub fn short(&self) -> String {
                self.0.to_hex_with_len(SHORT).to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.short())
            }
        }
    };
}

typed_id!(
    /// The id of a commit.
    CommitId
);
typed_id!(
    /// The id of a tree.
    TreeId
);
