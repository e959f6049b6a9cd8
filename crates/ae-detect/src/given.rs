//! A detector of a model that is given: nothing is trained, and all normal windows calibrate.

use ae_core::{
    Calibration, Debounce, Detection, RewriteError, SampleMap, ValueMap, with_detection,
};
use ae_data::signal::{Piece, Signals};
use ae_infer::DetectorError;

use crate::conformal::{ConformalError, Threshold};
use crate::play::scores_of;

/// How the windows of a given model are decided.
#[derive(Clone, Debug)]
pub struct Given<'m> {
    /// How the values of each channel become pixels.
    pub maps: &'m [ValueMap],
    /// Samples of a window.
    pub window: u32,
    /// Samples from one window to the next.
    pub stride: u32,
    /// Wanted rate of normal windows above the threshold, in parts per million.
    pub alarm_ppm: u32,
    /// Windows above the threshold that make an alarm.
    pub debounce: Debounce,
    /// Samples on each side whose errors are added to a sample's own.
    pub smoothing: u8,
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
    let numbers = given.maps.iter().flat_map(|map| [map.offset, map.scale]);
    let maps: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
    let nothing = [0; Calibration::DIGEST_LEN];
    let section = Detection {
        samples: SampleMap::Values(&maps),
        window: given.window,
        stride: given.window,
        weights: &[],
        threshold: u64::MAX,
        // Of no threshold yet.
        calibration: Calibration { alarm_ppm: 999_999, scores: 1, digest: &nothing },
        debounce: given.debounce,
        smoothing: given.smoothing,
    };
    let scores = scores_of(&with_detection(blob, &section)?, signals, pieces)?;
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
