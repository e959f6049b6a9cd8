//! What `ae-testkit` reads and calculates from `FORMAT.md` alone is what `ae-core` does.

use ae_core::PartSelection;
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::fields::Fields;
use ae_testkit::float::F32;
use ae_testkit::int8::Int8;
use ae_testkit::{seal, section};
use ae_tests::models::small_blobs;

const PARTS: [PartSelection; 3] =
    [PartSelection::Both, PartSelection::Encoder, PartSelection::Decoder];

#[test]
fn the_fields_one_after_the_other_are_the_blob() {
    for blob in PARTS.into_iter().flat_map(small_blobs) {
        let fields = Fields::of(&blob);
        assert_eq!(fields.joined(), blob);
        assert_eq!(fields.clone().realigned().sealed(), blob);
    }
}

/// The writer of `ae-core` and that of the kit agree on every byte, and on every digest.
fn is_written_again<A: Arithmetic>(blob: &[u8]) {
    let read = Blob::<A>::read(blob);
    assert_eq!(read.write(), blob);
    let digests = read.clone().with_digests();
    assert_eq!(digests, read);
}

#[test]
fn blobs_are_written_again_as_they_were() {
    for [int8, float] in PARTS.map(small_blobs) {
        is_written_again::<Int8>(&int8);
        is_written_again::<F32>(&float);
    }
}

#[test]
fn a_wrong_digest_is_noticed() {
    let [blob, _] = small_blobs(PartSelection::Both);
    let bit = 8 * Fields::of(&blob).offset("encoder.1.digest");
    let changed = Blob::<Int8>::read(&seal::with_bit_flipped(&blob, bit));
    assert_ne!(changed.clone().with_digests(), changed);
    assert_eq!(changed.with_digests().write(), blob);
}

/// The bias at its bound, where a sum of 32 bits comes nearest to its ends.
#[test]
fn no_count_overflows_a_map_that_the_loader_accepts() {
    const BOUND: i32 = i32::MAX - (1 << 23);
    for bias in [BOUND, -BOUND, 0] {
        for multiplier in [0, 1, 1 << 30, i32::MAX] {
            for shift in [1, 22] {
                let map = ae_core::CountMap { bias, multiplier, shift };
                let oracle = section::CountMap { bias, multiplier, shift };
                for count in i16::MIN..=i16::MAX {
                    let found = (i32::from(map.apply(count)) + 128) as u8;
                    assert_eq!(found, oracle.pixel(count), "{map:?} {count}");
                }
            }
        }
    }
    // Beyond the bound, the sum would wrap: a map that the loader refuses.
    let (bias, multiplier, shift) = (i32::MAX, i32::MAX, 22);
    assert_eq!(section::CountMap { bias, multiplier, shift }.pixel(1), 255);
    assert_eq!(ae_core::CountMap { bias, multiplier, shift }.apply(1), -128);
}
