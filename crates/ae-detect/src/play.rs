//! A signal through the detector of a blob, on this machine.

use ae_core::{Arithmetic, Contract, Detection, F32, Header, Int8, SampleKind};
use ae_data::signal::{Piece, Signals};
use ae_infer::{Autoencoder, Compute, Decision, Detector, DetectorError, Sample};
use rayon::prelude::*;

/// A decision, and what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The first sample behind the window.
    pub end: usize,
    /// What the detector said.
    pub decision: Decision,
    /// The model's reconstruction of the window, as pixels.
    pub reconstruction: Vec<u8>,
}

/// Every decision of the blob's detector on `samples`, time-major, from a start without a past.
///
/// A value is taken as the blob's map takes it: cut to an i16 or u8 where it is one.
///
/// # Errors
/// The blob is none, or has no detector.
pub fn play(blob: &[u8], samples: &[f32]) -> Result<Vec<Played>, DetectorError> {
    match Header::check(blob)?.contract {
        Contract::Int8 => play_as::<Int8<'_>>(blob, samples),
        Contract::F32 => play_as::<F32>(blob, samples),
    }
}

fn play_as<'a, A: Compute<'a>>(
    blob: &'a [u8],
    samples: &[f32],
) -> Result<Vec<Played>, DetectorError> {
    let model = Autoencoder::<A>::load(blob)?;
    let kind = model.model().detection()?.ok_or(DetectorError::NoDetection)?.samples.kind();
    match kind {
        SampleKind::Pixels => push_all(model, samples.iter().map(|&value| value as u8).collect()),
        SampleKind::Counts => push_all(model, samples.iter().map(|&value| value as i16).collect()),
        SampleKind::Values => push_all(model, samples.to_vec()),
    }
}

fn push_all<'a, A: Compute<'a>, S: Sample>(
    model: Autoencoder<'a, A>,
    samples: Vec<S>,
) -> Result<Vec<Played>, DetectorError> {
    let header = *model.model().header();
    let features = header.features as usize;
    let (mut window, mut reconstruction) = (vec![0; features], vec![0; features]);
    let mut scratch = vec![<A as Arithmetic<'a>>::Element::default(); header.scratch_len()];
    let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)?;
    let mut played = Vec::new();
    for (index, sample) in samples.chunks_exact(detector.channels()).enumerate() {
        if let Some(decision) = detector.push(sample)? {
            let reconstruction = detector.reconstruction().to_vec();
            played.push(Played { end: index + 1, decision, reconstruction });
        }
    }
    Ok(played)
}

/// What a blob says to a detector.
///
/// # Errors
/// The blob is none, or has no detector.
pub fn detection(blob: &[u8]) -> Result<Detection<'_>, DetectorError> {
    let detection = match Header::check(blob)?.contract {
        Contract::Int8 => ae_core::Int8Model::parse(blob)?.detection()?,
        Contract::F32 => ae_core::F32Model::parse(blob)?.detection()?,
    };
    detection.ok_or(DetectorError::NoDetection)
}

/// Whether the detector, fed the pieces sample by sample, gives `scores`, in order; else what is
/// different.
///
/// # Errors
/// The blob has no detector for these signals.
pub fn agrees(
    blob: &[u8],
    signals: &Signals,
    pieces: &[Piece],
    scores: &[u64],
) -> Result<Result<(), String>, DetectorError> {
    let channels = signals.channels.len();
    let played: Vec<Vec<Played>> = pieces
        .par_iter()
        .map(|Piece { recording, range }| {
            let samples = &signals.recordings[*recording].samples;
            play(blob, &samples[range.start * channels..range.end * channels])
        })
        .collect::<Result<_, _>>()?;
    let found: Vec<u64> =
        played.iter().flatten().map(|played| played.decision.evidence().score).collect();
    if found.len() != scores.len() {
        return Ok(Err(format!("{} windows, where {} were scored", found.len(), scores.len())));
    }
    Ok(match found.iter().zip(scores).position(|(found, score)| found != score) {
        None => Ok(()),
        Some(at) => Err(format!("window {at} has the score {}, not {}", found[at], scores[at])),
    })
}
