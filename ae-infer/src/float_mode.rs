//! Whether the core's float arithmetic is that of the f32 contract.

use core::hint::black_box;

/// Whether results are rounded to nearest even and subnormal numbers are kept, on the way in and on
/// the way out. A program may have set a core to something else: `FZ` and `RMode` in FPSCR and FPCR,
/// `FTZ`, `DAZ` and `RC` in MXCSR. `DN` there is no matter, because the contract has one NaN.
///
/// It is found by computing, so it needs no register that only some cores have. Bits are compared:
/// a comparison of numbers may flush them too.
///
/// Where functions compute instead of instructions, there is nothing to set, and a program that needs
/// no floating point else is not to link them for this.
pub(crate) fn is_kept() -> bool {
    if cfg!(soft_float) {
        return true;
    }
    let products = [
        // Subnormal from normal, and normal from subnormal.
        (f32::MIN_POSITIVE, 0.5, 0x0040_0000),
        (f32::from_bits(1), 1.0 / f32::EPSILON, 0x0080_0000),
    ];
    // Parts of the last bit, added to 1 and −1.
    let sums = [
        (1.0, f32::EPSILON / 4.0, 0x3f80_0000),
        (1.0, f32::EPSILON / 2.0, 0x3f80_0000),
        (1.0, f32::EPSILON * 0.75, 0x3f80_0001),
        (-1.0, -f32::EPSILON / 4.0, 0xbf80_0000),
    ];
    products.iter().all(|&(a, b, bits)| multiply(a, b).to_bits() == bits)
        && sums.iter().all(|&(a, b, bits)| add(a, b).to_bits() == bits)
}

// The compiler, which knows of no such setting, must not compute these itself.

fn multiply(a: f32, b: f32) -> f32 {
    black_box(a) * black_box(b)
}

fn add(a: f32, b: f32) -> f32 {
    black_box(a) + black_box(b)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_core_is_as_after_a_reset() {
        assert!(super::is_kept());
    }
}
