//! The lines before the message.

use std::ops::Range;

use super::ObjectFault;

/// One header with its continuation lines.
#[derive(Clone, Debug)]
pub(in crate::git) struct Header<'b> {
    /// Before the first blank.
    pub(in crate::git) name: &'b [u8],
    /// After it, continuation lines as they are: each LF is followed by the blank that folds the line.
    pub(in crate::git) value: &'b [u8],
    /// Where all of it lies in the object, its last LF included.
    pub(in crate::git) span: Range<usize>,
}

/// Divides an object into its headers and its message.
pub(in crate::git) fn headers(bytes: &[u8]) -> Result<(Vec<Header<'_>>, &[u8]), ObjectFault> {
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut start = 0;
    loop {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(ObjectFault::Unended)?;
        let line = rest.get(..length).unwrap_or_default();
        let end = start + length + 1;
        if line.is_empty() {
            return Ok((headers, bytes.get(end..).unwrap_or_default()));
        }
        if line.starts_with(b" ") {
            let header = headers.last_mut().ok_or(ObjectFault::HeaderLine)?;
            let value = end.saturating_sub(1);
            header.value = bytes.get(header.span.start + header.name.len() + 1..value).unwrap_or_default();
            header.span.end = end;
        } else {
            let blank = line.iter().position(|byte| *byte == b' ').ok_or(ObjectFault::HeaderLine)?;
            let (name, value) = line.split_at_checked(blank).ok_or(ObjectFault::HeaderLine)?;
            if name.is_empty() || name.iter().any(|byte| !byte.is_ascii_graphic()) {
                return Err(ObjectFault::HeaderLine);
            }
            headers.push(Header { name, value: value.get(1..).unwrap_or_default(), span: start..end });
        }
        start = end;
    }
}
