//! The proof that blobs compute what Burn computed.

use ae_data::Images;
use ae_engine as engine;
use ae_engine::EngineError;
use ae_engine::compare::self_test;

use super::Agreement;
use crate::model::Autoencoder;

/// The largest difference of a logit between Burn and the f32 blob that counts as agreement: both
/// add the same products, in another order, in 32-bit floats.
pub const LOGIT_TOLERANCE: f64 = 1e-3;

/// Compares Burn with the f32 blob, and both blobs with their own test vectors.
pub(super) fn agreement(
    model: &Autoencoder,
    f32_blob: &[u8],
    int8_blob: &[u8],
    images: &Images,
) -> Result<Agreement, EngineError> {
    let largest = largest_logit_difference(model, f32_blob, images)?;
    let self_tests_pass = self_test(f32_blob)?.is_none() && self_test(int8_blob)?.is_none();
    Ok(Agreement {
        largest_logit_difference: largest,
        tolerance: LOGIT_TOLERANCE,
        self_tests_pass,
        holds: self_tests_pass && largest <= LOGIT_TOLERANCE,
    })
}

/// Burn's logits against those of the f32 blob.
///
/// # Errors
/// The blob cannot be run on the images.
pub fn largest_logit_difference(
    model: &Autoencoder,
    f32_blob: &[u8],
    images: &Images,
) -> Result<f64, EngineError> {
    let (burns, ours) = (model.logits_of(images), engine::logits(f32_blob, images)?);
    let differences = burns.iter().zip(&ours).map(|(&a, &b)| f64::from(a - b).abs());
    // A logit that is not a number agrees with nothing.
    Ok(differences.fold(0.0, |largest, d| if d.is_nan() { f64::INFINITY } else { d.max(largest) }))
}
