//! Thresholds that a core finds in place: of every block of random sequences of scores a number that is
//! the same on every core, and one for what a drift wins and loses.
//!
//! The number is the CRC-32C of the block's thresholds. [`DIGESTS`] holds those that an oracle computes
//! which sorts the scores and takes the one of the rank that `FORMAT.md` says: a test of this crate
//! compares them, so a core that gives them finds its host's thresholds. [`DRIFT`] holds likewise what
//! whole fractions give.

use core::fmt;

use ae_core::Checksum;
use ae_infer::{Calibration, Drift};
use ae_testkit::random::XorShift32;

/// Sequences of a block.
pub const SEQUENCES: u32 = 1000;
/// Most scores that are kept of a sequence.
pub const KEPT: usize = 16;
/// Scores of the signal that a drift is looked for in.
pub const SCORES: u32 = 4000;
/// Edges of the drift's bins.
pub const EDGES: usize = 11;
/// Its rate of false alarms, in parts per million.
pub const DRIFT_PPM: u32 = 1;

/// The numbers of the blocks, whose places are their seeds.
pub const DIGESTS: [u32; 10] = [
    0x729a_4171,
    0x6775_e456,
    0x138f_6c25,
    0xc3ee_f2c1,
    0x0f16_a711,
    0x7288_2a1b,
    0x4417_c289,
    0xf16e_0ff3,
    0x93ca_dbf7,
    0x39ea_af2f,
];

/// The number of all wealth that the drift has had.
pub const DRIFT: u32 = 0xda8d_9ac3;

/// A block with another number than it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Differs {
    /// Which of the blocks it is; `None` for the drift.
    pub block: Option<u32>,
    /// Its number.
    pub expected: u32,
    /// The number that was found.
    pub found: u32,
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block, expected, found } = self;
        match block {
            Some(block) => {
                write!(f, "thresholds, block {block} of {SEQUENCES} sequences of scores")?
            }
            None => write!(f, "the wealth of a drift")?,
        }
        write!(f, ": the digest is {found:08x}, expected {expected:08x}")
    }
}

impl core::error::Error for Differs {}

/// Finds all thresholds and compares their numbers. Gives how many there are.
pub(crate) fn run() -> Result<u32, Differs> {
    let mut count = 0;
    for (expected, block) in DIGESTS.into_iter().zip(0..) {
        let found = digest(block);
        if found != expected {
            return Err(Differs { block: Some(block), expected, found });
        }
        count += SEQUENCES;
    }
    let (expected, found) = (DRIFT, drift_digest());
    if found != expected {
        return Err(Differs { block: None, expected, found });
    }
    Ok(count)
}

/// The number of a block.
fn digest(block: u32) -> u32 {
    let (mut digest, mut sequences) = (Checksum::new(), Sequences::of(block));
    for _ in 0..SEQUENCES {
        let (scores, alarm_ppm) = sequences.next();
        let Ok(mut calibration) = Calibration::<KEPT>::new(scores, alarm_ppm) else { return 0 };
        for _ in 0..scores {
            calibration.take(sequences.score());
        }
        digest.update(&calibration.threshold().unwrap_or(0).to_le_bytes());
    }
    digest.finish()
}

/// The number of what a drift has had.
fn drift_digest() -> u32 {
    let Ok(mut drift) = Drift::<EDGES>::new(DRIFT_PPM) else { return 0 };
    let (mut digest, mut signal) = (Checksum::new(), drifting());
    for time in 0..SCORES {
        drift.take(drifting_score(&mut signal, time));
        for wealth in drift.state().wealth {
            digest.update(&wealth.to_le_bytes());
        }
    }
    digest.finish()
}

/// Sequences of scores.
#[derive(Debug, Clone)]
pub struct Sequences {
    random: XorShift32,
    shift: u32,
}

impl Sequences {
    /// Those of a block.
    #[must_use]
    pub fn of(block: u32) -> Self {
        Self { random: XorShift32::new(0x5eed_0000 | block), shift: 0 }
    }

    /// How many scores the next sequence has, and the rate of false alarms that a threshold is found
    /// for, in parts per million: one to 16 scores are kept.
    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> (u32, u32) {
        // So that there are many equal scores in some sequences.
        self.shift = self.random.bits() % 64;
        let scores = 1 + self.random.bits() % 120;
        let kept = 1 + self.random.bits() % scores.min(KEPT as u32);
        // The least rate for which so many are kept, and a little more.
        let least = (kept * 1_000_000).div_ceil(scores + 1);
        (scores, least + self.random.bits() % (1_000_000 / 122))
    }

    /// The next score of the sequence.
    pub fn score(&mut self) -> u64 {
        let [high, low] = [self.random.bits(), self.random.bits()];
        (u64::from(high) << 32 | u64::from(low)) >> self.shift
    }
}

/// Where [`drifting_score`] begins.
#[must_use]
pub fn drifting() -> XorShift32 {
    XorShift32::new(0xd21f)
}

/// A score of a signal that is the same for most of the time, then rises, and has risen again.
pub fn drifting_score(random: &mut XorShift32, time: u32) -> u64 {
    u64::from(random.bits() % 100 + if time % 1000 > 980 { 30 } else { 0 })
}
