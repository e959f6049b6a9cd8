//! What worn flash and transfers that were cut do to a small model, exhaustively: nothing of it is
//! accepted, and each damage is named by the error that fits.
//!
//! The models are the golden ones. Pairs of flipped bits are tried in three of them: int8 in rows, int8
//! in row pairs, f32. Nobody seals the damaged
//! blobs again; for those see the tests `hostile_*`. Bits count from the lowest of the first byte,
//! in the order in which CRC-32C takes them and a UART sends them: a burst of some bits is flipped
//! bits within so many successive ones. What cannot be tried one by one, as there are 2³¹ bursts of
//! 32 bits at each place, is proved in `corruption_proof.rs`.

use ae_core::{Arithmetic, F32, Int8, PartSelection};
use ae_testkit::fields::Fields;
use ae_testkit::random::SplitMix64;
use ae_tests::damage::{Tally, checksum_by_bits};
use ae_tests::golden;
use ae_tests::models::small_blobs;
use ae_tests::syndromes::Syndromes;
use rayon::prelude::*;

/// Bursts up to here are all tried.
const SHORT_BURST: usize = 10;
/// Longer ones, up to 32 bits, that are tried.
const LONG_BURSTS: u64 = 1_000_000;
/// Of these every pair of bits is flipped: there are millions of them, and `corruption_proof.rs` proves
/// that no pair keeps the checksum in any.
const IN_PAIRS: [&str; 3] = ["tiny.int8.aeb", "tiny.row-pairs.int8.aeb", "tiny.f32.aeb"];
/// Bytes of a line of weights, and of a page of flash.
const PIECES: [usize; 2] = [16, 256];

/// A kind of damage: its name, what tries all of it on a blob, and how many there are of it for so
/// many bytes, where that is known beforehand.
type Kind = (&'static str, fn(&[u8]) -> Tally, Option<fn(u64) -> u64>);

const PAIRS: Kind =
    ("pairs of flipped bits", flipped_pairs, Some(|bytes| 8 * bytes * (8 * bytes - 1) / 2));
const KINDS: [Kind; 10] = [
    ("flipped bits", flipped_bits, Some(|bytes| 8 * bytes)),
    ("bursts of up to 10 bits", short_bursts, Some(|bytes| 512 * (8 * bytes - 9) + 511)),
    ("random bursts of 11 to 32 bits", long_bursts, Some(|_| LONG_BURSTS)),
    ("truncations", truncations, Some(|bytes| bytes)),
    ("cuts with other bytes behind them", cuts_with_other_bytes_behind, None),
    ("extensions by 1 to 64 bytes", extensions, Some(|_| 4 * 64)),
    ("swaps of two sections", swaps_of_sections, None),
    ("lines or pages erased", erased_pieces, None),
    ("lines or pages in another's place", doubled_pieces, None),
    ("lines or pages moved", moved_pieces, None),
];

#[test]
fn every_corruption_of_a_small_model_is_refused() {
    let mut all = Tally::default();
    for (name, blob) in golden::make() {
        assert!(Int8::validate(&blob).is_ok() || F32::validate(&blob).is_ok(), "{name} is whole");
        let pairs = IN_PAIRS.contains(&name).then_some(PAIRS);
        for (kind, try_all, count) in KINDS.into_iter().chain(pairs) {
            let tally = try_all(&blob);
            tally.report(format_args!("{name}, {} bytes, {kind}", blob.len()));
            match count.map(|count| count(blob.len() as u64)) {
                Some(count) => assert_eq!(tally.tried(), count, "{name}: {kind}"),
                None => assert!(tally.tried() > 0, "{name}: {kind}"),
            }
            all += tally;
        }
    }
    all.report(format_args!("corruptions of small models"));
    assert_eq!(all.accepted(), 0);
}

/// A blob whose bits are flipped, and what that makes of its checksum.
struct Bits {
    damaged: Vec<u8>,
    whole: u32,
    /// Of each bit.
    changes: Vec<u32>,
}

impl Bits {
    fn of(blob: &[u8]) -> Self {
        let syndromes = Syndromes::of_length(blob.len());
        // What lies before the sealed bytes does not change the checksum of those.
        let change = |bit: usize| match bit / 8 {
            ..20 => 0,
            byte => syndromes.of_byte(byte, 1 << (bit % 8)),
        };
        Self {
            damaged: blob.to_vec(),
            whole: checksum_by_bits(blob),
            changes: (0..8 * blob.len()).map(change).collect(),
        }
    }

    /// Flips the bits, loads, and flips them back.
    fn load(&mut self, tally: &mut Tally, bits: impl Iterator<Item = usize> + Clone) {
        let mut computed = self.whole;
        for bit in bits.clone() {
            self.damaged[bit / 8] ^= 1 << (bit % 8);
            computed ^= self.changes[bit];
        }
        tally.load_changed(&self.damaged, computed);
        bits.for_each(|bit| self.damaged[bit / 8] ^= 1 << (bit % 8));
    }
}

fn flipped_bits(blob: &[u8]) -> Tally {
    let (mut bits, mut tally) = (Bits::of(blob), Tally::default());
    (0..8 * blob.len()).for_each(|bit| bits.load(&mut tally, [bit].into_iter()));
    tally
}

fn flipped_pairs(blob: &[u8]) -> Tally {
    let count = 8 * blob.len();
    let of_first = |bits: &mut Bits, first: usize| {
        let mut tally = Tally::default();
        (first + 1..count).for_each(|bit| bits.load(&mut tally, [first, bit].into_iter()));
        tally
    };
    (0..count).into_par_iter().map_init(|| Bits::of(blob), of_first).sum()
}

/// At every bit every pattern that begins with it.
fn short_bursts(blob: &[u8]) -> Tally {
    let count = 8 * blob.len();
    let from = |bits: &mut Bits, first: usize| {
        let mut tally = Tally::default();
        let room = SHORT_BURST.min(count - first);
        for pattern in (1_u32..1 << room).step_by(2) {
            bits.load(&mut tally, pattern_bits(first, pattern));
        }
        tally
    };
    (0..count).into_par_iter().map_init(|| Bits::of(blob), from).sum()
}

fn long_bursts(blob: &[u8]) -> Tally {
    const STREAMS: u64 = 64;
    let of_stream = |bits: &mut Bits, seed| {
        let (mut random, mut tally) = (SplitMix64::new(seed), Tally::default());
        for _ in 0..LONG_BURSTS / STREAMS {
            let len = SHORT_BURST + 1 + random.below(32 - SHORT_BURST);
            let pattern = random.bits() as u32 >> (32 - len) | 1 | 1 << (len - 1);
            let first = random.below(8 * blob.len() + 1 - len);
            bits.load(&mut tally, pattern_bits(first, pattern));
        }
        tally
    };
    (0..STREAMS).into_par_iter().map_init(|| Bits::of(blob), of_stream).sum()
}

/// The bits that `pattern`, put on the blob from bit `first` on, flips.
fn pattern_bits(first: usize, pattern: u32) -> impl Iterator<Item = usize> + Clone {
    (0..32).filter(move |bit| pattern >> bit & 1 != 0).map(move |bit| first + bit)
}

fn truncations(blob: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for len in 0..blob.len() {
        tally.load(blob, &blob[..len], 0);
    }
    tally
}

/// A transfer that ended early: behind it is erased flash, or zeros, or the model before it.
fn cuts_with_other_bytes_behind(blob: &[u8]) -> Tally {
    let [mut before, _] = small_blobs(PartSelection::Both);
    before.resize(blob.len(), 0xff);
    let mut tally = Tally::default();
    for behind in [vec![0xff; blob.len()], vec![0; blob.len()], before] {
        for len in 0..blob.len() {
            let damaged = [&blob[..len], &behind[len..]].concat();
            tally.load(blob, &damaged, checksum_by_bits(&damaged));
        }
    }
    tally
}

fn extensions(blob: &[u8]) -> Tally {
    let (mut random, mut tally) = (SplitMix64::new(1), Tally::default());
    for extra in 1..=64 {
        let noise = (0..extra).map(|_| random.bits() as u8).collect();
        for tail in [vec![0; extra], vec![0xff; extra], noise, blob[..extra].to_vec()] {
            tally.load(blob, &[blob, &tail].concat(), 0);
        }
    }
    tally
}

/// All fields, next to each other or not: what is equal, and what is empty, makes no difference.
fn swaps_of_sections(blob: &[u8]) -> Tally {
    let fields = Fields::of(blob);
    let sections: Vec<&[u8]> = fields.as_slice().iter().map(|field| &*field.bytes).collect();
    let mut tally = Tally::default();
    for second in 0..sections.len() {
        for first in 0..second {
            let mut swapped = sections.clone();
            swapped.swap(first, second);
            let damaged = swapped.concat();
            tally.load(blob, &damaged, checksum_by_bits(&damaged));
        }
    }
    tally
}

fn erased_pieces(blob: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for size in PIECES {
        for start in (0..blob.len()).step_by(size) {
            for erased in [0xff, 0] {
                let mut damaged = blob.to_vec();
                damaged[start..blob.len().min(start + size)].fill(erased);
                tally.load(blob, &damaged, checksum_by_bits(&damaged));
            }
        }
    }
    tally
}

/// Each piece written over each other one, and each there twice, which moves what follows.
fn doubled_pieces(blob: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut load = |damaged: &[u8]| tally.load(blob, damaged, checksum_by_bits(damaged));
    for size in PIECES {
        for from in (0..blob.len()).step_by(size) {
            for to in (0..blob.len()).step_by(size) {
                let len = size.min(blob.len() - from.max(to));
                let mut damaged = blob.to_vec();
                damaged.copy_within(from..from + len, to);
                load(&damaged);
            }
            let end = blob.len().min(from + size);
            load(&[&blob[..end], &blob[from..]].concat()[..blob.len()]);
        }
    }
    tally
}

/// Each piece taken out and put in before each other one, or at the end.
fn moved_pieces(blob: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for size in PIECES {
        let count = blob.len().div_ceil(size);
        for from in 0..count {
            for to in 0..count {
                let mut pieces: Vec<&[u8]> = blob.chunks(size).collect();
                let piece = pieces.remove(from);
                pieces.insert(to, piece);
                let damaged = pieces.concat();
                tally.load(blob, &damaged, checksum_by_bits(&damaged));
            }
        }
    }
    tally
}
