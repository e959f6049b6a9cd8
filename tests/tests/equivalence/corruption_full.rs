//! A model of full size with a changed byte is refused, at every position, and so is one that was
//! cut anywhere. Without `AE_TEST_ALL=1` these are one position in seven, and all near both ends.
//!
//! That a changed byte is refused is known without trying, too: it is a burst of at most 8 bits, and
//! `corruption_proof.rs` has the proof for those. What is tried here shows that the loader's checksum
//! is the one of the proof: it must be what the syndromes say, at each position.

use ae_tests::damage::{Tally, checksum_by_bits};
use ae_tests::models::full_size;
use ae_tests::syndromes::Syndromes;
use rayon::prelude::*;

/// Bytes of a page of flash.
const PAGE: usize = 256;

/// What is put over the byte at a position: never nothing, and all values in turn.
fn mask(position: usize) -> u8 {
    (position % 255) as u8 + 1
}

/// One position in so many is tried in short: no divisor of what repeats, which is the 255 masks and
/// steps of the checksum of 16 bytes.
const STRIDE: usize = 7;
/// Bytes at each end of which every position is tried: header and layers, and the last of the weights.
const ENDS: usize = 1024;

/// Positions in a blob of so many bytes that are tried.
fn positions(len: usize) -> Vec<usize> {
    let all = std::env::var_os("AE_TEST_ALL").is_some();
    let is_tried = |at: &usize| {
        all || at.is_multiple_of(STRIDE) || *at < ENDS || len.saturating_sub(*at) <= ENDS
    };
    (0..len).filter(is_tried).collect()
}

#[test]
fn positions_have_every_mask_and_every_step_of_the_checksum() {
    let count = |mut of_all: Vec<usize>| {
        of_all.sort_unstable();
        of_all.dedup();
        of_all.len()
    };
    let inner: Vec<usize> = positions(100_000).into_iter().filter(|at| at % STRIDE == 0).collect();
    assert_eq!(count(inner.iter().map(|&at| mask(at).into()).collect()), 255);
    assert_eq!(count(inner.iter().map(|at| at % 16).collect()), 16);
    let positions = positions(100_000);
    assert_eq!(positions.first(), Some(&0));
    assert_eq!(positions.last(), Some(&99_999));
}

#[test]
fn a_changed_byte_of_a_model_of_full_size_is_refused_at_every_position() {
    let blob = full_size();
    let syndromes = Syndromes::of_length(blob.len());
    let whole = checksum_by_bits(&blob);
    let load = |damaged: &mut Vec<u8>, position: usize| {
        let mut tally = Tally::default();
        let mask = mask(position);
        let change = if position < 20 { 0 } else { syndromes.of_byte(position, mask) };
        damaged[position] ^= mask;
        tally.load_int8(damaged, whole ^ change);
        damaged[position] ^= mask;
        tally
    };
    let positions = positions(blob.len());
    let tried = positions.len();
    let tally: Tally = positions.into_par_iter().map_init(|| blob.clone(), load).sum();
    assert_eq!(tally.tried(), tried as u64);
    tally.report(format_args!("full size, {} bytes, a changed byte at {tried}", blob.len()));
    assert_eq!(tally.accepted(), 0);
}

#[test]
fn a_model_of_full_size_that_was_cut_is_refused_at_every_length() {
    let blob = full_size();
    let cut = |len| {
        let mut tally = Tally::default();
        tally.load_changed(&blob[..len], 0);
        tally
    };
    let positions = positions(blob.len());
    let tried = positions.len();
    let tally: Tally = positions.into_par_iter().map(cut).sum();
    assert_eq!(tally.tried(), tried as u64);
    tally.report(format_args!("full size, {} bytes, truncations", blob.len()));
    assert_eq!(tally.accepted(), 0);
}

/// Each page erased, and written a second time in the place of the next.
#[test]
fn a_model_of_full_size_with_a_lost_page_of_flash_is_refused() {
    let blob = full_size();
    let syndromes = Syndromes::of_length(blob.len());
    let whole = checksum_by_bits(&blob);
    let pages: Vec<usize> = (0..blob.len()).step_by(PAGE).collect();
    let load = |&start: &usize| {
        let end = blob.len().min(start + PAGE);
        let mut tally = Tally::default();
        let mut load = |damaged: &[u8]| {
            tally.load(&blob, damaged, syndromes.computed(&blob, whole, damaged));
        };
        for erased in [0xff, 0] {
            let mut damaged = blob.clone();
            damaged[start..end].fill(erased);
            load(&damaged);
        }
        let mut damaged = blob.clone();
        damaged.copy_within(start..start + PAGE.min(blob.len() - end), end);
        load(&damaged);
        tally
    };
    let tally: Tally = pages.par_iter().map(load).sum();
    tally.report(format_args!("full size, {} bytes, pages of 256 bytes lost", blob.len()));
    assert_eq!(tally.accepted(), 0);
}
