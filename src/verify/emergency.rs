//! The line of a message that calls its object an emergency. It proves nothing: two people's signatures do.

use crate::model::{
    shipment::{Emergency, EmergencyFault, LONGEST_REASON},
    text::is_hidden,
};

/// How the line begins: exactly so, at its very start. What is quoted or indented is not read.
pub const LINE: &str = "Emergency:";

/// What a message says of an emergency. `None` where no line begins with [`LINE`].
#[must_use]
pub fn said(message: &[u8]) -> Option<Emergency> {
    let mut reasons = message.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(LINE.as_bytes()));
    let first = reasons.next()?;
    let (reason, fault) = match std::str::from_utf8(first).map(str::trim) {
        Err(_) => (String::new(), Some(EmergencyFault::NotText)),
        Ok("") => (String::new(), Some(EmergencyFault::Empty)),
        Ok(reason) if reason.chars().count() > LONGEST_REASON => (String::new(), Some(EmergencyFault::TooLong)),
        Ok(reason) if reason.contains(is_hidden) => (reason.to_owned(), Some(EmergencyFault::NotText)),
        Ok(reason) => (reason.to_owned(), None),
    };
    let fault = if reasons.next().is_some() { Some(EmergencyFault::Twice) } else { fault };
    Some(Emergency { reason, fault, reviews: Vec::new() })
}
