//! Dense layers in rows on Cortex-M0 and M0+: the sums of four rows, and what follows them in assembly too.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::{Int8, Layer, Layout, Weights};

use super::thumbv6m::{ROWS, add_i8, add_u8};
use super::thumbv6m_requantise::{high_word, round};
use crate::arch::Input;
use crate::arch::all::int8::look_up_from;

pub(crate) use super::thumbv6m::NAME;

/// Whether the layer is in rows, has a block of outputs, is not one-hot, and lies on a boundary of 4 bytes:
/// biases and multipliers are read by words.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    let arithmetic = layer.arithmetic();
    arithmetic.layout() == Layout::Rows
        && !arithmetic.is_one_hot()
        && layer.outputs() >= ROWS
        && layer.data().as_ptr().addr().is_multiple_of(4)
}

/// What is computed; the assembly knows the fields by their offsets, takes the first four together, and counts
/// on in some.
#[repr(C)]
struct Job {
    /// Of the next block; each of its rows has as many bytes as there are columns.
    weights: *const u8,
    x: *const u8,
    columns: usize,
    /// The bits by which a byte of `x` differs from its integer's.
    flipped: u32,
    /// Of the next block.
    biases: *const u8,
    multipliers: *const u8,
    /// Where the next output goes, and the end of those that are computed.
    y: *mut u8,
    end: *mut u8,
    /// Bytes from an output's place to its shift.
    shift: usize,
    zero_point: i32,
}

/// Computes a layer that the kernel [`takes`]. Gives `false`, and computes nothing, where it does not, or
/// where `x` or `y` has another length than the layer.
#[inline(never)]
pub(crate) fn whole_layer(
    layer: &Layer<'_, Int8<'_>>,
    x: Input<'_>,
    y: &mut [u8],
    _room: &mut [i8],
) -> bool {
    if !takes(layer) || !blocks(layer, 0, x, y) {
        return false;
    }
    if !y.len().is_multiple_of(ROWS) {
        // The last outputs are those of a whole block, some of which are computed twice.
        let first = y.len().wrapping_sub(ROWS);
        blocks(layer, first, x, y.get_mut(first..).unwrap_or_default());
    }
    look_up_from(layer, 0, y);
    true
}

/// Computes outputs from `first` on, up to their tables, in whole blocks: as many of these as `y` has room
/// for, at least one. Gives `false`, and computes nothing, where `x` has another length than the layer, or
/// `y` has room for more than are left.
#[inline(never)]
fn blocks(layer: &Layer<'_, Int8<'_>>, first: usize, x: Input<'_>, y: &mut [u8]) -> bool {
    let Weights::Rows(rows) = layer.weights() else { return false };
    let (x, flipped) = x.bytes();
    let (outputs, columns) = (y.len(), layer.inputs());
    let Some(weights) = rows.block(first, outputs) else { return false };
    let Some((biases, multipliers, shifts)) = rows.block_parameters(first, outputs) else {
        return false;
    };
    if outputs < ROWS || x.len() != columns || weights.len() != outputs.wrapping_mul(columns) {
        return false;
    }
    let end = outputs.wrapping_sub(outputs % ROWS);
    let Some((whole, _)) = y.split_at_mut_checked(end) else { return false };
    let whole = whole.as_mut_ptr_range();
    let mut job = Job {
        weights: weights.as_ptr(),
        x: x.as_ptr(),
        columns,
        flipped: flipped.into(),
        biases: biases.as_ptr().cast(),
        multipliers: multipliers.as_ptr().cast(),
        y: whole.start,
        end: whole.end,
        shift: shifts.as_ptr().addr().wrapping_sub(whole.start.addr()),
        zero_point: layer.arithmetic().zero_point().into(),
    };
    // SAFETY: for each of these outputs, at least one block of them, there are a row of weights, a number in
    // every array and a place.
    unsafe { run(&mut job) };
    true
}

/// Computes outputs, a block of four at a time.
///
/// # Safety
/// Every field is what its words say: all of it can be read, and written to `y`. There is at least one block,
/// and biases and multipliers lie on boundaries of 4.
///
/// | register | holds |
/// | --- | --- |
/// | r0, r1, r2, r3, r5 | sum, multiplier, halves and products |
/// | r4, r6 | next multiplier, place for the next output |
/// | r7 | the job |
/// | r8 | end of the block's outputs |
///
/// The block's sums lie on the stack: first the biases, from which they start. They are taken from there.
#[unsafe(naked)]
unsafe extern "C" fn run(job: &mut Job) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "push {{r3-r5}}",
        "mov r7, r0",
        "1:",
        "ldr r5, [r7, #{BIASES}]",
        "ldm r5!, {{r0-r3}}",
        "str r5, [r7, #{BIASES}]",
        "push {{r0-r3}}",
        "mov r3, sp",
        "mov r0, r7",
        "ldm r0, {{r0-r2, r5}}",
        "cmp r5, #0",
        "bne 4f",
        "bl {add_i8}",
        "b 5f",
        "4:",
        "bl {add_u8}",
        "5:",
        "str r3, [r7, #{WEIGHTS}]",
        "ldr r4, [r7, #{MULTIPLIERS}]",
        "ldr r6, [r7, #{Y}]",
        "adds r0, r6, #4",
        "mov r8, r0",
        "6:",
        "pop {{r0}}",
        "ldm r4!, {{r1}}",
        "uxth r2, r1",
        "lsrs r1, r1, #16",
        high_word!("r0", "r2", "r1", "r3", "r5"),
        "ldr r2, [r7, #{SHIFT}]",
        "ldrb r2, [r6, r2]",
        "ldr r3, [r7, #{ZERO_POINT}]",
        round!("r1", "r0", "r2", "r3"),
        "strb r1, [r6]",
        "adds r6, r6, #1",
        "cmp r6, r8",
        "bne 6b",
        "str r4, [r7, #{MULTIPLIERS}]",
        "str r6, [r7, #{Y}]",
        "ldr r0, [r7, #{END}]",
        "cmp r6, r0",
        "bne 1b",
        "pop {{r3-r5}}",
        "mov r8, r4",
        "mov r9, r5",
        "pop {{r4-r7, pc}}",
        add_i8 = sym add_i8,
        add_u8 = sym add_u8,
        WEIGHTS = const offset_of!(Job, weights),
        BIASES = const offset_of!(Job, biases),
        MULTIPLIERS = const offset_of!(Job, multipliers),
        Y = const offset_of!(Job, y),
        END = const offset_of!(Job, end),
        SHIFT = const offset_of!(Job, shift),
        ZERO_POINT = const offset_of!(Job, zero_point),
    )
}
