//! What the programs call to load and run a model. Each is a function of its own in every program,
//! however it is optimised, so that all that it reaches can be looked at: `cargo xtask test
//! panic-paths` does, and goes by the name of this module.

use ae_core::LoadError;
use ae_infer::{
    Autoencoder, Companion, Compute, Decision, Detector, DetectorError, InferError, Observation,
    Sample, SelfTestError, Trace,
};

/// See [`Autoencoder::load`].
#[inline(never)]
pub(crate) fn load<A: Compute<'static>>(
    blob: &'static [u8],
) -> Result<Autoencoder<'static, A>, LoadError> {
    Autoencoder::load(blob)
}

/// See [`Autoencoder::self_test`].
#[inline(never)]
pub(crate) fn self_test<A: Compute<'static>>(
    model: &Autoencoder<'static, A>,
    pixels: &mut [u8],
    scratch: &mut [A::Element],
) -> Result<(), SelfTestError> {
    model.self_test(pixels, scratch)
}

/// See [`Autoencoder::encode_traced`].
#[inline(never)]
pub(crate) fn encode<A: Compute<'static>>(
    model: &Autoencoder<'static, A>,
    pixels: &[u8],
    latent: &mut [A::Element],
    scratch: &mut [A::Element],
    trace: &mut impl Trace,
) -> Result<(), InferError> {
    model.encode_traced(pixels, latent, scratch, trace)
}

/// See [`Autoencoder::decode_traced`].
#[inline(never)]
pub(crate) fn decode<A: Compute<'static>>(
    model: &Autoencoder<'static, A>,
    latent: &[A::Element],
    pixels: &mut [u8],
    scratch: &mut [A::Element],
    trace: &mut impl Trace,
) -> Result<(), InferError> {
    model.decode_traced(latent, pixels, scratch, trace)
}

/// See [`Autoencoder::reconstruct_traced`].
#[inline(never)]
pub(crate) fn reconstruct<A: Compute<'static>>(
    model: &Autoencoder<'static, A>,
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [A::Element],
    trace: &mut impl Trace,
) -> Result<(), InferError> {
    model.reconstruct_traced(pixels, reconstruction, scratch, trace)
}

/// See [`ae_infer::squared_error`].
#[inline(never)]
pub(crate) fn score(pixels: &[u8], reconstruction: &[u8]) -> u64 {
    ae_infer::squared_error(pixels, reconstruction)
}

/// See [`Detector::new`].
#[inline(never)]
pub(crate) fn detector<A: Compute<'static>>(
    model: Autoencoder<'static, A>,
    window: &'static mut [u8],
    reconstruction: &'static mut [u8],
    scratch: &'static mut [A::Element],
) -> Result<Detector<'static, 'static, A>, DetectorError> {
    Detector::new(model, window, reconstruction, scratch)
}

/// See [`Detector::push`].
#[inline(never)]
pub(crate) fn push<A: Compute<'static>, S: Sample>(
    detector: &mut Detector<'static, 'static, A>,
    sample: &[S],
) -> Result<Option<Decision>, DetectorError> {
    detector.push(sample)
}

/// See [`Detector::push_with`].
#[inline(never)]
pub(crate) fn push_with<A: Compute<'static>, S: Sample>(
    detector: &mut Detector<'static, 'static, A>,
    sample: &[S],
    companion: &mut impl Companion,
) -> Result<Option<Observation>, DetectorError> {
    detector.push_with(sample, companion)
}
