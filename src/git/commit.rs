//! The raw bytes of a commit, taken apart strictly.
//!
//! git itself is lenient: it drops every `gpgsig*` header from what a signature covers and joins the values of two,
//! takes the first of two trees, finds an e-mail between whatever angle brackets it meets. Other readers choose
//! otherwise, and a reviewer may see one commit where the server judges another. So what git would not have written is
//! not read at all.

mod co_author;
pub(super) mod header;

use gix::{ObjectId, bstr::ByteSlice, hash::Kind as Hash};

use self::header::{Header, headers};
use crate::model::{CommitId, TreeId, evidence::Ident, policy::Limits};

/// Lines before the message, continuations not counted. git writes five; a merge of many tags a few more.
const HEADERS: usize = 64;

/// Co-authors of one commit.
const CO_AUTHORS: usize = 1_000;

/// A commit that every reader reads alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// Its tree.
    pub tree: TreeId,
    /// Its parents, in order. One may stand there twice.
    pub parents: Vec<CommitId>,
    /// Who wrote it, and when, as claimed.
    pub author: Stamp,
    /// Who made it, and when, as claimed.
    pub committer: Stamp,
    /// The armor of its signature, unfolded, each line ended by LF. `None`: it is not signed.
    pub signature: Option<Vec<u8>>,
    /// What the signature covers: the commit without its signature's header, byte for byte.
    pub payload: Vec<u8>,
    /// Everything after the first empty line.
    pub message: Vec<u8>,
    /// The first line of the message that is not blank. Invalid UTF-8 is replaced.
    pub subject: String,
    /// From every `co-authored-by:` line, read as generously as any forge does: whom it names, it disqualifies.
    pub co_authors: Vec<Ident>,
}

/// A person and a time, as written. Proves nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Who. Invalid UTF-8 is replaced, and so matches no address of a policy.
    pub who: Ident,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
}

/// What is wrong with an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ObjectFault {
    /// NUL ends a text for some readers and not for others.
    #[error("it holds a NUL")]
    Nul,
    /// No empty line divides header and message.
    #[error("its header does not end")]
    Unended,
    /// A line of the header that is neither `name value` nor a continuation.
    #[error("a line of its header is not `name value`")]
    HeaderLine,
    /// More people than ever wrote one commit. They are not dropped: whom they name, they disqualify.
    #[error("it names more than {CO_AUTHORS} co-authors")]
    CoAuthors,
    /// More headers than any program writes.
    #[error("its header has more than {HEADERS} lines beside its parents")]
    Headers,
    /// A header where git writes another.
    #[error("its header does not go `tree`, `parent`, `author`, `committer`")]
    Order,
    /// A header that may stand there once.
    #[error("its header has `{0}` twice")]
    Twice(&'static str),
    /// A known header in another spelling: `Author`.
    #[error("its header spells a name in a way that only some readers recognise")]
    Spelling,
    /// An id that is none of this repository.
    #[error("its `{0}` is not an id of this repository")]
    Id(&'static str),
    /// Not `Name <e-mail> seconds +zone`, so readers disagree who it is.
    #[error("its `{0}` is not `Name <e-mail> seconds +zone`")]
    Ident(&'static str),
    /// `gpgsig-sha256` in a SHA-1 repository, or anything else that begins with `gpgsig` and is not its own.
    #[error("it carries a signature of another hash algorithm")]
    ForeignSignature,
    /// Something before, after or inside the one armored block that a signature is.
    #[error("its signature is not one armored block")]
    Armor,
    /// A tree's entry that cannot be.
    #[error("one of its entries is broken")]
    Entry,
    /// A tree whose entries are out of order, or name one thing twice.
    #[error("its entries are not in git's order")]
    EntryOrder,
    /// A tag's header that is not `object`, `type`, `tag`, `tagger`.
    #[error("its header does not go `object`, `type`, `tag`, `tagger`")]
    TagHeader,
    /// A tag whose `type` is none, or not what its object is: git believes the line, others look at the object.
    #[error("its `type` is not what it points to")]
    TagType,
    /// Tags of tags without end.
    #[error("it is a tag of a tag of a tag, more than anybody needs")]
    TagDepth,
}

/// Why a commit is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is malformed.
    Malformed(ObjectFault),
    /// It is over a limit.
    OverLimit {
        /// The key in `[limits]`.
        limit: &'static str,
        /// In the unit of its key.
        allowed: u64,
        /// What was found.
        found: u64,
    },
}

impl From<ObjectFault> for Refused {
    fn from(fault: ObjectFault) -> Self {
        Self::Malformed(fault)
    }
}

/// Takes a commit apart (git's Documentation/gitformat-signature and `commit.c`).
///
/// # Errors
/// For everything that readers may read differently, and for what is over a limit.
pub fn parse(bytes: &[u8], hash: Hash, limits: &Limits) -> Result<Parsed, Refused> {
    within("object-bytes", limits.object_bytes, bytes.len())?;
    if bytes.contains(&0) {
        return Err(ObjectFault::Nul.into());
    }
    let (headers, message) = headers(bytes)?;
    let mut lines = headers.iter().peekable();

    let tree = lines.next().filter(|line| line.name == b"tree").ok_or(ObjectFault::Order)?;
    let tree = TreeId(id(tree, "tree", hash)?);
    let mut parents = Vec::new();
    while let Some(line) = lines.next_if(|line| line.name == b"parent") {
        parents.push(CommitId(id(line, "parent", hash)?));
        within("parents", u64::from(limits.parents), parents.len())?;
    }
    if lines.len() > HEADERS {
        return Err(ObjectFault::Headers.into());
    }
    let author = lines.next().filter(|line| line.name == b"author").ok_or(ObjectFault::Order)?;
    let committer = lines.next().filter(|line| line.name == b"committer").ok_or(ObjectFault::Order)?;
    let gpgsig = signature_header(lines, hash)?;
    if let Some(header) = gpgsig {
        within("signature-bytes", limits.signature_bytes, header.value.len())?;
    }

    Ok(Parsed {
        tree,
        parents,
        author: stamp(author, "author")?,
        committer: stamp(committer, "committer")?,
        signature: gpgsig.map(armor).transpose()?,
        payload: match gpgsig {
            Some(header) => without(bytes, header),
            None => bytes.to_vec(),
        },
        message: message.to_vec(),
        subject: subject(message),
        co_authors: co_author::co_authors(message, CO_AUTHORS).ok_or(ObjectFault::CoAuthors)?,
    })
}

/// The one signature among the headers after `committer`, which may come in any order: git appends it, other tools put
/// it elsewhere.
fn signature_header<'h, 'b: 'h>(
    lines: impl Iterator<Item = &'h Header<'b>>,
    hash: Hash,
) -> Result<Option<&'h Header<'b>>, ObjectFault> {
    let own: &[u8] = if hash == Hash::Sha1 { b"gpgsig" } else { b"gpgsig-sha256" };
    let (mut signature, mut encoding) = (None, false);
    for line in lines {
        let name = line.name.to_ascii_lowercase();
        match name.as_slice() {
            lower if lower != line.name && is_known(lower) => return Err(ObjectFault::Spelling),
            b"tree" => return Err(ObjectFault::Twice("tree")),
            b"author" => return Err(ObjectFault::Twice("author")),
            b"committer" => return Err(ObjectFault::Twice("committer")),
            b"parent" => return Err(ObjectFault::Order),
            b"encoding" if encoding => return Err(ObjectFault::Twice("encoding")),
            b"encoding" => encoding = true,
            lower if lower == own && signature.is_some() => return Err(ObjectFault::Twice("gpgsig")),
            lower if lower == own => signature = Some(line),
            lower if lower.starts_with(b"gpgsig") => return Err(ObjectFault::ForeignSignature),
            _ => {}
        }
    }
    Ok(signature)
}

fn is_known(name: &[u8]) -> bool {
    matches!(name, b"tree" | b"parent" | b"author" | b"committer" | b"encoding" | b"mergetag")
        || name.starts_with(b"gpgsig")
}

pub(super) fn id(line: &Header<'_>, name: &'static str, hash: Hash) -> Result<ObjectId, ObjectFault> {
    let lower = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if line.value.len() != hash.len_in_hex() || !line.value.iter().all(lower) {
        return Err(ObjectFault::Id(name));
    }
    ObjectId::from_hex(line.value).map_err(|_| ObjectFault::Id(name))
}

/// `Name <e-mail> seconds +zone`, with exactly one `<` and one `>`: git takes the first `<` and, for the date, the last
/// `>`; other readers the last and the first.
pub(super) fn stamp(line: &Header<'_>, name: &'static str) -> Result<Stamp, ObjectFault> {
    let fault = ObjectFault::Ident(name);
    let (who, rest) = line.value.split_once_str("<").ok_or(fault)?;
    let (email, rest) = rest.split_once_str(">").ok_or(fault)?;
    let odd = |part: &[u8]| part.contains(&b'<') || part.contains(&b'>') || part.contains(&b'\n');
    if odd(who) || odd(email) || !(who.is_empty() || who.ends_with(b" ")) {
        return Err(fault);
    }
    let (seconds, zone) = rest.strip_prefix(b" ").and_then(|rest| rest.split_once_str(" ")).ok_or(fault)?;
    if !is_number(seconds) || !matches!(zone, [b'+' | b'-', digits @ ..] if is_number(digits)) {
        return Err(fault);
    }
    let seconds = seconds.to_str().ok().and_then(|digits| digits.parse().ok()).ok_or(fault)?;
    let text = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
    Ok(Stamp { who: Ident { name: text(who.trim_end()), email: text(email) }, seconds })
}

/// As many digits as a point in time can have.
fn is_number(digits: &[u8]) -> bool {
    (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}

/// The value of a `gpgsig` header, unfolded: `-----BEGIN …`, lines, `-----END …`, and nothing around it but the blank
/// line that some forges leave at the end.
fn armor(header: &Header<'_>) -> Result<Vec<u8>, ObjectFault> {
    let mut armor = Vec::with_capacity(header.value.len());
    for (index, line) in header.value.split(|byte| *byte == b'\n').enumerate() {
        // Each line but the first is a continuation, and begins with the one blank that folds it.
        let line = if index == 0 { line } else { line.strip_prefix(b" ").ok_or(ObjectFault::Armor)? };
        armor.extend_from_slice(line);
        armor.push(b'\n');
    }
    while armor.ends_with(b"\n\n") {
        armor.pop();
    }
    let mut lines = armor.lines();
    let whole = lines.next().is_some_and(|line| is_fence(line, b"-----BEGIN "))
        && lines.next_back().is_some_and(|line| is_fence(line, b"-----END "))
        && !lines.any(|line| line.starts_with(b"-----"))
        && !armor.contains(&b'\r');
    whole.then_some(armor).ok_or(ObjectFault::Armor)
}

pub(super) fn is_fence(line: &[u8], begins: &[u8]) -> bool {
    line.starts_with(begins) && line.ends_with(b"-----") && line.len() > begins.len() + b"-----".len()
}

fn without(bytes: &[u8], header: &Header<'_>) -> Vec<u8> {
    let before = bytes.get(..header.span.start).unwrap_or_default();
    let after = bytes.get(header.span.end..).unwrap_or_default();
    [before, after].concat()
}

pub(super) fn subject(message: &[u8]) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().to_str_lossy().into_owned()
}

pub(super) fn within(limit: &'static str, allowed: u64, found: usize) -> Result<(), Refused> {
    let found = found as u64;
    if found > allowed { Err(Refused::OverLimit { limit, allowed, found }) } else { Ok(()) }
}
