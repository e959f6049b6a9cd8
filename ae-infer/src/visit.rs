//! A model whose contract is known only when the program runs.

use ae_core::{Contract, F32, Header, Int8, LoadError};

use crate::autoencoder::Autoencoder;
use crate::compute::Compute;

/// A piece of work for a model of either contract. See [`with_model`].
pub trait Visitor<'a>: Sized {
    /// What comes of it.
    type Output;

    /// Does the work with the loaded model.
    fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output;

    /// Loads the model. Another implementation may surround [`Autoencoder::load`], to measure it or
    /// to keep it a function of its own.
    ///
    /// # Errors
    /// As [`Autoencoder::load`].
    #[inline(always)]
    fn load<A: Compute<'a>>(blob: &'a [u8]) -> Result<Autoencoder<'a, A>, LoadError> {
        Autoencoder::load(blob)
    }
}

/// Reads the contract from the blob's header, loads the model, and shows it to `visitor`.
///
/// This links the code of both contracts. A program for int8 models alone calls
/// `visitor.visit(Int8Autoencoder::load(blob)?)`, which links none of f32.
///
/// ```
/// use ae_infer::{Autoencoder, Compute, InferError, Visitor, with_model};
///
/// /// Encodes an image: how many bytes the latent has, and in which contract.
/// struct Encode<'i> {
///     image: &'i [u8],
/// }
///
/// impl<'a> Visitor<'a> for Encode<'_> {
///     type Output = Result<(usize, &'static str), InferError>;
///
///     fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
///         let header = *model.model().header();
///         let mut latent = vec![A::Element::default(); header.latent as usize];
///         let mut scratch = vec![A::Element::default(); header.scratch_len()];
///         model.encode(self.image, &mut latent, &mut scratch)?;
///         Ok((size_of_val(&*latent), A::CONTRACT.name()))
///     }
/// }
///
/// let int8 = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb"));
/// let f32 = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.f32.aeb"));
/// let image = [10, 200, 30, 120];
/// assert_eq!(with_model(int8, Encode { image: &image })??, (2, "int8"));
/// assert_eq!(with_model(f32, Encode { image: &image })??, (8, "f32"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Autoencoder::load`]; then `visitor` is not called.
// Inlined, so that what the visitor does is not taken for a part of this crate.
#[inline(always)]
pub fn with_model<'a, V: Visitor<'a>>(blob: &'a [u8], visitor: V) -> Result<V::Output, LoadError> {
    match contract(blob) {
        Contract::Int8 => Ok(visitor.visit(V::load::<Int8<'a>>(blob)?)),
        Contract::F32 => Ok(visitor.visit(V::load::<F32>(blob)?)),
    }
}

/// The contract in the blob's header. Where the header cannot be read, it is any: loading says why.
pub(crate) fn contract(blob: &[u8]) -> Contract {
    Header::read(blob).map_or(Contract::Int8, |header| header.contract)
}
