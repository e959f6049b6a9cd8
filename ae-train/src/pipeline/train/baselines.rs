//! PCA and logistic PCA beside a finished training.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ae_core::Contract;
use ae_data::Images;
use ae_pca::{BaselineReport, Pca};
use ae_run::blobs::BlobRecipe;
use ae_run::{Baselines, file};

use crate::LogisticPca;
use crate::pipeline::observer::{Note, Phase, PipelineObserver};
use crate::pipeline::training::Training;
use crate::pipeline::{BASELINE_FEATURES, PipelineError};

/// Whether `baselines` are fitted to samples of `features` values. The observer is told where only
/// their size speaks against it.
pub(super) fn wanted(
    baselines: Baselines,
    features: usize,
    observer: &mut dyn PipelineObserver,
) -> bool {
    if baselines == Baselines::FitUnlessLarge && features > BASELINE_FEATURES {
        observer.on_note(&Note::TooLargeForBaselines { most: BASELINE_FEATURES });
        return false;
    }
    baselines != Baselines::Skip
}

/// The name of PCA.
pub(super) const PCA: &str = "PCA";

/// A baseline's figures and its reconstruction of the images to show.
pub(super) struct Fitted {
    pub(super) report: BaselineReport,
    pub(super) label: &'static str,
    pub(super) pixels: Vec<u8>,
}

/// Fits both baselines, reconstructs the images `shown`, and writes PCA's blobs. One that cannot be
/// fitted is told and left out: it must not cost the run its other results.
pub(super) fn fit(
    training: &Training<'_>,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Vec<Fitted>, PipelineError> {
    let fits: [(&str, Fit); 2] = [("logistic PCA", logistic), (PCA, pca)];
    let mut fitted = Vec::new();
    for (baseline, fit) in fits {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        observer.on_phase(Phase::Fitting { baseline });
        match fit(training, shown, recipe, observer, stop) {
            Ok(baseline) => fitted.push(baseline),
            Err(error @ PipelineError::Run(_)) => return Err(error),
            Err(error) => {
                observer.on_note(&Note::NoBaseline { baseline, reason: error.to_string() });
            }
        }
    }
    Ok(fitted)
}

type Fit = fn(
    &Training<'_>,
    &Images,
    &BlobRecipe<'_>,
    &mut dyn PipelineObserver,
    &AtomicBool,
) -> Result<Fitted, PipelineError>;

fn pca(
    training: &Training<'_>,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Fitted, PipelineError> {
    let Training { run, data, .. } = *training;
    let start = Instant::now();
    let pca = Pca::fit(&data.train, recipe.config.model.latent)?;
    let report = pca.report(&data.test, start.elapsed().as_secs_f64())?;
    let network = pca.network();
    for (name, contract) in
        [(file::PCA_F32_BLOB, Contract::F32), (file::PCA_INT8_BLOB, Contract::Int8)]
    {
        run.write(name, &training.make_blob(&network, contract, recipe, observer, stop)?.bytes)?;
    }
    Ok(Fitted { report, label: PCA, pixels: pca.reconstruct_pixels(shown)? })
}

fn logistic(
    training: &Training<'_>,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    _observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<Fitted, PipelineError> {
    let start = Instant::now();
    let logistic = LogisticPca::fit(training.data, recipe.config.model.latent, stop)?;
    let report = logistic.report(start.elapsed().as_secs_f64());
    let pixels = logistic.reconstruct_pixels(shown);
    Ok(Fitted { report, label: "logistic\nPCA", pixels })
}
