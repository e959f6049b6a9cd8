//! Sums of rows of the int8 contract on x86-64, for one sample.

use super::kernel::X86;
use super::{rows_avx2, rows_avx512};
use crate::arch::all::int8 as portable;
use crate::arch::tile::Kernel;

/// Rows that are summed side by side.
pub(crate) const ROWS: usize = 8;

/// The name of what sums them on this processor.
pub(crate) fn name() -> &'static str {
    X86::detect().map_or(portable::NAME, X86::name)
}

/// The sums of as many rows, of products with i8.
pub(crate) fn sums_i8(rows: &[u8], x: &[i8]) -> [i32; ROWS] {
    sums(X86::detect(), rows, Inputs { bytes: bytemuck::must_cast_slice(x), flipped: 0x80 })
}

/// The sums of as many rows, of products with pixels.
pub(crate) fn sums_u8(rows: &[u8], x: &[u8]) -> [i32; ROWS] {
    sums(X86::detect(), rows, Inputs { bytes: x, flipped: 0 })
}

/// What is multiplied: bytes that with some bits changed are values plus 128.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'x> {
    pub(super) bytes: &'x [u8],
    pub(super) flipped: u8,
}

/// The sums of rows by a kernel, or by portable code.
#[allow(
    unsafe_code,
    reason = "functions with these instructions are called where there is a proof"
)]
pub(super) fn sums(kernel: Option<X86>, rows: &[u8], x: Inputs<'_>) -> [i32; ROWS] {
    let (mut all, mut rest) = ([[].as_slice(); ROWS], rows);
    for row in &mut all {
        // Not `chunks`, which divides.
        (*row, rest) = rest.split_at_checked(x.bytes.len()).unwrap_or_default();
    }
    match kernel {
        // SAFETY: there is an `X86` only where the processor has what it stands for.
        Some(X86::Avx512Vnni { .. }) => unsafe { rows_avx512::sums(all, x) },
        // SAFETY: as above; both have AVX2.
        Some(X86::Avx2 | X86::AvxVnni) => unsafe { rows_avx2::sums(all, x) },
        None => all.map(|row| {
            let products = row.iter().zip(x.bytes).map(|(&weight, &byte)| {
                let value = i32::from(byte ^ x.flipped).wrapping_sub(128);
                i32::from(weight as i8).wrapping_mul(value)
            });
            products.fold(0, i32::wrapping_add)
        }),
    }
}
