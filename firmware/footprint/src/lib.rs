//! What the programs share. Each is linked from one function on, with nothing that the function
//! does not reach, to be measured and looked through. None is ever run.
#![no_std]

pub mod memory;

use ae_infer::{Autoencoder, Compute, Detector, Int8Autoencoder, Sample};

/// A blob is loaded, tested and run: encoder, decoder, score.
#[inline(always)]
pub fn run<'a, A: Compute<'a>>(
    blob: &'a [u8],
    pixels: &[u8],
    reconstruction: &mut [u8],
    scratch: &mut [A::Element],
) -> u64 {
    let Ok(model) = Autoencoder::<A>::load(blob) else { return u64::MAX };
    if model.self_test(reconstruction, scratch).is_err() {
        return u64::MAX;
    }
    model.score(pixels, reconstruction, scratch).unwrap_or(u64::MAX)
}

/// An int8 blob is loaded and tested, and watches a signal of one sample.
#[inline(always)]
pub fn watch(
    blob: &'static [u8],
    window: &mut [u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sample: &[impl Sample],
) -> u64 {
    let Ok(model) = Int8Autoencoder::load(blob) else { return u64::MAX };
    if model.self_test(reconstruction, scratch).is_err() {
        return u64::MAX;
    }
    let Ok(mut detector) = Detector::new(model, window, reconstruction, scratch) else {
        return u64::MAX;
    };
    match detector.push(sample) {
        Ok(Some(decision)) => decision.evidence().score,
        _ => u64::MAX,
    }
}

/// Where nothing can panic the linker drops this, and `cargo xtask test` looks whether it did.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
