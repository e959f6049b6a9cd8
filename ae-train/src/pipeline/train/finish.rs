//! What a finished training leaves: weights, blobs, comparison, summary.

use std::sync::atomic::AtomicBool;

use ae_core::Contract;
use ae_engine as engine;
use ae_engine::EngineError;
use ae_model::write_weights;
use ae_quantize::{Quantised, Rise};
use ae_run::blobs::{BlobRecipe, memory_bytes};
use ae_run::file;

use super::agreement::agreement;
use super::baselines::{self, PCA};
use super::{BlobFigures, FloatQuality, RunSummary};
use crate::model::Autoencoder;
use crate::pipeline::observer::{Phase, PipelineObserver, Reconstruction};
use crate::pipeline::shortfall::{Course, Errors, Shortfall, error_of_mean};
use crate::pipeline::training::{Training, write_drawings};
use crate::pipeline::{PipelineError, json};
use crate::train::Trainer;

/// Test images in the picture of the comparison.
const PICTURED: usize = 10;

/// Writes everything that a finished training leaves, and gives its figures.
pub(super) fn finish(
    training: &Training<'_>,
    trainer: &Trainer<'_>,
    observer: &mut dyn PipelineObserver,
    stop: &AtomicBool,
) -> Result<RunSummary, PipelineError> {
    let Training { run, config, data, .. } = *training;
    let fit_baselines = baselines::wanted(config.baselines, config.model.input, observer);
    training.settle()?;
    let network = trainer.result_network()?;
    let model = Autoencoder::from_network(&network);
    run.write(file::WEIGHTS, &write_weights(&config.model, &network)?)?;

    let recipe = BlobRecipe::of_run(config, &data.train);
    observer.on_phase(Phase::Quantising { memory_bytes: memory_bytes(&network, &recipe) });
    let f32_blob = training.make_blob(&network, Contract::F32, &recipe, observer, stop)?.bytes;
    run.write(file::F32_BLOB, &f32_blob)?;
    let Quantised { bytes: int8_blob, coarse, .. } =
        training.make_blob(&network, Contract::Int8, &recipe, observer, stop)?;
    run.write(file::INT8_BLOB, &int8_blob)?;

    observer.on_phase(Phase::Testing);
    let agreement = agreement(&model, &f32_blob, &int8_blob, &data.test)?;
    let float = trainer.evaluate_result();
    let figures = |blob: &[u8]| -> Result<BlobFigures, EngineError> {
        Ok(BlobFigures { quality: engine::evaluate(blob, &data.test)?, bytes: blob.len() })
    };
    let (f32_figures, int8_figures) = (figures(&f32_blob)?, figures(&int8_blob)?);
    let shown = data.test.first(PICTURED);
    let reconstruction = engine::reconstruct(&int8_blob, &shown)?;

    let fitted = match fit_baselines {
        true => baselines::fit(training, &shown, &recipe, observer, stop)?,
        false => Vec::new(),
    };
    training.go_on(stop)?;
    let mut reconstructions = vec![Reconstruction { by: "autoencoder", pixels: &reconstruction }];
    reconstructions
        .extend(fitted.iter().map(|fit| Reconstruction { by: fit.label, pixels: &fit.pixels }));
    write_drawings(run, observer.draw_comparison(&shown, &reconstructions))?;

    let seconds: f64 = trainer.metrics().iter().map(|epoch| epoch.seconds).sum();
    let mean_mse = error_of_mean(&data.train, &data.test);
    // Of least squared error with so many values, so logistic PCA is none to beat.
    let pca = fitted.iter().find(|fit| fit.label == PCA);
    let errors =
        Errors { model: float.mse, mean: mean_mse, pca: pca.map(|fit| fit.report.test_mse) };
    let rise = Rise { int8: int8_figures.quality.mse, float: float.mse };
    let summary = RunSummary {
        config: config.clone(),
        epochs: trainer.epochs_done(),
        seconds_per_epoch: seconds / f64::from(trainer.epochs_done().max(1)),
        best_epoch: trainer.best().map(|best| best.epoch),
        float: FloatQuality { bce: float.bce, mse: float.mse },
        f32_blob: f32_figures,
        int8_blob: int8_figures,
        int8_rise_percent: rise.percent(),
        int8_warning: rise.warning(&coarse),
        agreement,
        shortfall: Shortfall::find(errors, &Course::of(trainer)),
        mean_mse,
        baselines: fitted.into_iter().map(|fit| fit.report).collect(),
    };
    run.write(file::SUMMARY_JSON, &json(&summary)?)?;
    run.write(file::SUMMARY_MD, summary.to_string().as_bytes())?;
    Ok(summary)
}
