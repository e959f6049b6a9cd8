//! Loading is total: a blob that was cut, extended or had one bit flipped is refused, always.

use ae_core::{Arithmetic, F32, Header, Int8, LoadError};
use ae_tests::integers::{Weights, integer_blob, random_layers};
use ae_tests::models::{float, network, noise, small_blobs};
use ae_tests::random::Random;
use ae_tests::reseal::with_bit_flipped;
use ae_train::blob::Parts;
use ae_train::model::Activation;
use ae_train::network::Output;

const CONTRACTS: [&str; 2] = ["int8", "f32"];

/// Both loaders' error; a damaged blob is refused before its contract is looked at.
fn refused(blob: &[u8]) -> Option<LoadError> {
    let [int8, f32] = [Int8::validate(blob), F32::validate(blob)].map(Result::err);
    assert_eq!(int8, f32, "both loaders find the same damage");
    int8
}

fn check_truncation(blob: &[u8], len: usize) {
    let expected = if len < Header::LEN {
        LoadError::TooShort { needed: Header::LEN, found: len }
    } else {
        LoadError::LengthMismatch { expected: blob.len() as u32, found: len }
    };
    assert_eq!(refused(&blob[..len]), Some(expected));
}

/// Flips the bit, compares the error, and flips the bit back.
fn check_flip(blob: &mut [u8], bit: usize) {
    blob[bit / 8] ^= 1 << (bit % 8);
    let error = refused(blob).unwrap_or_else(|| panic!("accepted with bit {bit} flipped"));
    let word = |at: usize| u32::from_le_bytes([blob[at], blob[at + 1], blob[at + 2], blob[at + 3]]);
    match bit / 8 {
        0..8 => {
            let found = *blob.first_chunk().expect("eight bytes");
            assert_eq!(error, LoadError::BadMagic { found });
        }
        8..12 => {
            let supported = Header::VERSION;
            assert_eq!(error, LoadError::UnsupportedVersion { supported, found: word(8) });
        }
        12..16 => {
            let (expected, found) = (word(12), blob.len());
            assert_eq!(error, LoadError::LengthMismatch { expected, found });
        }
        _ => {
            let LoadError::ChecksumMismatch { stored, computed } = error else {
                panic!("bit {bit}: {error:?}");
            };
            assert_eq!(stored, word(16), "bit {bit}");
            assert_ne!(stored, computed, "bit {bit}");
        }
    }
    blob[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn every_truncation_of_a_small_model_is_refused() {
    for (contract, blob) in CONTRACTS.iter().zip(small_blobs(Parts::Both)) {
        (0..blob.len()).for_each(|len| check_truncation(&blob, len));
        println!("{contract}: {} truncations refused", blob.len());
    }
}

#[test]
fn every_extension_of_a_small_model_by_up_to_64_bytes_is_refused() {
    let mut random = Random::new(1);
    for (contract, blob) in CONTRACTS.iter().zip(small_blobs(Parts::Both)) {
        let mut count = 0;
        for extra in 1..=64 {
            let noise: Vec<u8> = (0..extra).map(|_| random.bits() as u8).collect();
            for tail in [vec![0; extra], vec![0xff; extra], noise] {
                let error = refused(&[&blob[..], &tail].concat());
                let (expected, found) = (blob.len() as u32, blob.len() + extra);
                assert_eq!(error, Some(LoadError::LengthMismatch { expected, found }));
                count += 1;
            }
        }
        println!("{contract}: {count} extensions refused");
    }
}

#[test]
fn every_flipped_bit_of_a_small_model_is_refused() {
    for (contract, mut blob) in CONTRACTS.iter().zip(small_blobs(Parts::Both)) {
        let whole = blob.clone();
        let bits = 8 * blob.len();
        (0..bits).for_each(|bit| check_flip(&mut blob, bit));
        assert_eq!(blob, whole);
        println!("{contract}: {bits} flipped bits refused");
    }
}

#[test]
fn a_sample_of_the_damages_to_a_model_of_full_size_is_refused() {
    let mut random = Random::new(2);
    let widths = [784, 256, 128, 20];
    let layers = random_layers(&widths, Weights::Any, &mut random);
    let int8 = integer_blob(&layers, &random.pixels(784), Parts::Both);
    let network = network(&widths, Activation::Gelu, Output::Sigmoid, 3);
    let f32 = float(&network, &noise(784, 1, 4), Parts::Both);
    // Odd strides, so that every bit of a byte has its turn.
    for (contract, mut blob, stride) in [("int8", int8, 4001), ("f32", f32, 80_021)] {
        let bits: Vec<usize> = (0..8 * blob.len()).step_by(stride).collect();
        bits.iter().for_each(|&bit| check_flip(&mut blob, bit));
        let lengths: Vec<usize> = (0..blob.len()).step_by(61).collect();
        lengths.iter().for_each(|&len| check_truncation(&blob, len));
        println!(
            "{contract}, {} bytes: {} flipped bits (every {stride}th) and {} truncations (every \
             61st) refused",
            blob.len(),
            bits.len(),
            lengths.len()
        );
    }
}

/// The checks above would notice a loader that takes what it should not.
#[test]
fn a_whole_blob_is_taken_and_so_is_a_changed_one_that_was_sealed_again() {
    let [int8, f32] = small_blobs(Parts::Both);
    assert_eq!((Int8::validate(&int8), F32::validate(&f32)), (Ok(()), Ok(())));
    // The model id may be anything.
    let changed = with_bit_flipped(&int8, 8 * 24);
    assert_ne!(changed, int8);
    assert_eq!(Int8::validate(&changed), Ok(()));
    let mut unsealed = changed;
    unsealed[24] ^= 1;
    assert!(matches!(refused(&unsealed), Some(LoadError::ChecksumMismatch { .. })));
}
