//! Buffers get their sizes at compile time, from the header of the blob that is built in.

use ae_core::{Header, decode_scratch_len, encode_scratch_len, features, latent_len, scratch_len};
use ae_infer::{F32Autoencoder, InferError, Int8Autoencoder};

/// 4→3→2→3→4, see `golden/manifest.json`.
const INT8: &[u8] = include_bytes!("../../golden/tiny.int8.aeb");
const F32: &[u8] = include_bytes!("../../golden/tiny.f32.aeb");

const FEATURES: usize = features(INT8).expect("a blob");
const LATENT: usize = latent_len(INT8).expect("a blob");
const ENCODE: usize = encode_scratch_len(INT8).expect("a blob");
const DECODE: usize = decode_scratch_len(INT8).expect("a blob");
const SCRATCH: usize = scratch_len(INT8).expect("a blob");

/// The bytes in front of the built-in blob, with one of them changed.
const fn with_byte(at: usize, byte: u8) -> [u8; Header::LEN] {
    let mut bytes = [0; Header::LEN];
    let mut index = 0;
    while index < Header::LEN {
        bytes[index] = INT8[index];
        index += 1;
    }
    bytes[at] = byte;
    bytes
}

#[test]
fn sizes_are_those_of_the_network() {
    assert_eq!([FEATURES, LATENT, ENCODE, DECODE, SCRATCH], [4, 2, 3, 3, 3 + 2]);
    const OTHER: Option<usize> = features(F32);
    assert_eq!(OTHER, Some(4));
}

#[test]
fn buffers_of_these_sizes_are_enough_and_smaller_ones_are_not() {
    static SCRATCH_OF_THE_BOARD: [i8; SCRATCH] = [0; SCRATCH];
    let mut scratch = SCRATCH_OF_THE_BOARD;
    let (image, mut pixels, mut latent) = ([7; FEATURES], [0; FEATURES], [0; LATENT]);
    let model = Int8Autoencoder::load(INT8).expect("a valid blob");
    assert_eq!(model.self_test(&mut pixels, &mut scratch), Ok(()));
    assert!(model.score(&image, &mut pixels, &mut scratch).is_ok());
    assert_eq!(model.encode(&image, &mut latent, &mut [0; ENCODE]), Ok(()));
    assert_eq!(model.decode(&latent, &mut pixels, &mut [0; DECODE]), Ok(()));

    let too_small = |needed| Err(InferError::Scratch { needed, found: needed - 1 });
    assert_eq!(model.encode(&image, &mut latent, &mut [0; ENCODE - 1]), too_small(ENCODE));
    assert_eq!(model.decode(&latent, &mut pixels, &mut [0; DECODE - 1]), too_small(DECODE));
    let found = model.reconstruct(&image, &mut pixels, &mut [0; SCRATCH - 1]);
    assert_eq!(found, too_small(SCRATCH));

    let model = F32Autoencoder::load(F32).expect("a valid blob");
    assert_eq!(model.self_test(&mut pixels, &mut [0.0; SCRATCH]), Ok(()));
}

#[test]
fn what_is_no_blob_has_no_sizes() {
    const NO_MAGIC: Option<usize> = scratch_len(&with_byte(0, 0));
    const NEWER: Option<usize> = scratch_len(&with_byte(8, Header::VERSION as u8 + 1));
    const UNKNOWN_CONTRACT: Option<usize> = latent_len(&with_byte(20, 9));
    const NO_PARTS: Option<usize> = encode_scratch_len(&with_byte(22, 0));
    const EMPTY: Option<usize> = decode_scratch_len(&[]);
    const CUT: Option<usize> = features(INT8.first_chunk::<55>().expect("55 bytes"));
    assert_eq!([NO_MAGIC, NEWER, UNKNOWN_CONTRACT, NO_PARTS, EMPTY, CUT], [None; 6]);
    // The same bytes unchanged have them.
    const SAME: Option<usize> = scratch_len(&with_byte(0, 0x89));
    assert_eq!(SAME, Some(SCRATCH));
}
