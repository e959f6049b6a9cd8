//! What the programs share. Each is linked from one function on, with nothing that the function
//! does not reach, to be measured and looked through. None is ever run.
#![no_std]

pub mod memory;

use ae_infer::{Autoencoder, Calibration, Compute, Detector, Drift, Int8Autoencoder, Sample};

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

/// The same with a threshold that is found in place and a look for a drift, both made and gone on with
/// from a state.
#[inline(always)]
pub fn watch_with<const M: usize, const K: usize>(
    blob: &'static [u8],
    window: &mut [u8],
    reconstruction: &mut [u8],
    scratch: &mut [i8],
    sample: &[impl Sample],
    companions: &mut (Calibration<M>, Drift<K>),
) -> u64 {
    let Ok(model) = Int8Autoencoder::load(blob) else { return u64::MAX };
    if model.self_test(reconstruction, scratch).is_err() {
        return u64::MAX;
    }
    let Ok(mut detector) = Detector::new(model, window, reconstruction, scratch) else {
        return u64::MAX;
    };
    let (calibration, drift) = companions;
    let state = (Calibration::resume(calibration.state()), Drift::resume(drift.state()));
    let (Ok(calibration), Ok(drift)) = state else { return u64::MAX };
    *companions = (calibration, drift);
    match detector.push_with(sample, companions) {
        Ok(Some(seen)) => seen.decision.evidence().score ^ u64::from(seen.findings.has_drifted),
        _ => u64::MAX,
    }
}

/// Where nothing can panic the linker drops this, and `cargo xtask test` looks whether it did.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
