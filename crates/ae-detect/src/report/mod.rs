//! What a detector is worth, as figures for a machine and as a page for a person.
//!
//! A [`DetectReport`] is what `--json` prints. [`html`] makes of it one page that needs nothing
//! else: no script, no font, no picture, no address is in it.

mod figures;
mod judge;
mod verdict;

pub use figures::{
    Data, DetectReport, Detection, Flips, FloatAgreement, LabelFigures, ModelFigures, Role,
    Separation, Strip, StripDecision, StripSpan, StripTruth, ThresholdReport,
};
pub use judge::{PARTIAL_LIMIT, Scores, by_label};
pub use verdict::{PCA_MARGIN, pca_does_as_well, percent, verdict, wanted};
