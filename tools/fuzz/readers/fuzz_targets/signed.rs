//! Signed files: nothing is taken but what was signed, byte for byte.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::edits::edited;
use ae_fuzz_readers::limited::Limited;
use ae_signature::host::SecretKey;
use ae_signature::{
    FRONT_LEN, KeyId, PublicKey, Purpose, SignatureError, TRAILER_LEN, Trust, Unverified, open,
    open_in_place, trailer_front,
};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const BLOB: &[u8] = include_bytes!("../../../../tests/golden/tiny.int8.aeb");

/// What files were signed for, the reader's purpose first.
const PURPOSES: [&str; 2] = ["pump", "pump-2"];

/// The reader's keys, and files that were signed with each of them.
struct Signed {
    keys: [[u8; PublicKey::LEN]; 2],
    files: Vec<Vec<u8>>,
}

impl Signed {
    fn trust(&self) -> Trust<'_> {
        Trust { keys: &self.keys, purpose: purpose(0) }
    }
}

fn purpose(number: usize) -> Purpose {
    Purpose::new(PURPOSES[number % PURPOSES.len()]).expect("a name")
}

thread_local! {
    static SIGNED: Signed = {
        let secrets = [7, 8].map(|number| SecretKey::from_bytes(&[number; 32]));
        let keys = secrets.each_ref().map(|secret| secret.public().to_bytes());
        let mut like_signed = BLOB.to_vec();
        let at = BLOB.len() - TRAILER_LEN;
        let front = trailer_front(1, purpose(0), KeyId::of(&keys[0]));
        like_signed[at..][..FRONT_LEN].copy_from_slice(&front);
        let files = [(BLOB, 0, 0, 0), (BLOB, 3, 1, 0), (&like_signed, u32::MAX, 1, 1)];
        let files = files.map(|(blob, version, key, number)| {
            secrets[key].sign(blob, version, purpose(number))
        });
        Signed { keys, files: files.into() }
    };
}

fn seeds() -> Vec<Vec<u8>> {
    let whole = SIGNED.with(|signed| signed.files.clone());
    let raw = whole.iter().map(|file| [&[0][..], file].concat());
    raw.chain((1..10).map(|kind| vec![kind; 7])).collect()
}

fuzz_target!(init: begin::begin(seeds), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((&kind, rest)) = input.split_first() else { return };
    SIGNED.with(|signed| match usize::from(kind).checked_sub(1) {
        None => read(rest, signed),
        Some(which) => {
            let files = &signed.files;
            let mut file = edited(&files[which % files.len()], &mut Source::new(rest));
            // The blob alone, and with the trailer of another.
            match which / files.len() % 3 {
                0 => {}
                1 => file.truncate(file.len().saturating_sub(TRAILER_LEN)),
                _ => file.extend(&files[0][BLOB.len()..]),
            }
            read(&file, signed);
        }
    });
});

fn read(file: &[u8], signed: &Signed) {
    let trust = &signed.trust();
    let was_signed = |file: &[u8]| signed.files.iter().any(|signed| signed == file);
    let found = Unverified::at_front(file);
    if let Ok(unverified) = found {
        tally::ACCEPTED.add();
        let (blob, version) = (unverified.blob(), unverified.version());
        let length = file[12..16].try_into().expect("four bytes");
        assert_eq!(blob.len(), u32::from_le_bytes(length) as usize, "as long as its header says");
        let front = trailer_front(version, unverified.purpose(), unverified.key_id());
        let front = [blob, &front].concat();
        assert!(file.starts_with(&front) && file.len() >= front.len() + 64);
        // The file in a larger place is the same file.
        let place = [file, &[0x89; 100]].concat();
        assert_eq!(Unverified::at_front(&place), found);
    }
    match Unverified::read(file) {
        Ok(whole) => {
            assert_eq!(Ok(whole), found);
            assert_eq!(whole.blob().len() + TRAILER_LEN, file.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match open(file, trust) {
        Ok(opened) => {
            assert!(was_signed(file) && opened.purpose() == trust.purpose, "never signed for this");
            assert!(opened.not_older_than(opened.version()).is_ok());
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            // The purpose is looked at behind the signature.
            let for_another = matches!(error, SignatureError::OtherPurpose { .. });
            assert_eq!(was_signed(file), for_another, "signed, and refused: {error}");
        }
    }
    if let Ok(opened) = open_in_place(file, trust) {
        let len = opened.blob().len() + TRAILER_LEN;
        assert!(was_signed(&file[..len]), "never signed");
    }
}
