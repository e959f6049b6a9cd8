//! Many samples through a blob.

use ae_core::{Contract, F32, Int8, Layout, RewriteError, arrange};
use ae_data::Images;
use ae_infer::bulk::{Bulk, BulkCompute, BulkVisitor, with_model};
use ae_infer::{Autoencoder, Compute, F32Autoencoder, InferError};
use rayon::prelude::*;

use crate::{EngineError, contract_of};

/// Latent values as the contract has them, sample after sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Latents {
    /// Of an int8 model.
    Int8(Vec<i8>),
    /// Of an f32 model.
    F32(Vec<f32>),
}

/// The model in the layout that one sample at a time runs fast in on this processor: the same
/// results, layer by layer.
pub fn in_rows(blob: &[u8]) -> Result<Vec<u8>, EngineError> {
    match arrange(blob, Layout::Rows) {
        // If the blob is not a model, the error is the loader's.
        Err(RewriteError::Load(error)) => Err(error.into()),
        arranged => Ok(arranged?),
    }
}

/// The latent values of every image.
///
/// # Errors
/// The blob has no encoder, or the images have another size.
pub fn encode(blob: &[u8], images: &Images) -> Result<Latents, EngineError> {
    Ok(match contract_of(blob)? {
        Contract::Int8 => Latents::Int8(latents::<Int8<'_>>(blob, images)?),
        Contract::F32 => Latents::F32(latents::<F32>(blob, images)?),
    })
}

fn latents<'a, A: BulkCompute<'a>>(
    blob: &'a [u8],
    images: &Images,
) -> Result<Vec<A::Element>, EngineError> {
    let model = Autoencoder::<A>::load(blob)?;
    let widths = [features(&model, images)?, model.model().header().latent as usize];
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    in_chunks(images.pixels(), widths, bulk.scratch_len(), |pixels, latents, scratch| {
        bulk.encode(pixels, latents, scratch)
    })
}

/// The pixels of every latent.
///
/// # Errors
/// The blob has no decoder, the latents are of the other contract, or not as many as the model has.
pub fn decode(blob: &[u8], latents: &Latents) -> Result<Vec<u8>, EngineError> {
    match latents {
        Latents::Int8(latents) => pixels::<Int8<'_>>(blob, latents),
        Latents::F32(latents) => pixels::<F32>(blob, latents),
    }
}

fn pixels<'a, A: BulkCompute<'a>>(
    blob: &'a [u8],
    latents: &[A::Element],
) -> Result<Vec<u8>, EngineError> {
    let model = Autoencoder::<A>::load(blob)?;
    let header = model.model().header();
    let widths = [header.latent as usize, header.features as usize];
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    in_chunks(latents, widths, bulk.scratch_len(), |latents, pixels, scratch| {
        bulk.decode(latents, pixels, scratch)
    })
}

/// The reconstruction of every image.
///
/// # Errors
/// The blob lacks a part, or the images have another size.
pub fn reconstruct(blob: &[u8], images: &Images) -> Result<Vec<u8>, EngineError> {
    contract_of(blob)?;
    with_model(blob, Reconstruct { images })?
}

struct Reconstruct<'i> {
    images: &'i Images,
}

impl<'a> BulkVisitor<'a> for Reconstruct<'_> {
    type Output = Result<Vec<u8>, EngineError>;

    fn visit<A: BulkCompute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let pixels = self.images.pixels();
        let widths = [features(&model, self.images)?; 2];
        let mut memory = vec![0; Bulk::memory_len(&model)];
        let bulk = Bulk::new(model, &mut memory)?;
        in_chunks(pixels, widths, bulk.scratch_len(), |pixels, reconstructions, scratch| {
            bulk.reconstruct(pixels, reconstructions, scratch)
        })
    }
}

/// The logits of every image by an f32 blob.
///
/// # Errors
/// The blob is not f32, lacks a part, or the images have another size.
pub fn logits(blob: &[u8], images: &Images) -> Result<Vec<f32>, EngineError> {
    let model = F32Autoencoder::load(blob)?;
    let features = features(&model, images)?;
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    let widths = [features; 2];
    in_chunks(images.pixels(), widths, bulk.scratch_len(), |pixels, logits, scratch| {
        bulk.reconstruct_logits(pixels, logits, scratch)
    })
}

/// What an f32 blob makes of numbers, sample after sample: neither what goes in nor what comes out is
/// rounded to pixels, which stand for 0 to 1.
///
/// # Errors
/// The blob is not f32, lacks a part, or the samples have another size.
pub fn reconstruct_values(blob: &[u8], values: &[f32]) -> Result<Vec<f32>, EngineError> {
    let model = F32Autoencoder::load(blob)?;
    let header = model.model().header();
    let (features, latent_len) = (header.features as usize, header.latent as usize);
    let scratch_len = header.scratch_len();
    if !values.len().is_multiple_of(features) {
        let (expected, found) = (values.len().next_multiple_of(features), values.len());
        return Err(InferError::Samples { expected, found }.into());
    }
    let mut results = vec![0.0; values.len()];
    let samples = values.par_chunks_exact(features).zip(results.par_chunks_exact_mut(features));
    samples.try_for_each_init(
        || (vec![0.0; latent_len], vec![0.0; scratch_len]),
        |(latent, scratch), (values, results)| {
            model.encode_values(values, latent, scratch)?;
            model.decode_values(latent, results, scratch)
        },
    )?;
    Ok(results)
}

/// The model's features, if the images have as many pixels.
fn features<'a, A: Compute<'a>>(
    model: &Autoencoder<'a, A>,
    images: &Images,
) -> Result<usize, InferError> {
    let (expected, found) = (model.model().header().features as usize, images.features());
    if found == expected { Ok(expected) } else { Err(InferError::Pixels { expected, found }) }
}

/// Samples of one task.
const CHUNK: usize = 256;

/// Runs samples of `inputs` values, which give as many of `outputs` values, on all cores.
fn in_chunks<X: Sync, Y: Clone + Default + Send, E: Clone + Default + Send>(
    samples: &[X],
    [inputs, outputs]: [usize; 2],
    scratch_len: usize,
    run: impl Fn(&[X], &mut [Y], &mut [E]) -> Result<(), InferError> + Sync,
) -> Result<Vec<Y>, EngineError> {
    if !samples.len().is_multiple_of(inputs) {
        let (expected, found) = (samples.len().next_multiple_of(inputs), samples.len());
        return Err(InferError::Samples { expected, found }.into());
    }
    let mut results = vec![Y::default(); samples.len() / inputs * outputs];
    let chunks = samples.par_chunks(CHUNK * inputs).zip(results.par_chunks_mut(CHUNK * outputs));
    chunks.try_for_each_init(
        || vec![E::default(); scratch_len],
        |scratch, (samples, results)| run(samples, results, scratch),
    )?;
    Ok(results)
}
