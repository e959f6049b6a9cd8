//! Signed files: nothing is taken but what was signed, byte for byte.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::elf::edited;
use ae_fuzz_readers::limited::Limited;
use ae_signature::host::SecretKey;
use ae_signature::{PublicKey, TRAILER_LEN, Unverified, open, open_in_place, trailer_front};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const BLOB: &[u8] = include_bytes!("../../../../tests/golden/tiny.int8.aeb");

thread_local! {
    static SIGNED: (PublicKey, Vec<Vec<u8>>) = {
        let key = SecretKey::from_bytes(&[7; 32]);
        let mut like_signed = BLOB.to_vec();
        let at = BLOB.len() - TRAILER_LEN;
        like_signed[at..][..12].copy_from_slice(&trailer_front(1));
        let files = [(BLOB, 0), (BLOB, 3), (&like_signed, u32::MAX)];
        (key.public(), files.map(|(blob, version)| key.sign(blob, version)).into())
    };
}

fn seeds() -> Vec<Vec<u8>> {
    let whole = SIGNED.with(|(_, files)| files.clone());
    let raw = whole.iter().map(|file| [&[0][..], file].concat());
    raw.chain((1..10).map(|kind| vec![kind; 7])).collect()
}

fuzz_target!(init: begin::begin(seeds), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((&kind, rest)) = input.split_first() else { return };
    SIGNED.with(|(key, files)| match usize::from(kind).checked_sub(1) {
        None => read(rest, key, files),
        Some(which) => {
            let mut file = edited(&files[which % files.len()], &mut Source::new(rest));
            // The blob alone, and with the trailer of another.
            match which / files.len() % 3 {
                0 => {}
                1 => file.truncate(file.len().saturating_sub(TRAILER_LEN)),
                _ => file.extend(&files[0][BLOB.len()..]),
            }
            read(&file, key, files);
        }
    });
});

fn read(file: &[u8], key: &PublicKey, signed: &[Vec<u8>]) {
    let found = Unverified::at_front(file);
    if let Ok(unverified) = found {
        tally::ACCEPTED.add();
        let (blob, version) = (unverified.blob(), unverified.version());
        let length = file[12..16].try_into().expect("four bytes");
        assert_eq!(blob.len(), u32::from_le_bytes(length) as usize, "as long as its header says");
        let front = [blob, &trailer_front(version)].concat();
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
    match open(file, key) {
        Ok(opened) => {
            assert!(signed.iter().any(|signed| signed == file), "never signed");
            assert!(opened.not_older_than(opened.version()).is_ok());
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(signed.iter().all(|signed| signed != file), "signed, and refused: {error}");
        }
    }
    if let Ok(opened) = open_in_place(file, key) {
        let len = opened.blob().len() + TRAILER_LEN;
        assert!(signed.iter().any(|signed| *signed == file[..len]), "never signed");
    }
}
