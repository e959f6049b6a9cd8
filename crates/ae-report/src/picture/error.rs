//! What can be wrong with a picture's input.

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// There are not as many reconstructed pixels as original ones.
    #[error(
        "{found} reconstructed pixels for {expected} original ones: both must be the same images"
    )]
    ReconstructionLength {
        /// Pixels of the originals.
        expected: usize,
        /// Pixels of the reconstructions.
        found: usize,
    },

    /// A row of a comparison is not a whole number of images.
    #[error(
        "row `{label}` has {found} pixels, which is not a whole number of {height}x{width} images"
    )]
    RowNotWhole {
        /// Label of the row.
        label: String,
        /// Pixels of the row.
        found: usize,
        /// Pixel rows of an image.
        height: usize,
        /// Pixel columns of an image.
        width: usize,
    },

    /// A row of a comparison has another length than the first.
    #[error(
        "row `{label}` has {found} pixels, the first row {expected}: all must be the same images"
    )]
    RowLength {
        /// Label of the row.
        label: String,
        /// Pixels of the first row.
        expected: usize,
        /// Pixels of this row.
        found: usize,
    },

    /// The PNG could not be made; most likely the picture is too large for the format.
    #[error("cannot make a PNG of {width}x{height} pixels: {source}")]
    Png {
        /// Pixel columns of the picture.
        width: usize,
        /// Pixel rows of the picture.
        height: usize,
        /// What the encoder said.
        source: png::EncodingError,
    },
}
