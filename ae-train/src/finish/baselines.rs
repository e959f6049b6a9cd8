//! PCA and logistic PCA beside a finished training.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ae_core::Contract;
use ae_data::{Dataset, Images};
use ae_pca::{BaselineReport, Pca};
use ae_run::blobs::{BlobRecipe, make_blob};
use ae_run::{Run, RunError, file};

use crate::LogisticPca;

/// Which baselines to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baselines {
    /// PCA and logistic PCA.
    Fit,
    /// None.
    Skip,
}

/// A baseline's figures and its reconstruction of the images to show.
pub(super) struct Fitted {
    pub(super) report: BaselineReport,
    pub(super) label: &'static str,
    pub(super) pixels: Vec<u8>,
}

/// Fits both baselines, reconstructs the images `shown`, and writes PCA's blobs. One that cannot be
/// fitted is told and left out: it must not cost the run its other results.
///
/// # Errors
/// A file cannot be written.
pub(super) fn fit(
    run: &Run,
    data: &Dataset,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    stop: &AtomicBool,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Vec<Fitted>> {
    let fits: [(&str, Fit); 2] = [("logistic PCA", logistic), ("PCA", pca)];
    let mut fitted = Vec::new();
    for (name, fit) in fits {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        tell(&format!("fitting {name}"));
        match fit(run, data, shown, recipe, stop) {
            Ok(baseline) => fitted.push(baseline),
            Err(error) if error.is::<RunError>() => return Err(error),
            Err(error) => tell(&format!("no {name}: {error}")),
        }
    }
    Ok(fitted)
}

type Fit = fn(&Run, &Dataset, &Images, &BlobRecipe<'_>, &AtomicBool) -> anyhow::Result<Fitted>;

fn pca(
    run: &Run,
    data: &Dataset,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    _stop: &AtomicBool,
) -> anyhow::Result<Fitted> {
    let start = Instant::now();
    let pca = Pca::fit(&data.train, recipe.config.model.latent)?;
    let report = pca.report(&data.test, start.elapsed().as_secs_f64())?;
    let network = pca.network();
    run.write(file::PCA_F32_BLOB, &make_blob(&network, Contract::F32, recipe)?)?;
    run.write(file::PCA_INT8_BLOB, &make_blob(&network, Contract::Int8, recipe)?)?;
    Ok(Fitted { report, label: "PCA", pixels: pca.reconstruct_pixels(shown)? })
}

fn logistic(
    _run: &Run,
    data: &Dataset,
    shown: &Images,
    recipe: &BlobRecipe<'_>,
    stop: &AtomicBool,
) -> anyhow::Result<Fitted> {
    let start = Instant::now();
    let logistic = LogisticPca::fit(data, recipe.config.model.latent, stop)?;
    let report = logistic.report(start.elapsed().as_secs_f64());
    let pixels = logistic.reconstruct_pixels(shown);
    Ok(Fitted { report, label: "logistic\nPCA", pixels })
}
