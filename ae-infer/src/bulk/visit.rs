//! [`with_model`](crate::with_model) for visitors that take many samples at a time.

use ae_core::{Contract, F32, Int8, LoadError};

use super::BulkCompute;
use crate::autoencoder::Autoencoder;
use crate::visit::contract;

/// A piece of work for a model of either contract and many samples. See [`with_model`].
pub trait BulkVisitor<'a> {
    /// What comes of it.
    type Output;

    /// Does the work with the loaded model.
    fn visit<A: BulkCompute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output;
}

/// Reads the contract from the blob's header, loads the model, and shows it to `visitor`.
///
/// ```
/// use ae_infer::bulk::{Bulk, BulkCompute, BulkVisitor, with_model};
/// use ae_infer::{Autoencoder, InferError};
///
/// /// The reconstructions of images.
/// struct Reconstruct<'i> {
///     images: &'i [u8],
/// }
///
/// impl<'a> BulkVisitor<'a> for Reconstruct<'_> {
///     type Output = Result<Vec<u8>, InferError>;
///
///     fn visit<A: BulkCompute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
///         let mut memory = vec![0; Bulk::memory_len(&model)];
///         let bulk = Bulk::new(model, &mut memory)?;
///         let mut scratch = vec![A::Element::default(); bulk.scratch_len()];
///         let mut reconstructions = vec![0; self.images.len()];
///         bulk.reconstruct(self.images, &mut reconstructions, &mut scratch)?;
///         Ok(reconstructions)
///     }
/// }
///
/// let blob = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb"));
/// let images = [10, 200, 30, 120].repeat(100);
/// let reconstructions = with_model(blob, Reconstruct { images: &images })??;
/// assert_eq!(reconstructions, [254, 82, 184, 254].repeat(100));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Autoencoder::load`]; then `visitor` is not called.
pub fn with_model<'a, V: BulkVisitor<'a>>(
    blob: &'a [u8],
    visitor: V,
) -> Result<V::Output, LoadError> {
    match contract(blob) {
        Contract::Int8 => Ok(visitor.visit(Autoencoder::<Int8<'a>>::load(blob)?)),
        Contract::F32 => Ok(visitor.visit(Autoencoder::<F32>::load(blob)?)),
    }
}
