//! From what a file holds to what a blob can hold.

mod blob;
mod chain;
mod flow;
mod integer_layer;
mod integers;
mod made;
mod mean;
mod notes;
mod numbers;
mod real_model;
mod reals;
mod runtime;
mod sources;
mod spatial;
mod steps;
mod tables;
mod walk;

pub use blob::{Division, Making, OutputPixels, with_runtime_output};
pub use integers::IntegerModel;
pub use notes::Notes;
pub use real_model::{PixelNetwork, RealModel};
pub use sources::LayerSource;

use ae_core::Rounding;

use crate::{ImportError, SourceModel};

/// A model as layers that a blob can hold.
#[derive(Clone, Debug)]
pub enum Lowered {
    /// Of integers, which are kept.
    Integers(IntegerModel),
    /// Of real numbers.
    Real(RealModel),
}

/// Makes layers of a model's operators, whose numbers are taken out of it. Sums of integers are rounded
/// like this.
///
/// # Errors
/// An operator that no layer can do here, or a model that is no autoencoder.
pub fn lower(model: &mut SourceModel, rounding: Rounding) -> Result<Lowered, ImportError> {
    let chain = walk::walk(model)?;
    match model.input.codes {
        Some(input) => integers::integers(model, chain, input, rounding).map(Lowered::Integers),
        None => RealModel::new(model, chain).map(Lowered::Real),
    }
}
