//! The figures of a detector.

use serde::{Deserialize, Serialize};

use super::course::DriftCourses;
use super::events::EventFigures;
use super::profile::Profile;
use super::scores::Scores;
use crate::drift::Drift;
use crate::interval::Proportion;
use crate::moment::Span;
use crate::planted::FaultFigures;

/// All that is known of a detector once it is trained, calibrated and played on held-out data.
///
/// Serialised it has every figure of the page. What only a plot needs, single scores and samples,
/// is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectReport {
    /// Program and version, such as `ae-train 0.1.0`.
    pub tool: String,
    /// What it was trained, calibrated and played on.
    pub data: Data,
    /// What the recordings hold, and what of them was used for what; `None` for images.
    pub profile: Option<Profile>,
    /// Sizes of the network's layers, such as `384-128-16-128-384`, or `32 prototypes`.
    pub network: String,
    /// Numbers that a window is reduced to, by the autoencoder as by PCA; or prototypes.
    pub latent: usize,
    /// Whether the score weighs features by the inverse of their residual variance.
    pub weighted: bool,
    /// Samples on each side of one whose errors are added to its own before they are squared.
    pub smoothing: u8,
    /// The int8 model's threshold.
    pub threshold: ThresholdReport,
    /// The int8 model, that of the blob.
    pub model: ModelFigures,
    /// What is known of detection; `None` without abnormal windows.
    pub detection: Option<DetectionFigures>,
    /// What happened and was found, and alarms where nothing did; `None` for images.
    pub events: Option<EventFigures>,
    /// The int8 model against the float one.
    pub float_agreement: FloatAgreement,
    /// How well held-out normal windows are reconstructed; `None` without any.
    pub reconstruction: Option<ReconstructionErrors>,
    /// PCA of the same latent size on the same windows, if it was fitted.
    pub pca: Option<ModelFigures>,
    /// How the model was chosen; `None` where the user decided all of it.
    pub choice: Option<ChoiceFigures>,
    /// What it notices of faults that are planted in held-out normal windows; `None` without such
    /// windows, and for images.
    pub sensitivity: Option<SensitivityFigures>,
    /// How the scores of the calibration windows, or else of the held-out normal ones, change with
    /// time, if they do.
    pub drift: Option<Drift>,
    /// What a detector would tell of a drift in what is held out; `None` where too few windows follow
    /// each other, and for images.
    pub drift_courses: Option<DriftCourses>,
    /// What a user should read before shipping: see [`DetectReport::with_warnings`].
    pub warnings: Vec<String>,
    /// The int8 model's scores.
    #[serde(skip)]
    pub scores: Scores,
    /// A piece of signal to look at.
    #[serde(skip)]
    pub strip: Option<Strip>,
}

/// How a model was chosen among several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceFigures {
    /// Windows that the candidates were trained on.
    pub trained: usize,
    /// Windows, of training recordings too, that they were compared on.
    pub validated: usize,
    /// The candidates, in the order in which they were tried.
    pub candidates: Vec<CandidateFigures>,
}

/// A model that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateFigures {
    /// Sizes of the network's layers, such as `384-128-16-128-384`, or `32 prototypes`.
    pub network: String,
    /// Numbers that a window is reduced to, or prototypes.
    pub latent: usize,
    /// Steps after which the error on the validation windows was least; none of prototypes.
    pub steps: u64,
    /// That error: squared, the mean of a code, codes divided by 255. In float.
    pub validation_mse: f64,
    /// AUROC of planted faults, by the int8 blob: see [`Trial`](crate::planted::Trial).
    pub noticed: f64,
    /// Bytes of its blob.
    pub flash_bytes: u64,
    /// Instructions of a window, estimated.
    pub instructions: u64,
    /// It was chosen: of those that notice as much as the best, within one standard error, the one of
    /// fewest instructions.
    pub chosen: bool,
}

/// What a detector notices of planted faults.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SensitivityFigures {
    /// Held-out normal windows that each fault was planted in.
    pub windows: usize,
    /// A strength is noticed if so many of the windows with it are above the threshold.
    pub found_share: f64,
    /// Of each kind, in the order of the data's channels.
    pub faults: Vec<FaultFigures>,
}

/// Mean squared errors of a code of held-out normal windows, codes divided by 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReconstructionErrors {
    /// By the autoencoder's f32 blob.
    pub model: f64,
    /// By its int8 blob.
    pub int8: f64,
    /// By the mean training window, whatever the window.
    pub mean: f64,
    /// By the int8 blob of PCA, if it was fitted.
    pub pca: Option<f64>,
    /// Why PCA was not fitted; `None` if it was.
    pub without_pca: Option<WithoutPca>,
}

/// Why there is no PCA beside an autoencoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum WithoutPca {
    /// It was not wanted.
    NotWanted,
    /// It would take too long.
    TooLarge {
        /// Values of a window.
        values: usize,
        /// Values up to which it is fitted.
        most: usize,
    },
}

/// What a detector was made from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Data {
    /// File or folder, as the user named it.
    pub source: String,
    /// Names of the channels.
    pub channels: Vec<String>,
    /// Samples of a window, of each channel.
    pub window: usize,
    /// Samples from the beginning of a window to that of the next when the detector runs.
    pub stride: usize,
    /// Samples a second, if known.
    pub samples_per_second: Option<f64>,
    /// Labels that count as normal.
    pub normal_labels: Vec<String>,
    /// Who was used for what: training, calibration, held out, abnormal.
    pub roles: Vec<WindowSetFigures>,
}

/// The windows that served one purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowSetFigures {
    /// The purpose in a word or two, such as `training`.
    pub name: String,
    /// Groups (subjects, machines) the windows come from.
    pub groups: Vec<String>,
    /// Number of windows.
    pub windows: usize,
    /// Samples from one window to the next. Where it is below the window they overlap.
    pub stride: usize,
}

/// A threshold and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdReport {
    /// A window whose score is above this exceeds it.
    pub threshold: u64,
    /// Wanted false alarm rate.
    pub alpha: f64,
    /// Calibration scores.
    pub scores: usize,
    /// Which of them the threshold is, from 1 in ascending order.
    pub rank: usize,
    /// SHA-256 of the calibration scores, in hexadecimal.
    pub digest: String,
    /// Mean false alarm rate that calibrations of this size have.
    pub law_mean: f64,
    /// In 90 of 100 calibrations of this size the rate is above this…
    pub law_low: f64,
    /// …and at most this: 5 in 100 are below, 5 above.
    pub law_high: f64,
    /// An alarm is raised if so many …
    pub hits: u32,
    /// … of the last so many windows exceed the threshold. 1 of 1 is every window for itself.
    pub of: u32,
}

/// One model: how it detects, and what it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelFigures {
    /// Name for tables, such as `autoencoder, int8`.
    pub name: String,
    /// Held-out normal windows that exceed its threshold, with the 95 % interval.
    pub false_alarms: Proportion,
    /// Area under the ROC curve; `None` without abnormal windows.
    pub auroc: Option<f64>,
    /// The same up to a false alarm rate of [`PARTIAL_LIMIT`](super::PARTIAL_LIMIT), standardised.
    pub partial_auroc: Option<f64>,
    /// Abnormal windows that exceed its threshold; `None` without any. The interval is of independent
    /// windows; where they overlap, it is too narrow.
    pub detected: Option<Proportion>,
    /// Bytes of its constants in flash.
    pub flash_bytes: u64,
    /// Bytes of its buffers.
    pub ram_bytes: u64,
    /// Multiply-adds of one window.
    pub multiply_adds: u64,
    /// Instructions of one window, if known.
    pub instructions: Option<u64>,
    /// Where the costs come from, in a sentence: measured on which board, or estimated how.
    pub cost_basis: String,
}

/// How well abnormal windows are told from held-out normal ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetectionFigures {
    /// The int8 model.
    pub int8: Separation,
    /// The float model it was quantised from.
    pub float: Separation,
    /// The f32 blob: the float model on the board's own codes. What int8 differs from it by is the
    /// quantising of weights and activations alone.
    pub f32_blob: Separation,
    /// PCA, if it was fitted.
    pub pca: Option<Separation>,
    /// The int8 model on each abnormal label.
    pub by_label: Vec<LabelFigures>,
}

/// How well one model's scores separate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Separation {
    /// Area under the ROC curve.
    pub auroc: f64,
    /// The same up to a false alarm rate of [`PARTIAL_LIMIT`](super::PARTIAL_LIMIT), standardised
    /// so that 0.5 is chance and 1 perfect.
    pub partial_auroc: f64,
    /// Abnormal windows above the model's own threshold. The interval is of independent windows;
    /// where they overlap, it is too narrow.
    pub detected: Proportion,
    /// Corners of the curve: false alarm rate, detection rate.
    #[serde(skip)]
    pub roc: Vec<[f64; 2]>,
}

/// The int8 model on the abnormal windows of one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelFigures {
    /// The label.
    pub label: String,
    /// Area under the ROC curve, against all held-out normal windows.
    pub auroc: f64,
    /// The same up to a false alarm rate of [`PARTIAL_LIMIT`](super::PARTIAL_LIMIT), standardised.
    pub partial_auroc: f64,
    /// Windows of the label above the threshold.
    pub detected: Proportion,
}

/// The int8 model against the float model it was quantised from. Each has the threshold that the
/// same calibration windows give it for the same false alarm rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FloatAgreement {
    /// AUROC of int8 less that of float; `None` without abnormal windows.
    pub auroc_change: Option<f64>,
    /// Partial AUROC of int8 less that of float; `None` without abnormal windows.
    pub partial_auroc_change: Option<f64>,
    /// On held-out normal windows.
    pub held_out: Flips,
    /// On abnormal windows; of 0 without any.
    pub abnormal: Flips,
}

/// Windows on which two models decide differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flips {
    /// Windows compared.
    pub of: usize,
    /// Normal to the float model, above the threshold of the int8 one.
    pub to_alarm: usize,
    /// Above the threshold of the float model, normal to the int8 one.
    pub to_normal: usize,
}

/// Pieces of recordings as the detector saw them, one behind the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What it is made of, at least one.
    pub pieces: Vec<StripPiece>,
    /// Samples of each channel, in the data's units, all of one length.
    pub signal: Vec<Vec<f32>>,
    /// Their reconstruction, as `signal`; NaN where there is none.
    pub reconstruction: Vec<Vec<f32>>,
    /// What the detector said, ascending.
    pub decisions: Vec<StripDecision>,
    /// What is known to be abnormal.
    pub truth: Vec<StripTruth>,
}

/// A piece of one recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripPiece {
    /// Which recording.
    pub recording: String,
    /// Where its samples are.
    pub place: Span,
    /// The same samples, counted from the strip's first.
    pub span: StripSpan,
}

/// One decision of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripDecision {
    /// Samples of the window, counted from the strip's first.
    pub span: StripSpan,
    /// Its score.
    pub score: u64,
    /// Whether the detector raised an alarm, debounced.
    pub alarm: bool,
    /// Number of the channel that contributes most to the score.
    pub channel: usize,
}

/// A stretch that is known to be abnormal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripTruth {
    /// Samples, counted from the strip's first.
    pub span: StripSpan,
    /// Its label.
    pub label: String,
}

/// Samples `from..to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripSpan {
    /// The first.
    pub from: usize,
    /// The first that no longer belongs to it.
    pub to: usize,
}
