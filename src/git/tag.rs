//! The raw bytes of an annotated tag, taken apart as strictly as a [`commit`](super::commit)'s.

use gix::{ObjectId, bstr::ByteSlice, hash::Kind as Hash};

use super::commit::{ObjectFault, Refused, Stamp, header::headers, id, is_fence, stamp, subject, within};
use crate::model::{evidence::Kind, policy::Limits};

/// What git takes for the beginning of a signature, wherever a line begins with it (`parse_signed_buffer` of its
/// gpg-interface.c). It takes the last one; other readers the first: so there is one.
const FENCES: [&[u8]; 4] = [
    b"-----BEGIN SSH SIGNATURE-----",
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
];

/// A tag that every reader reads alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParsedTag {
    /// What it points to.
    pub target: ObjectId,
    /// What kind of object that is, as claimed.
    pub target_kind: Kind,
    /// Its own name for itself.
    pub name: String,
    /// Who made it, and when, as claimed.
    pub tagger: Stamp,
    /// The armor of its signature, each line ended by LF. `None`: it is not signed.
    pub signature: Option<Vec<u8>>,
    /// What the signature covers: everything before it, byte for byte.
    pub payload: Vec<u8>,
    /// Everything after the first empty line and before the signature.
    pub message: Vec<u8>,
    /// The first line of the message that is not blank. Invalid UTF-8 is replaced.
    pub subject: String,
}

/// Takes a tag apart (git-mktag(1)).
///
/// # Errors
/// For everything that readers may read differently, and for what is over a limit.
pub fn parse(bytes: &[u8], hash: Hash, limits: &Limits) -> Result<ParsedTag, Refused> {
    within("object-bytes", limits.object_bytes, bytes.len())?;
    if bytes.contains(&0) {
        return Err(ObjectFault::Nul.into());
    }
    let (headers, message) = headers(bytes)?;
    let [object, kind, tag, tagger] = headers.as_slice() else {
        let foreign = headers.iter().any(|line| line.name.to_ascii_lowercase().starts_with(b"gpgsig"));
        return Err(if foreign { ObjectFault::ForeignSignature } else { ObjectFault::TagHeader }.into());
    };
    let names = [object, kind, tag, tagger].map(|line| line.name);
    let folded = [kind, tag].iter().any(|line| line.value.contains(&b'\n'));
    if names != [b"object".as_slice(), b"type", b"tag", b"tagger"] || folded {
        return Err(ObjectFault::TagHeader.into());
    }
    let name = tag.value.to_str().map_err(|_| ObjectFault::TagHeader)?.to_owned();
    let (payload, signature) = split(bytes, bytes.len().saturating_sub(message.len()))?;
    if let Some(armor) = signature {
        within("signature-bytes", limits.signature_bytes, armor.len())?;
    }
    let message = message.get(..message.len().saturating_sub(signature.map_or(0, <[u8]>::len))).unwrap_or_default();
    Ok(ParsedTag {
        target: id(object, "object", hash)?,
        target_kind: kind_of(kind.value).ok_or(ObjectFault::TagType)?,
        name,
        tagger: stamp(tagger, "tagger")?,
        signature: signature.map(<[u8]>::to_vec),
        payload: payload.to_vec(),
        message: message.to_vec(),
        subject: subject(message),
    })
}

fn kind_of(word: &[u8]) -> Option<Kind> {
    [Kind::Commit, Kind::Tag, Kind::Tree, Kind::Blob].into_iter().find(|kind| kind.as_str().as_bytes() == word)
}

/// What is signed, and the one armored block behind it. `body`: where the message begins.
fn split(bytes: &[u8], body: usize) -> Result<(&[u8], Option<&[u8]>), ObjectFault> {
    let mut at = body;
    let mut begins = None;
    for line in bytes.get(body..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        if FENCES.iter().any(|fence| line.starts_with(fence)) && begins.replace(at).is_some() {
            return Err(ObjectFault::Armor);
        }
        at += line.len();
    }
    let Some((payload, armor)) = begins.and_then(|begins| bytes.split_at_checked(begins)) else {
        return Ok((bytes, None));
    };
    let mut lines = armor.lines();
    let whole = lines.next().is_some_and(|line| is_fence(line, b"-----BEGIN "))
        && lines.next_back().is_some_and(|line| is_fence(line, b"-----END "))
        && !lines.any(|line| line.starts_with(b"-----"))
        && !armor.contains(&b'\r');
    if whole { Ok((payload, Some(armor))) } else { Err(ObjectFault::Armor) }
}
