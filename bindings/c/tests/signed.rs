//! Signed models through the function for C.

#![cfg(feature = "signature")]
#![allow(unsafe_code, reason = "a function that takes pointers")]

use std::ptr;

use ae_c::{Error, KEY_LEN, ae_signature_open};
use ae_signature::{Purpose, host::SecretKey};

const BLOB: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");

/// Opens what lies at the front of `place`: the blob's bytes and its version.
fn open(
    place: &[u8],
    keys: &[[u8; KEY_LEN]],
    purpose: &str,
    least: u32,
) -> Result<(Vec<u8>, u32), Error> {
    let (mut blob, mut len, mut version) = (ptr::null(), 0, 0);
    let bytes = place.as_ptr();
    // SAFETY: the lengths are those of the slices.
    let error = unsafe {
        ae_signature_open(
            bytes,
            place.len(),
            keys.as_ptr().cast(),
            keys.len(),
            purpose.as_ptr().cast(),
            purpose.len(),
            least,
            &mut blob,
            &mut len,
            &mut version,
        )
    };
    if error != Error::Ok {
        return Err(error);
    }
    let start = blob.addr() - bytes.addr();
    Ok((place[start..start + len].to_vec(), version))
}

#[test]
fn only_what_a_key_signed_for_the_purpose_is_opened() {
    let secret = SecretKey::from_bytes(&[7; KEY_LEN]);
    let key = secret.public().to_bytes();
    let other = SecretKey::from_bytes(&[8; KEY_LEN]).public().to_bytes();
    let signed = secret.sign(BLOB, 5, Purpose::new("pump").unwrap());
    // Flash is larger than what lies in it.
    let place = [&signed[..], &[0xff; 64]].concat();
    let whole = Ok((BLOB.to_vec(), 5));
    assert_eq!(open(&place, &[key], "pump", 5), whole);
    assert_eq!(open(&place, &[other, key], "pump", 5), whole);
    assert_eq!(open(&place, &[key], "pump", 6), Err(Error::TooOld));
    assert_eq!(open(&place, &[key], "fan", 0), Err(Error::Purpose));
    assert_eq!(open(&place, &[key], "", 0), Err(Error::Purpose));
    assert_eq!(open(&place, &[key], "a pump", 0), Err(Error::PurposeName));
    assert_eq!(open(BLOB, &[key], "pump", 0), Err(Error::NotSigned));
    assert_eq!(open(&place, &[other], "pump", 0), Err(Error::OtherKey));
    assert_eq!(open(&place, &[], "pump", 0), Err(Error::OtherKey));
    // The neutral point, for which anyone can sign.
    let mut weak = [0; KEY_LEN];
    weak[0] = 1;
    let mut named = place.clone();
    named[BLOB.len() + 32..][..8].copy_from_slice(&weak[..8]);
    assert_eq!(open(&named, &[weak], "pump", 0), Err(Error::Key));
    let mut changed = place.clone();
    changed[100] ^= 1;
    assert_eq!(open(&changed, &[key], "pump", 0), Err(Error::Signature));
    let plain = secret.sign(BLOB, 0, Purpose::NONE);
    assert_eq!(open(&plain, &[key], "", 0), Ok((BLOB.to_vec(), 0)));
}

#[test]
fn pointers_that_lead_nowhere_are_refused() {
    let (place, key) = ([0_u8; 64], [7_u8; KEY_LEN]);
    let (mut blob, mut len, mut version) = (ptr::null(), 0, 0);
    let mut open = |blob: *mut *const u8, keys: *const u8, count| {
        let (bytes, of) = (place.as_ptr(), place.len());
        // SAFETY: what leads nowhere is refused.
        unsafe {
            let (len, version) = (&raw mut len, &raw mut version);
            ae_signature_open(bytes, of, keys, count, ptr::null(), 0, 0, blob, len, version)
        }
    };
    assert_eq!(open(ptr::null_mut(), key.as_ptr(), 1), Error::Null);
    assert_eq!(open(&mut blob, ptr::null(), 1), Error::Null);
    assert_eq!(open(&mut blob, key.as_ptr(), usize::MAX / 2), Error::Length);
    assert_eq!(open(&mut blob, ptr::null(), 0), Error::NoBlob);
}
