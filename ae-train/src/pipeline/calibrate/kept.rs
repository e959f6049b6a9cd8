//! Another threshold in the blobs of a run whose data cannot be read.

use ae_core::{Calibration, Debounce, Detection, GroupThresholds, with_detection};
use ae_detect::conformal::{self, Threshold};
use ae_detect::play::{apart, detection, scores_of};
use ae_detect::report::{ThresholdReport, wanted};
use ae_run::{DetectConfig, Run, RunConfig, RunError, file};
use serde_json::{Value, json};

use super::fresh::Fresh;
use super::variants::{self, Named};
use super::{PipelineError, Recalibrated};
use crate::pipeline::detect::calibrated::lines;
use crate::pipeline::json as json_bytes;
use crate::pipeline::observer::{Drawings, PipelineObserver};
use crate::pipeline::training::write_drawings;

/// How the warning of such a report begins.
const AGAIN: &str = "The threshold was chosen again";

/// Replaces the thresholds, from recordings or from the scores that the run has kept.
pub(super) fn calibrate(
    run: &Run,
    config: &RunConfig,
    detect: &DetectConfig,
    fresh: Option<&Fresh>,
    observer: &mut dyn PipelineObserver,
) -> Result<Recalibrated, PipelineError> {
    let debounce = Debounce { hits: detect.hits, of: detect.of };
    let (mut blobs, mut scores_files): (Vec<Named>, Vec<Named>) = Default::default();
    let mut thresholds = Vec::new();
    for (name, scores_name) in file::DETECTORS {
        let Some(blob) = run.read(name)? else {
            // Principal components are not everybody's.
            if name == file::PCA_INT8_BLOB {
                continue;
            }
            return Err(RunError::NotARun { path: run.path().to_owned(), missing: name }.into());
        };
        let unusable =
            |reason: String| PipelineError::NotADetector { blob: run.path().join(name), reason };
        let section = detection(&blob).map_err(|error| unusable(error.to_string()))?;
        let scores = match fresh {
            Some(fresh) => scores_of(&apart(&blob, &section)?, &fresh.signals, &fresh.pieces)?,
            None => kept(run, scores_name, section.calibration.digest)?,
        };
        let threshold = Threshold::calibrate(&scores, detect.alarm_ppm)?;
        let calibration = Calibration {
            alarm_ppm: detect.alarm_ppm,
            scores: u32::try_from(threshold.scores).unwrap_or(u32::MAX),
            digest: &threshold.digest,
        };
        let section = Detection {
            threshold: threshold.threshold,
            calibration,
            debounce,
            // Of whom each score is, is not known any more.
            groups: GroupThresholds::NONE,
            ..section
        };
        blobs.push((name.to_owned(), with_detection(&blob, &section)?));
        scores_files.push((scores_name.to_owned(), lines(&scores)));
        thresholds.push(threshold);
    }
    let own: Vec<(&str, &[u8])> = blobs.iter().map(|(name, blob)| (&**name, &**blob)).collect();
    let variants = variants::with_sections(run, &own, observer)?;
    // That of the int8 blob, which is there.
    let threshold = ThresholdReport::new(&thresholds[0], debounce.hits.into(), debounce.of.into());
    let (reports, page) = reports(run, &threshold, observer)?;
    run.write_config(config)?;
    for files in [&blobs, &scores_files, &variants, &reports] {
        variants::write(run, files)?;
    }
    write_drawings(run, page)?;
    Ok(Recalibrated { folder: run.path().to_owned(), threshold, report: None })
}

/// The calibration scores that the run has kept, which must be those that the blob speaks of.
fn kept(run: &Run, name: &str, digest: &[u8]) -> Result<Vec<u64>, PipelineError> {
    let not_kept = |reason: &str| PipelineError::NoScores {
        scores: run.path().join(name),
        reason: reason.to_owned(),
    };
    let bytes = run.read(name)?.ok_or_else(|| not_kept("it is not there"))?;
    let text = String::from_utf8(bytes).map_err(|_| not_kept("it is no text"))?;
    let scores: Result<Vec<u64>, _> = text.lines().map(str::parse).collect();
    let scores = scores.map_err(|_| not_kept("a line of it is no number"))?;
    match conformal::digest(&scores) == digest {
        true => Ok(scores),
        false => Err(not_kept("its SHA-256 is not the one in the blob")),
    }
}

/// The report's files, with the new threshold and a warning which figures are of the one before.
fn reports(
    run: &Run,
    threshold: &ThresholdReport,
    observer: &mut dyn PipelineObserver,
) -> Result<(Vec<Named>, Drawings), PipelineError> {
    let mut files = Vec::new();
    let Some(bytes) = run.read(file::REPORT_JSON)? else { return Ok((files, Ok(Vec::new()))) };
    let mut report: Value = serde_json::from_slice(&bytes)?;
    let before = match &report["figures_of"] {
        Value::Null => json!({
            "threshold": report["threshold"]["threshold"], "alpha": report["threshold"]["alpha"]
        }),
        before => before.clone(),
    };
    let warning = format!(
        "{AGAIN}: it is {}, for a false-alarm rate of {}. The run's data could not be read, so all \
         other figures of a threshold, which are false alarms, detected windows and decisions that \
         differ, are of the threshold before, {}, for a rate of {}. AUROC depends on no threshold.",
        threshold.threshold,
        wanted(threshold.alpha),
        before["threshold"],
        wanted(before["alpha"].as_f64().unwrap_or_default()),
    );
    report["figures_of"] = before;
    report["threshold"] = serde_json::to_value(threshold)?;
    let warnings = report["warnings"].as_array().cloned().unwrap_or_default().into_iter();
    let warnings = warnings.filter(|it| !it.as_str().is_some_and(|it| it.starts_with(AGAIN)));
    report["warnings"] = [json!(warning)].into_iter().chain(warnings).collect();
    files.push((file::REPORT_JSON.to_owned(), json_bytes(&report)?));
    let page = match run.read(file::REPORT_HTML)? {
        Some(page) => observer.draw_warning(&String::from_utf8_lossy(&page), &warning, AGAIN),
        None => Ok(Vec::new()),
    };
    Ok((files, page))
}
