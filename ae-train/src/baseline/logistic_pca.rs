//! Logistic PCA: one dense layer each way, trained with sigmoid cross-entropy.

use nalgebra::DMatrix;

use super::blocks::{add_to_columns, map_blocks, to_pixel};
use super::logistic_fit::{Parameters, descend};
use super::pca::{Pca, check_features, check_latent, row_major};
use super::{BaselineError, BaselineReport, SquaredError};
use crate::data::Images;
use crate::model::DenseF32;

/// How [`LogisticPca::fit`] descends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogisticPcaConfig {
    /// Passes over the training images.
    pub epochs: usize,
    /// Images in a step.
    pub batch: usize,
    /// Adam's learning rate at the first step; it falls to zero along half a cosine.
    pub learning_rate: f64,
    /// Seed of the order of images.
    pub seed: u64,
}

impl Default for LogisticPcaConfig {
    fn default() -> Self {
        // On 60,000 Fashion-MNIST images this ends within 2e-5 of the cross-entropy that five times
        // the epochs reach; small steps make as many of them of 6,000 images as converge there too.
        Self { epochs: 30, batch: 128, learning_rate: 5e-3, seed: 0 }
    }
}

/// A linear encoder and a linear decoder of logits that minimise the sigmoid cross-entropy.
///
/// With `x` an image (pixels / 255): latent `z = A·(x − mean)`, logits `B·z + bias`, reconstruction
/// `sigmoid(logits)`.
///
/// Logistic PCA was stated by Collins, Dasgupta & Schapire 2001 and Schein, Saul & Ungar 2003 as
/// `logits = B·z + bias` under the Bernoulli likelihood, with a free `z` for every image: to encode
/// a new image is then a fit of its own. Landgraf & Lee 2015 made `z` a linear map of the image, so
/// that encoding is one matrix product. This is theirs in that respect, and differs in two: `z` is
/// mapped from the pixels and not from their logits, which are infinite for black and white, and
/// `A` is not tied to `B`. So it is exactly the autoencoder without hidden layers, one dense layer
/// each way, and the comparison with the autoencoder shows what the hidden layers bring and nothing
/// else. An encoder bias would be absorbed by `bias`, so there is none but `−A·mean`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticPca {
    /// Mean training image, `[features]`; fixed, not fitted.
    pub mean: Vec<f64>,
    /// `A`, latent × features.
    pub encoder_weights: DMatrix<f64>,
    /// `B`, features × latent.
    pub decoder_weights: DMatrix<f64>,
    /// Logits of the mean image, `[features]`.
    pub bias: Vec<f64>,
    /// Mean cross-entropy of a training pixel in nats in each epoch, taken while the weights move.
    pub losses: Vec<f64>,
}

impl LogisticPca {
    /// Fits to `images`, starting from their [`Pca`].
    ///
    /// The same images, `config` and processor type give the same weights, whatever the number of
    /// threads.
    ///
    /// # Errors
    ///
    /// Those of [`Pca::fit`], [`BaselineError::FitOptions`] and [`BaselineError::LossNotFinite`].
    pub fn fit(
        images: &Images,
        latent: usize,
        config: &LogisticPcaConfig,
    ) -> Result<Self, BaselineError> {
        check_latent(images, latent)?;
        Self::fit_from_pca(images, &Pca::fit(images, latent)?, config)
    }

    /// Fits to `images`, starting from a `pca` of theirs that is there already. The latent size is
    /// that of `pca`.
    ///
    /// # Errors
    ///
    /// [`BaselineError::NoImages`], [`BaselineError::Features`] if `pca` is of images of another
    /// size, [`BaselineError::FitOptions`] and [`BaselineError::LossNotFinite`].
    pub fn fit_from_pca(
        images: &Images,
        pca: &Pca,
        config: &LogisticPcaConfig,
    ) -> Result<Self, BaselineError> {
        let LogisticPcaConfig { epochs, batch, learning_rate, .. } = *config;
        if epochs == 0 || batch == 0 || !(learning_rate > 0.0 && learning_rate.is_finite()) {
            return Err(BaselineError::FitOptions { epochs, batch, learning_rate });
        }
        check_features(images, pca.features())?;
        if images.is_empty() {
            return Err(BaselineError::NoImages);
        }
        let mut parameters = Parameters::from_pca(pca);
        let mean = DMatrix::from_fn(pca.features(), 1, |i, _| pca.mean[i] as f32);
        let losses = descend(&mut parameters, &mean, images, config);
        if losses.last().is_some_and(|loss| !loss.is_finite()) {
            return Err(BaselineError::LossNotFinite { epoch: losses.len() });
        }
        Ok(Self {
            mean: pca.mean.clone(),
            encoder_weights: parameters.encoder.transpose().cast(),
            decoder_weights: parameters.decoder.cast(),
            bias: parameters.bias.iter().copied().map(f64::from).collect(),
            losses,
        })
    }

    /// Numbers that an image is reduced to.
    pub fn latent(&self) -> usize {
        self.encoder_weights.nrows()
    }

    /// Pixels of an image.
    pub fn features(&self) -> usize {
        self.encoder_weights.ncols()
    }

    /// Logits of the reconstructions of images.
    ///
    /// # Shapes
    ///
    /// `images` features × n, columns are images of pixels / 255; the result features × n.
    ///
    /// # Panics
    ///
    /// If `images` has other than [`features`](Self::features) rows.
    pub fn logits(&self, mut images: DMatrix<f64>) -> DMatrix<f64> {
        let minus_mean: Vec<f64> = self.mean.iter().map(|mean| -mean).collect();
        add_to_columns(&mut images, &minus_mean);
        let mut logits = &self.decoder_weights * (&self.encoder_weights * images);
        add_to_columns(&mut logits, &self.bias);
        logits
    }

    /// Reconstructions as pixels, rounded to nearest, in the layout of `images`.
    ///
    /// # Errors
    ///
    /// [`BaselineError::Features`] if the images are of another size than those fitted.
    pub fn reconstruct_pixels(&self, images: &Images) -> Result<Vec<u8>, BaselineError> {
        check_features(images, self.features())?;
        let blocks = map_blocks(images, |block| {
            self.logits(block).iter().map(|&logit| to_pixel(sigmoid(logit))).collect::<Vec<u8>>()
        });
        Ok(blocks.concat())
    }

    /// Mean sigmoid cross-entropy of a pixel of `images` in nats, from logits.
    ///
    /// # Errors
    ///
    /// [`BaselineError::NoImages`], and [`BaselineError::Features`] if the images are of another
    /// size than those fitted.
    pub fn test_bce(&self, images: &Images) -> Result<f64, BaselineError> {
        self.mean_over_pixels(images, cross_entropy)
    }

    /// Mean squared error of the reconstruction over all pixels of `images`. A sigmoid is within
    /// 0..=1, so the clipped error is the unclipped one.
    ///
    /// # Errors
    ///
    /// As [`test_bce`](Self::test_bce).
    pub fn test_mse(&self, images: &Images) -> Result<SquaredError, BaselineError> {
        let mse = self.mean_over_pixels(images, |logit, x| (sigmoid(logit) - x).powi(2))?;
        Ok(SquaredError { unclipped: mse, clipped: mse })
    }

    /// The figures for a table; `seconds` is the time that the fit took.
    ///
    /// # Errors
    ///
    /// As [`test_bce`](Self::test_bce).
    pub fn report(&self, test: &Images, seconds: f64) -> Result<BaselineReport, BaselineError> {
        let error = self.test_mse(test)?;
        Ok(BaselineReport {
            name: "logistic PCA".into(),
            latent: self.latent(),
            test_bce: Some(self.test_bce(test)?),
            test_mse: error.unclipped,
            test_mse_clipped: error.clipped,
            seconds,
        })
    }

    fn mean_over_pixels(
        &self,
        images: &Images,
        error: impl Fn(f64, f64) -> f64 + Sync,
    ) -> Result<f64, BaselineError> {
        check_features(images, self.features())?;
        if images.is_empty() {
            return Err(BaselineError::NoImages);
        }
        let blocks = map_blocks(images, |block| {
            let logits = self.logits(block.clone());
            logits.iter().zip(block.iter()).map(|(&logit, &x)| error(logit, x)).sum::<f64>()
        });
        Ok(blocks.iter().sum::<f64>() / images.pixels().len() as f64)
    }

    /// The encoder as one dense layer on pixels / 255: weights `A`, bias `−A·mean`.
    pub fn encoder(&self) -> DenseF32 {
        let mean = DMatrix::from_column_slice(self.features(), 1, &self.mean);
        let bias = -(&self.encoder_weights * mean);
        DenseF32 {
            inputs: self.features(),
            outputs: self.latent(),
            weights: row_major(&self.encoder_weights),
            bias: bias.iter().map(|&value| value as f32).collect(),
        }
    }

    /// The decoder as one dense layer that gives logits: weights `B`, bias `bias`.
    pub fn decoder(&self) -> DenseF32 {
        DenseF32 {
            inputs: self.latent(),
            outputs: self.features(),
            weights: row_major(&self.decoder_weights),
            bias: self.bias.iter().map(|&value| value as f32).collect(),
        }
    }
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// `−x·ln σ(logit) − (1 − x)·ln(1 − σ(logit))` in the form that does not overflow.
fn cross_entropy(logit: f64, x: f64) -> f64 {
    logit.max(0.0) - x * logit + (-logit.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests;
