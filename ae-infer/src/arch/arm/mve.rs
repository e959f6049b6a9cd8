//! The kernel for cores with Helium (MVE), such as the Cortex-M55: whole layers, four outputs at a
//! time.
//!
//! A multiply-add takes sixteen products, and four outputs share each load of x. The four sums are
//! requantised together by the rule of [`ae_core::Requant`], and tables are looked up sixteen bytes
//! at a time. Vectors are loaded and stored as bytes, which need no boundary, and words on boundaries alone,
//! so it runs where a program has set `CCR.UNALIGN_TRP`, and on Device memory.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Layout};

use super::mve_blocks::{BLOCK, blocks};
use crate::arch::Input;

/// Its name.
pub(crate) const NAME: &str = "mve";

/// Whether the layer is in rows, has inputs and a block of outputs, is not one-hot, and lies on a boundary
/// of 4 bytes: biases are read by words.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    layer.arithmetic().layout() == Layout::Rows
        && !layer.arithmetic().is_one_hot()
        && layer.inputs() > 0
        && layer.outputs() >= BLOCK
        && layer.data().as_ptr().addr().is_multiple_of(4)
}

/// Computes a layer that the kernel [`takes`]. Gives `false`, and computes nothing, if it does not,
/// or if `x` has not as many values as the layer inputs.
#[inline(never)]
pub(crate) fn whole_layer(
    layer: &Layer<'_, Int8<'_>>,
    x: Input<'_>,
    y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    if !takes(layer) {
        return false;
    }
    let outputs = y.len();
    let rest = outputs % BLOCK;
    let (whole, _) = y.split_at_mut_checked(outputs.wrapping_sub(rest)).unwrap_or_default();
    if !blocks(layer, 0, x, whole) {
        return false;
    }
    if rest != 0 {
        // The last outputs are those of a whole block, some of which are computed twice.
        let first = outputs.wrapping_sub(BLOCK);
        blocks(layer, first, x, y.get_mut(first..).unwrap_or_default());
    }
    let tables = layer.arithmetic().tables();
    if tables.is_empty() {
        return true;
    }
    for (outputs, table) in y.chunks_mut(layer.table_span().max(1)).zip(tables) {
        // SAFETY: the table has 256 bytes, one for each index, and `outputs` as many as told.
        unsafe { look_up(table.as_ptr(), outputs.as_mut_ptr(), outputs.len()) };
    }
    true
}

/// Replaces bytes: i8 by their entries in a table, the first of which is that of −128.
pub(crate) fn look_up_all(table: &[u8; 256], bytes: &mut [u8]) {
    // SAFETY: the table has 256 bytes, one for each index, and there are as many bytes as told.
    unsafe { look_up(table.as_ptr(), bytes.as_mut_ptr(), bytes.len()) };
}

/// Replaces `len` bytes: i8 by their entries in a table of 256 bytes, the first of which is that of
/// −128.
///
/// # Safety
/// The table has 256 bytes, and `bytes` as many as `len` says.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the table |
/// | r1 | next bytes |
/// | r2 | 128 |
/// | lr | bytes left |
/// | q0 | i8, then indices |
/// | q1 | entries |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn look_up(table: *const u8, bytes: *mut u8, len: usize) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r7, lr}}",
        "wlstp.8 lr, r2, 3f",
        "mov r2, #128",
        "2:",
        "vldrb.u8 q0, [r1]",
        "vadd.i8 q0, q0, r2",
        "vldrb.u8 q1, [r0, q0]",
        "vstrb.8 q1, [r1], #16",
        "letp lr, 2b",
        "3:",
        "pop {{r7, pc}}",
    )
}
