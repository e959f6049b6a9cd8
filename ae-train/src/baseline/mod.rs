//! What the autoencoder is measured against: linear models of the same latent size on the same
//! data.
//!
//! [`Pca`] is the best linear reconstruction in squared error, computed exactly. [`LogisticPca`] is
//! the best that one dense layer each way reaches under the loss the autoencoder trains with. What
//! the autoencoder gains over the two is what its hidden layers are worth.
//!
//! All figures are in units of a pixel divided by 255, so they compare with the autoencoder's own.

mod blocks;
mod covariance;
mod error;
mod logistic_pca;
mod pca;
mod report;

pub use error::BaselineError;
pub use logistic_pca::LogisticPca;
pub use pca::Pca;
pub use report::{BaselineReport, SquaredError};

#[cfg(test)]
mod tests;
