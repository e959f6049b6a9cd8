//! The validating loader, the self-test and the forward pass of an f32 model, linked by themselves
//! to be measured. It is never run.
#![no_std]
#![no_main]

use ae_infer::F32Autoencoder;

/// A blob is loaded, tested and run: encoder, decoder, score.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    blob: &'static [u8],
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [f32],
) -> u64 {
    let Ok(model) = F32Autoencoder::load(blob) else { return u64::MAX };
    if model.self_test(reconstruction, scratch).is_err() {
        return u64::MAX;
    }
    model.score(pixels, reconstruction, scratch).unwrap_or(u64::MAX)
}

/// Where nothing can panic the linker drops this, and `cargo xtask test` looks whether it did.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
