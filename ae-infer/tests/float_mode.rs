//! A program that has set the processor's float arithmetic to something else than the format's.
#![cfg(target_arch = "x86_64")]
#![allow(unsafe_code, reason = "a register of the processor")]

use std::arch::asm;

use ae_core::{F32Model, LoadError, with_detection};
use ae_infer::{Detector, DetectorError, F32Autoencoder, Int8Autoencoder};

const F32: &[u8] = include_bytes!("../../tests/golden/tiny.f32.aeb");
const VALUES: &[u8] = include_bytes!("../../tests/golden/tiny.values.f32.aeb");
const COUNTS: &[u8] = include_bytes!("../../tests/golden/tiny.counts.int8.aeb");
const INT8: &[u8] = include_bytes!("../../tests/golden/tiny.int8.aeb");

/// What `work` gives while bits of MXCSR are set.
fn with<R>(bits: u32, work: impl FnOnce() -> R) -> R {
    let mut kept = 0_u32;
    // SAFETY: it stores four bytes.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut kept) };
    let changed = kept | bits;
    // SAFETY: exceptions stay masked; the register is this thread's, and is put back below.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const changed) };
    let result = work();
    // SAFETY: as above.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const kept) };
    result
}

/// What a detector with an int8 model says while bits of MXCSR are set.
fn detector(blob: &[u8], bits: u32) -> Result<(), DetectorError> {
    let model = Int8Autoencoder::load(blob).unwrap();
    let header = *model.model().header();
    let mut pixels = [vec![0; header.features as usize], vec![0; header.features as usize]];
    let [window, reconstruction] = &mut pixels;
    let mut scratch = vec![0; header.scratch_len()];
    with(bits, || Detector::new(model, window, reconstruction, &mut scratch).map(|_| ()))
}

#[test]
fn so_is_it_by_a_detector_of_f32_samples_whatever_its_model() {
    let values = F32Model::parse(VALUES).unwrap().detection().unwrap().unwrap();
    let values = with_detection(INT8, &values).unwrap();
    for bits in [1 << 15, 1 << 6, 1 << 13, 2 << 13, 3 << 13] {
        let refused = Err(DetectorError::Load(LoadError::FloatMode));
        assert_eq!(detector(&values, bits), refused, "MXCSR bits {bits:#x}");
        assert_eq!(detector(COUNTS, bits), Ok(()), "MXCSR bits {bits:#x}");
    }
    assert_eq!(detector(&values, 0), Ok(()));
}

#[test]
fn every_other_setting_is_found_at_load_of_an_f32_model_alone() {
    // FTZ; DAZ; rounding down, up, and toward zero.
    for bits in [1 << 15, 1 << 6, 1 << 13, 2 << 13, 3 << 13] {
        let loaded = with(bits, || F32Autoencoder::load(F32).map(|_| ()));
        assert_eq!(loaded, Err(LoadError::FloatMode), "MXCSR bits {bits:#x}");
        // Integers are computed alike.
        let tested = with(bits, || {
            let model = Int8Autoencoder::load(INT8).unwrap();
            let header = model.model().header();
            let (pixels, scratch) = (header.features as usize, header.scratch_len());
            model.self_test(&mut vec![0; pixels], &mut vec![0; scratch])
        });
        tested.unwrap();
    }
    F32Autoencoder::load(F32).unwrap();
}
