//! No damage of some kinds keeps the checksum, proved for all patterns of flipped bits.
//!
//! Flipping bits of the stored checksum or of what it covers changes the difference between stored
//! and computed checksum by the exclusive or of the bits' syndromes; see [`ae_tests::syndromes`].
//! Unnoticed stay those patterns, and no others, whose syndromes cancel out. So, with the syndromes
//! of a blob's length, which `corruption_full.rs` compares with the loader's own checksums:
//!
//! - *All bursts up to 32 bits* behind the checksum: in every window of 32 successive bits the 32
//!   syndromes are linearly independent, so none of the 2³² − 1 patterns in it cancels out. Bits
//!   follow one another as CRC-32C takes them, the lowest of a byte first, as on a UART. With the
//!   highest first, as on SPI, the same holds of 31 bits; of 32, two patterns for each byte cancel
//!   out, and the test counts them.
//! - *Bursts that reach into the stored checksum*: the same windows, from the checksum's first bit
//!   on. Where a pattern cancels out, it changes the four bytes behind the checksum, contract and
//!   parts: it is loaded, and refused for what these say. Besides, all values of contract and parts
//!   are refused under a right checksum.
//! - *Bursts that reach before the checksum* change magic, version or length, which are compared
//!   with the one value that each can have, before the checksum is looked at.
//! - *Two flipped bits*: no two syndromes are equal, and none is 0.
//! - *Any odd number of flipped bits*: every syndrome has an odd number of ones, so the exclusive
//!   or of an odd number of them has too, and is not 0.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use ae_core::{Arithmetic, F32, Int8};
use ae_testkit::seal::seal;
use ae_tests::golden;
use ae_tests::models::full_size;
use ae_tests::syndromes::{BitOrder, Syndromes, vanishing_sets};
use rayon::prelude::*;

/// A pattern of flipped bits: offsets and masks of bytes.
type Pattern = Vec<(usize, u8)>;

/// Shown also where the output of tests is captured: these figures are what the tests are for.
fn say(line: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The small models, and one of full size.
fn blobs() -> Vec<(String, Vec<u8>)> {
    let small = golden::make().map(|(name, blob)| (name.to_owned(), blob));
    let full = [("784-256-128-20, int8".to_owned(), full_size())];
    small.into_iter().chain(full).collect()
}

/// How many windows of `len` bits there are from the stored checksum on; the patterns that cancel
/// out in those that reach into it, and how many do in all others.
fn windows(blob: &[u8], order: BitOrder, len: usize) -> (usize, BTreeSet<Pattern>, usize) {
    let bits: Vec<_> = Syndromes::of_length(blob.len()).bits(order).collect();
    let syndromes: Vec<u32> = bits.iter().map(|&(_, _, syndrome)| syndrome).collect();
    let pattern = |first: usize, set: u32| -> Pattern {
        let flipped = (0..len).filter(|bit| set >> bit & 1 != 0);
        flipped.map(|bit| (bits[first + bit].0, bits[first + bit].1)).collect()
    };
    let at = |first: usize| vanishing_sets(&syndromes[first..first + len]);
    let straddling = (0..Syndromes::FIRST_SEALED)
        .flat_map(|first| at(first).into_iter().map(move |set| (first, set)))
        .map(|(first, set)| pattern(first, set));
    let last = syndromes.len() - len;
    let sealed = (Syndromes::FIRST_SEALED..=last).into_par_iter().map(|first| at(first).len());
    (last + 1, straddling.collect(), sealed.sum())
}

#[test]
fn no_burst_of_up_to_32_bits_keeps_the_checksum() {
    for (name, blob) in blobs() {
        let (count, straddling, sealed) = windows(&blob, BitOrder::LowFirst, 32);
        assert_eq!(count, 8 * (blob.len() - 16) - 31, "{name}");
        assert_eq!(sealed, 0, "{name}: bursts that the checksum misses");
        let names = refused_by_meaning(&blob, straddling);
        say(&format!(
            "{name}, {} bytes: the syndromes of all {count} windows of 32 bits are independent, so \
             no burst keeps the checksum; those that change it to fit are refused: {names:?}",
            blob.len()
        ));
    }
}

#[test]
fn with_the_highest_bit_first_no_burst_of_up_to_31_bits_keeps_the_checksum() {
    for (name, blob) in blobs() {
        let (count, straddling, sealed) = windows(&blob, BitOrder::HighFirst, 31);
        assert_eq!(sealed, 0, "{name}: bursts that the checksum misses");
        let names = refused_by_meaning(&blob, straddling);
        let (_, _, of_32) = windows(&blob, BitOrder::HighFirst, 32);
        // Where the promise ends: a window of 32 bits that covers five bytes, but for one bit of
        // the first or of the last and seven of the other, in either way.
        assert_eq!(of_32, 2 * (blob.len() - 20 - 4), "{name}");
        say(&format!(
            "{name}, {} bytes, highest bit first: the syndromes of all {count} windows of 31 bits \
             are independent; those that change the checksum to fit are refused: {names:?}; of 32 \
             bits, {of_32} bursts keep it",
            blob.len()
        ));
    }
}

#[test]
fn no_two_flipped_bits_and_no_odd_number_of_them_keep_the_checksum() {
    for (name, blob) in blobs() {
        let syndromes = Syndromes::of_length(blob.len());
        let mut syndromes: Vec<u32> =
            syndromes.bits(BitOrder::LowFirst).map(|(_, _, syndrome)| syndrome).collect();
        let bits = syndromes.len();
        assert!(syndromes.iter().all(|syndrome| syndrome.count_ones() % 2 == 1), "{name}");
        syndromes.par_sort_unstable();
        syndromes.dedup();
        assert_eq!(syndromes.len(), bits, "{name}: two bits have one syndrome");
        say(&format!(
            "{name}, {} bytes: the {bits} bits from the checksum on have {bits} syndromes, each \
             with an odd number of ones",
            blob.len()
        ));
    }
}

#[test]
fn every_other_contract_and_parts_under_a_right_checksum_is_refused() {
    for (name, blob) in golden::make() {
        let word = |at: usize| u16::from_le_bytes([blob[at], blob[at + 1]]);
        let (contract, parts) = (word(20), word(22));
        // An unknown contract is refused before the parts are looked at.
        let contracts = (0..=u16::MAX).map(|other| (other, parts));
        let known = [Int8::CONTRACT, F32::CONTRACT].into_iter();
        let all_parts = known.flat_map(|known| (0..=u16::MAX).map(move |it| (known as u16, it)));
        let mut names = BTreeMap::<String, u32>::new();
        for (other_contract, other_parts) in contracts.chain(all_parts) {
            if (other_contract, other_parts) == (contract, parts) {
                continue;
            }
            let mut changed = blob.clone();
            changed[20..22].copy_from_slice(&other_contract.to_le_bytes());
            changed[22..24].copy_from_slice(&other_parts.to_le_bytes());
            seal(&mut changed);
            *names.entry(refusal(&changed)).or_default() += 1;
        }
        say(&format!("{name}, contract and parts under a right checksum, all refused: {names:?}"));
    }
}

/// The name of the error of the loader for the contract that `blob` says, or of the int8 loader
/// where it says none.
///
/// # Panics
/// If either loader accepts it.
fn refusal(blob: &[u8]) -> String {
    let int8 = Int8::validate(blob).expect_err("accepted as int8");
    let f32 = F32::validate(blob).expect_err("accepted as f32");
    let error = if blob[20] == F32::CONTRACT as u8 { f32 } else { int8 };
    let text = format!("{error:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// Puts patterns that keep the checksum on `blob`: all are refused, by these errors.
fn refused_by_meaning(blob: &[u8], patterns: BTreeSet<Pattern>) -> BTreeMap<String, u32> {
    let mut names = BTreeMap::new();
    for pattern in patterns {
        let mut damaged = blob.to_vec();
        pattern.iter().for_each(|&(offset, mask)| damaged[offset] ^= mask);
        let error = refusal(&damaged);
        assert_ne!(error, "ChecksumMismatch", "{pattern:x?} should keep the checksum");
        *names.entry(error).or_default() += 1;
    }
    names
}
