//! Evidence for others to read: in-toto statements in envelopes that any verifier of DSSE opens. Facts in, bytes out; what
//! they are worth was decided elsewhere.
//!
//! - [`vsa`]: the SLSA verification summary of a source revision.
//! - [`statement`]: the in-toto statement around it.
//! - [`dsse`]: the signed envelope around that.
//! - [`key`]: the private key that signs.

pub mod dsse;
pub mod key;
pub mod statement;
pub mod vsa;

pub use key::{KeyFault, SigningKey};
pub use vsa::Summary;
