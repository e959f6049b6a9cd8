//! A detector of a model that is given: nothing is trained, and all normal windows calibrate.

use ae_core::{
    Calibration, CountMap, Debounce, Detection, GroupThresholds, RewriteError, SampleMap, ValueMap,
    with_detection,
};
use ae_data::signal::{Piece, Signals};
use ae_features::Features;
use ae_infer::DetectorError;

use crate::conformal::{ConformalError, Threshold};
use crate::maps::Line;
use crate::play::{apart, scores_of};

/// How the windows of a given model are decided.
#[derive(Clone, Debug)]
pub struct Given<'m> {
    /// How the values of each channel become pixels, or the features of a frame.
    pub maps: &'m GivenMaps,
    /// What is computed of the signal first, if anything is.
    pub features: Option<&'m Features>,
    /// Samples of a window, or frames.
    pub window: u32,
    /// Samples from one window to the next, or frames.
    pub stride: u32,
    /// Wanted rate of normal windows above the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// Windows above the threshold that make an alarm.
    pub debounce: Debounce,
    /// Samples on each side whose errors are added to a sample's own.
    pub smoothing: u8,
}

/// How values become pixels.
#[derive(Clone, Debug)]
pub enum GivenMaps {
    /// Real values of a signal, a map for each channel.
    Values(Vec<ValueMap>),
    /// Features, a map for each value of a frame.
    Counts(Vec<CountMap>),
}

impl GivenMaps {
    /// The same of features: `value` of the code 128, and what a step of a code is.
    #[must_use]
    pub fn of_features(means_and_steps: impl Iterator<Item = (f64, f64)>) -> Self {
        Self::Counts(
            means_and_steps.map(|(mean, step)| CountMap::through(mean, 1.0 / step)).collect(),
        )
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Values(maps) => maps.iter().flat_map(|map| map.to_bytes()).collect(),
            Self::Counts(maps) => maps.iter().flat_map(|map| map.to_bytes()).collect(),
        }
    }

    const fn samples<'b>(&self, bytes: &'b [u8]) -> SampleMap<'b> {
        match self {
            Self::Values(_) => SampleMap::Values(bytes),
            Self::Counts(_) => SampleMap::Counts(bytes),
        }
    }
}

/// Why a model is no detector.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// The windows do not fit the model, or it lacks a part.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// No detector could follow what it is told.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// Too few windows.
    #[error(transparent)]
    Conformal(#[from] ConformalError),
}

/// The blob as a detector, whose threshold comes from the windows of `pieces`, which are normal and of
/// which none overlap.
///
/// # Errors
/// The model takes other windows, or there are too few of them.
pub fn calibrate_given(
    blob: &[u8],
    given: &Given<'_>,
    signals: &Signals,
    pieces: &[Piece],
) -> Result<(Vec<u8>, Threshold), GivenError> {
    let maps = given.maps.bytes();
    let nothing = [0; Calibration::DIGEST_LEN];
    let section = Detection {
        samples: given.maps.samples(&maps),
        window: given.window,
        stride: given.window,
        weights: &[],
        threshold: u64::MAX,
        // Of no threshold yet.
        calibration: Calibration { alarm_ppm: 999_999, scores: 1, digest: &nothing },
        debounce: given.debounce,
        smoothing: given.smoothing,
        features: given.features.map(Features::lend),
        groups: GroupThresholds::NONE,
    };
    let whole = with_detection(blob, &section)?;
    let scores = scores_of(&apart(&whole, &section)?, signals, pieces)?;
    let threshold = Threshold::calibrate(&scores, given.alarm_ppm)?;
    let calibration = Calibration {
        alarm_ppm: given.alarm_ppm,
        scores: u32::try_from(threshold.scores).unwrap_or(u32::MAX),
        digest: &threshold.digest,
    };
    let (stride, threshold_of_section) = (given.stride, threshold.threshold);
    let section = Detection { stride, threshold: threshold_of_section, calibration, ..section };
    Ok((with_detection(blob, &section)?, threshold))
}
