//! Why principal components or prototypes cannot be had.

/// Why principal components or prototypes could not be fitted or applied.
#[derive(Debug, thiserror::Error)]
pub enum PcaError {
    /// The shape of the network to start cannot be.
    #[error(transparent)]
    Model(#[from] ae_model::ModelError),

    /// No image was given.
    #[error("there are no images to fit to, at least one is needed")]
    NoImages,

    /// Prototypes were asked for in a shape of another kind.
    #[error("centres of k-means are for a one-hot code, the configuration says a linear one")]
    NotOneHot,

    /// Principal components were to start a network that has a table of layers.
    #[error(
        "principal components start dense layers alone, the configuration has a table of layers"
    )]
    NotDense,

    /// A latent size of zero was asked for.
    #[error("the latent size is 0; it must be at least 1")]
    LatentZero,

    /// More components were asked for than the data can have.
    #[error(
        "the latent size is {latent}; {images} images of {features} pixels have at most {}", images.min(features)
    )]
    LatentTooLarge {
        /// Latent size asked for.
        latent: usize,
        /// Images to fit on.
        images: usize,
        /// Pixels of an image.
        features: usize,
    },

    /// The images are not of the size of the network or of those that it was fitted on.
    #[error("the images have {found} pixels, expected {expected}")]
    Features {
        /// Pixels of an image that are expected.
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
}
