//! How well a blob reconstructs images.

use ae_core::{Activation, Contract, F32Model, LoadError};
use ae_data::Images;
use ae_infer::squared_error;
use rayon::prelude::*;
use serde::Serialize;

use crate::{EngineError, contract_of, logits, reconstruct};

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
    if contract_of(blob)? != Contract::F32 {
        return Ok(false);
    }
    let model = F32Model::parse(blob)?;
    let last = model.decoder().and_then(|decoder| decoder.layers().last());
    Ok(last.is_some_and(|layer| layer.arithmetic().activation() == Activation::Sigmoid))
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
