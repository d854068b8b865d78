//! The only place where a signature becomes `Verified`.
