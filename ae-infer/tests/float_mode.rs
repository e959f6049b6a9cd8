//! A program that has set the processor's float arithmetic to something else than the format's.
#![cfg(target_arch = "x86_64")]
#![allow(unsafe_code, reason = "a register of the processor")]

use std::arch::asm;

use ae_core::LoadError;
use ae_infer::{F32Autoencoder, Int8Autoencoder};

const F32: &[u8] = include_bytes!("../../tests/golden/tiny.f32.aeb");
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
