//! One armored block and nothing else (row 32).

use countersign::{
    model::{
        Signature,
        policy::Limits,
        signature::{Presence::NotHardware, SignatureFault},
    },
    verify::ssh,
};

use super::cast::{NAMESPACE, Software, assert_verified, encoding, keys, verify, wrapped};

#[test]
fn lines_may_be_of_any_width_up_to_76() {
    let alice = Software::new(1);
    let blob = alice.sign(NAMESPACE, b"payload").blob();
    for columns in [1, 64, 70, 76] {
        assert_verified(
            &verify(&alice.public(), &wrapped(&blob, columns), b"payload"),
            &alice.public(),
            NotHardware,
        );
    }
    let wide = encoding("one of its lines is empty or over 76 columns");
    assert_eq!(verify(&alice.public(), &wrapped(&blob, 77), b"payload"), wide);
}

#[test]
fn one_newline_may_end_it() {
    let alice = Software::new(1);
    let text = alice.sign(NAMESPACE, b"payload").armor();
    let bare = text.strip_suffix(b"\n").unwrap();
    assert_verified(&verify(&alice.public(), bare, b"payload"), &alice.public(), NotHardware);
    let two = [&text[..], b"\n"].concat();
    assert_eq!(verify(&alice.public(), &two, b"payload"), encoding("something follows its last line"));
}

#[test]
fn nothing_else_stands_in_it_or_around_it() {
    const FIRST: &str = "its first line is not `-----BEGIN SSH SIGNATURE-----`";
    const LINE: &str = "one of its lines is empty or over 76 columns";
    const DIGITS: &str = "it is not base64";
    const END: &str = "its last line is missing";
    const AFTER: &str = "something follows its last line";

    let alice = Software::new(1);
    let text = String::from_utf8(alice.sign(NAMESPACE, b"payload").armor()).unwrap();
    let (first, last) = ("-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----");
    let variants = [
        (String::new(), FIRST),
        ("\n".to_owned(), FIRST),
        (format!("garbage\n{text}"), FIRST),
        (format!("\n{text}"), FIRST),
        (format!(" {text}"), FIRST),
        (format!("\u{feff}{text}"), FIRST),
        (format!("{text}garbage\n"), AFTER),
        (format!("{text}\0"), AFTER),
        (format!("{text}{text}"), AFTER),
        (text.replace(last, &format!("{last} ")), END),
        (text.replace('\n', "\r\n"), FIRST),
        (text.replacen("-\nU", "-\nU\r", 1), DIGITS),
        (text.replace('\n', "\r"), FIRST),
        (text.replace(first, &format!("{first}\n")), LINE),
        (text.replace(first, &format!("{first}{first}")), DIGITS),
        (text.replace(first, &format!("{first}Comment: x\n")), DIGITS),
        (text.replace(last, &format!("=abcd\n{last}")), DIGITS),
        (text.replace(last, &format!("AAAA\n{last}")), DIGITS),
        (text.replace(last, &format!("A\n{last}")), DIGITS),
        (text.replace(last, ""), LINE),
        (text.replace(&format!("{last}\n"), ""), END),
        (text.replace("SSH SIGNATURE", "ssh signature"), FIRST),
        (text.replace("U1NIU0lH", "U1NI U0lH"), DIGITS),
        (text.replace("U1NIU0lH", "U1NI_0lH"), DIGITS),
        (format!("{first}{last}\n"), "it does not begin with SSHSIG"),
    ];
    for (variant, why) in variants {
        assert_eq!(verify(&alice.public(), variant.as_bytes(), b"payload"), encoding(why), "{variant:?}");
    }
}

#[test]
fn unused_bits_of_base64_are_zero() {
    // A payload whose blob ends in padding, spelt with another last digit: the same bytes to a lax reader.
    let alice = Software::new(1);
    let text = (0..3)
        .map(|longer| alice.sign(&"n".repeat(3 + longer), b"").armor())
        .map(|text| String::from_utf8(text).unwrap())
        .find(|text| text.contains("=\n") && !text.contains("==\n"))
        .unwrap();
    let digit = text.as_bytes()[text.find("=\n").unwrap() - 1];
    let other = text.replace(&format!("{}=\n", digit as char), &format!("{}=\n", (digit + 1) as char));
    let name = |text: &str| verify(&alice.public(), text.as_bytes(), b"");
    assert!(matches!(name(&text), Signature::Refused(SignatureFault::Namespace(..))));
    assert_eq!(name(&other), encoding("it is not base64"));
}

#[test]
fn other_formats_are_called_by_name() {
    let alice = Software::new(1);
    for (first, what) in [
        ("-----BEGIN PGP SIGNATURE-----", "an OpenPGP signature"),
        ("-----BEGIN PGP MESSAGE-----", "an OpenPGP signature"),
        ("-----BEGIN SIGNED MESSAGE-----", "an X.509 signature"),
    ] {
        let text = format!("{first}\n\niQEzBAABCAAdFiEE\n-----END-----\n");
        let found = verify(&alice.public(), text.as_bytes(), b"payload");
        assert_eq!(found, Signature::Refused(SignatureFault::Format(what)));
    }
}

#[test]
fn what_is_over_the_limit_is_not_decoded() {
    let alice = Software::new(1);
    let armor = alice.sign(NAMESPACE, b"payload").armor();
    let at_most = |bytes: usize| {
        let limits = Limits { signature_bytes: bytes as u64, ..Limits::default() };
        ssh::verify(&armor, b"payload", NAMESPACE, &keys([&alice.public()]), &limits)
    };
    assert_verified(&at_most(armor.len()), &alice.public(), NotHardware);
    let over = armor.len() - 1;
    assert_eq!(at_most(over), Signature::Refused(SignatureFault::TooLarge(over as u64)));
}
