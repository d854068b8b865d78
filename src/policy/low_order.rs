//! Points of curve25519 that prove nothing, told by their bytes.
//!
//! The public half of an ed25519 key is the y of a point and, in the highest bit, the sign of its x (RFC 8032, section
//! 5.1.2). Eight points have an order that divides 8; a signature with such a key verifies for almost any message, in
//! every library. Their y are the five below p and, since libraries read y modulo p = 2^255 - 19, two more spellings.

/// Every y of a point of low order, little-endian, sign bit clear: 0, 1, p - 1, the two of order 8, p and p + 1.
const LOW_ORDER: [[u8; 32]; 7] = [
    filled(0x00, 0x00, 0x00),
    filled(0x01, 0x00, 0x00),
    filled(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    filled(0xed, 0xff, 0x7f),
    filled(0xee, 0xff, 0x7f),
];

/// Whether anybody can sign for this key.
pub(super) fn is_low_order(point: &[u8; 32]) -> bool {
    LOW_ORDER.contains(&without_sign(*point))
}

/// Whether y is below p. What is not has a second spelling, so one key could be listed twice.
pub(super) fn is_canonical(point: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = without_sign(*point);
    first < 0xed || last != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

fn without_sign(mut point: [u8; 32]) -> [u8; 32] {
    let [.., last] = &mut point;
    *last &= 0x7f;
    point
}

const fn filled(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    let [low, .., high] = &mut bytes;
    *low = first;
    *high = last;
    bytes
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::*;

    /// The library that verifies agrees about each of them, with either sign.
    #[test]
    fn every_listed_point_is_weak() {
        for y in LOW_ORDER {
            let mut points = 0;
            for sign in [0, 0x80] {
                let mut point = y;
                point[31] |= sign;
                assert!(is_low_order(&point));
                if let Ok(key) = VerifyingKey::from_bytes(&point) {
                    assert!(key.is_weak(), "{point:02x?}");
                    points += 1;
                }
            }
            assert!(points > 0, "{y:02x?} is no point at all");
        }
    }

    /// The list is whole: no point of the eight has another spelling, and of y near p none was forgotten.
    #[test]
    fn no_weak_spelling_is_missing() {
        let near_the_ends = (0..=255u8).flat_map(|low| [filled(low, 0, 0), filled(low, 0xff, 0x7f)]);
        for mut point in near_the_ends {
            for sign in [0, 0x80] {
                point[31] = (point[31] & 0x7f) | sign;
                let weak = VerifyingKey::from_bytes(&point).is_ok_and(|key| key.is_weak());
                assert!(!weak || is_low_order(&point), "{point:02x?}");
            }
        }
    }

    /// An honest key is neither weak nor misspelt, and y = p + 2 is the second spelling of y = 2.
    #[test]
    fn honest_keys_pass() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        assert!(!is_low_order(&key) && is_canonical(&key));
        assert!(!is_canonical(&filled(0xef, 0xff, 0x7f)));
        assert!(is_canonical(&filled(0xec, 0xff, 0x7f)));
    }
}
