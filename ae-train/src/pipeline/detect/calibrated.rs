//! The detectors of a run: the network in both contracts, and principal components beside it.

use std::sync::atomic::AtomicBool;

use ae_core::{Contract, Detection, arrange, with_detection};
use ae_detect::make::{CalibratedDetector, make};
use ae_detect::play::{agrees, detection};
use ae_model::Network;
use ae_pca::Pca;
use ae_run::file;

use super::{DetectInput, Work};
use crate::pipeline::PipelineError;
use crate::pipeline::observer::{Phase, PipelineObserver};

/// The detectors of a run.
pub(super) struct Detectors {
    /// The trained network.
    pub(super) network: Network,
    pub(super) int8: CalibratedDetector,
    pub(super) f32: CalibratedDetector,
    pub(super) pca: Option<(Network, CalibratedDetector)>,
}

impl Detectors {
    /// Makes them and writes their blobs.
    pub(super) fn make(
        work: &Work<'_>,
        network: Network,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Self, PipelineError> {
        let run = work.training.run;
        observer.on_phase(Phase::Calibrating);
        let int8 = calibrated(work, &network, Contract::Int8, stop)?;
        check_agreement(work.input, &int8)?;
        run.write(file::INT8_BLOB, &int8.blob)?;
        run.write(file::CALIBRATION, &lines(&int8.scores.calibration))?;
        let f32 = calibrated(work, &network, Contract::F32, stop)?;
        run.write(file::F32_BLOB, &f32.blob)?;
        write_arranged(work, "model", &int8)?;
        work.training.go_on(stop)?;
        let pca = match work.fits_pca(observer) {
            false => None,
            true => {
                observer.on_phase(Phase::Fitting { baseline: "PCA" });
                let pca = Pca::fit(&work.windows.train.codes, work.settings.latent)?.network();
                let made = calibrated(work, &pca, Contract::Int8, stop)?;
                run.write(file::PCA_INT8_BLOB, &made.blob)?;
                write_arranged(work, "pca", &made)?;
                Some((pca, made))
            }
        };
        work.training.go_on(stop)?;
        Ok(Self { network, int8, f32, pca })
    }
}

fn calibrated(
    work: &Work<'_>,
    network: &Network,
    contract: Contract,
    stop: &AtomicBool,
) -> Result<CalibratedDetector, PipelineError> {
    Ok(make(
        &work.training.make_blob(network, contract, &work.recipe, stop)?,
        work.windows,
        work.choice,
    )?)
}

/// Writes the blob once more, its weights in the order that the wanted core is fast with.
fn write_arranged(
    work: &Work<'_>,
    model: &str,
    made: &CalibratedDetector,
) -> Result<(), PipelineError> {
    let Some(arranged) = &work.settings.arranged else { return Ok(()) };
    let name = format!("{model}.{}.int8.aeb", arranged.core);
    work.training.run.write(&name, &arrange(&made.blob, arranged.layout)?)?;
    Ok(())
}

/// The detector, fed sample by sample, must give the scores that the threshold was chosen from and
/// those that the report is made of. Images are windows as they are, so there is nothing to feed.
fn check_agreement(input: &DetectInput, made: &CalibratedDetector) -> Result<(), PipelineError> {
    let DetectInput::Signals(signal) = input else { return Ok(()) };
    let split = &signal.split;
    // The same detector on windows that do not overlap.
    let section = detection(&made.blob)?;
    let apart = with_detection(&made.blob, &Detection { stride: section.window, ..section })?;
    for (blob, pieces, scores) in [
        (&apart, &split.calibrate, &made.scores.calibration),
        (&made.blob, &split.test_normal, &made.scores.normal),
        (&made.blob, &split.test_abnormal, &made.scores.abnormal),
    ] {
        if let Err(found) = agrees(blob, &signal.signals, pieces, scores)? {
            return Err(PipelineError::Disagreement { found });
        }
    }
    Ok(())
}

/// A number a line.
fn lines(scores: &[u64]) -> Vec<u8> {
    scores.iter().flat_map(|score| format!("{score}\n").into_bytes()).collect()
}
