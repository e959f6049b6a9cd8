//! The detectors of a run: the network in both contracts, and principal components beside it.

use std::sync::atomic::AtomicBool;

use ae_core::{Contract, arrange};
use ae_data::signal::Piece;
use ae_detect::make::{CalibratedDetector, make};
use ae_detect::play::{agrees, apart, detection};
use ae_model::Network;
use ae_pca::Pca;
use ae_quantize::Coarse;
use ae_run::blobs::memory_bytes;
use ae_run::file;

use super::{DetectInput, Work};
use crate::pipeline::PipelineError;
use crate::pipeline::observer::{Phase, PipelineObserver};

/// The detectors of a run.
pub(in crate::pipeline) struct Detectors {
    /// The trained network.
    pub(super) network: Network,
    pub(super) int8: CalibratedDetector,
    /// Channels that lose much in int8.
    pub(super) coarse: Vec<Coarse>,
    pub(super) f32: CalibratedDetector,
    pub(super) pca: Option<(Network, CalibratedDetector)>,
}

impl Detectors {
    /// Makes them.
    pub(in crate::pipeline) fn make(
        work: &Work<'_>,
        network: Network,
        observer: &mut dyn PipelineObserver,
        stop: &AtomicBool,
    ) -> Result<Self, PipelineError> {
        let memory_bytes = memory_bytes(&network, &work.recipe);
        observer.on_phase(Phase::Calibrating { memory_bytes });
        let (int8, coarse) = calibrated(work, &network, Contract::Int8, observer, stop)?;
        check_agreement(work, &int8)?;
        let (f32, _) = calibrated(work, &network, Contract::F32, observer, stop)?;
        work.training.go_on(stop)?;
        let pca = match work.fits_pca(observer) {
            false => None,
            true => {
                observer.on_phase(Phase::Fitting { baseline: "PCA" });
                let codes = &work.windows.train.codes;
                // Prototypes may be more than components can be.
                let most = codes.len().min(codes.features());
                let pca = Pca::fit(codes, work.settings.shape.latent.min(most))?.network();
                let (made, _) = calibrated(work, &pca, Contract::Int8, observer, stop)?;
                Some((pca, made))
            }
        };
        work.training.go_on(stop)?;
        Ok(Self { network, int8, coarse, f32, pca })
    }

    /// The blobs, by their names in the run folder.
    pub(in crate::pipeline) fn blobs(&self) -> Vec<(&'static str, &[u8])> {
        self.named().into_iter().map(|(name, _, made)| (name, &*made.blob)).collect()
    }

    /// Each with the names of its blob and of its scores.
    fn named(&self) -> Vec<(&'static str, &'static str, &CalibratedDetector)> {
        let made = [Some(&self.int8), Some(&self.f32), self.pca.as_ref().map(|(_, made)| made)];
        let named = file::DETECTORS.into_iter().zip(made);
        named.filter_map(|((blob, scores), made)| Some((blob, scores, made?))).collect()
    }

    /// Writes their blobs, and the scores that their thresholds were chosen from.
    pub(in crate::pipeline) fn write(&self, work: &Work<'_>) -> Result<(), PipelineError> {
        let run = work.training.run;
        for (name, scores, made) in self.named() {
            run.write(name, &made.blob)?;
            run.write(scores, &lines(&made.scores.calibration))?;
        }
        write_arranged(work, "model", &self.int8)?;
        if let Some((_, pca)) = &self.pca {
            write_arranged(work, "pca", pca)?;
        }
        Ok(())
    }
}

/// A detector, and the channels that lose much by quantising.
fn calibrated(
    work: &Work<'_>,
    network: &Network,
    contract: Contract,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<(CalibratedDetector, Vec<Coarse>), PipelineError> {
    let made = work.training.make_blob(network, contract, &work.recipe, observer, stop)?;
    Ok((make(&made.bytes, work.windows, work.choice)?, made.coarse))
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
fn check_agreement(work: &Work<'_>, made: &CalibratedDetector) -> Result<(), PipelineError> {
    let DetectInput::Signals(signal) = work.input else { return Ok(()) };
    let own = (&signal.signals, &signal.split.calibrate[..]);
    let (signals, calibrate) = work.calibrated_on.unwrap_or(own);
    let apart = apart(&made.blob, &detection(&made.blob)?)?;
    let met = &work.windows.met;
    let played: Vec<Piece> = met.pieces.iter().map(|tested| tested.piece.clone()).collect();
    let as_met = met.in_order(&made.scores.normal, &made.scores.abnormal).concat();
    for (blob, signals, pieces, scores) in [
        (&apart, signals, calibrate, &made.scores.calibration),
        (&made.blob, own.0, &played, &as_met),
    ] {
        if let Err(found) = agrees(blob, signals, pieces, scores)? {
            return Err(PipelineError::Disagreement { found });
        }
    }
    Ok(())
}

/// A number a line.
pub(in crate::pipeline) fn lines(scores: &[u64]) -> Vec<u8> {
    scores.iter().flat_map(|score| format!("{score}\n").into_bytes()).collect()
}
