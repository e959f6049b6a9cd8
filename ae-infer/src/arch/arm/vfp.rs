//! The kernel for Arm cores with a floating-point unit, such as the Cortex-M4F: sixteen sums in
//! registers, and eight weights to a load.
//!
//! `VMLA` rounds the product before it adds it, so it is the contract's operation; `VFMA` is not.
//! Compilers use `VMLA` too, but load weight by weight and have too few registers for that.
#![allow(unsafe_code, reason = "compilers do not load many weights at once")]

use core::arch::naked_asm;

use ae_core::{F32, Layer};

use crate::arch::all::f32 as portable;

/// Name of what computes a layer.
pub(crate) fn name(layer: &Layer<'_, F32>) -> &'static str {
    if aligned(layer).is_some() { "vfp" } else { portable::name(layer) }
}

/// Weights and biases, if all are there and on a word boundary: a layer is on one within its blob,
/// but where the blob lies is up to its owner.
fn aligned(layer: &Layer<'_, F32>) -> Option<(*const f32, *const f32)> {
    let (weights, biases) = layer.weights_and_biases();
    let is_whole = weights.len() == layer.inputs().saturating_mul(layer.outputs())
        && biases.len() == layer.outputs();
    let (weights, biases) = (weights.as_ptr().cast::<f32>(), biases.as_ptr().cast::<f32>());
    (is_whole && weights.is_aligned() && biases.is_aligned()).then_some((weights, biases))
}

/// Adds to the sums of the outputs from `first` on their products with `x`, which are the inputs
/// from `input` on. With the first input the sums start from the biases.
pub(crate) fn add_products(
    layer: &Layer<'_, F32>,
    input: usize,
    x: &[f32],
    first: usize,
    sums: &mut [f32],
) {
    let outputs = layer.outputs();
    let fits = input.saturating_add(x.len()) <= layer.inputs()
        && first.saturating_add(sums.len()) <= outputs;
    let Some((weights, biases)) = aligned(layer).filter(|_| fits && !x.is_empty()) else {
        return portable::add_products(layer, input, x, first, sums);
    };
    let sixteens = sums.len() & !15;
    let fours = sums.len() & !3;
    let column = weights.wrapping_add(input.wrapping_mul(outputs)).wrapping_add(first);
    let (sums, len) = (sums.as_mut_ptr(), sums.len());
    let start = if input == 0 { biases.wrapping_add(first) } else { sums.cast_const() };
    let (stride, inputs) = (outputs.wrapping_mul(4), x.len());
    let add = |kernel: Kernel, from: usize, blocks: usize| {
        let column = column.wrapping_add(from);
        let (start, sums) = (start.wrapping_add(from), sums.wrapping_add(from));
        // SAFETY: there are `outputs` biases and `inputs · outputs` weights, an input's `outputs`
        // after the other's, all aligned. As `fits` says, the outputs of the sums from `first` on
        // and the inputs of `x` from `input` on are among them. Each function gets what belongs to
        // its part of the sums, the parts have as many sums as the blocks that it is told of, and
        // neither x nor a part is empty.
        unsafe { kernel(column, stride, x.as_ptr(), inputs, start, sums, blocks) };
    };
    if sixteens > 0 {
        add(sixteens_of_sums, 0, sixteens / 16);
    }
    if fours > sixteens {
        add(fours_of_sums, sixteens, fours.wrapping_sub(sixteens) / 4);
    }
    if len > fours {
        add(single_sums, fours, len.wrapping_sub(fours));
    }
}

/// Adds products to `blocks` blocks of sums; see [`sixteens_of_sums`].
type Kernel = unsafe extern "C" fn(
    weights: *const f32,
    stride: usize,
    x: *const f32,
    inputs: usize,
    start: *const f32,
    sums: *mut f32,
    blocks: usize,
);

/// The sixteen products of the x in `$x`.
macro_rules! sixteen {
    ($x:literal) => {
        concat!(
            "vldmia r6!, {{s16-s23}}\n",
            "vmla.f32 s0, s16, ",
            $x,
            "\n",
            "vmla.f32 s1, s17, ",
            $x,
            "\n",
            "vmla.f32 s2, s18, ",
            $x,
            "\n",
            "vmla.f32 s3, s19, ",
            $x,
            "\n",
            "vmla.f32 s4, s20, ",
            $x,
            "\n",
            "vmla.f32 s5, s21, ",
            $x,
            "\n",
            "vmla.f32 s6, s22, ",
            $x,
            "\n",
            "vmla.f32 s7, s23, ",
            $x,
            "\n",
            "vldmia r6, {{s16-s23}}\n",
            "add r6, r6, r1\n",
            "vmla.f32 s8, s16, ",
            $x,
            "\n",
            "vmla.f32 s9, s17, ",
            $x,
            "\n",
            "vmla.f32 s10, s18, ",
            $x,
            "\n",
            "vmla.f32 s11, s19, ",
            $x,
            "\n",
            "vmla.f32 s12, s20, ",
            $x,
            "\n",
            "vmla.f32 s13, s21, ",
            $x,
            "\n",
            "vmla.f32 s14, s22, ",
            $x,
            "\n",
            "vmla.f32 s15, s23, ",
            $x,
            "\n",
        )
    };
}

/// Writes to `sums`, `blocks` times sixteen of them, what is at `start` and the products of all
/// inputs. `inputs` and `blocks` are not 0; `stride` is in bytes, from an input's weights to the
/// next one's.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the first input's weights of this block |
/// | r1 | from the second half of an input's weights to the next one's |
/// | r2, r3 | x, inputs |
/// | r4, r5 | next sums, blocks left |
/// | r6, r7 | next weights, next of x |
/// | r8 | rounds of eight inputs left; then inputs left |
/// | r9 | where the next sums start from |
/// | s0–s15 | the sums |
/// | s16–s23 | weights |
/// | s24–s31 | x of eight inputs |
#[unsafe(naked)]
unsafe extern "C" fn sixteens_of_sums(
    weights: *const f32,
    stride: usize,
    x: *const f32,
    inputs: usize,
    start: *const f32,
    sums: *mut f32,
    blocks: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r9, lr}}",
        "vpush {{d8-d15}}",
        "ldr r9, [sp, #92]",
        "ldrd r4, r5, [sp, #96]",
        "sub r1, r1, #32",
        "2:",
        "vldmia r9!, {{s0-s15}}",
        "mov r6, r0",
        "mov r7, r2",
        "lsrs r8, r3, #3",
        "beq 4f",
        "3:",
        "vldmia r7!, {{s24-s31}}",
        sixteen!("s24"),
        sixteen!("s25"),
        sixteen!("s26"),
        sixteen!("s27"),
        sixteen!("s28"),
        sixteen!("s29"),
        sixteen!("s30"),
        sixteen!("s31"),
        "subs r8, r8, #1",
        "bne 3b",
        "4:",
        "ands r8, r3, #7",
        "beq 6f",
        "5:",
        "vldmia r7!, {{s24}}",
        sixteen!("s24"),
        "subs r8, r8, #1",
        "bne 5b",
        "6:",
        "vstmia r4!, {{s0-s15}}",
        "add r0, r0, #64",
        "subs r5, r5, #1",
        "bne 2b",
        "vpop {{d8-d15}}",
        "pop {{r4-r9, pc}}",
    )
}

/// The same for fours, the weights in s4–s7 and x in s8.
#[unsafe(naked)]
unsafe extern "C" fn fours_of_sums(
    weights: *const f32,
    stride: usize,
    x: *const f32,
    inputs: usize,
    start: *const f32,
    sums: *mut f32,
    blocks: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r9, lr}}",
        "ldr r9, [sp, #28]",
        "ldrd r4, r5, [sp, #32]",
        "2:",
        "vldmia r9!, {{s0-s3}}",
        "mov r6, r0",
        "mov r7, r2",
        "mov r8, r3",
        "3:",
        "vldmia r6, {{s4-s7}}",
        "vldmia r7!, {{s8}}",
        "add r6, r6, r1",
        "vmla.f32 s0, s4, s8",
        "vmla.f32 s1, s5, s8",
        "vmla.f32 s2, s6, s8",
        "vmla.f32 s3, s7, s8",
        "subs r8, r8, #1",
        "bne 3b",
        "vstmia r4!, {{s0-s3}}",
        "add r0, r0, #16",
        "subs r5, r5, #1",
        "bne 2b",
        "pop {{r4-r9, pc}}",
    )
}

/// The same one by one, the weight in s1 and x in s2.
#[unsafe(naked)]
unsafe extern "C" fn single_sums(
    weights: *const f32,
    stride: usize,
    x: *const f32,
    inputs: usize,
    start: *const f32,
    sums: *mut f32,
    blocks: usize,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r9, lr}}",
        "ldr r9, [sp, #28]",
        "ldrd r4, r5, [sp, #32]",
        "2:",
        "vldmia r9!, {{s0}}",
        "mov r6, r0",
        "mov r7, r2",
        "mov r8, r3",
        "3:",
        "vldr s1, [r6]",
        "vldmia r7!, {{s2}}",
        "add r6, r6, r1",
        "vmla.f32 s0, s1, s2",
        "subs r8, r8, #1",
        "bne 3b",
        "vstmia r4!, {{s0}}",
        "add r0, r0, #4",
        "subs r5, r5, #1",
        "bne 2b",
        "pop {{r4-r9, pc}}",
    )
}
