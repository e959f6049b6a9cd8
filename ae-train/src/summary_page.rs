//! A finished run on one page, in Markdown.

use std::fmt;

use crate::finish::RunSummary;

impl fmt::Display for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = &self.config.data;
        let model = &self.config.model;
        let widths: Vec<String> = std::iter::once(model.input)
            .chain(model.hidden.iter().copied())
            .chain([model.latent])
            .map(|width| width.to_string())
            .collect();
        writeln!(f, "# {} autoencoder, {}\n", widths.join("-"), model.activation)?;
        writeln!(
            f,
            "Data: {}, {} training and {} test images of {}×{}. Trained {} epochs, {:.2} s each.",
            data.source,
            data.train_images,
            data.test_images,
            data.height,
            data.width,
            self.epochs,
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
            "\nThe int8 blob's MSE is {:.2} % above the float model's.",
            self.int8_rise_percent
        )?;
        let agreement = &self.agreement;
        writeln!(
            f,
            "Burn and the f32 blob {}: the largest difference of a logit over all test images is {:.1e}, the tolerance {:.0e}.",
            if agreement.holds { "agree" } else { "DISAGREE" },
            agreement.largest_logit_difference,
            agreement.tolerance
        )
    }
}
