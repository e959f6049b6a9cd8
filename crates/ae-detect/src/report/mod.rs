//! What a detector is worth, in figures.
//!
//! A [`DetectReport`] serialised has every figure. Pages are made from it elsewhere.

mod course;
mod events;
mod figures;
mod found;
mod judge;
mod lines;
mod profile;
mod scores;
mod verdict;

pub use course::{DriftCourse, DriftCourses};
pub use events::{Delay, EventFigures, LabelEvents};
pub use figures::{
    CandidateFigures, ChoiceFigures, Data, DetectReport, DetectionFigures, Flips, FloatAgreement,
    LabelFigures, ModelFigures, ReconstructionErrors, SensitivityFigures, Separation, Strip,
    StripDecision, StripPiece, StripSpan, StripTruth, ThresholdReport, WindowSetFigures,
    WithoutPca,
};
pub use found::{choice_lines, found_lines, strength};
pub use judge::{PARTIAL_LIMIT, by_label};
pub use lines::{
    delay_words, detection_lines, event_lines, false_alarm_words, pca_error, reconstruction_line,
};
pub use profile::{
    BINS, COLUMNS, ChannelProfile, GroupProfile, MOST_CHANNELS, Profile, Use, UseProfile,
};
pub use scores::Scores;
pub use verdict::{PCA_MARGIN, pca_does_as_well, percent, verdict, wanted};
