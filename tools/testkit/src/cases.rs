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
//! | 4, scores for new companions | their plan; `u32` scores; then for each a `u64`, and what is known then, a `u32`: 1 the threshold, 2 the bound of low scores, 4 a drift, added up; behind all `u64` threshold, `u64` bound |
//! | 5, a signal for a new detector with new companions | their plan; then as 3, and behind each verdict but 0 also `u64` threshold, and `u32` each: whose it is (0 the blob's, 1 the board's own, 2 nobody's), what is found (1 a low score, 2 a constant channel, 4 a drift, added up), the constant channel |
//! | 0, the end | `u32` each: models, images, decisions, scores of the file |
//!
//! A plan is `u32` each: scores, three rates in parts per million (of the threshold, of the bound of low
//! scores, of a drift), the start of the drift's generator, 1 for silent and 2 for at least the blob's
//! threshold, added up, and windows of a constant channel. [`MAGIC`] stands in front. Images and signals
//! are for the model before them.

mod drawn;

use crate::arithmetic::Arithmetic;
use crate::blob::Blob;
use crate::float::F32;
use crate::int8::Int8;
use crate::oracle::companions::{Company, Learnt, Observation, Plan, observations};
use crate::oracle::detector::{verdicts, windows};
use crate::random::SplitMix64;
use crate::section::{Samples, Section};
use crate::signal::Signal;

/// The first eight bytes of the file.
pub const MAGIC: [u8; 8] = *b"AECASES2";

/// How many cases there are of each model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Images of a model.
    pub images: usize,
    /// Samples of a signal, where a model has a detector.
    pub samples: usize,
    /// Sequences of scores for companions.
    pub scores: usize,
}

/// A file, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it holds.
    pub totals: Totals,
    /// Where bytes of results lie, to be made wrong: the score of the last image, that of the last
    /// decision, the threshold of the last scores, and that of the last decision with companions.
    pub results: [usize; 4],
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
    /// Scores for companions without a detector.
    pub scores: u32,
}

/// The file for blobs, each with an encoder and a decoder.
///
/// # Panics
/// If bytes are no blob, or a part is missing.
#[must_use]
pub fn write(blobs: &[Vec<u8>], amount: Amount, seed: u64) -> File {
    let mut cases = Cases { file: MAGIC.to_vec(), totals: Totals::default(), results: [0; 4] };
    let mut random = SplitMix64::new(seed);
    for blob in blobs {
        // The contract's number in the header.
        match u16::from_le_bytes([blob[20], blob[21]]) {
            Int8::CONTRACT => cases.push_model::<Int8>(blob, amount, &mut random),
            F32::CONTRACT => cases.push_model::<F32>(blob, amount, &mut random),
            other => panic!("contract {other}"),
        }
    }
    for _ in 0..amount.scores {
        let plan = drawn::plan(&mut random);
        cases.push_scores(plan, &drawn::scores(&mut random));
    }
    cases.end()
}

/// The file for one blob with an encoder and a decoder, with these images and signals. There is a place in
/// [`File::results`] for what there is.
///
/// # Panics
/// As [`write()`]; or an image has not the blob's features, or a signal not its type.
#[must_use]
pub fn given(blob: &[u8], images: &[&[u8]], signals: &[Signal]) -> File {
    let mut cases = Cases { file: MAGIC.to_vec(), totals: Totals::default(), results: [0; 4] };
    match u16::from_le_bytes([blob[20], blob[21]]) {
        Int8::CONTRACT => cases.push_given::<Int8>(blob, images, signals),
        F32::CONTRACT => cases.push_given::<F32>(blob, images, signals),
        other => panic!("contract {other}"),
    }
    cases.end()
}

struct Cases {
    file: Vec<u8>,
    totals: Totals,
    results: [usize; 4],
}

impl Cases {
    fn end(mut self) -> File {
        let Totals { models, images, decisions, scores } = self.totals;
        self.push(&[0, models, images, decisions, scores]);
        File { bytes: self.file, totals: self.totals, results: self.results }
    }

    fn push(&mut self, numbers: &[u32]) {
        self.file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn push_model<A: Arithmetic>(&mut self, bytes: &[u8], amount: Amount, random: &mut SplitMix64) {
        let (blob, section) = self.push_blob::<A>(bytes);
        let features = blob.sizes().features;
        for _ in 0..amount.images {
            self.push_image(&blob, &random.pixels(features));
        }
        if let Some(section) = section {
            let (kind, channels) = (kind(&section.samples), section.signal_channels(features));
            let plain = drawn::signal(kind, amount.samples * channels, random);
            self.push(&[3]);
            self.push_signal(&blob, &section, &plain, None);
            let plan = drawn::plan(random);
            let course = drawn::course(kind, amount.samples, channels, random);
            self.push(&[5]);
            self.push_plan(plan);
            self.push_signal(&blob, &section, &course, Some(plan));
        }
    }

    fn push_given<A: Arithmetic>(&mut self, bytes: &[u8], images: &[&[u8]], signals: &[Signal]) {
        let (blob, section) = self.push_blob::<A>(bytes);
        for image in images {
            self.push_image(&blob, image);
        }
        for signal in signals {
            self.push(&[3]);
            let section = section.as_ref().expect("a signal for a detector");
            self.push_signal(&blob, section, signal, None);
        }
    }

    /// A model's record.
    fn push_blob<A: Arithmetic>(&mut self, bytes: &[u8]) -> (Blob<A>, Option<Section>) {
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
        (blob, section)
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

    fn push_plan(&mut self, plan: Plan) {
        let Plan { scores, alarm_ppm, low_ppm, drift_ppm, drift_seed, constant, .. } = plan;
        let flags = u32::from(plan.is_silent) + 2 * u32::from(plan.is_at_least_blob);
        self.push(&[scores, alarm_ppm, low_ppm, drift_ppm, drift_seed, flags, constant]);
    }

    fn push_scores(&mut self, plan: Plan, scores: &[u64]) {
        self.push(&[4]);
        self.push_plan(plan);
        self.push(&[scores.len() as u32]);
        let mut company = Company::new(plan);
        for &score in scores {
            self.file.extend(score.to_le_bytes());
            company.take(score);
            let Learnt { threshold, low_bound, has_drifted } = company.learnt();
            self.push(&[flags([threshold.is_some(), low_bound.is_some(), has_drifted])]);
        }
        let Learnt { threshold, low_bound, .. } = company.learnt();
        self.results[2] = self.file.len();
        self.file.extend(threshold.unwrap_or(0).to_le_bytes());
        self.file.extend(low_bound.unwrap_or(0).to_le_bytes());
        self.totals.scores += scores.len() as u32;
    }

    fn push_signal<A: Arithmetic>(
        &mut self,
        blob: &Blob<A>,
        section: &Section,
        signal: &Signal,
        plan: Option<Plan>,
    ) {
        let features = blob.sizes().features;
        let channels = section.signal_channels(features);
        let verdicts = verdicts(section, features, signal, |window| blob.reconstruct(window));
        let windows = windows(section, features, signal);
        let beside = plan.map(|plan| observations(section, features, plan, &windows, &verdicts));
        let width = match signal {
            Signal::Pixels(_) => 1,
            Signal::Counts(_) => 2,
            Signal::Values(_) => 4,
        };
        let values = signal.to_bytes();
        let samples = values.chunks_exact(width * channels);
        self.push(&[samples.len() as u32]);
        let mut verdicts = verdicts.iter().enumerate().peekable();
        for (index, sample) in samples.enumerate() {
            self.file.extend(sample);
            let ended = verdicts.next_if(|(_, verdict)| verdict.samples == index + 1);
            let Some((at, verdict)) = ended else {
                self.push(&[0]);
                continue;
            };
            let beside = beside.as_ref().map(|all| all[at]);
            let alarm = beside.map_or(verdict.alarm, |it| it.alarm);
            self.push(&[1 + u32::from(alarm), verdict.channel as u32]);
            if beside.is_none() {
                self.results[1] = self.file.len();
            }
            self.file.extend(verdict.score.to_le_bytes());
            self.file.extend(verdict.channel_score.to_le_bytes());
            if let Some(beside) = beside {
                self.results[3] = self.file.len();
                self.push_beside(beside);
            }
            self.totals.decisions += 1;
        }
        assert_eq!(verdicts.next(), None, "a window that no sample ends");
    }

    fn push_beside(&mut self, beside: Observation) {
        let Observation { threshold, source, is_low, constant, has_drifted, .. } = beside;
        self.file.extend(threshold.to_le_bytes());
        let found = flags([is_low, constant.is_some(), has_drifted]);
        self.push(&[source, found, constant.unwrap_or(0) as u32]);
    }
}

/// 1, 2 and 4, of those that are so.
fn flags(those: [bool; 3]) -> u32 {
    those.into_iter().zip([1, 2, 4]).map(|(is_so, flag)| u32::from(is_so) * flag).sum()
}

/// The number of a type of samples.
fn kind(samples: &Samples) -> u32 {
    match samples {
        Samples::Pixels => 1,
        Samples::Counts(_) | Samples::CountCurves(_) => 2,
        Samples::Values(_) | Samples::ValueCurves(_) => 3,
    }
}
