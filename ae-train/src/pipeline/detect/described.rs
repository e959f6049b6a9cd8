//! The figures of a detector's report.

use ae_detect::describe::{self, ReportSources};
use ae_detect::make::CalibratedDetector;
use ae_detect::report::{
    ChoiceFigures, Data, DetectReport, DriftCourses, Profile, ReconstructionErrors,
    WindowSetFigures, pca_does_as_well,
};
use ae_detect::scoring::residuals;
use ae_detect::strip::strip;
use ae_detect::windows::Windows;
use ae_model::Code;
use ae_quantize::Rise;
use ae_run::blobs::TOOL;
use ae_run::{Run, file};

use super::calibrated::Detectors;
use super::{DetectInput, Work};
use crate::model::Autoencoder;
use crate::pipeline::observer::Drawings;
use crate::pipeline::shortfall::{Errors, Shortfall, error_of_mean};
use crate::pipeline::training::write_drawings;
use crate::pipeline::{PipelineError, json};

/// Writes the report and its page.
pub(in crate::pipeline) fn write(
    run: &Run,
    report: &DetectReport,
    page: Drawings,
) -> Result<(), PipelineError> {
    run.write(file::REPORT_JSON, &json(report)?)?;
    write_drawings(run, page)
}

/// What the detectors are worth.
pub(in crate::pipeline) fn describe(
    work: &Work<'_>,
    detectors: &Detectors,
    notes: Vec<String>,
) -> Result<DetectReport, PipelineError> {
    let Detectors { network, int8, coarse, f32, pca } = detectors;
    let reconstruction = reconstruction(work, detectors)?;
    let strip = match work.input {
        DetectInput::Images { .. } => None,
        DetectInput::Signals(signal) => {
            let (view, split, windows) = (signal.view(), &signal.split, work.windows);
            strip(view, split, &windows.met, &windows.maps, &int8.blob)?
        }
    };
    let drift_courses = match work.input {
        DetectInput::Images { .. } => None,
        DetectInput::Signals(signal) => {
            let (met, scores) = (&work.windows.met, &int8.scores);
            DriftCourses::of(signal.view().signals, met, &scores.normal, &scores.abnormal)
        }
    };
    let mut report = describe::describe(ReportSources {
        tool: TOOL,
        data: data(work),
        profile: profile(work, &notes),
        sets: work.windows,
        model: &Autoencoder::from_network(network),
        network,
        detector: int8,
        f32_blob: f32,
        pca: pca.as_ref().map(|(network, made)| (network, made)),
        strip,
        drift_courses,
        choice: choice(work)?,
        reconstruction,
        notes,
    })?;
    if let Some(shortfall) = shortfall(&report, work) {
        report.warnings.insert(0, shortfall.to_string());
    }
    if let Some(ReconstructionErrors { model: float, int8, .. }) = report.reconstruction {
        // A model of smooth signals is often finer than its 8 bits, and a detector no worse for it.
        let rise = Rise { int8, float };
        report.warnings.extend(rise.warning(coarse).filter(|_| !rise.is_below_a_step()));
    }
    Ok(report)
}

/// What the network falls short of. PCA that reconstructs better is none to warn of where abnormal
/// windows show that it detects less.
fn shortfall(report: &DetectReport, work: &Work<'_>) -> Option<Shortfall> {
    if work.settings.shape.code == Code::OneHot {
        // Prototypes are not made to reconstruct well, and no training makes them better.
        return None;
    }
    let ReconstructionErrors { model, mean, pca, .. } = report.reconstruction?;
    let compared = report.pca.as_ref().and_then(|pca| pca_does_as_well(&report.model, pca));
    let pca = pca.filter(|_| compared != Some(false));
    Shortfall::find(Errors { model, mean, pca }, &work.course)
}

/// How well held-out normal windows are reconstructed; `None` without any. The network's own error is
/// that of its f32 blob.
fn reconstruction(
    work: &Work<'_>,
    detectors: &Detectors,
) -> Result<Option<ReconstructionErrors>, PipelineError> {
    let (train, held_out) = (&work.windows.train.codes, &work.windows.held_out.codes);
    if held_out.is_empty() {
        return Ok(None);
    }
    let of_blob = |made: &CalibratedDetector| -> Result<f64, PipelineError> {
        let squares = residuals(&made.blob, 0, held_out)?;
        Ok(squares.iter().sum::<f64>() / squares.len() as f64 / (255.0 * 255.0))
    };
    Ok(Some(ReconstructionErrors {
        model: of_blob(&detectors.f32)?,
        int8: of_blob(&detectors.int8)?,
        mean: error_of_mean(train, held_out),
        pca: detectors.pca.as_ref().map(|(_, made)| of_blob(made)).transpose()?,
        without_pca: match detectors.pca {
            Some(_) => None,
            None => Some(work.without_pca()),
        },
    }))
}

/// How the run's model was chosen, if it was.
fn choice(work: &Work<'_>) -> Result<Option<ChoiceFigures>, PipelineError> {
    let bytes = work.training.run.read(file::CHOICE)?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// What the recordings hold; nothing of images.
fn profile(work: &Work<'_>, notes: &[String]) -> Option<Profile> {
    let DetectInput::Signals(signal) = work.input else { return None };
    let (windows, scaled) = (work.windows, !work.settings.source.counts_per_unit.is_empty());
    let of_each = [&windows.train, &windows.calibration, &windows.held_out, &windows.abnormal];
    let pieces = work.calibrated_on.map(|(_, pieces)| pieces);
    let calibrated_on = pieces.map(|pieces| pieces.iter().map(|it| it.range.len()).sum());
    let (signals, split) = (&signal.signals, &signal.split);
    let windows = of_each.map(Windows::len);
    let mut profile = Profile::of(signals, split, notes.to_vec(), windows, calibrated_on);
    if scaled {
        // The units of the files are no longer those of the values.
        profile.channels.iter_mut().for_each(|it| it.unit = "counts".to_owned());
    }
    Some(profile)
}

/// What the detector was made from.
fn data(work: &Work<'_>) -> Data {
    let (settings, windows) = (work.settings, work.windows);
    let [train, mut calibrate, test] = work.input.groups();
    // Recordings of another time have files, and perhaps other groups.
    let on = work.training.config.detect.as_ref().and_then(|it| it.calibrated_on.as_ref());
    if let Some(on) = on {
        calibrate = on.source.clone();
    }
    let role = |name: &str, groups: &[String], windows: &Windows| WindowSetFigures {
        name: name.to_owned(),
        groups: groups.to_vec(),
        windows: windows.len(),
        stride: windows.stride,
    };
    Data {
        source: settings.source.called.join(", "),
        channels: work.input.seen(),
        window: settings.spacing.window,
        stride: settings.spacing.stride,
        samples_per_second: settings.samples_per_second,
        normal_labels: settings.normal.clone(),
        roles: vec![
            role("training", &train, &windows.train),
            role("calibration", &calibrate, &windows.calibration),
            role("held out, normal", &test, &windows.held_out),
            role("abnormal", &test, &windows.abnormal),
        ],
    }
}
