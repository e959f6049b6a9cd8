//! The figures of a detector's report.

use ae_detect::describe::{self, ReportSources};
use ae_detect::report::{Data, DetectReport, WindowSetFigures};
use ae_detect::strip::strip;
use ae_detect::windows::Windows;
use ae_run::blobs::TOOL;

use super::calibrated::Detectors;
use super::{DetectInput, Work};
use crate::model::Autoencoder;
use crate::pipeline::PipelineError;

/// What the detectors are worth.
pub(super) fn describe(
    work: &Work<'_>,
    detectors: &Detectors,
    notes: Vec<String>,
) -> Result<DetectReport, PipelineError> {
    let Detectors { network, int8, f32, pca } = detectors;
    let strip = match work.input {
        DetectInput::Images { .. } => None,
        DetectInput::Signals(signal) => {
            let (signals, split) = (&signal.signals, &signal.split);
            let window = work.settings.spacing.window;
            strip(signals, split, &work.windows.maps, &int8.blob, window)?
        }
    };
    Ok(describe::describe(ReportSources {
        tool: TOOL,
        data: data(work),
        sets: work.windows,
        model: &Autoencoder::from_network(network),
        network,
        detector: int8,
        f32_blob: f32,
        pca: pca.as_ref().map(|(network, made)| (network, made)),
        strip,
        notes,
    })?)
}

/// What the detector was made from.
fn data(work: &Work<'_>) -> Data {
    let (settings, windows) = (work.settings, work.windows);
    let [train, calibrate, test] = work.input.groups();
    let role = |name: &str, groups: &[String], windows: &Windows| WindowSetFigures {
        name: name.to_owned(),
        groups: groups.to_vec(),
        windows: windows.len(),
        stride: windows.stride,
    };
    Data {
        source: settings.source.called.join(", "),
        channels: work.input.channels(),
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
