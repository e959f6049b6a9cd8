//! What a detector is worth, in figures.
//!
//! A [`DetectReport`] serialised has every figure. Pages are made from it elsewhere.

mod figures;
mod judge;
mod scores;
mod verdict;

pub use figures::{
    Data, DetectReport, DetectionFigures, Flips, FloatAgreement, LabelFigures, ModelFigures,
    ReconstructionErrors, Separation, Strip, StripDecision, StripPiece, StripSpan, StripTruth,
    ThresholdReport, WindowSetFigures,
};
pub use judge::{PARTIAL_LIMIT, by_label};
pub use scores::Scores;
pub use verdict::{PCA_MARGIN, pca_does_as_well, percent, verdict, wanted};
