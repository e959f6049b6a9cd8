//! Networks that are fitted and not trained: principal components of images, the best linear model in
//! squared error, computed exactly; and prototypes, the centres of k-means.
//!
//! The first is what an autoencoder is measured against. All figures are in units of a pixel divided by
//! 255, so they compare with the autoencoder's own.
#![forbid(unsafe_code)]

mod blocks;
mod covariance;
mod error;
mod kmeans;
mod pca;
mod prototypes;
mod report;
mod start;

pub use error::PcaError;
pub use pca::Pca;
pub use prototypes::prototypes;
pub use report::{BaselineReport, SquaredError};
pub use start::start;

#[cfg(test)]
mod tests;
