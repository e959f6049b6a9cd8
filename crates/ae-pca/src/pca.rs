//! Principal component analysis, exact.

use ae_core::{Activation, Geometry};
use ae_data::Images;
use ae_model::{LayerF32, Network};
use nalgebra::{DMatrix, SymmetricEigen};

use super::blocks::{add_to_columns, map_blocks, to_pixel};
use super::covariance::{Moments, moments};
use super::{BaselineReport, PcaError, SquaredError};

/// Eigenvalue sweeps allowed. A few dozen settle the matrices of real images.
const MAX_SWEEPS_PER_FEATURE: usize = 100;

/// The linear reconstruction of least squared error with a given number of components.
///
/// With `C` the components, an image `x` (pixels / 255) has the latent vector `z = C·(x − mean)`
/// and the reconstruction `Cᵀ·z + mean`. The components are the eigenvectors of the training
/// images' covariance with the largest eigenvalues (Pearson 1901; Hotelling 1933).
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean training image, `[features]`.
    pub mean: Vec<f64>,
    /// latent × features; rows are orthonormal, ordered by falling variance. In each row the entry
    /// of largest magnitude (the first such) is positive, which settles the sign that an
    /// eigenvector leaves open.
    pub components: DMatrix<f64>,
    /// Variance of the training images along each component in (pixel / 255)², divided by their
    /// number.
    pub explained: Vec<f64>,
}

impl Pca {
    /// Fits to all of `images`.
    ///
    /// The result is a function of the set of images: their order and the number of threads don't
    /// matter.
    ///
    /// # Errors
    ///
    /// [`PcaError::NoImages`], [`PcaError::LatentZero`],
    /// [`PcaError::LatentTooLarge`] if `latent` is above the number of images or of pixels,
    /// and [`PcaError::Eigenvalues`].
    pub fn fit(images: &Images, latent: usize) -> Result<Self, PcaError> {
        check_latent(images, latent)?;
        let features = images.features();
        let Moments { mean, covariance } = moments(images);
        let sweeps = MAX_SWEEPS_PER_FEATURE * features;
        let eigen = SymmetricEigen::try_new(covariance, f64::EPSILON, sweeps)
            .ok_or(PcaError::Eigenvalues { features })?;

        let mut order: Vec<usize> = (0..features).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        order.truncate(latent);
        let mut components = DMatrix::zeros(latent, features);
        for (row, &index) in order.iter().enumerate() {
            let vector = eigen.eigenvectors.column(index);
            let sign = vector[vector.iamax()].signum();
            components.row_mut(row).tr_copy_from(&(vector * sign));
        }
        // A covariance has no negative eigenvalue; rounding may leave one.
        let explained = order.iter().map(|&index| eigen.eigenvalues[index].max(0.0)).collect();
        Ok(Self { mean, components, explained })
    }

    /// Numbers that an image is reduced to.
    pub fn latent(&self) -> usize {
        self.components.nrows()
    }

    /// Pixels of an image.
    pub fn features(&self) -> usize {
        self.components.ncols()
    }

    /// Latent vectors of images.
    ///
    /// # Shapes
    ///
    /// `images` features × n, columns are images of pixels / 255; the result latent × n.
    ///
    /// # Panics
    ///
    /// If `images` has other than [`features`](Self::features) rows.
    pub fn transform(&self, mut images: DMatrix<f64>) -> DMatrix<f64> {
        let minus_mean: Vec<f64> = self.mean.iter().map(|mean| -mean).collect();
        add_to_columns(&mut images, &minus_mean);
        &self.components * images
    }

    /// Images of latent vectors, not clipped.
    ///
    /// # Shapes
    ///
    /// `latents` latent × n; the result features × n.
    ///
    /// # Panics
    ///
    /// If `latents` has other than [`latent`](Self::latent) rows.
    pub fn inverse(&self, latents: &DMatrix<f64>) -> DMatrix<f64> {
        let mut images = self.components.transpose() * latents;
        add_to_columns(&mut images, &self.mean);
        images
    }

    /// Reconstructions as pixels, clipped and rounded to nearest, in the layout of `images`.
    ///
    /// # Errors
    ///
    /// [`PcaError::Features`] if the images are of another size than those fitted.
    pub fn reconstruct_pixels(&self, images: &Images) -> Result<Vec<u8>, PcaError> {
        check_features(images, self.features())?;
        let blocks = map_blocks(images, |block| {
            let reconstruction = self.inverse(&self.transform(block));
            reconstruction.iter().map(|&value| to_pixel(value)).collect::<Vec<u8>>()
        });
        Ok(blocks.concat())
    }

    /// Mean squared error of the reconstruction over all pixels of `images`.
    ///
    /// # Errors
    ///
    /// [`PcaError::NoImages`], and [`PcaError::Features`] if the images are of another
    /// size than those fitted.
    pub fn test_mse(&self, images: &Images) -> Result<SquaredError, PcaError> {
        check_features(images, self.features())?;
        if images.is_empty() {
            return Err(PcaError::NoImages);
        }
        let blocks = map_blocks(images, |block| {
            let reconstruction = self.inverse(&self.transform(block.clone()));
            block.iter().zip(reconstruction.iter()).fold(
                (0.0, 0.0),
                |(unclipped, clipped), (x, y)| {
                    (unclipped + (y - x).powi(2), clipped + (y.clamp(0.0, 1.0) - x).powi(2))
                },
            )
        });
        let pixels = images.pixels().len() as f64;
        Ok(SquaredError {
            unclipped: blocks.iter().map(|block| block.0).sum::<f64>() / pixels,
            clipped: blocks.iter().map(|block| block.1).sum::<f64>() / pixels,
        })
    }

    /// The figures for a table; `seconds` is the time that the fit took.
    ///
    /// # Errors
    ///
    /// As [`test_mse`](Self::test_mse).
    pub fn report(&self, test: &Images, seconds: f64) -> Result<BaselineReport, PcaError> {
        let error = self.test_mse(test)?;
        Ok(BaselineReport {
            name: "PCA".into(),
            latent: self.latent(),
            test_bce: None,
            test_mse: error.unclipped,
            test_mse_clipped: error.clipped,
            seconds,
        })
    }

    /// The components as a network: one dense layer each way, and pixels as they come out.
    pub fn network(&self) -> Network {
        let (encoder, decoder) = (vec![self.encoder()], vec![self.decoder()]);
        Network { encoder, decoder }
    }

    /// The encoder as one dense layer on pixels / 255: weights `C`, bias `−C·mean`.
    pub fn encoder(&self) -> LayerF32 {
        let bias = self.transform(DMatrix::zeros(self.features(), 1));
        LayerF32 {
            geometry: Geometry::dense(self.features(), self.latent()),
            weights: row_major(&self.components),
            bias: bias.iter().map(|&value| value as f32).collect(),
            activation: Activation::Identity,
        }
    }

    /// The decoder as one dense layer: weights `Cᵀ`, bias `mean`.
    pub fn decoder(&self) -> LayerF32 {
        LayerF32 {
            geometry: Geometry::dense(self.latent(), self.features()),
            weights: row_major(&self.components.transpose()),
            bias: self.mean.iter().map(|&value| value as f32).collect(),
            activation: Activation::Identity,
        }
    }
}

/// nalgebra stores columns, so the rows of a matrix are the columns of its transpose.
fn row_major(matrix: &DMatrix<f64>) -> Vec<f32> {
    matrix.transpose().iter().map(|&value| value as f32).collect()
}

/// Whether `images` can give `latent` components.
fn check_latent(images: &Images, latent: usize) -> Result<(), PcaError> {
    let (count, features) = (images.len(), images.features());
    if count == 0 {
        return Err(PcaError::NoImages);
    }
    if latent == 0 {
        return Err(PcaError::LatentZero);
    }
    if latent > count.min(features) {
        return Err(PcaError::LatentTooLarge { latent, images: count, features });
    }
    Ok(())
}

/// Whether `images` are of the size fitted.
fn check_features(images: &Images, expected: usize) -> Result<(), PcaError> {
    let found = images.features();
    if found == expected { Ok(()) } else { Err(PcaError::Features { expected, found }) }
}

#[cfg(test)]
mod tests;
