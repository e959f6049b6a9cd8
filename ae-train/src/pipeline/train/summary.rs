//! The figures of a finished run, and the page for a person.

use std::fmt;

use ae_engine::BlobQuality;
use ae_files::text;
use ae_pca::BaselineReport;
use ae_run::RunConfig;
use serde::Serialize;

use crate::pipeline::Shortfall;

/// The figures of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The resolved configuration.
    pub config: RunConfig,
    /// Epochs trained.
    pub epochs: u32,
    /// Seconds of an epoch's steps, mean.
    pub seconds_per_epoch: f64,
    /// The epoch kept, where the recipe keeps the best.
    pub best_epoch: Option<u32>,
    /// Burn's model on the test images.
    pub float: FloatQuality,
    /// The f32 blob on the test images.
    pub f32_blob: BlobFigures,
    /// The int8 blob on the test images.
    pub int8_blob: BlobFigures,
    /// By how much the int8 blob's squared error is above the float model's, in percent; `None`
    /// where that has none.
    pub int8_rise_percent: Option<f64>,
    /// What is to be said of that rise, if it is large.
    pub int8_warning: Option<String>,
    /// Burn against the blobs.
    pub agreement: Agreement,
    /// What is simpler and reconstructs better, if anything does.
    pub shortfall: Option<Shortfall>,
    /// Squared error of a pixel of the test images by the mean training image.
    pub mean_mse: f64,
    /// Linear models of the same latent size.
    pub baselines: Vec<BaselineReport>,
}

/// Burn's model on the test images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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

/// What was compared over all test images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Largest difference of a logit between Burn and the f32 blob.
    pub largest_logit_difference: f64,
    /// [`LOGIT_TOLERANCE`](super::LOGIT_TOLERANCE).
    pub tolerance: f64,
    /// Both blobs reproduce the digests of their own test vectors.
    pub self_tests_pass: bool,
    /// Whether all of it holds.
    pub holds: bool,
}

impl fmt::Display for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shortfall) = &self.shortfall {
            writeln!(f, "**{shortfall}**\n")?;
        }
        if let Some(warning) = &self.int8_warning {
            writeln!(f, "**{warning}**\n")?;
        }
        let data = &self.config.data;
        let model = &self.config.model;
        writeln!(f, "# {} autoencoder, {}\n", model.encoder_sizes(), model.activation)?;
        writeln!(
            f,
            "Data: {}, {} training and {} test images of {}×{}. Trained {}, {:.2} s an epoch.",
            text::line(&data.source),
            data.train_images,
            data.test_images,
            data.height,
            data.width,
            if self.epochs == 1 { "1 epoch".to_owned() } else { format!("{} epochs", self.epochs) },
            self.seconds_per_epoch
        )?;
        if let Some(epoch) = self.best_epoch {
            writeln!(f, "Kept: epoch {epoch}, the best on images held out of the training set.")?;
        }
        writeln!(f, "\n| on the test images | MSE | BCE | PSNR | bytes |")?;
        writeln!(f, "| --- | --- | --- | --- | --- |")?;
        let psnr = |mse: f64| -10.0 * mse.log10();
        let float = self.float;
        writeln!(
            f,
            "| float (Burn) | {:.6} | {:.5} | {:.2} dB | |",
            float.mse,
            float.bce,
            psnr(float.mse)
        )?;
        for (name, blob) in [("f32 blob", &self.f32_blob), ("int8 blob", &self.int8_blob)] {
            let quality = &blob.quality;
            writeln!(
                f,
                "| {name} | {:.6} | {:.5} | {:.2} dB | {} |",
                quality.mse, quality.bce, quality.psnr_db, blob.bytes
            )?;
        }
        for baseline in &self.baselines {
            let bce = baseline.test_bce.map(|bce| format!("{bce:.5}")).unwrap_or_default();
            writeln!(
                f,
                "| {}, {} values | {:.6} | {bce} | {:.2} dB | |",
                baseline.name,
                baseline.latent,
                baseline.test_mse,
                psnr(baseline.test_mse)
            )?;
        }
        writeln!(
            f,
            "| mean training image | {:.6} |  | {:.2} dB | |",
            self.mean_mse,
            psnr(self.mean_mse)
        )?;
        if let Some(rise) = self.int8_rise_percent {
            let (size, side) = (rise.abs(), if rise < 0.0 { "below" } else { "above" });
            writeln!(f, "\nThe int8 blob's MSE is {size:.2} % {side} the float model's.")?;
        }
        let agreement = &self.agreement;
        writeln!(
            f,
            "Burn and the f32 blob: the largest difference of a logit over all test images is {:.1e}, the tolerance {:.0e}.",
            agreement.largest_logit_difference, agreement.tolerance
        )?;
        let verdict = if agreement.self_tests_pass { "pass" } else { "FAIL" };
        writeln!(f, "Both blobs {verdict} their self-test.")?;
        writeln!(f, "Agreement: {}.", if agreement.holds { "yes" } else { "NO" })
    }
}
