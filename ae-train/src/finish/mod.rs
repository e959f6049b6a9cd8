//! The end of a training: blobs, the proof that they compute what Burn computed, baselines,
//! pictures, summary.

mod baselines;
mod summary;

use std::sync::atomic::{AtomicBool, Ordering};

use ae_core::Contract;
use ae_data::{Dataset, Images};
use ae_engine as engine;
use ae_engine::EngineError;
use ae_engine::compare::self_test;
use ae_model::write_weights;
use ae_run::blobs::{BlobRecipe, make_blob};
use ae_run::{Run, RunConfig, file};

use crate::model::Autoencoder;
use crate::train::Trainer;

pub use baselines::Baselines;
pub use summary::{Agreement, BlobFigures, FloatQuality, RunSummary};

/// The largest difference of a logit between Burn and the f32 blob that counts as agreement: both
/// add the same products, in another order, in 32-bit floats.
pub const LOGIT_TOLERANCE: f64 = 1e-3;

/// Test images in the picture of the comparison.
const PICTURED: usize = 10;

/// What a model makes of the images to show.
#[derive(Debug, Clone, Copy)]
pub struct Reconstruction<'a> {
    /// The model's name.
    pub by: &'a str,
    /// Image after image.
    pub pixels: &'a [u8],
}

/// Writes everything that a finished training leaves, and gives its figures; `None` if `stop` was
/// raised before all was there. `tell` gets a line before each long step.
///
/// # Errors
/// A model that cannot be written, or a file that cannot be.
pub fn finish(
    run: &Run,
    config: &RunConfig,
    trainer: &Trainer<'_>,
    data: &Dataset,
    baselines: Baselines,
    stop: &AtomicBool,
    tell: &dyn Fn(&str),
    draw: &dyn Fn(&Images, &[Reconstruction<'_>]) -> anyhow::Result<()>,
) -> anyhow::Result<Option<RunSummary>> {
    let network = trainer.result_network()?;
    let model = Autoencoder::from_network(&network);
    run.write(file::WEIGHTS, &write_weights(&config.model, &network)?)?;

    tell("quantising");
    let recipe = BlobRecipe::of_run(config, &data.train);
    let f32_blob = make_blob(&network, Contract::F32, &recipe)?;
    run.write(file::F32_BLOB, &f32_blob)?;
    let int8_blob = make_blob(&network, Contract::Int8, &recipe)?;
    run.write(file::INT8_BLOB, &int8_blob)?;

    tell("running the blobs on the test images");
    let agreement = agreement(&model, &f32_blob, &int8_blob, &data.test)?;
    let float = trainer.evaluate_result();
    let figures = |blob: &[u8]| -> Result<BlobFigures, EngineError> {
        Ok(BlobFigures { quality: engine::evaluate(blob, &data.test)?, bytes: blob.len() })
    };
    let (f32_figures, int8_figures) = (figures(&f32_blob)?, figures(&int8_blob)?);
    let shown = data.test.first(PICTURED);
    let reconstruction = engine::reconstruct(&int8_blob, &shown)?;

    let fitted = match baselines {
        Baselines::Fit => baselines::fit(run, data, &shown, &recipe, stop, tell)?,
        Baselines::Skip => Vec::new(),
    };
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let mut reconstructions = vec![Reconstruction { by: "autoencoder", pixels: &reconstruction }];
    reconstructions
        .extend(fitted.iter().map(|fit| Reconstruction { by: fit.label, pixels: &fit.pixels }));
    draw(&shown, &reconstructions)?;

    let seconds: f64 = trainer.metrics().iter().map(|epoch| epoch.seconds).sum();
    let rise = 100.0 * (int8_figures.quality.mse / float.mse - 1.0);
    let summary = RunSummary {
        config: config.clone(),
        epochs: trainer.epochs_done(),
        seconds_per_epoch: seconds / f64::from(trainer.epochs_done().max(1)),
        best_epoch: trainer.best().map(|best| best.epoch),
        float: FloatQuality { bce: float.bce, mse: float.mse },
        f32_blob: f32_figures,
        int8_blob: int8_figures,
        int8_rise_percent: Some(rise).filter(|rise| rise.is_finite()),
        agreement,
        baselines: fitted.into_iter().map(|fit| fit.report).collect(),
    };
    run.write(file::SUMMARY_JSON, &serde_json::to_vec_pretty(&summary)?)?;
    run.write(file::SUMMARY_MD, summary.to_string().as_bytes())?;
    Ok(Some(summary))
}

/// Compares Burn with the f32 blob, and both blobs with their own test vectors.
fn agreement(
    model: &Autoencoder,
    f32_blob: &[u8],
    int8_blob: &[u8],
    images: &Images,
) -> Result<Agreement, EngineError> {
    let largest = largest_logit_difference(model, f32_blob, images)?;
    let self_tests_pass = self_test(f32_blob)?.is_none() && self_test(int8_blob)?.is_none();
    Ok(Agreement {
        largest_logit_difference: largest,
        tolerance: LOGIT_TOLERANCE,
        self_tests_pass,
        holds: self_tests_pass && largest <= LOGIT_TOLERANCE,
    })
}

/// Burn's logits against those of the f32 blob.
///
/// # Errors
/// The blob cannot be run on the images.
pub fn largest_logit_difference(
    model: &Autoencoder,
    f32_blob: &[u8],
    images: &Images,
) -> Result<f64, EngineError> {
    let (burns, ours) = (model.logits_of(images), engine::logits(f32_blob, images)?);
    let differences = burns.iter().zip(&ours).map(|(&a, &b)| f64::from(a - b).abs());
    // A logit that is not a number agrees with nothing.
    Ok(differences.fold(0.0, |largest, d| if d.is_nan() { f64::INFINITY } else { d.max(largest) }))
}
