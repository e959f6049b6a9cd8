//! Signed models through the function for C.

#![cfg(feature = "signature")]
#![allow(unsafe_code, reason = "a function that takes pointers")]

use std::ptr;

use ae_c::{Error, KEY_LEN, ae_signature_open};
use ae_signature::host::SecretKey;

const BLOB: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");

/// Opens what lies at the front of `place`: the blob's bytes and its version.
fn open(place: &[u8], key: &[u8; KEY_LEN], least: u32) -> Result<(Vec<u8>, u32), Error> {
    let (mut blob, mut len, mut version) = (ptr::null(), 0, 0);
    let (bytes, count) = (place.as_ptr(), place.len());
    // SAFETY: the lengths are those of the slices.
    let error = unsafe {
        ae_signature_open(bytes, count, key.as_ptr(), least, &mut blob, &mut len, &mut version)
    };
    if error != Error::Ok {
        return Err(error);
    }
    let start = blob.addr() - bytes.addr();
    Ok((place[start..start + len].to_vec(), version))
}

#[test]
fn only_what_the_key_signed_is_opened() {
    let secret = SecretKey::from_bytes(&[7; KEY_LEN]);
    let key = secret.public().to_bytes();
    let signed = secret.sign(BLOB, 5);
    // Flash is larger than what lies in it.
    let place = [&signed[..], &[0xff; 64]].concat();
    assert_eq!(open(&place, &key, 5), Ok((BLOB.to_vec(), 5)));
    assert_eq!(open(&place, &key, 6), Err(Error::TooOld));
    assert_eq!(open(BLOB, &key, 0), Err(Error::NotSigned));
    // The neutral point, for which anyone can sign.
    let mut weak = [0; KEY_LEN];
    weak[0] = 1;
    assert_eq!(open(&place, &weak, 0), Err(Error::Key));
    let other = SecretKey::from_bytes(&[8; KEY_LEN]).public().to_bytes();
    assert_eq!(open(&place, &other, 0), Err(Error::Signature));
    let mut changed = place.clone();
    changed[100] ^= 1;
    assert_eq!(open(&changed, &key, 0), Err(Error::Signature));
    let (mut len, mut version) = (0, 0);
    // SAFETY: what is null is refused.
    let error = unsafe {
        let (bytes, count) = (place.as_ptr(), place.len());
        ae_signature_open(bytes, count, key.as_ptr(), 0, ptr::null_mut(), &mut len, &mut version)
    };
    assert_eq!(error, Error::Null);
}
