//! Files of keys, public and secret.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::edits::edited;
use ae_fuzz_readers::limited::Limited;
use ae_signature::host::{SecretKey, read_public, write_public};
use ae_signature::{Purpose, Trust, Unverified, open};
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const BLOB: &[u8] = include_bytes!("../../../../tests/golden/tiny.int8.aeb");

fn files() -> [Vec<u8>; 2] {
    let key = SecretKey::from_bytes(&[7; 32]);
    [key.write().as_bytes().to_vec(), write_public(&key.public()).into_bytes()]
}

fn seeds() -> Vec<Vec<u8>> {
    let raw = files().into_iter().map(|file| [&[0][..], &file].concat());
    raw.chain((1..10).map(|kind| vec![kind; 7])).collect()
}

fuzz_target!(init: begin::begin(seeds), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((kind, rest)) = input.split_first() else { return };
    match kind % 3 {
        0 => read(rest),
        which => {
            let file = &files()[usize::from(which) - 1];
            read(&edited(file, &mut Source::new(rest)));
        }
    }
});

fn read(file: &[u8]) {
    let text = &String::from_utf8_lossy(file);
    match SecretKey::read(text) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(key) => {
            tally::ACCEPTED.add();
            let written = key.write();
            let again = SecretKey::read(&written).expect("what was written can be read");
            assert_eq!(again.public().to_bytes(), key.public().to_bytes());
            let purpose = Purpose::new("pump").expect("a name");
            let signed = again.sign(BLOB, 5, purpose);
            let trust = Trust { keys: &[key.public().to_bytes()], purpose };
            assert_eq!(open(&signed, &trust).expect("its own signature").version(), 5);
            let named = Unverified::read(&signed).expect("it was signed").key_id();
            assert_eq!(named, key.public().id());
            assert!(read_public(text).is_err(), "a secret key for a public one");
        }
    }
    match read_public(text) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(key) => {
            tally::ACCEPTED.add();
            let again = read_public(&write_public(&key)).expect("what was written can be read");
            assert_eq!(again.to_bytes(), key.to_bytes());
        }
    }
}
