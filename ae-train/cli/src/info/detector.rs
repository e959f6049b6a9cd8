//! What a blob says to a detector.

use ae_core::{Arithmetic, Debounce, Model};
use ae_files::hex;
use serde::Serialize;

/// The detection section.
#[derive(Serialize)]
pub(super) struct DetectorInfo {
    samples: &'static str,
    channels: usize,
    channels_in_segments: usize,
    window: u32,
    stride: u32,
    weighted: bool,
    smoothing: u8,
    threshold: u64,
    false_alarm_rate: f64,
    calibration_scores: u32,
    calibration_rank: u64,
    calibration_digest: String,
    hits: u8,
    of: u8,
}

impl DetectorInfo {
    /// Of a model, if it has a detection section.
    pub(super) fn of<'a, A: Arithmetic<'a>>(model: &Model<'a, A>) -> anyhow::Result<Option<Self>> {
        let Some(detection) = model.detection()? else { return Ok(None) };
        let Debounce { hits, of } = detection.debounce;
        let counts = detection.samples.count_curves().map(|curve| curve.segments());
        let values = detection.samples.value_curves().map(|curve| curve.segments());
        Ok(Some(Self {
            samples: detection.samples.kind().name(),
            channels: detection.channels(model.header().features as usize)?,
            channels_in_segments: counts.chain(values).filter(|&segments| segments > 1).count(),
            window: detection.window,
            stride: detection.stride,
            weighted: !detection.weights.is_empty(),
            smoothing: detection.smoothing,
            threshold: detection.threshold,
            false_alarm_rate: f64::from(detection.calibration.alarm_ppm) / 1e6,
            calibration_scores: detection.calibration.scores,
            calibration_rank: detection.calibration.rank(),
            calibration_digest: hex(detection.calibration.digest),
            hits,
            of,
        }))
    }

    /// How many channels are mapped by several straight lines.
    fn in_segments(&self) -> String {
        match self.channels_in_segments {
            0 => String::new(),
            some => format!(", {some} of them mapped in segments"),
        }
    }

    /// Names and values, for a page.
    pub(super) fn lines(&self) -> [(&'static str, String); 4] {
        let weights = if self.weighted { "weighted" } else { "unweighted" };
        let smoothed = match self.smoothing {
            0 => String::new(),
            samples => format!(", errors added over {} samples", 2 * samples + 1),
        };
        [
            (
                "detector",
                format!(
                    "windows of {} samples of {} {} channels{}, every {} samples",
                    self.window,
                    self.channels,
                    self.samples,
                    self.in_segments(),
                    self.stride
                ),
            ),
            ("threshold", format!("{}, of the {weights} squared error{smoothed}", self.threshold)),
            (
                "calibration",
                format!(
                    "score {} of {}, for a false-alarm rate of {}",
                    self.calibration_rank, self.calibration_scores, self.false_alarm_rate
                ),
            ),
            ("alarm", format!("when {} of the last {} windows exceed it", self.hits, self.of)),
        ]
    }
}
