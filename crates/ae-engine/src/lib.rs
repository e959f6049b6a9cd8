//! Runs a blob of either contract over many samples, on all cores, with the engine of the board.
#![forbid(unsafe_code)]

pub mod compare;
mod contract;

pub use contract::{ContractFamily, F32Contract, Int8Contract, Int8Parameters};

use ae_core::{Activation, F32Model, Header, Int8Model, Layout, LoadError, RewriteError, arrange};
use ae_data::Images;
use ae_infer::bulk::Bulk;
use ae_infer::{Autoencoder, Compute, F32Autoencoder, InferError, squared_error};
use rayon::prelude::*;
use serde::Serialize;

/// Why a blob cannot be run on the data at hand.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bytes are no model.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The model cannot be arranged for this processor.
    #[error(transparent)]
    Arrange(#[from] RewriteError),
    /// The blob lacks a part, or the samples have another size.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// Nothing to run.
    #[error("there are no images to run the model on")]
    NoImages,
}

/// Latent values as the contract has them, sample after sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Latents {
    /// Of an int8 model.
    Int8(Vec<i8>),
    /// Of an f32 model.
    F32(Vec<f32>),
}

/// How well a blob reconstructs images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlobQuality {
    /// Images.
    pub samples: usize,
    /// Mean cross-entropy of a pixel in nats. It is taken from f32 logits where there are any; else
    /// from pixels, whose 0 and 255 count as a quarter of a step from the end.
    pub bce: f64,
    /// Mean squared error of a pixel divided by 255, from the exact integer sum.
    pub mse: f64,
    /// Peak signal-to-noise ratio, `−10·log10(mse)`; infinite, in JSON null, for an mse of 0.
    pub psnr_db: f64,
}

/// The blob's contract, after a look at its header.
///
/// # Errors
/// The header is not one.
pub fn contract_of(blob: &[u8]) -> Result<ae_core::Contract, LoadError> {
    let header = Header::read(blob);
    // A damaged header is called damaged, not unknown: a parse looks at the checksum first.
    let header = header.map_err(|error| Int8Model::parse(blob).err().unwrap_or(error))?;
    Ok(header.contract)
}

/// The model in the layout that one sample at a time runs fast in on this processor: the same
/// results, layer by layer.
pub fn in_rows(blob: &[u8]) -> Result<Vec<u8>, EngineError> {
    match arrange(blob, Layout::Rows) {
        // Of a blob that is no model, the error is the loader's.
        Err(RewriteError::Load(error)) => Err(error.into()),
        arranged => Ok(arranged?),
    }
}

/// Checks the whole blob, whatever its contract, its detection section too.
///
/// # Errors
/// As [`ae_core::Model::parse`] and [`ae_core::Model::detection`].
pub fn check(blob: &[u8]) -> Result<Header, LoadError> {
    match contract_of(blob)? {
        ae_core::Contract::Int8 => check_as::<ae_core::Int8<'_>>(blob),
        ae_core::Contract::F32 => check_as::<ae_core::F32>(blob),
    }
}

fn check_as<'a, A: ae_core::Arithmetic<'a>>(blob: &'a [u8]) -> Result<Header, LoadError> {
    let model = ae_core::Model::<A>::parse(blob)?;
    model.detection()?;
    Ok(*model.header())
}

/// What a blob says of its making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Name and version of the program.
    pub tool: String,
    /// Digest of the configuration.
    pub config: Vec<u8>,
    /// Digest of the data.
    pub data: Vec<u8>,
}

/// What the blob says of its making.
///
/// # Errors
/// As [`ae_core::Model::parse`].
pub fn provenance(blob: &[u8]) -> Result<Provenance, LoadError> {
    let of = |found: &ae_core::Provenance<'_>| Provenance {
        tool: found.tool.to_owned(),
        config: found.config.to_vec(),
        data: found.data.to_vec(),
    };
    Ok(match contract_of(blob)? {
        ae_core::Contract::Int8 => of(Int8Model::parse(blob)?.provenance()),
        ae_core::Contract::F32 => of(F32Model::parse(blob)?.provenance()),
    })
}

/// The latent values of every image.
///
/// # Errors
/// The blob has no encoder, or the images have another size.
pub fn encode(blob: &[u8], images: &Images) -> Result<Latents, EngineError> {
    Ok(match contract_of(blob)? {
        ae_core::Contract::Int8 => Latents::Int8(encode_as::<Int8Contract>(blob, images)?),
        ae_core::Contract::F32 => Latents::F32(encode_as::<F32Contract>(blob, images)?),
    })
}

/// The pixels of every latent.
///
/// # Errors
/// The blob has no decoder, the latents are of the other contract, or not as many as the model has.
pub fn decode(blob: &[u8], latents: &Latents) -> Result<Vec<u8>, EngineError> {
    match latents {
        Latents::Int8(latents) => decode_as::<Int8Contract>(blob, latents),
        Latents::F32(latents) => decode_as::<F32Contract>(blob, latents),
    }
}

/// The reconstruction of every image.
///
/// # Errors
/// The blob lacks a part, or the images have another size.
pub fn reconstruct(blob: &[u8], images: &Images) -> Result<Vec<u8>, EngineError> {
    match contract_of(blob)? {
        ae_core::Contract::Int8 => reconstruct_as::<Int8Contract>(blob, images),
        ae_core::Contract::F32 => reconstruct_as::<F32Contract>(blob, images),
    }
}

/// How well the blob reconstructs `images`.
///
/// # Errors
/// As [`reconstruct`].
pub fn evaluate(blob: &[u8], images: &Images) -> Result<BlobQuality, EngineError> {
    if images.is_empty() {
        return Err(EngineError::NoImages);
    }
    let pixels = reconstruct(blob, images)?;
    let bce = match has_logits(blob)? {
        false => mean(pixel_cross_entropy(images.pixels(), &pixels), images),
        true => {
            let logits = logits(blob, images)?;
            let pairs = images.pixels().par_iter().zip(&logits);
            mean(
                ordered_sum(pairs.map(|(&pixel, &logit)| cross_entropy(pixel, logit.into()))),
                images,
            )
        }
    };
    let mse = mean(squared_error(images.pixels(), &pixels) as f64 / (255.0 * 255.0), images);
    Ok(BlobQuality { samples: images.len(), bce, mse, psnr_db: -10.0 * mse.log10() })
}

/// Whether the reconstruction is the sigmoid of f32 logits: not so in int8, and not for PCA.
fn has_logits(blob: &[u8]) -> Result<bool, LoadError> {
    Ok(match contract_of(blob)? {
        ae_core::Contract::Int8 => false,
        ae_core::Contract::F32 => {
            let model = F32Model::parse(blob)?;
            let last = model.decoder().and_then(|decoder| decoder.layers().last());
            last.is_some_and(|layer| layer.arithmetic().activation() == Activation::Sigmoid)
        }
    })
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

fn encode_as<C: ContractFamily>(
    blob: &[u8],
    images: &Images,
) -> Result<Vec<C::Element>, EngineError> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob)?;
    let widths = [features(&model, images)?, model.model().header().latent as usize];
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    in_chunks(images.pixels(), widths, bulk.scratch_len(), |pixels, latents, scratch| {
        bulk.encode(pixels, latents, scratch)
    })
}

fn decode_as<C: ContractFamily>(
    blob: &[u8],
    latents: &[C::Element],
) -> Result<Vec<u8>, EngineError> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob)?;
    let header = model.model().header();
    let widths = [header.latent as usize, header.features as usize];
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    in_chunks(latents, widths, bulk.scratch_len(), |latents, pixels, scratch| {
        bulk.decode(latents, pixels, scratch)
    })
}

fn reconstruct_as<C: ContractFamily>(blob: &[u8], images: &Images) -> Result<Vec<u8>, EngineError> {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob)?;
    let widths = [features(&model, images)?; 2];
    let mut memory = vec![0; Bulk::memory_len(&model)];
    let bulk = Bulk::new(model, &mut memory)?;
    in_chunks(images.pixels(), widths, bulk.scratch_len(), |pixels, reconstructions, scratch| {
        bulk.reconstruct(pixels, reconstructions, scratch)
    })
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

fn mean(sum: f64, images: &Images) -> f64 {
    sum / images.pixels().len() as f64
}

/// Pixels summed together before the sums are added in order.
const SUM_CHUNK: usize = 1 << 16;

/// The sum of `terms` in an order that does not depend on the number of threads.
fn ordered_sum(terms: impl IndexedParallelIterator<Item = f64>) -> f64 {
    let partial: Vec<f64> = terms.fold_chunks(SUM_CHUNK, || 0.0, |sum, term| sum + term).collect();
    partial.iter().sum()
}

/// Summed over all pixels, from the pixels that a model gave.
fn pixel_cross_entropy(originals: &[u8], reconstructions: &[u8]) -> f64 {
    // A pixel is one of 256, so there are 65,536 different terms.
    let mut counts = vec![0_u64; 1 << 16];
    for (&x, &p) in originals.iter().zip(reconstructions) {
        counts[usize::from(x) << 8 | usize::from(p)] += 1;
    }
    let term = |index: usize| {
        let (x, p) = ((index >> 8) as f64 / 255.0, (index & 255) as f64);
        let p = p.clamp(0.25, 254.75) / 255.0;
        -(x * p.ln() + (1.0 - x) * (1.0 - p).ln())
    };
    let terms = counts.iter().enumerate().filter(|&(_, &count)| count > 0);
    terms.map(|(index, &count)| count as f64 * term(index)).sum()
}

/// Of one pixel by its logit, in the form that cannot overflow.
fn cross_entropy(pixel: u8, logit: f64) -> f64 {
    logit.max(0.0) - logit * f64::from(pixel) / 255.0 + (-logit.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_of_pixels_is_that_of_the_formula() {
        // A grey pixel reconstructed as it is, and a white one as black.
        let found = pixel_cross_entropy(&[51, 255], &[51, 0]);
        let grey = -(0.2_f64 * 0.2_f64.ln() + 0.8 * 0.8_f64.ln());
        let white = -(0.25_f64 / 255.0).ln();
        assert!((found - grey - white).abs() < 1e-12, "{found}");
    }

    #[test]
    fn cross_entropy_of_logits_agrees_with_that_of_probabilities() {
        for (pixel, logit) in [(0, -3.0_f64), (255, -3.0), (100, 0.7), (200, 40.0)] {
            let (x, p) = (f64::from(pixel) / 255.0, 1.0 / (1.0 + (-logit).exp()));
            let q = 1.0 / (1.0 + f64::exp(logit));
            let expected = -(x * f64::ln(p) + (1.0 - x) * f64::ln(q));
            assert!((cross_entropy(pixel, logit) - expected).abs() < 1e-9);
        }
    }
}
