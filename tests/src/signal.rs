//! Signals, and what the detector of `ae-infer` says of them.

use ae_core::{F32, Int8, SampleKind};
use ae_infer::{Autoencoder, Compute, Decision, Detector, Sample};
use ae_testkit::random::SplitMix64;
use serde::{Deserialize, Serialize};

/// Values of all channels, sample after sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// For [`SampleKind::Pixels`].
    Pixels(Vec<u8>),
    /// For [`SampleKind::Counts`].
    Counts(Vec<i16>),
    /// For [`SampleKind::Values`].
    Values(Vec<f32>),
}

/// What is said of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Samples of the signal up to the end of the window.
    pub samples: usize,
    /// The score.
    pub score: u64,
    /// The channel that contributes most.
    pub channel: usize,
    /// What it contributes.
    pub channel_score: u64,
    /// Whether it is an alarm.
    pub alarm: bool,
}

impl Signal {
    /// `count` values of this kind; those at the ends of the type come up too. Values are within
    /// `reach` of 0, but for those.
    #[must_use]
    pub fn random(kind: SampleKind, count: usize, reach: f32, random: &mut SplitMix64) -> Self {
        match kind {
            SampleKind::Pixels => Self::Pixels(random.pixels(count)),
            SampleKind::Counts => {
                Self::Counts((0..count).map(|_| any_count(reach, random)).collect())
            }
            SampleKind::Values => {
                Self::Values((0..count).map(|_| any_value(reach, random)).collect())
            }
        }
    }

    /// The values in a blob's byte order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Pixels(pixels) => pixels.clone(),
            Self::Counts(counts) => counts.iter().flat_map(|it| it.to_le_bytes()).collect(),
            Self::Values(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        }
    }
}

fn any_count(reach: f32, random: &mut SplitMix64) -> i16 {
    match random.below(24) {
        0 => i16::MIN,
        1 => i16::MAX,
        // Towards zero and saturating.
        _ => (reach * random.signed_unit()) as i16,
    }
}

fn any_value(reach: f32, random: &mut SplitMix64) -> f32 {
    match random.below(48) {
        0 => f32::INFINITY,
        1 => f32::NEG_INFINITY,
        2 => f32::NAN,
        3 => f32::MAX,
        4 => f32::MIN_POSITIVE / 2.0,
        _ => reach * random.signed_unit(),
    }
}

/// What the detector of `ae-infer` says of all windows of a signal, whatever the blob's contract.
///
/// # Panics
/// If the blob has no detection section for such a signal.
#[must_use]
pub fn watch(blob: &[u8], signal: &Signal) -> Vec<Verdict> {
    match Autoencoder::<F32>::load(blob) {
        Ok(model) => watch_by(model, signal),
        Err(_) => watch_by(Autoencoder::<Int8<'_>>::load(blob).expect("a valid blob"), signal),
    }
}

fn watch_by<'a, A: Compute<'a>>(model: Autoencoder<'a, A>, signal: &Signal) -> Vec<Verdict> {
    let header = *model.model().header();
    let mut buffers = [(); 2].map(|()| vec![0; header.features as usize]);
    let [window, reconstruction] = &mut buffers;
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let detector = Detector::new(model, window, reconstruction, &mut scratch);
    let mut detector = detector.expect("a detection section and buffers of its size");
    match signal {
        Signal::Pixels(values) => push_all(&mut detector, values),
        Signal::Counts(values) => push_all(&mut detector, values),
        Signal::Values(values) => push_all(&mut detector, values),
    }
}

fn push_all<'a, A: Compute<'a>, S: Sample>(
    detector: &mut Detector<'a, '_, A>,
    values: &[S],
) -> Vec<Verdict> {
    let samples = values.chunks_exact(detector.channels()).enumerate();
    let verdicts = samples.filter_map(|(index, sample)| {
        let decision = detector.push(sample).expect("a sample of the blob's kind")?;
        Some(Verdict::of(index + 1, &decision))
    });
    verdicts.collect()
}

impl Verdict {
    /// A decision that came with the last of so many samples.
    #[must_use]
    pub fn of(samples: usize, decision: &Decision) -> Self {
        let evidence = decision.evidence();
        Self {
            samples,
            score: evidence.score,
            channel: evidence.channel,
            channel_score: evidence.channel_score,
            alarm: decision.is_alarm(),
        }
    }
}
