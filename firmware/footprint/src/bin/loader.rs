//! The validating loader, the self-test and the forward pass of an int8 model, linked by themselves
//! to be measured. It is never run.
#![no_std]
#![no_main]

use ae_core::Int8;

/// A blob is loaded, tested and run: encoder, decoder, score.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    blob: &'static [u8],
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
) -> u64 {
    ae_footprint::run::<Int8<'static>>(blob, pixels, reconstruction, scratch)
}
