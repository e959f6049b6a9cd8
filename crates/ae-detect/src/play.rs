//! A signal through the detector of a blob, on this machine.

use ae_core::{
    Contract, Detection, F32Model, Header, Int8Model, RewriteError, Samples, with_detection,
};
use ae_data::signal::{Piece, SampleBuffer, Signals};
use ae_engine::{EngineError, contract_of, in_rows};
use ae_infer::{
    Autoencoder, Companion, Compute, Decision, Detector, DetectorError, Observation, Visitor,
    with_model,
};
use rayon::prelude::*;

use crate::player::Sink;

/// A decision, and what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The first sample behind the window.
    pub end: usize,
    /// What the detector said.
    pub decision: Decision,
    /// The model's reconstruction of the window, as codes.
    pub reconstruction: Vec<u8>,
}

/// This machine's detector.
#[derive(Debug, Clone)]
pub struct HostDetector {
    blob: Vec<u8>,
}

impl HostDetector {
    /// The detector of a blob, in the layout that this machine is fast with.
    ///
    /// # Errors
    /// The blob is no model that can be arranged.
    pub fn new(blob: &[u8]) -> Result<Self, EngineError> {
        let blob = match contract_of(blob)? {
            Contract::Int8 => in_rows(blob)?,
            Contract::F32 => blob.to_vec(),
        };
        Ok(Self { blob })
    }

    /// What it and a companion say of every window of a recording, from a start without a past. The
    /// companion keeps what it has learnt.
    ///
    /// # Errors
    /// The blob has no detector for this recording.
    pub fn observe(
        &self,
        samples: Samples<'_>,
        companion: &mut impl Companion,
    ) -> Result<Vec<Observation>, DetectorError> {
        let mut observed = Vec::new();
        let decided = |_, observation, _: &[u8]| observed.push(observation);
        with_model(&self.blob, Feed { samples, companion, decided })??;
        Ok(observed)
    }
}

impl Sink for &HostDetector {
    type Decision = Observation;
    type Summary = ();
    type Error = DetectorError;

    fn play(&mut self, samples: Samples<'_>) -> Result<Vec<Observation>, DetectorError> {
        self.observe(samples, &mut ())
    }

    fn finish(self) -> Result<(), DetectorError> {
        Ok(())
    }
}

/// Every decision of the blob's detector on `samples`, time-major, from a start without a past.
///
/// A value is taken as the blob's map takes it: cut to an i16 or u8 where it is one.
///
/// # Errors
/// The blob is no model, or has no detector.
pub fn play(blob: &[u8], samples: &[f32]) -> Result<Vec<Played>, DetectorError> {
    let kind = detection(blob)?.kind();
    let mut played = Vec::new();
    let samples = SampleBuffer::of(samples, kind);
    each_decision(blob, samples.samples(), |end, decision, reconstruction| {
        played.push(Played { end, decision, reconstruction: reconstruction.to_vec() });
    })?;
    Ok(played)
}

/// Feeds samples to the blob's detector from a start without a past. `decided` is told each
/// decision: the first sample behind the window, the decision, and the window's reconstruction.
fn each_decision(
    blob: &[u8],
    samples: Samples<'_>,
    mut decided: impl FnMut(usize, Decision, &[u8]),
) -> Result<(), DetectorError> {
    let companion = &mut ();
    let decided = |end, observed: Observation, back: &[u8]| decided(end, observed.decision, back);
    with_model(blob, Feed { samples, companion, decided })?
}

/// Feeds samples to the detector of a model.
struct Feed<'s, C, F> {
    samples: Samples<'s>,
    companion: &'s mut C,
    decided: F,
}

impl<'a, C: Companion, F: FnMut(usize, Observation, &[u8])> Visitor<'a> for Feed<'_, C, F> {
    type Output = Result<(), DetectorError>;

    fn visit<A: Compute<'a>>(mut self, model: Autoencoder<'a, A>) -> Self::Output {
        let header = *model.model().header();
        let features = header.features as usize;
        let section = model.model().detection()?.ok_or(DetectorError::NoDetection)?;
        let mut window = vec![0; section.window_len(features)];
        let mut reconstruction = vec![0; features];
        let mut scratch = vec![A::Element::default(); header.scratch_len()];
        let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)?;
        for (index, sample) in self.samples.frames(detector.channels()).enumerate() {
            let observed = match sample {
                Samples::Pixels(sample) => detector.push_with(sample, self.companion),
                Samples::Counts(sample) => detector.push_with(sample, self.companion),
                Samples::Values(sample) => detector.push_with(sample, self.companion),
            };
            if let Some(observed) = observed? {
                (self.decided)(index + 1, observed, detector.reconstruction());
            }
        }
        Ok(())
    }
}

/// What a blob says to a detector.
///
/// # Errors
/// The blob is no model, or has no detector.
pub fn detection(blob: &[u8]) -> Result<Detection<'_>, DetectorError> {
    let detection = match Header::check(blob)?.contract {
        Contract::Int8 => Int8Model::parse(blob)?.detection()?,
        Contract::F32 => F32Model::parse(blob)?.detection()?,
    };
    detection.ok_or(DetectorError::NoDetection)
}

/// The same detector on windows that do not overlap, which are those of a calibration.
///
/// # Errors
/// `section` is not that of the blob.
pub fn apart(blob: &[u8], section: &Detection<'_>) -> Result<Vec<u8>, RewriteError> {
    let samples = section.signal_window();
    let stride = match &section.features {
        None => samples,
        // In frames, of which the first must begin behind the window's last sample.
        Some(features) => samples.div_ceil(u32::from(features.hop).max(1)),
    };
    with_detection(blob, &Detection { stride, ..*section })
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
    let found = scores_of(blob, signals, pieces)?;
    if found.len() != scores.len() {
        return Ok(Err(format!("{} windows, where {} were scored", found.len(), scores.len())));
    }
    Ok(match found.iter().zip(scores).position(|(found, score)| found != score) {
        None => Ok(()),
        Some(at) => Err(format!("window {at} has the score {}, not {}", found[at], scores[at])),
    })
}

/// The scores that the detector gives the pieces, in order, each from a start without a past.
///
/// # Errors
/// The blob has no detector for these signals.
pub fn scores_of(
    blob: &[u8],
    signals: &Signals,
    pieces: &[Piece],
) -> Result<Vec<u64>, DetectorError> {
    let kind = detection(blob)?.kind();
    let played: Vec<Vec<u64>> = pieces
        .par_iter()
        .map(|piece| {
            let mut found = Vec::new();
            let samples = SampleBuffer::of(signals.piece(piece), kind);
            each_decision(blob, samples.samples(), |_, decision, _| {
                found.push(decision.evidence().score);
            })?;
            Ok(found)
        })
        .collect::<Result<_, DetectorError>>()?;
    Ok(played.concat())
}
