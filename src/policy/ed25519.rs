//! The key that nearly every line of a large policy holds, taken out of its base64 directly: a general reader decodes
//! letter by letter in constant time, which a public key has no need of, and ten thousand are read before every push.

/// What an ed25519 key begins with on the wire: the length and the name of its type, and the length of its point (RFC
/// 8709, section 4).
const HEAD: [u8; 19] = *b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

/// What [`VALUES`] has for a byte that is no digit of base64.
const NO_DIGIT: u8 = 0xff;

/// The value of each digit of base64 (RFC 4648, section 4).
const VALUES: [u8; 256] = values();

/// The point of an ed25519 key in its one plain spelling. `None` for anything else, which is not said to be wrong: the
/// general way finds out.
pub(super) fn point(base64: &str) -> Option<[u8; 32]> {
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

    fn general(base64: &str) -> Option<KeyData> {
        PublicKey::from_openssh(&format!("ssh-ed25519 {base64}")).ok().map(KeyData::from)
    }

    fn written(point: [u8; 32]) -> String {
        let line = PublicKey::from(Ed25519PublicKey(point)).to_openssh().unwrap();
        line.split(' ').nth(1).unwrap().to_owned()
    }

    #[test]
    fn every_key_is_read() {
        arbtest::arbtest(|u| {
            let bytes: [u8; 32] = u.arbitrary()?;
            assert_eq!(point(&written(bytes)), Some(bytes));
            Ok(())
        });
    }

    /// Whatever is done to a key: what the short way takes, the general way takes for the same key.
    #[test]
    fn nothing_is_taken_that_the_general_way_refuses() {
        const LETTERS: &[u8] = b"AIgw/+=-_ 9z\n\xc3";
        arbtest::arbtest(|u| {
            let mut text = written(u.arbitrary()?).into_bytes();
            for _ in 0..u.int_in_range(0..=2)? {
                let at = u.choose_index(text.len())?;
                match u.int_in_range(0..=2)? {
                    0 => text[at] = *u.choose(LETTERS)?,
                    1 => text.insert(at, *u.choose(LETTERS)?),
                    _ => drop(text.remove(at)),
                }
            }
            let text = String::from_utf8_lossy(&text);
            if let Some(bytes) = point(&text) {
                assert_eq!(general(&text), Some(KeyData::Ed25519(Ed25519PublicKey(bytes))), "{text}");
            }
            Ok(())
        });
    }

    #[test]
    fn other_spellings_are_left_to_the_general_way() {
        let text = written([7; 32]);
        let odd = text.replacen('A', "-", 1);
        let other = text.replacen("c3No", "c3Nh", 1);
        assert_eq!(odd.len(), text.len());
        for text in ["", "A", "AAAA", &odd, &other, &text[..64], &format!("{text}AAAA"), &format!("{text}=")] {
            assert_eq!(point(text), None, "{text}");
        }
    }
}
