//! Features of a signal: of every block of frames a number that is the same on every core.
//!
//! The number is the CRC-32C of all values of the block's frames. [`DIGESTS`] holds those that an
//! oracle computes which knows `FORMAT.md` alone: a test of this crate compares them, so a core that
//! gives them gives what the page says.

use core::fmt;

use ae_core::{Bands, Checksum, SignalFeatures, Spectrum, Statistics, Taper};
use ae_infer::FeatureStream;
use ae_testkit::random::XorShift32;

/// Frames that are computed alike: a length, and what is computed of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Samples of a frame.
    pub frame: u16,
    /// Samples from a frame to the next.
    pub hop: u16,
    /// Channels of the signal.
    pub channels: u16,
    /// Whether the signal's values are f32.
    pub is_real: bool,
    /// Whether raw values are among the features.
    pub raw: bool,
    /// Which statistics are.
    pub statistics: u8,
    /// Taper and spectrum of the bands.
    pub bands: Option<(Taper, Spectrum)>,
    /// How many.
    pub frames: u16,
}

/// Every length of a frame, with both tapers and both spectra; of short ones more.
pub const BLOCKS: [Block; 16] = {
    use Spectrum::{Magnitude, Power};
    use Taper::{Hann, Rectangular};
    const fn of(frame: u16, hop: u16, bands: Option<(Taper, Spectrum)>, frames: u16) -> Block {
        let (channels, statistics) = (1, Statistics::ALL.0);
        Block { frame, hop, channels, is_real: false, raw: false, statistics, bands, frames }
    }
    const fn pairs(block: Block) -> Block {
        Block { channels: 2, raw: true, statistics: 0b01_0110, ..block }
    }
    const fn real(block: Block) -> Block {
        Block { is_real: true, ..block }
    }
    [
        of(32, 32, Some((Hann, Power)), 150),
        pairs(of(32, 5, Some((Rectangular, Magnitude)), 150)),
        of(64, 40, Some((Rectangular, Power)), 140),
        real(pairs(of(64, 16, Some((Hann, Magnitude)), 120))),
        of(128, 128, Some((Hann, Power)), 120),
        of(128, 7, Some((Rectangular, Magnitude)), 120),
        pairs(of(256, 128, Some((Hann, Power)), 100)),
        of(256, 100, Some((Rectangular, Power)), 100),
        of(512, 512, Some((Rectangular, Magnitude)), 80),
        of(512, 256, Some((Hann, Power)), 80),
        of(1024, 512, Some((Hann, Power)), 70),
        of(1024, 300, Some((Rectangular, Magnitude)), 50),
        of(2048, 1024, Some((Rectangular, Power)), 40),
        real(of(2048, 512, Some((Hann, Magnitude)), 30)),
        of(2048, 2048, Some((Hann, Power)), 20),
        of(2048, 333, None, 70),
    ]
};

/// The numbers of the [`BLOCKS`].
pub const DIGESTS: [u32; BLOCKS.len()] = [
    0x89bd_4179,
    0x835f_fa58,
    0x9ab8_66e6,
    0xe2e0_f56c,
    0xe0b6_0be9,
    0x9915_ea6e,
    0xf870_a94c,
    0xf9be_a94e,
    0x6df5_e415,
    0xe564_d47b,
    0xf567_b84a,
    0x15b0_9fdd,
    0x1d52_f68e,
    0x5380_6fbd,
    0xfa7a_1c30,
    0xaa6d_37bb,
];

/// Bytes for the bands of a block.
const BANDS: usize = 2 * (32 + 1025);

/// A block with another number than it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Differs {
    /// Samples of its frames.
    pub frame: u16,
    /// Samples from a frame to the next.
    pub hop: u16,
    /// Which of the [`BLOCKS`] it is.
    pub block: u32,
    /// Its number.
    pub expected: u32,
    /// The number that was found; 0 where the block could not be computed.
    pub found: u32,
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frame, hop, block, expected, found } = self;
        write!(
            f,
            "features, block {block} of frames of {frame} samples every {hop}: their digest is \
             {found:08x}, expected {expected:08x}"
        )
    }
}

impl core::error::Error for Differs {}

/// Computes all blocks and compares their numbers. Gives the number of frames.
pub(crate) fn run(bytes: &mut [u8], around: fn(bool)) -> Result<u32, Differs> {
    let mut frames = 0;
    for ((block, expected), index) in BLOCKS.into_iter().zip(DIGESTS).zip(0..) {
        let found = block.digest(bytes, around).unwrap_or(0);
        if found != expected {
            let Block { frame, hop, .. } = block;
            return Err(Differs { frame, hop, block: index, expected, found });
        }
        frames += u32::from(block.frames);
    }
    Ok(frames)
}

impl Block {
    /// What is computed. Its bands are put into `bytes`; `None` where they are too few.
    #[must_use]
    pub fn features(self, bytes: &mut [u8]) -> Option<SignalFeatures<'_>> {
        // An offset of −0.5 and a scale of 2, which halves and doubles exactly.
        const UNITS: [u8; 16] = [0, 0, 0, 0xbf, 0, 0, 0, 0x40, 0, 0, 0, 0xbf, 0, 0, 0, 0x40];
        let Self { frame, hop, channels, raw, .. } = self;
        let units = UNITS.get(..8 * usize::from(channels)).filter(|_| self.is_real);
        let bands = match self.bands {
            Some((taper, spectrum)) => Some(bands(frame, taper, spectrum, bytes)?),
            None => None,
        };
        Some(SignalFeatures {
            channels,
            frame,
            hop,
            units: units.unwrap_or_default(),
            raw,
            statistics: Statistics(self.statistics),
            bands,
        })
    }

    /// The signal that gives the block's frames.
    #[must_use]
    pub fn signal(self) -> Signal {
        let seed = u32::from(self.frame) << 16 | u32::from(self.hop);
        Signal { random: XorShift32::new(seed), kind: 0, size: 0, left: 0, phase: 0, step: 0 }
    }

    /// Samples of the signal.
    #[must_use]
    pub fn samples(self) -> usize {
        let hops = usize::from(self.frames.saturating_sub(1));
        usize::from(self.frame) + hops * usize::from(self.hop)
    }

    /// The number of its frames; `None` where the memory is too little.
    fn digest(self, bytes: &mut [u8], around: fn(bool)) -> Option<u32> {
        let (bands, buffer) = bytes.split_at_mut_checked(BANDS)?;
        let features = self.features(bands)?;
        // Off every boundary of a word in turn.
        let buffer = buffer.get_mut(usize::from(self.hop % 4)..)?;
        let mut stream = FeatureStream::new(features, buffer).ok()?;
        let (mut digest, mut signal) = (Checksum::new(), self.signal());
        for _ in 0..self.samples() {
            let mut counts = [0; 2];
            let counts = counts.get_mut(..usize::from(self.channels))?;
            counts.iter_mut().for_each(|count| *count = signal.next());
            around(true);
            let is_whole = if self.is_real {
                let mut reals = [0.0; 2];
                let reals = reals.get_mut(..counts.len())?;
                reals.iter_mut().zip(&*counts).for_each(|(real, count)| *real = in_units(*count));
                stream.push_values(reals)
            } else {
                stream.push(counts)
            };
            if is_whole {
                stream.values(|value| digest.update(&value.to_le_bytes()));
            }
            around(false);
        }
        Some(digest.finish())
    }
}

/// The real value of a count, which a block's map takes to a count again, if not to the same.
#[must_use]
pub fn in_units(count: i16) -> f32 {
    f32::from(count) * 0.6 - 0.5
}

/// Up to 32 bands, one bin apart at first and wider as they rise, as those of a mel scale.
fn bands(frame: u16, taper: Taper, spectrum: Spectrum, bytes: &mut [u8]) -> Option<Bands<'_>> {
    let (segments, weights) = bytes.split_at_mut_checked(64)?;
    let (mut bins, mut count, first) = (0_u16, 0_u16, 1);
    for segment in segments.as_chunks_mut().0.iter_mut() {
        let len = 1 + count * count * (frame / 32) / 64;
        if first + bins + len > frame / 2 + 1 {
            break;
        }
        *segment = len.to_le_bytes();
        for bin in 0..len {
            let weight = (u32::from(bin + 1) << 15) / u32::from(len);
            let place = 2 * usize::from(bins + bin);
            let place = weights.get_mut(place..).and_then(|it| it.first_chunk_mut());
            *place? = (weight as u16).to_le_bytes();
        }
        (bins, count) = (bins + len, count + 1);
    }
    let segments = segments.get(..2 * usize::from(count))?;
    let weights = weights.get(..2 * usize::from(bins))?;
    Some(Bands { taper, spectrum, first, segments, weights })
}

/// A signal of several kinds in turn: full scale, silence and all between.
#[derive(Debug, Clone)]
pub struct Signal {
    random: XorShift32,
    kind: u8,
    size: u8,
    /// Samples until the next kind.
    left: u16,
    phase: u16,
    step: u16,
}

impl Signal {
    /// The next value.
    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> i16 {
        if self.left == 0 {
            let [kind, size, low, high] = self.random.bits().to_le_bytes();
            (self.kind, self.size) = (kind % 8, size % 15);
            self.step = u16::from_le_bytes([low, high]);
            self.left = 20 + self.step % 500;
        }
        self.left -= 1;
        self.phase = self.phase.wrapping_add(self.step);
        let noise = self.random.bits() as i16;
        let (phase, size) = (self.phase as i16, self.size);
        match self.kind {
            0 => noise,
            1 => noise >> size,
            // A square wave between the ends.
            2 => (phase >> 15) ^ i16::MAX,
            // Two parabolas, which are nearly a sine, and noise.
            3 => parabolas(phase).saturating_add(noise >> 10),
            4 => parabolas(phase) >> size,
            5 if self.left.is_multiple_of(64) => i16::MIN,
            5 => 0,
            6 => noise >> 15,
            _ => self.step as i16,
        }
    }
}

/// A period of −2¹⁵ … 2¹⁵ − 1, in 32,512 at most.
fn parabolas(phase: i16) -> i16 {
    let phase = i32::from(phase);
    let away = 32_768 - phase.abs();
    let value = (phase * away) >> 13;
    value.clamp(-32_512, 32_512) as i16
}
