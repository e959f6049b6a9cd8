//! Pictures of a run: reconstructions beside their originals, and the loss curve.
//!
//! Every function returns the bytes of a file and writes none. Pixels are 8-bit grey, 0 black.

pub(crate) mod axis;
mod canvas;
mod comparison;
mod curve;
mod error;
mod font;
mod grid;
pub(crate) mod log_axis;

pub use comparison::{ComparisonRow, comparison};
pub use curve::{CurvePoint, TrainLoss, loss_curve};
pub use error::PictureError;
pub use grid::reconstruction_grid;
