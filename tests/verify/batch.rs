//! Many at once: the same answers, in the same order.

use arbtest::{arbitrary::Unstructured, arbtest};
use countersign::{
    model::{
        Signature,
        policy::Limits,
        signature::{Presence::NotHardware, SignatureFault},
    },
    verify::{
        batch::{Job, verify_all},
        ssh,
    },
};
use ssh_key::public::{Ed25519PublicKey, KeyData};

use super::cast::{Envelope, Keygen, NAMESPACE, Software, armor, assert_verified, keys, string};

#[test]
fn a_batch_says_what_one_by_one_says() {
    let (alice, mallory) = (Software::new(1), Software::new(2));
    let ecdsa = Keygen::new(&["-t", "ecdsa", "-b", "256"]);
    let by_ecdsa = ecdsa.sign(NAMESPACE, "sha512", b"7");
    let listed = keys([&alice.public(), &ecdsa.public]);
    let limits = Limits::default();
    arbtest(|u| {
        let spoilt_in_a_hundred = *u.choose(&[0, 2, 50])?;
        let count = u.int_in_range(0..=200)?;
        let commits: Vec<(Option<Vec<u8>>, Vec<u8>)> = (0..count)
            .map(|i: u32| {
                if spoilt_in_a_hundred == 0 || !u.ratio(spoilt_in_a_hundred, 100)? {
                    let payload = i.to_string().into_bytes();
                    return Ok((Some(alice.sign(NAMESPACE, &payload).armor()), payload));
                }
                spoilt(u, &alice, &mallory, &by_ecdsa)
            })
            .collect::<Result<_, _>>()?;
        let jobs: Vec<Job<'_>> =
            commits.iter().map(|(armor, payload)| Job { armor: armor.as_deref(), payload }).collect();
        let together = verify_all(&jobs, NAMESPACE, &listed, &limits, u.int_in_range(0..=4)?);
        let alone: Vec<Signature> = jobs
            .iter()
            .map(|job| match job.armor {
                Some(armor) => ssh::verify(armor, job.payload, NAMESPACE, &listed, &limits),
                None => Signature::Absent,
            })
            .collect();
        assert_eq!(together, alone);
        Ok(())
    })
    .size_min(4096)
    .budget_ms(1_000);
}

/// Something that is not Alice's good signature.
fn spoilt(
    u: &mut Unstructured<'_>,
    alice: &Software,
    mallory: &Software,
    by_ecdsa: &[u8],
) -> arbtest::arbitrary::Result<(Option<Vec<u8>>, Vec<u8>)> {
    let payload = b"7".to_vec();
    let good = alice.sign(NAMESPACE, &payload);
    Ok(match u.int_in_range(0..=7)? {
        0 => (None, payload),
        1 => (Some(good.armor()), b"8".to_vec()),
        2 => {
            let mut blob = good.blob();
            let at = u.choose_index(blob.len())?;
            blob[at] ^= 1 << u.int_in_range(0..=7)?;
            (Some(armor(&blob)), payload)
        }
        3 => (Some(u.bytes(20).unwrap_or(b"short").to_vec()), payload),
        4 => (Some(mallory.sign(NAMESPACE, &payload).armor()), payload),
        5 => (Some(by_ecdsa.to_vec()), payload),
        6 => (Some(by_ecdsa.to_vec()), b"8".to_vec()),
        _ => (Some(alice.sign("file", &payload).armor()), payload),
    })
}

#[test]
fn no_jobs_give_no_signatures() {
    assert_eq!(verify_all(&[], NAMESPACE, &keys([]), &Limits::default(), 4), []);
}

#[test]
fn one_bad_signature_spoils_no_other() {
    let alice = Software::new(1);
    let payloads: Vec<Vec<u8>> = (0..130_u8).map(|i| vec![i]).collect();
    let armors: Vec<Vec<u8>> = payloads.iter().map(|payload| alice.sign(NAMESPACE, payload).armor()).collect();
    for bad in [0, 63, 64, 129] {
        let mut jobs: Vec<Job<'_>> =
            armors.iter().zip(&payloads).map(|(armor, payload)| Job { armor: Some(armor), payload }).collect();
        jobs[bad].payload = b"another";
        for (i, found) in
            verify_all(&jobs, NAMESPACE, &keys([&alice.public()]), &Limits::default(), 2).iter().enumerate()
        {
            if i == bad {
                assert_eq!(*found, Signature::Refused(SignatureFault::Mismatch));
            } else {
                assert_verified(found, &alice.public(), NotHardware);
            }
        }
    }
}

#[test]
fn a_low_order_key_hides_in_no_batch() {
    let identity = [&[1][..], &[0; 63]].concat();
    let mut point = [0; 32];
    point[0] = 1;
    let weak = KeyData::Ed25519(Ed25519PublicKey(point));
    let signature = [string(b"ssh-ed25519"), string(&identity)].concat();
    let forged = Envelope::new(&weak, NAMESPACE, signature).armor();
    let alice = Software::new(1);
    let good = alice.sign(NAMESPACE, b"payload").armor();
    let jobs = [&good, &forged, &good].map(|armor| Job { armor: Some(armor), payload: b"payload" });
    let found = verify_all(&jobs, NAMESPACE, &keys([&alice.public(), &weak]), &Limits::default(), 1);
    assert_verified(&found[0], &alice.public(), NotHardware);
    assert!(matches!(found[1], Signature::Refused(SignatureFault::WeakKey(_))));
    assert_verified(&found[2], &alice.public(), NotHardware);
}

#[test]
fn a_good_batch_lends_nothing_to_other_algorithms() {
    let (alice, ecdsa) = (Software::new(1), Keygen::new(&["-t", "ecdsa", "-b", "256"]));
    let good = alice.sign(NAMESPACE, b"payload").armor();
    let bad = ecdsa.sign(NAMESPACE, "sha512", b"another");
    let jobs = [&good, &bad, &good].map(|armor| Job { armor: Some(armor), payload: b"payload" });
    let found = verify_all(&jobs, NAMESPACE, &keys([&alice.public(), &ecdsa.public]), &Limits::default(), 1);
    assert_verified(&found[0], &alice.public(), NotHardware);
    assert_eq!(found[1], Signature::Refused(SignatureFault::Mismatch));
    assert_verified(&found[2], &alice.public(), NotHardware);
}
