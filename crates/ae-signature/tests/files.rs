//! Whole files: what is signed is taken, and nothing else is.

use ae_core::{Header, LoadError};
use ae_signature::{
    FRONT_LEN, KeyError, KeyId, MAGIC, PublicKey, Purpose, SignatureError, Signed, TRAILER_LEN,
    Trust, Unverified, open_in_place, trailer_front,
};
use ed25519_dalek::{Signer, SigningKey};

const BLOB: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
const OTHER_BLOB: &[u8] = include_bytes!("../../../tests/golden/tiny.f32.aeb");

fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn public(number: u8) -> [u8; PublicKey::LEN] {
    secret(number).verifying_key().to_bytes()
}

fn purpose(name: &str) -> Purpose {
    Purpose::new(name).unwrap()
}

fn signed_for(blob: &[u8], version: u32, purpose: Purpose, number: u8) -> Vec<u8> {
    let mut file = [blob, &trailer_front(version, purpose, KeyId::of(&public(number)))].concat();
    let signature = secret(number).sign(&file);
    file.extend(signature.to_bytes());
    file
}

fn signed(blob: &[u8], version: u32, number: u8) -> Vec<u8> {
    signed_for(blob, version, purpose("pump"), number)
}

fn open<'f>(file: &'f [u8], key: &[u8; PublicKey::LEN]) -> Result<Signed<'f>, SignatureError> {
    ae_signature::open(file, &Trust { keys: &[*key], purpose: purpose("pump") })
}

fn open_place<'f>(
    place: &'f [u8],
    key: &[u8; PublicKey::LEN],
) -> Result<Signed<'f>, SignatureError> {
    open_in_place(place, &Trust { keys: &[*key], purpose: purpose("pump") })
}

fn other_key(found: u8, known: [Option<u8>; 2]) -> SignatureError {
    let id = |number| KeyId::of(&public(number));
    SignatureError::OtherKey { found: id(found), known: known.map(|known| known.map(id)) }
}

#[test]
fn a_signed_file_gives_its_blob_its_version_and_its_purpose() {
    for version in [0, 1, 0x0102_0304, u32::MAX] {
        let file = signed(BLOB, version, 1);
        assert_eq!(file.len(), BLOB.len() + TRAILER_LEN);
        let opened = open(&file, &public(1)).unwrap();
        assert_eq!((opened.blob(), opened.version()), (BLOB, version));
        assert_eq!(opened.purpose(), purpose("pump"));
        // In place: the blob keeps its alignment.
        assert_eq!(opened.blob().as_ptr(), file.as_ptr());
    }
}

#[test]
fn the_layout_is_that_of_the_format() {
    let file = signed(BLOB, 0x0102_0304, 1);
    let (blob, trailer) = file.split_at(BLOB.len());
    assert_eq!(blob, BLOB);
    assert_eq!(trailer[..8], [0x89, 0x41, 0x45, 0x54, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert_eq!(trailer[8..12], [2, 0, 0, 0]);
    assert_eq!(trailer[12..16], [4, 3, 2, 1]);
    assert_eq!(trailer[16..32], *b"pump\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(trailer[32..40], public(1)[..8]);
    assert_eq!(trailer[40..], secret(1).sign(&file[..BLOB.len() + 40]).to_bytes());
    assert_eq!((trailer.len(), FRONT_LEN), (104, 40));
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut file = signed(BLOB, 7, 1);
    let key = public(1);
    for bit in 0..8 * file.len() {
        file[bit / 8] ^= 1 << (bit % 8);
        let error = open(&file, &key).unwrap_err();
        let expected = match bit / 8 {
            // What the header is known by.
            0..12 => matches!(error, SignatureError::NoBlob(_)),
            // The length, and with it the trailer's place.
            12..16 => error != SignatureError::BadSignature,
            at => match at.checked_sub(BLOB.len()) {
                // T is an S with three bits flipped, so no bit makes the other magic of it.
                Some(0..8) => matches!(error, SignatureError::NotSigned { .. }),
                Some(8..12) => matches!(error, SignatureError::OtherTrailer { .. }),
                // Of the purpose, whose letters may be others.
                Some(16..32) => {
                    matches!(error, SignatureError::NoPurpose { .. } | SignatureError::BadSignature)
                }
                Some(32..40) => matches!(error, SignatureError::OtherKey { .. }),
                _ => error == SignatureError::BadSignature,
            },
        };
        assert!(expected, "bit {bit}: {error}");
        file[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(open(&file, &key).is_ok());
}

#[test]
fn every_truncation_and_extension_is_refused() {
    let file = signed(BLOB, 7, 1);
    for len in 0..file.len() {
        let error = open(&file[..len], &public(1)).unwrap_err();
        if len < Header::LEN {
            assert!(matches!(error, SignatureError::NoBlob(_)), "{len}: {error}");
        } else if len == BLOB.len() {
            assert_eq!(error, SignatureError::NothingBehind);
        } else {
            assert_eq!(error, SignatureError::TooShort { needed: file.len(), found: len });
        }
        // The front cut off instead of the end: the trailer is there, its blob is not.
        let error = open(&file[file.len() - len..], &public(1)).unwrap_err();
        assert!(matches!(error, SignatureError::NoBlob(_)), "the last {len} bytes: {error}");
    }
    for more in 1..=TRAILER_LEN {
        let longer = [&file[..], &vec![0; more]].concat();
        assert_eq!(open(&longer, &public(1)), Err(SignatureError::MoreBehind { more }));
        let longer = [&vec![0; more], &file[..]].concat();
        assert!(matches!(open(&longer, &public(1)), Err(SignatureError::NoBlob(_))));
    }
}

#[test]
fn a_trailer_belongs_to_its_blob_its_version_and_its_key() {
    let (file, other) = (signed(BLOB, 7, 1), signed(OTHER_BLOB, 7, 1));
    let (_, trailer) = file.split_at(BLOB.len());
    let (_, other_trailer) = other.split_at(OTHER_BLOB.len());
    let refused = Err(SignatureError::BadSignature);
    assert_eq!(open(&[BLOB, other_trailer].concat(), &public(1)), refused);
    assert_eq!(open(&[OTHER_BLOB, trailer].concat(), &public(1)), refused);
    // The front of one trailer with the signature of another.
    let later = signed(BLOB, 8, 1);
    let mixed = [&later[..later.len() - 64], &file[file.len() - 64..]].concat();
    assert_eq!(open(&mixed, &public(1)), refused);
    assert_eq!(open(&file, &public(2)), Err(other_key(1, [Some(2), None])));
    // Another key's signature under the name of this one.
    let mut forged = signed(BLOB, 7, 2);
    let at = BLOB.len() + 32;
    forged[at..at + 8].copy_from_slice(&file[at..at + 8]);
    assert_eq!(open(&forged, &public(1)), refused);
    // A signed file signed again has bytes behind its trailer; at the front of a place it is itself.
    let twice = signed(&file, 8, 1);
    assert_eq!(open(&twice, &public(1)), Err(SignatureError::MoreBehind { more: TRAILER_LEN }));
    assert_eq!(open_place(&twice, &public(1)).unwrap().version(), 7);
}

#[test]
fn what_is_not_signed_says_so() {
    let erased = [BLOB, &[0xff; TRAILER_LEN]].concat();
    for (file, expected) in [
        (BLOB, SignatureError::NothingBehind),
        (&erased, SignatureError::NotSigned { found: [0xff; 8] }),
    ] {
        let error = open(file, &public(1)).unwrap_err();
        assert_eq!(error, expected);
        assert!(error.to_string().starts_with("not signed: "), "{error}");
        assert_eq!(Unverified::read(file), Err(expected));
    }
}

/// The last bytes of a blob may be any: they are no trailer, and the blob can be signed.
#[test]
fn a_blob_that_ends_like_a_trailer_is_a_blob() {
    let mut blob = BLOB.to_vec();
    let at = blob.len() - TRAILER_LEN;
    blob[at..][..MAGIC.len()].copy_from_slice(&MAGIC);
    assert_eq!(open(&blob, &public(1)), Err(SignatureError::NothingBehind));
    // Even if the signature is right: of a blob that is shorter than its header says.
    let shorter = signed(&BLOB[..at], 7, 1);
    assert_eq!(open(&shorter, &public(1)), Err(SignatureError::NothingBehind));
    let file = signed(&blob, 7, 1);
    assert_eq!(open(&file, &public(1)).unwrap().blob(), blob);
}

#[test]
fn an_older_version_is_refused_and_the_same_one_taken() {
    let file = signed(BLOB, 7, 1);
    let opened = open(&file, &public(1)).unwrap();
    for least in [0, 6, 7] {
        assert_eq!(opened.not_older_than(least), Ok(opened));
    }
    for least in [8, u32::MAX] {
        assert_eq!(opened.not_older_than(least), Err(SignatureError::TooOld { least, found: 7 }));
    }
}

#[test]
fn a_file_is_found_at_the_front_of_its_place() {
    let file = signed(BLOB, 7, 1);
    let place = [&file[..], &[0xff; 1000]].concat();
    for place in [&place, &file] {
        let opened = open_place(place, &public(1)).unwrap();
        assert_eq!((opened.blob(), opened.version()), (BLOB, 7));
    }
    assert_eq!(open(&place, &public(1)), Err(SignatureError::MoreBehind { more: 1000 }));
    let (needed, found) = (file.len(), file.len() - 1);
    let too_short = Err(SignatureError::TooShort { needed, found });
    assert_eq!(open_place(&file[..found], &public(1)), too_short);
    assert_eq!(
        open_place(&[0xff; 100], &public(1)),
        Err(SignatureError::NoBlob(LoadError::BadMagic { found: [0xff; 8] }))
    );
    // A length that goes beyond all memory.
    let mut endless = place;
    endless[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let opened = open_place(&endless, &public(1));
    assert!(matches!(opened, Err(SignatureError::TooShort { .. })));
    assert_eq!(Header::LEN, 56);
}

/// The blob in the place is not read before its signature is right: a length that says otherwise
/// finds no trailer, or one over other bytes.
#[test]
fn a_wrong_length_in_the_header_finds_no_signature() {
    let file = signed(BLOB, 7, 1);
    let mut place = [&file[..], &[0xff; 1000]].concat();
    for len in (56..1500_u32).filter(|&len| len as usize != BLOB.len()) {
        place[12..16].copy_from_slice(&len.to_le_bytes());
        assert!(open_place(&place, &public(1)).is_err(), "{len}");
    }
}

#[test]
fn a_model_for_another_purpose_is_refused() {
    let keys = [public(1)];
    let names = [Purpose::NONE, purpose("pump"), purpose("pump-2"), purpose("sixteen-letters!")];
    for of_model in names {
        let file = signed_for(BLOB, 7, of_model, 1);
        for of_reader in names {
            let opened = ae_signature::open(&file, &Trust { keys: &keys, purpose: of_reader });
            let expected = SignatureError::OtherPurpose { expected: of_reader, found: of_model };
            assert_eq!(
                opened.map(|it| it.purpose()).err(),
                (of_model != of_reader).then_some(expected)
            );
        }
        // Who looks at the signature alone is told.
        let key = PublicKey::from_bytes(&public(1)).unwrap();
        let unverified = Unverified::read(&file).unwrap();
        assert_eq!(unverified.purpose(), of_model);
        assert_eq!(unverified.verify(&key).unwrap().purpose(), of_model);
    }
    // The signature comes first: a purpose that nobody signed is not spoken of.
    let mut file = signed(BLOB, 7, 1);
    file[BLOB.len() + 16] = b'd';
    assert_eq!(open(&file, &public(1)), Err(SignatureError::BadSignature));
}

#[test]
fn of_two_keys_either_signs() {
    let both = [public(1), public(2)];
    let trust = Trust { keys: &both, purpose: purpose("pump") };
    for number in [1, 2] {
        let file = signed(BLOB, 7, number);
        assert_eq!(ae_signature::open(&file, &trust).unwrap().version(), 7);
        assert_eq!(Unverified::read(&file).unwrap().key_id(), KeyId::of(&public(number)));
    }
    let error = ae_signature::open(&signed(BLOB, 7, 3), &trust).unwrap_err();
    assert_eq!(error, other_key(3, [Some(1), Some(2)]));
    let [found, one, other] = [3, 1, 2].map(|number| KeyId::of(&public(number)).to_string());
    let words = format!("it is signed with another key, {found}: expected {one} or {other}");
    assert_eq!(error.to_string(), words);
    // The new key alone, once the old one is left out; no key at all; and one that is none.
    assert_eq!(open(&signed(BLOB, 7, 1), &public(2)), Err(other_key(1, [Some(2), None])));
    let nobody = Trust { keys: &[], ..trust };
    let file = signed(BLOB, 7, 1);
    let opened = ae_signature::open(&file, &nobody);
    assert_eq!(opened, Err(other_key(1, [None, None])));
    let mut weak = [0; 32];
    weak[0] = 1;
    let mut file = file.clone();
    file[BLOB.len() + 32..][..8].copy_from_slice(&weak[..8]);
    assert_eq!(open(&file, &weak), Err(SignatureError::Key(KeyError::Weak)));
}

/// A file of the first version has its own magic and 76 bytes; the error names the version, though
/// the file is too short for this one, in a file as in a larger place.
#[test]
fn trailers_of_other_versions_are_refused_by_name() {
    let first = [BLOB, b"\x89AES\r\n\x1a\n", &7_u32.to_le_bytes(), &[0; 64]].concat();
    let in_place = [&first[..], &[0xff; 100]].concat();
    for file in [&first, &in_place] {
        assert_eq!(Unverified::at_front(file), Err(SignatureError::OtherTrailer { found: 1 }));
    }
    let error = open(&first, &public(1)).unwrap_err().to_string();
    assert!(error.contains("version 1") && error.contains("signed again"), "{error}");
    let mut later = signed(BLOB, 7, 1);
    later[BLOB.len() + 8] = 3;
    assert_eq!(open(&later, &public(1)), Err(SignatureError::OtherTrailer { found: 3 }));
}
