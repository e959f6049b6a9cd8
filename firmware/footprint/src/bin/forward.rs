//! The forward pass alone, linked by itself to be measured: no start, no loader, no printing.
//! It is never run.
#![no_std]
#![no_main]

use ae_footprint as _;
use ae_infer::Int8Autoencoder;

/// A model that was loaded elsewhere is run: encoder, decoder, score.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    model: &Int8Autoencoder<'static>,
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
) -> u64 {
    model.score(pixels, reconstruction, scratch).unwrap_or(u64::MAX)
}
