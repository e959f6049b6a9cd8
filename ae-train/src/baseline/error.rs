//! What can be wrong with a baseline's input.

use crate::train::TrainError;

/// Why a baseline could not be fitted or applied.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// No image was given.
    #[error("no images: a baseline needs at least one image")]
    NoImages,

    /// A latent size of zero was asked for.
    #[error("latent size 0: choose --latent 1 or more")]
    LatentZero,

    /// More components were asked for than the data can have.
    #[error(
        "latent size {latent} is more than {images} images of {features} pixels can give: \
         choose --latent {} or less", images.min(features)
    )]
    LatentTooLarge {
        /// Latent size asked for.
        latent: usize,
        /// Images to fit on.
        images: usize,
        /// Pixels of an image.
        features: usize,
    },

    /// The images are not of the size that the baseline was fitted on.
    #[error("images have {found} pixels, the baseline was fitted on images of {expected}")]
    Features {
        /// Pixels of an image the baseline was fitted on.
        expected: usize,
        /// Pixels of an image given.
        found: usize,
    },

    /// The eigenvalue iteration did not settle.
    #[error("the eigenvalues of the {features}x{features} covariance did not converge")]
    Eigenvalues {
        /// Side of the covariance matrix.
        features: usize,
    },

    /// The stop flag was raised.
    #[error("stopped")]
    Stopped,

    /// Logistic PCA could not be trained.
    #[error("logistic PCA: {0}")]
    Train(#[from] TrainError),
}
