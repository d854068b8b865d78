//! The key that nearly every line of a large policy holds, taken out of its base64 directly: a general reader decodes
//! letter by letter in constant time, which a public key has no need of, and ten thousand are read before every push.

/// What an ed25519 key begins with on the wire: the length and the name of its type, and the length of its point (RFC
/// 8709, section 4).
const HEAD: [u8; 19] = *b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

/// Digits of the whole.
const BASE64: usize = 68;

/// What [`VALUES`] has for a byte that is no digit of base64.
const NO_DIGIT: u8 = 0xff;

/// The value of each digit of base64 (RFC 4648, section 4).
const VALUES: [u8; 256] = values();

/// The point of an ed25519 key whose line is spelt as ssh-keygen spells it, with any comment. `None` for anything else,
/// which is not said to be wrong: the general way finds out.
pub(super) fn point_of_line(line: &str) -> Option<[u8; 32]> {
    let (base64, comment) = line.strip_prefix("ssh-ed25519 ")?.split_at_checked(BASE64)?;
    let on_one_line = comment.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if on_one_line && (comment.is_empty() || comment.starts_with(' ')) { point(base64) } else { None }
}

fn point(base64: &str) -> Option<[u8; 32]> {
    let (quads, []) = base64.as_bytes().as_chunks::<4>() else { return None };
    let quads: &[[u8; 4]; 17] = quads.try_into().ok()?;
    let mut blob = [[0; 3]; 17];
    let mut odd = 0;
    for (bytes, quad) in blob.iter_mut().zip(quads) {
        let [a, b, c, d] = *quad;
        let [a, b, c, d] = [value(a), value(b), value(c), value(d)];
        odd |= a | b | c | d;
        *bytes = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    let (head, point) = blob.as_flattened().split_first_chunk()?;
    // A digit has six bits.
    if odd > 0x3f || *head != HEAD {
        return None;
    }
    point.try_into().ok()
}

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

const fn values() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut digits: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while let [digit, rest @ ..] = digits {
        if let Some((_, [place, ..])) = values.split_at_mut_checked(*digit as usize) {
            *place = value;
        }
        value += 1;
        digits = rest;
    }
    values
}

#[cfg(test)]
mod tests {
    use ssh_key::{
        PublicKey,
        public::{Ed25519PublicKey, KeyData},
    };

    use super::*;
    use crate::policy::ssh;

    fn written(point: [u8; 32]) -> String {
        PublicKey::from(Ed25519PublicKey(point)).to_openssh().unwrap()
    }

    #[test]
    fn every_key_is_read() {
        arbtest::arbtest(|u| {
            let point: [u8; 32] = u.arbitrary()?;
            for comment in ["", " ", " alice@laptop", "  two words "] {
                assert_eq!(point_of_line(&format!("{}{comment}", written(point))), Some(point), "{comment}");
            }
            Ok(())
        });
    }

    /// Whatever is done to a line: what the short way takes, the general way takes for the same key.
    #[test]
    fn nothing_is_taken_that_the_general_way_refuses() {
        const LETTERS: &[u8] = b"AIgw/+=-_ 9z\t\n\r\x0c\xc3";
        let mut taken = 0;
        arbtest::arbtest(|u| {
            let mut line = format!("{} a@b", written(u.arbitrary()?)).into_bytes();
            for _ in 0..u.int_in_range(0..=2)? {
                let at = u.choose_index(line.len())?;
                match u.int_in_range(0..=2)? {
                    0 => line[at] = *u.choose(LETTERS)?,
                    1 => line.insert(at, *u.choose(LETTERS)?),
                    _ => drop(line.remove(at)),
                }
            }
            let line = String::from_utf8_lossy(&line);
            if let Some(point) = point_of_line(&line) {
                taken += 1;
                assert_eq!(ssh::decode(&line), Ok(KeyData::Ed25519(Ed25519PublicKey(point))), "{line}");
            }
            Ok(())
        });
        assert!(taken > 0);
    }

    #[test]
    fn other_spellings_are_left_to_the_general_way() {
        let line = written([7; 32]);
        let (start, _) = line.split_at(79);
        let odd = [
            String::new(),
            line.replacen("AAAAC3", "AAAA-3", 1),
            line.replacen("C1lZ", "C1lY", 1),
            start.to_owned(),
            format!("{start}="),
            format!("{start}\u{e9}"),
            format!("{line}="),
            format!("{line}\n{line}"),
            format!("{line} \r"),
            format!(" {line}"),
            format!("sk-{line}"),
        ];
        for line in odd {
            assert_eq!(point_of_line(&line), None, "{line}");
        }
    }
}
