//! What a blob says to a detector.

use ae_core::{Arithmetic, Debounce, Model, SignalFeatures, Spectrum, Statistics, Taper};
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
    /// Thresholds of the maker's groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<FeaturesInfo>,
}

/// What is computed of the signal first. `window` and `stride` then count frames.
#[derive(Serialize)]
struct FeaturesInfo {
    frame: u16,
    hop: u16,
    raw: bool,
    statistics: Vec<&'static str>,
    bands: usize,
    magnitude: bool,
    tapered: bool,
    values: usize,
    buffer_bytes: usize,
}

impl FeaturesInfo {
    fn of(features: &SignalFeatures<'_>) -> Self {
        let known = Statistics::NAMES.into_iter();
        let named = known.filter(|(one, _)| features.statistics.has(*one)).map(|(_, name)| name);
        let bands = features.bands;
        Self {
            frame: features.frame,
            hop: features.hop,
            raw: features.raw,
            statistics: named.collect(),
            bands: bands.map_or(0, |bands| bands.len()),
            magnitude: bands.is_some_and(|bands| bands.spectrum == Spectrum::Magnitude),
            tapered: bands.is_some_and(|bands| bands.taper == Taper::Hann),
            values: features.values(),
            buffer_bytes: features.buffer_len(),
        }
    }

    fn line(&self) -> String {
        let mut parts = Vec::new();
        if self.raw {
            parts.push("raw values".to_owned());
        }
        if !self.statistics.is_empty() {
            parts.push(self.statistics.join(", "));
        }
        if self.bands > 0 {
            let of = if self.magnitude { " of magnitudes" } else { "" };
            let taper = if self.tapered { "" } else { ", no taper" };
            parts.push(format!("{} bands of the spectrum{of}{taper}", self.bands));
        }
        format!(
            "{}: {} values of a frame of {} samples, one every {}, computed in {} bytes",
            parts.join("; "),
            self.values,
            self.frame,
            self.hop,
            self.buffer_bytes
        )
    }
}

impl DetectorInfo {
    /// Of a model, if it has a detection section.
    pub(super) fn of<'a, A: Arithmetic<'a>>(model: &Model<'a, A>) -> anyhow::Result<Option<Self>> {
        let Some(detection) = model.detection()? else { return Ok(None) };
        let Debounce { hits, of } = detection.debounce;
        let counts = detection.samples.count_curves().map(|curve| curve.segments());
        let values = detection.samples.value_curves().map(|curve| curve.segments());
        Ok(Some(Self {
            samples: detection.kind().name(),
            channels: detection.signal_channels(model.header().features as usize)?,
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
            groups: detection.groups.iter().collect(),
            features: detection.features.as_ref().map(FeaturesInfo::of),
        }))
    }

    /// How many channels are mapped by several straight lines.
    fn in_segments(&self) -> String {
        match self.channels_in_segments {
            0 => String::new(),
            some => format!(", {some} of them mapped in segments"),
        }
    }

    /// What it says of its maker's groups, if it does.
    fn groups_line(&self) -> Option<(&'static str, String)> {
        let (least, most) = (self.groups.first()?, self.groups.last()?);
        let groups = self.groups.len();
        let rate = (1e6 / (groups as f64 + 1.0)).ceil() / 1e6;
        let line = format!(
            "{groups} calibrated, with thresholds of their own from {least} to {most}; `monitor \
             --by-groups` takes a rate of {rate} or more"
        );
        Some(("groups", line))
    }

    /// Names and values, for a page.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let weights = if self.weighted { "weighted" } else { "unweighted" };
        let smoothed = match self.smoothing {
            0 => String::new(),
            samples => format!(", errors added over {} samples", 2 * samples + 1),
        };
        let unit = if self.features.is_some() { "frames" } else { "samples" };
        let features = self.features.iter().map(|features| ("features", features.line()));
        let lines = [
            (
                "detector",
                format!(
                    "windows of {} {unit} of {} {} channels{}, every {} {unit}",
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
        ];
        features.chain(lines).chain(self.groups_line()).collect()
    }
}
