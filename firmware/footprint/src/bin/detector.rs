//! What `loader` links, and a detector that is given counts: to be measured, and to be looked through
//! for float arithmetic. It is never run.
#![no_std]
#![no_main]

use ae_infer::{Detector, Int8Autoencoder};

/// A blob is loaded and tested, and watches a signal of one sample.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(
    blob: &'static [u8],
    window: &mut [u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sample: &[i16],
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
