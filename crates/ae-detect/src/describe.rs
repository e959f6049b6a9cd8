//! The report of a detector that has been made.

use ae_core::{Debounce, Header, LoadError};
use ae_engine::EngineError;
use ae_model::Network;

use super::conformal::{ConformalError, Threshold};
use super::cost::{BASIS, Cost};
use super::drift::Drift;
use super::make::{CalibratedDetector, SetScores};
use super::maps::Maps;
use super::notes;
use super::planted::{FOUND_SHARE, Planter, sensitivity};
use super::report::{
    ChoiceFigures, Data, DetectReport, DetectionFigures, DriftCourses, EventFigures, Flips,
    FloatAgreement, ModelFigures, Profile, ReconstructionErrors, Scores, SensitivityFigures,
    Separation, Strip, ThresholdReport, by_label,
};
use super::scoring::{FloatModel, float_scores};
use super::windows::WindowSets;

/// Fewest and most windows that faults are planted in.
const LEAST_PLANTED: usize = 20;
/// See [`LEAST_PLANTED`].
const MOST_PLANTED: usize = 200;
/// About so many codes are planted for each kind and strength, over all channels.
const PLANTED_CODES: usize = 1 << 19;

/// What the report of a detector is made from.
pub struct ReportSources<'a> {
    /// Name and version of the program that makes the detector.
    pub tool: &'a str,
    /// What the detector was made from.
    pub data: Data,
    /// What the recordings hold, with the notes on them.
    pub profile: Option<Profile>,
    /// All windows.
    pub sets: &'a WindowSets,
    /// The model before it was quantised.
    pub model: &'a dyn FloatModel,
    /// The same, as plain numbers.
    pub network: &'a Network,
    /// The detector.
    pub detector: &'a CalibratedDetector,
    /// The f32 blob, made a detector in the same way.
    pub f32_blob: &'a CalibratedDetector,
    /// Principal components that were made a detector in the same way.
    pub pca: Option<(&'a Network, &'a CalibratedDetector)>,
    /// A piece of signal.
    pub strip: Option<Strip>,
    /// What is told of a drift.
    pub drift_courses: Option<DriftCourses>,
    /// How the model was chosen.
    pub choice: Option<ChoiceFigures>,
    /// How well held-out normal windows are reconstructed.
    pub reconstruction: Option<ReconstructionErrors>,
    /// What the user should be told first.
    pub notes: Vec<String>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// A blob that cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A blob that cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The float model has no threshold.
    #[error(transparent)]
    Conformal(#[from] ConformalError),
}

/// All figures of a detector.
///
/// # Errors
/// A blob that is none.
pub fn describe(sources: ReportSources<'_>) -> Result<DetectReport, DescribeError> {
    let ReportSources { tool, data, sets, model, network, detector, f32_blob, pca, .. } = sources;
    let float = SetScores {
        calibration: float_scores(model, &detector.rule, &sets.calibration),
        held_out: float_scores(model, &detector.rule, &sets.held_out),
        normal: float_scores(model, &detector.rule, &sets.normal),
        abnormal: float_scores(model, &detector.rule, &sets.abnormal),
    };
    let float_threshold = Threshold::calibrate(&float.calibration, detector.threshold.alpha_ppm)?;
    let int8 = separation(&detector.scores, &detector.threshold);
    let of_float = separation(&float, &float_threshold);
    let of_f32_blob = separation(&f32_blob.scores, &f32_blob.threshold);
    let of_pca = pca.and_then(|(_, detector)| separation(&detector.scores, &detector.threshold));
    let change = |of: fn(&Separation) -> f64| {
        int8.as_ref().zip(of_float.as_ref()).map(|(int8, float)| of(int8) - of(float))
    };
    let flips = |int8: &[u64], float: &[u64]| {
        Flips::count(int8, &detector.threshold, float, &float_threshold)
    };
    let float_agreement = FloatAgreement {
        auroc_change: change(|separation| separation.auroc),
        partial_auroc_change: change(|separation| separation.partial_auroc),
        held_out: flips(&detector.scores.normal, &float.normal),
        abnormal: flips(&detector.scores.abnormal, &float.abnormal),
    };
    let labels: Vec<&str> = sets.abnormal.labels.iter().map(String::as_str).collect();
    let by_label = by_label(&as_met(&detector.scores), &labels, &detector.threshold);
    let events = events(sets, detector, data.samples_per_second);
    let of_calibration = Drift::of(&sets.calibration, &detector.scores.calibration);
    let of_held_out = || Drift::of(&sets.held_out, &detector.scores.held_out);
    let (drift, of) = match of_calibration {
        Some(drift) => (Some(drift), "calibration windows"),
        None => (of_held_out(), "held-out normal windows"),
    };
    let drift_told = drift.map(|drift| drift.told(of));
    let mut profile = sources.profile;
    if let Some(profile) = &mut profile {
        profile.problems.splice(0..0, drift_told.clone());
    }
    let figures_of_pca = pca.map(|(network, detector)| figures("PCA, int8", network, detector));
    Ok(DetectReport {
        tool: tool.to_owned(),
        data,
        profile,
        network: network.sizes(),
        latent: network.latent(),
        weighted: !detector.rule.weights.is_empty(),
        smoothing: detector.rule.smoothing,
        threshold: threshold_report(detector),
        model: figures(name_of(network), network, detector)?,
        detection: int8.zip(of_float).zip(of_f32_blob).map(|((int8, float), f32_blob)| {
            DetectionFigures { int8, float, f32_blob, pca: of_pca, by_label }
        }),
        events,
        float_agreement,
        choice: sources.choice,
        sensitivity: sensitivity_of(sets, detector)?,
        reconstruction: sources.reconstruction,
        pca: figures_of_pca.transpose()?,
        drift,
        warnings: notes::threshold_of_zero(&detector.threshold)
            .into_iter()
            .chain(drift_told)
            .chain(sources.notes)
            .collect(),
        scores: Scores {
            calibration: detector.scores.calibration.clone(),
            held_out: detector.scores.held_out.clone(),
            abnormal: detector.scores.abnormal.clone(),
        },
        strip: sources.strip,
        drift_courses: sources.drift_courses,
    }
    .with_warnings())
}

/// What happened and was found, where windows follow each other.
fn events(
    sets: &WindowSets,
    detector: &CalibratedDetector,
    samples_per_second: Option<f64>,
) -> Option<EventFigures> {
    let CalibratedDetector { scores, threshold, debounce, .. } = detector;
    let of_sets = [&*scores.normal, &*scores.abnormal];
    (!sets.met.pieces.is_empty())
        .then(|| EventFigures::of(&sets.met, of_sets, threshold, *debounce, samples_per_second))
}

/// What the model is called in tables.
fn name_of(network: &Network) -> &'static str {
    if network.is_of_prototypes() { "prototypes, int8" } else { "autoencoder, int8" }
}

/// What a detector of signals notices of planted faults.
fn sensitivity_of(
    sets: &WindowSets,
    detector: &CalibratedDetector,
) -> Result<Option<SensitivityFigures>, EngineError> {
    let normal = &sets.held_out.codes;
    if sets.maps == Maps::Pixels || normal.len() < LEAST_PLANTED {
        return Ok(None);
    }
    let windows = (PLANTED_CODES / normal.pixels().len().max(1) * normal.len() / normal.width())
        .clamp(LEAST_PLANTED, MOST_PLANTED);
    let windows = normal.spread(windows);
    let planter = Planter::new(&windows, 0);
    let threshold = detector.threshold.threshold;
    let faults = sensitivity(&detector.blob, &detector.rule, threshold, &planter)?;
    Ok(Some(SensitivityFigures { windows: windows.len(), found_share: FOUND_SHARE, faults }))
}

/// Windows as the detector meets them, one every stride.
fn as_met(scores: &SetScores) -> Scores {
    Scores {
        calibration: Vec::new(),
        held_out: scores.normal.clone(),
        abnormal: scores.abnormal.clone(),
    }
}

fn separation(scores: &SetScores, threshold: &Threshold) -> Option<Separation> {
    as_met(scores).separation(threshold)
}

fn threshold_report(detector: &CalibratedDetector) -> ThresholdReport {
    let Debounce { hits, of } = detector.debounce;
    ThresholdReport::new(&detector.threshold, hits.into(), of.into())
}

fn figures(
    name: &str,
    network: &Network,
    detector: &CalibratedDetector,
) -> Result<ModelFigures, LoadError> {
    let separation = separation(&detector.scores, &detector.threshold);
    let held_out = Scores { held_out: detector.scores.held_out.clone(), ..Scores::default() };
    let cost = Cost::of(network, &detector.blob, &Header::read(&detector.blob)?);
    Ok(ModelFigures {
        name: name.to_owned(),
        false_alarms: held_out.false_alarms(&detector.threshold),
        auroc: separation.as_ref().map(|separation| separation.auroc),
        partial_auroc: separation.as_ref().map(|separation| separation.partial_auroc),
        detected: separation.map(|separation| separation.detected),
        flash_bytes: cost.flash_bytes,
        ram_bytes: cost.ram_bytes,
        multiply_adds: cost.multiply_adds,
        instructions: Some(cost.instructions),
        cost_basis: BASIS.to_owned(),
    })
}
