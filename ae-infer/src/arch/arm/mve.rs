//! The kernel for cores with Helium (MVE), such as the Cortex-M55: whole layers, four outputs at a
//! time.
//!
//! A multiply-add takes sixteen products, and four outputs share each load of x. The four sums are
//! requantised together by the rule of [`ae_core::Requant`], and tables are looked up sixteen bytes
//! at a time. Vectors are loaded and stored as bytes, which need no boundary, so it runs where a program
//! has set `CCR.UNALIGN_TRP`, and on Device memory.
#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Layout, Rounding, Weights};

use crate::arch::Input;

/// Its name.
pub(crate) const NAME: &str = "mve";

/// Outputs that share a load of x.
const BLOCK: usize = 4;

/// Inputs in one round of the inner loop.
const ROUND: usize = 64;

/// Whether the layer is in rows, has a block of outputs, and is not one-hot.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    layer.arithmetic().layout() == Layout::Rows
        && !layer.arithmetic().is_one_hot()
        && layer.outputs() >= BLOCK
}

/// Computes `layer`. Gives `false`, and computes nothing, if the layer is in another layout than
/// rows or has fewer outputs than a block.
#[inline(never)]
pub(crate) fn whole_layer(
    layer: &Layer<'_, Int8<'_>>,
    x: Input<'_>,
    y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    let kernel = match (x, layer.arithmetic().rounding()) {
        (Input::Elements(_), Rounding::Once) => i8_blocks,
        (Input::Pixels(_), Rounding::Once) => pixel_blocks,
        #[cfg(feature = "double-rounding")]
        (Input::Elements(_), Rounding::Twice) => i8_blocks_twice,
        #[cfg(feature = "double-rounding")]
        (Input::Pixels(_), Rounding::Twice) => pixel_blocks_twice,
    };
    let (x, _) = x.bytes();
    let outputs = y.len();
    let whole = outputs.wrapping_sub(outputs % BLOCK);
    // The last outputs are those of a whole block, some of which are computed twice.
    let last = if whole == outputs { whole } else { outputs.saturating_sub(BLOCK) };
    for (first, count) in [(0, whole), (last, outputs.wrapping_sub(last))] {
        if count > 0 && !blocks(layer, first, count, x, kernel, y) {
            return false;
        }
    }
    let tables = layer.arithmetic().tables();
    for (outputs, table) in y.chunks_mut(layer.table_span().max(1)).zip(tables) {
        // SAFETY: the table has 256 bytes, one for each index, and `outputs` as many as told.
        unsafe { look_up(table.as_ptr(), outputs.as_mut_ptr(), outputs.len()) };
    }
    true
}

/// Computes `count` outputs from `first` on, up to their tables. Gives `false` and does nothing if
/// `count` is 0 or not a multiple of a block, if the weights are not in rows, if `x` has fewer
/// inputs than the layer, or if the layer or `y` has fewer outputs than these.
fn blocks(
    layer: &Layer<'_, Int8<'_>>,
    first: usize,
    count: usize,
    x: &[u8],
    kernel: Kernel,
    y: &mut [u8],
) -> bool {
    let inputs = layer.inputs();
    let Weights::Rows(rows) = layer.weights() else { return false };
    let (Some(weights), Some((biases, multipliers, shifts)), Some(x), Some(y)) = (
        rows.block(first, count),
        rows.block_parameters(first, count),
        x.get(..inputs),
        y.get_mut(first..).and_then(|y| y.get_mut(..count)),
    ) else {
        return false;
    };
    if count == 0 || !count.is_multiple_of(BLOCK) {
        return false;
    }
    // SAFETY: `count` is a multiple of four and not 0. There are `count · inputs` bytes of weights,
    // `count` words of biases and of multipliers, `count` bytes of shifts, `inputs` bytes of x, and
    // room for `count` bytes of y.
    unsafe {
        kernel(
            weights.as_ptr(),
            inputs,
            biases.as_ptr(),
            count,
            x.as_ptr(),
            inputs / ROUND,
            multipliers.as_ptr(),
            shifts.as_ptr(),
            y.as_mut_ptr(),
            layer.arithmetic().zero_point().into(),
        );
    }
    true
}

/// [`i8_blocks`] or another of its kind.
type Kernel = unsafe extern "C" fn(
    weights: *const u8,
    inputs: usize,
    biases: *const [u8; 4],
    outputs: usize,
    x: *const u8,
    rounds: usize,
    multipliers: *const [u8; 4],
    shifts: *const u8,
    y: *mut u8,
    zero_point: i32,
);

/// Sixteen products for each of four outputs; `$flip` makes i8 of x.
macro_rules! sixteen {
    ($flip:literal) => {
        concat!(
            "vldrb.u8 q0, [r8], #16\n",
            "vldrb.u8 q1, [r1], #16\n",
            $flip,
            "vldrb.u8 q2, [r3], #16\n",
            "vmladava.s8 r0, q0, q1\n",
            "vldrb.u8 q1, [r5], #16\n",
            "vmladava.s8 r2, q0, q2\n",
            "vldrb.u8 q2, [r7], #16\n",
            "vmladava.s8 r4, q0, q1\n",
            "vmladava.s8 r6, q0, q2\n",
        )
    };
}

/// The high words of the products of sums in q0 and multipliers in q1.
macro_rules! once {
    () => {
        "vmulh.s32 q0, q0, q1\n"
    };
}

/// The same for sums that are rounded twice: half of what the first of the two steps gives, which rounds
/// the product itself, less 1 where it is below 0. The rest is as for one rounding.
#[cfg(feature = "double-rounding")]
macro_rules! twice {
    () => {
        "vqrdmulh.s32 q0, q0, q1\n\
         vshr.s32 q1, q0, #31\n\
         vhadd.s32 q0, q0, q1\n"
    };
}

/// Defines a function that computes blocks of four outputs; `$flip` makes i8 of what is in q0, and `$scale`
/// high words of what is in q0 and q1.
///
/// | register | what |
/// | --- | --- |
/// | r0, r2, r4, r6 | the four sums; between two blocks, addresses |
/// | r1, r3, r5, r7 | next weights of the four outputs |
/// | r8 | next of x |
/// | r9 | from behind the last weight of a row to where that pointer starts in the next block |
/// | r10 | inputs that make no whole round |
/// | r11 | next biases |
/// | r12 | outputs left |
/// | lr | rounds left |
/// | q0 | x; then sums, and what becomes of them |
/// | q1, q2 | weights; then multipliers and shifts |
/// | q3 | 128 in each byte |
/// | sp + 36, … | x; inputs / 64; next multipliers; next shifts; next of y; zero point |
macro_rules! blocks {
    ($(#[$attribute:meta])* $name:ident, $flip:literal, $scale:ident) => {
        $(#[$attribute])*
        #[unsafe(naked)]
        unsafe extern "C" fn $name(
            weights: *const u8,
            inputs: usize,
            biases: *const [u8; 4],
            outputs: usize,
            x: *const u8,
            rounds: usize,
            multipliers: *const [u8; 4],
            shifts: *const u8,
            y: *mut u8,
            zero_point: i32,
        ) {
            naked_asm!(
                ".cpu cortex-m55",
                "push {{r4-r11, lr}}",
                "mov r11, r2",
                "mov r12, r3",
                "and r10, r1, #63",
                // A row's pointer ends on a multiple of 16 inputs.
                "add r9, r1, #15",
                "bic r9, r9, #15",
                "rsb r9, r9, r1, lsl #2",
                "add r3, r0, r1",
                "add r5, r3, r1",
                "add r7, r5, r1",
                "mov r1, r0",
                "vmov.i8 q3, #0x80",
                "2:",
                "ldrd r8, lr, [sp, #36]",
                "vldrb.u8 q0, [r11], #16",
                "vmov r0, r4, q0[2], q0[0]",
                "vmov r2, r6, q0[3], q0[1]",
                "wls lr, lr, 4f",
                "3:",
                sixteen!($flip),
                sixteen!($flip),
                sixteen!($flip),
                sixteen!($flip),
                "le lr, 3b",
                // What is left; the last of it, fewer than sixteen, behind a mask.
                "4:",
                "wlstp.8 lr, r10, 6f",
                "5:",
                sixteen!($flip),
                "letp lr, 5b",
                "6:",
                "vmov q0[2], q0[0], r0, r4",
                "vmov q0[3], q0[1], r2, r6",
                "ldrd r0, r2, [sp, #44]",
                "ldrd r4, r6, [sp, #52]",
                "vldrb.u8 q1, [r0], #16",
                "vldrb.u32 q2, [r2], #4",
                // The high word of the product; it is rounded as it is shifted, and the zero point
                // is a whole number to add before or after.
                $scale!(),
                "vneg.s32 q2, q2",
                "vrshl.s32 q0, q0, q2",
                "vadd.i32 q0, q0, r6",
                // To 16 bits and to 8, in the low ones of each lane.
                "vqmovnb.s32 q0, q0",
                "vqmovnb.s16 q0, q0",
                "vstrb.32 q0, [r4], #4",
                "strd r0, r2, [sp, #44]",
                "str r4, [sp, #52]",
                "add r1, r1, r9",
                "add r3, r3, r9",
                "add r5, r5, r9",
                "add r7, r7, r9",
                "subs r12, r12, #4",
                "bne 2b",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

blocks! {
    /// Outputs without their tables, from x of i8. `outputs` is a multiple of four and not 0,
    /// `rounds` is `inputs / 64`.
    i8_blocks, "", once
}

blocks! {
    /// The same from pixels.
    pixel_blocks, "veor q0, q0, q3\n", once
}

blocks! {
    /// Outputs that are rounded twice.
    #[cfg(feature = "double-rounding")]
    i8_blocks_twice, "", twice
}

blocks! {
    /// The same from pixels.
    #[cfg(feature = "double-rounding")]
    pixel_blocks_twice, "veor q0, q0, q3\n", twice
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
