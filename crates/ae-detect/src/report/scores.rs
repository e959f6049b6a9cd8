//! Scores of the windows that a model is judged by.

/// One model's scores, as integers that are in order; those of a float model by
/// [`float_score`](crate::roc::float_score).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// Normal windows that the threshold comes from.
    pub calibration: Vec<u64>,
    /// Normal windows that neither training nor calibration has seen, without overlap.
    pub held_out: Vec<u64>,
    /// Abnormal windows; may be empty.
    pub abnormal: Vec<u64>,
}
