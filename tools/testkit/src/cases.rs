//! One file of cases for engines in every language: blobs, images, signals, and what must come of them
//! by the [oracles](crate::oracle).
//!
//! The file can be read from front to back with a buffer for one record. Numbers are little-endian, and
//! each record begins with its kind, a `u32`:
//!
//! | kind | what follows |
//! | --- | --- |
//! | 1, a model | `u32` each: contract (0 int8, 1 f32), bytes of the blob, features, latent, channels of a sample, type of its values (0 none, 1 `u8`, 2 `i16`, 3 `f32`); then the blob |
//! | 2, an image | its pixels; then latent values (`i8` or `f32`), pixels of the reconstruction, `u64` squared error |
//! | 3, a signal for a new detector | `u32` samples; then for each its values, and a `u32` verdict: 0 none, 1 normal, 2 alarm; behind 1 and 2 `u32` channel, `u64` score, `u64` the channel's score |
//! | 0, the end | `u32` each: models, images, decisions of the file |
//!
//! [`MAGIC`] stands in front. Images and signals are for the model before them.

use crate::arithmetic::Arithmetic;
use crate::blob::Blob;
use crate::float::F32;
use crate::int8::Int8;
use crate::oracle::detector::verdicts;
use crate::random::SplitMix64;
use crate::section::{Samples, Section};
use crate::signal::Signal;

/// The first eight bytes of the file.
pub const MAGIC: [u8; 8] = *b"AECASES1";

/// How many cases there are of each model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Images of a model.
    pub images: usize,
    /// Samples of a signal, where a model has a detector.
    pub samples: usize,
}

/// A file, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it holds.
    pub totals: Totals,
    /// Where bytes of results lie, to be made wrong: the score of the last image, and that of the last
    /// decision.
    pub results: [usize; 2],
}

/// How many there are in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Models.
    pub models: u32,
    /// Images of all models.
    pub images: u32,
    /// Decisions on all signals.
    pub decisions: u32,
}

/// The file for blobs, each with an encoder and a decoder.
///
/// # Panics
/// If bytes are no blob, or a part is missing.
#[must_use]
pub fn write(blobs: &[Vec<u8>], amount: Amount, seed: u64) -> File {
    let mut cases = Cases { file: MAGIC.to_vec(), totals: Totals::default(), results: [0; 2] };
    let mut random = SplitMix64::new(seed);
    for blob in blobs {
        // The contract's number in the header.
        match u16::from_le_bytes([blob[20], blob[21]]) {
            Int8::CONTRACT => cases.push_model::<Int8>(blob, amount, &mut random),
            F32::CONTRACT => cases.push_model::<F32>(blob, amount, &mut random),
            other => panic!("contract {other}"),
        }
    }
    let Totals { models, images, decisions } = cases.totals;
    cases.push(&[0, models, images, decisions]);
    File { bytes: cases.file, totals: cases.totals, results: cases.results }
}

struct Cases {
    file: Vec<u8>,
    totals: Totals,
    results: [usize; 2],
}

impl Cases {
    fn push(&mut self, numbers: &[u32]) {
        self.file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn push_model<A: Arithmetic>(&mut self, bytes: &[u8], amount: Amount, random: &mut SplitMix64) {
        let blob = Blob::<A>::read(bytes);
        let sizes = blob.sizes();
        let section = (!blob.detection.is_empty()).then(|| Section::read(&blob.detection));
        let channels = section.as_ref().map_or(0, |it| it.signal_channels(sizes.features));
        let kind = section.as_ref().map_or(0, |it| kind(&it.samples));
        let contract = u32::from(A::CONTRACT == F32::CONTRACT);
        let lengths = [bytes.len(), sizes.features, sizes.latent, channels];
        self.push(&[1, contract]);
        self.push(&lengths.map(|length| u32::try_from(length).expect("a length of 32 bits")));
        self.push(&[kind]);
        self.file.extend(bytes);
        self.totals.models += 1;
        for _ in 0..amount.images {
            self.push_image(&blob, &random.pixels(sizes.features));
        }
        if let Some(section) = section {
            let signal = signal(kind, amount.samples * channels, random);
            self.push_signal(&blob, &section, &signal, channels);
        }
    }

    fn push_image<A: Arithmetic>(&mut self, blob: &Blob<A>, pixels: &[u8]) {
        let latent = blob.encode(pixels);
        let reconstruction = blob.decode(latent.last());
        let reconstruction = reconstruction.last().iter().map(|&value| A::pixel(value));
        let reconstruction: Vec<u8> = reconstruction.collect();
        let squares = pixels.iter().zip(&reconstruction).map(|(&a, &b)| u64::from(a.abs_diff(b)));
        let score: u64 = squares.map(|error| error.pow(2)).sum();
        self.push(&[2]);
        self.file.extend(pixels);
        latent.last().iter().for_each(|&value| A::push_bytes(value, &mut self.file));
        self.file.extend(reconstruction);
        self.results[0] = self.file.len();
        self.file.extend(score.to_le_bytes());
        self.totals.images += 1;
    }

    fn push_signal<A: Arithmetic>(
        &mut self,
        blob: &Blob<A>,
        section: &Section,
        signal: &Signal,
        channels: usize,
    ) {
        let features = blob.sizes().features;
        let verdicts = verdicts(section, features, signal, |window| blob.reconstruct(window));
        let width = match signal {
            Signal::Pixels(_) => 1,
            Signal::Counts(_) => 2,
            Signal::Values(_) => 4,
        };
        let values = signal.to_bytes();
        let samples = values.chunks_exact(width * channels);
        self.push(&[3, samples.len() as u32]);
        let mut verdicts = verdicts.iter().peekable();
        for (index, sample) in samples.enumerate() {
            self.file.extend(sample);
            match verdicts.next_if(|verdict| verdict.samples == index + 1) {
                None => self.push(&[0]),
                Some(verdict) => {
                    self.push(&[1 + u32::from(verdict.alarm), verdict.channel as u32]);
                    self.results[1] = self.file.len();
                    self.file.extend(verdict.score.to_le_bytes());
                    self.file.extend(verdict.channel_score.to_le_bytes());
                    self.totals.decisions += 1;
                }
            }
        }
        assert_eq!(verdicts.next(), None, "a window that no sample ends");
    }
}

/// The number of a type of samples.
fn kind(samples: &Samples) -> u32 {
    match samples {
        Samples::Pixels => 1,
        Samples::Counts(_) | Samples::CountCurves(_) => 2,
        Samples::Values(_) | Samples::ValueCurves(_) => 3,
    }
}

/// A signal of so many values: most about zero, some at the ends of the type, and what is no number.
fn signal(kind: u32, values: usize, random: &mut SplitMix64) -> Signal {
    match kind {
        1 => Signal::Pixels(random.pixels(values)),
        2 => {
            let count = |random: &mut SplitMix64| match random.below(24) {
                0 => i16::MIN,
                1 => i16::MAX,
                _ => random.between(-3000, 3000) as i16,
            };
            Signal::Counts((0..values).map(|_| count(random)).collect())
        }
        _ => {
            let value = |random: &mut SplitMix64| match random.below(24) {
                0 => random.any_real(),
                _ => 12.0 * random.signed_unit(),
            };
            Signal::Values((0..values).map(|_| value(random)).collect())
        }
    }
}
