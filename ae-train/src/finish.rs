//! The end of a training: blobs, the proof that they compute what Burn computed, baselines,
//! pictures, summary.

use serde::{Deserialize, Serialize};

use crate::artifacts::{self, Contract, make_blob};
use crate::baseline::{BaselineReport, LogisticPca, Pca};
use crate::data::{Dataset, Images};
use crate::engine::{self, BlobQuality, EngineError};
use crate::model::{Autoencoder, write_weights};
use crate::network::Network;
use crate::picture::{ComparisonRow, comparison};
use crate::run::{Run, RunConfig, file};
use crate::train::Trainer;

/// The largest difference of a logit between Burn and the f32 blob that counts as agreement: both
/// add the same products, in another order, in 32-bit floats.
pub const LOGIT_TOLERANCE: f64 = 1e-3;

/// The figures of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The resolved configuration.
    pub config: RunConfig,
    /// Epochs trained.
    pub epochs: u32,
    /// Seconds of an epoch's steps, mean.
    pub seconds_per_epoch: f64,
    /// The epoch kept, with `--keep-best`.
    pub best_epoch: Option<u32>,
    /// Burn's model on the test images.
    pub float: FloatQuality,
    /// The f32 blob on the test images.
    pub f32_blob: BlobFigures,
    /// The int8 blob on the test images.
    pub int8_blob: BlobFigures,
    /// The int8 blob's squared error over the float model's, in percent.
    pub int8_rise_percent: f64,
    /// Burn against the f32 blob.
    pub agreement: Agreement,
    /// Linear models of the same latent size.
    pub baselines: Vec<BaselineReport>,
}

/// Burn's model on the test images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FloatQuality {
    /// Cross-entropy of a pixel.
    pub bce: f64,
    /// Squared error of a pixel.
    pub mse: f64,
}

/// A blob and how well it reconstructs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlobFigures {
    /// On the test images.
    #[serde(flatten)]
    pub quality: BlobQuality,
    /// Of the file.
    pub bytes: usize,
}

/// Burn against the f32 blob, over all test images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Largest difference of a logit.
    pub largest_logit_difference: f64,
    /// [`LOGIT_TOLERANCE`].
    pub tolerance: f64,
    /// Whether it is kept.
    pub holds: bool,
}

/// Which baselines to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baselines {
    /// PCA and logistic PCA.
    Fit,
    /// None.
    Skip,
}

/// Writes everything that a finished training leaves, and gives its figures. `tell` gets a line
/// before each long step.
///
/// # Errors
/// A model that cannot be written, or a file that cannot be.
pub fn finish(
    run: &Run,
    config: &RunConfig,
    trainer: &Trainer<'_>,
    data: &Dataset,
    baselines: Baselines,
    tell: &dyn Fn(&str),
) -> anyhow::Result<RunSummary> {
    let model = trainer.result_model()?;
    let network = Network::of_model(&config.model, &model);
    run.write(file::WEIGHTS, &write_weights(&config.model, &model)?)?;

    tell("quantising");
    let recipe = artifacts::Recipe::of_run(config, &data.train);
    let f32_blob = make_blob(&network, Contract::F32, &recipe)?;
    run.write(file::F32_BLOB, &f32_blob)?;
    let int8_blob = make_blob(&network, Contract::Int8, &recipe)?;
    run.write(file::INT8_BLOB, &int8_blob)?;

    tell("running the blobs on the test images");
    let largest = largest_logit_difference(&model, &f32_blob, &data.test)?;
    let float = trainer.evaluate_result();
    let int8_quality = engine::evaluate(&int8_blob, &data.test)?;
    let mut rows = vec![("original", data.test.pixels().to_vec())];
    rows.push(("autoencoder", engine::reconstruct(&int8_blob, &data.test)?));

    let mut reports = Vec::new();
    if baselines == Baselines::Fit {
        reports = fit_baselines(run, config, data, &recipe, &mut rows, tell)?;
    }
    let rows: Vec<_> = rows.iter().map(|(label, pixels)| ComparisonRow { label, pixels }).collect();
    run.write(file::COMPARISON, &comparison(&rows, data.test.height(), data.test.width())?)?;

    let seconds: f64 = trainer.metrics().iter().map(|epoch| epoch.seconds).sum();
    let summary = RunSummary {
        config: config.clone(),
        epochs: trainer.epochs_done(),
        seconds_per_epoch: seconds / f64::from(trainer.epochs_done().max(1)),
        best_epoch: trainer.best().map(|best| best.epoch),
        float: FloatQuality { bce: float.bce, mse: float.mse },
        f32_blob: BlobFigures {
            quality: engine::evaluate(&f32_blob, &data.test)?,
            bytes: f32_blob.len(),
        },
        int8_blob: BlobFigures { quality: int8_quality, bytes: int8_blob.len() },
        int8_rise_percent: 100.0 * (int8_quality.mse / float.mse - 1.0),
        agreement: Agreement {
            largest_logit_difference: largest,
            tolerance: LOGIT_TOLERANCE,
            holds: largest <= LOGIT_TOLERANCE,
        },
        baselines: reports,
    };
    run.write(file::SUMMARY_JSON, &serde_json::to_vec_pretty(&summary)?)?;
    run.write(file::SUMMARY_MD, summary.to_string().as_bytes())?;
    Ok(summary)
}

/// Fits PCA and logistic PCA, writes PCA's blobs, and adds both reconstructions to `rows`.
fn fit_baselines(
    run: &Run,
    config: &RunConfig,
    data: &Dataset,
    recipe: &artifacts::Recipe<'_>,
    rows: &mut Vec<(&'static str, Vec<u8>)>,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Vec<BaselineReport>> {
    let most = data.train.features().min(data.train.len());
    if config.model.latent > most {
        tell(&format!(
            "no baselines: PCA has at most {most} components here, the latent has {}",
            config.model.latent
        ));
        return Ok(Vec::new());
    }
    tell("fitting PCA");
    let start = std::time::Instant::now();
    let pca = Pca::fit(&data.train, config.model.latent)?;
    let pca_report = pca.report(&data.test, start.elapsed().as_secs_f64())?;
    let network = Network::of_pca(&pca);
    run.write(file::PCA_F32_BLOB, &make_blob(&network, Contract::F32, recipe)?)?;
    run.write(file::PCA_INT8_BLOB, &make_blob(&network, Contract::Int8, recipe)?)?;

    tell("fitting logistic PCA");
    let start = std::time::Instant::now();
    let logistic = LogisticPca::fit(data, config.model.latent)?;
    let logistic_report = logistic.report(start.elapsed().as_secs_f64());
    rows.push(("logistic\nPCA", logistic.reconstruct_pixels(&data.test)));
    rows.push(("PCA", pca.reconstruct_pixels(&data.test)?));
    Ok(vec![logistic_report, pca_report])
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
