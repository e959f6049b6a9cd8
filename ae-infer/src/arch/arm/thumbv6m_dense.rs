//! Dense layers in rows on Cortex-M0 and M0+: the sums of four rows, and what follows them in assembly too.

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;
use core::ptr::null;

use ae_core::{Int8, Layer, Layout, Weights};

use super::thumbv6m::{ROWS, add_i8, add_u8};
use super::thumbv6m_requantise::{high_word, round};
use crate::arch::Input;

pub(crate) use super::thumbv6m::NAME;

/// Whether the kernel computes a layer.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    let arithmetic = layer.arithmetic();
    arithmetic.layout() == Layout::Rows && !arithmetic.is_one_hot() && layer.outputs() >= ROWS
}

/// What is computed; the assembly knows the fields by their offsets, and counts on in some.
#[repr(C)]
struct Job {
    /// Of the first output; and so many bytes each row has.
    weights: *const u8,
    columns: usize,
    x: *const u8,
    /// The bits by which a byte of `x` differs from its integer's.
    flipped: u32,
    /// The next output, and the last one at which a block can begin.
    next: usize,
    last: usize,
    /// Where the next output goes, and the end of those that are computed; at least one.
    y: *mut u8,
    end: *mut u8,
    /// The next bias, and bytes from there to the output's multiplier.
    bias: *const u8,
    multiplier: usize,
    /// Bytes from an output's place to its shift.
    shift: usize,
    zero_point: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
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
    if !takes(layer) {
        return false;
    }
    let Weights::Rows(rows) = layer.weights() else { return false };
    let (x, flipped) = x.bytes();
    let (outputs, columns) = (y.len(), layer.inputs());
    let Some(weights) = rows.block(0, outputs) else { return false };
    let Some((biases, multipliers, shifts)) = rows.block_parameters(0, outputs) else {
        return false;
    };
    let fits = weights.len() == outputs.wrapping_mul(columns) && x.len() == columns;
    let Some(last) = outputs.checked_sub(ROWS).filter(|_| fits) else { return false };
    let distance = |to: usize, from: usize| to.wrapping_sub(from);
    let mut job = Job {
        weights: weights.as_ptr(),
        columns,
        x: x.as_ptr(),
        flipped: flipped.into(),
        next: 0,
        last,
        y: y.as_mut_ptr(),
        end: y.as_mut_ptr(),
        bias: biases.as_ptr().cast(),
        multiplier: distance(multipliers.as_ptr().addr(), biases.as_ptr().addr()),
        shift: distance(shifts.as_ptr().addr(), y.as_ptr().addr()),
        zero_point: layer.arithmetic().zero_point().into(),
        table: null(),
    };
    let mut tables = layer.arithmetic().tables().iter();
    let span = layer.table_span();
    while job.next < outputs {
        let first = job.next;
        let own = span.min(outputs.wrapping_sub(first)).max(1);
        job.end = job.end.wrapping_add(own);
        job.table = tables.next().map_or(null(), |table| table.as_ptr().wrapping_add(128));
        // SAFETY: there are a row of weights, a number in every array and a place for each of these outputs,
        // and `ROWS` rows from `last` on.
        unsafe { run(&mut job) };
        job.next = first.wrapping_add(own);
    }
    true
}

/// Computes outputs, a block of four at a time. The last ones are computed together with some of those before
/// them.
///
/// # Safety
/// Every field is what its words say: all of it can be read, and written to `y`. The table is null or the
/// middle of 256 bytes.
///
/// | register | holds |
/// | --- | --- |
/// | r0, r1, r2, r3, r5 | sum, multiplier, halves and products |
/// | r4, r6 | next bias, place for the next output |
/// | r7 | the job |
/// | r8, r9 | the stack without sums, end of the block's outputs |
///
/// The block's sums lie on the stack, and are taken from there.
#[unsafe(naked)]
unsafe extern "C" fn run(job: &mut Job) {
    naked_asm!(
        "push {{r4-r7, lr}}",
        "mov r4, r8",
        "mov r5, r9",
        "push {{r4, r5}}",
        "mov r7, r0",
        "mov r8, sp",
        "1:",
        "ldr r4, [r7, #{NEXT}]",
        "ldr r5, [r7, #{LAST}]",
        "movs r0, r4",
        "cmp r0, r5",
        "bls 2f",
        "movs r0, r5",
        "2:",
        // The sums of outputs that are there already, which are left out.
        "subs r4, r4, r0",
        "adds r1, r0, #4",
        "str r1, [r7, #{NEXT}]",
        "ldr r2, [r7, #{COLUMNS}]",
        "muls r0, r2, r0",
        "ldr r1, [r7, #{WEIGHTS}]",
        "adds r0, r0, r1",
        "ldr r6, [r7, #{Y}]",
        "movs r1, #4",
        "subs r1, r1, r4",
        "adds r1, r6, r1",
        "ldr r3, [r7, #{END}]",
        "cmp r1, r3",
        "bls 3f",
        "movs r1, r3",
        "3:",
        "mov r9, r1",
        "ldr r1, [r7, #{X}]",
        "sub sp, sp, #16",
        "mov r3, sp",
        "ldr r5, [r7, #{FLIPPED}]",
        "cmp r5, #0",
        "bne 4f",
        "bl {add_i8}",
        "b 5f",
        "4:",
        "bl {add_u8}",
        "5:",
        "lsls r4, r4, #2",
        "add sp, r4",
        "ldr r4, [r7, #{BIAS}]",
        "6:",
        "pop {{r0}}",
        "lsls r1, r4, #30",
        "bne 10f",
        "ldr r1, [r4]",
        "adds r0, r0, r1",
        "ldr r1, [r7, #{MULTIPLIER}]",
        "ldr r1, [r4, r1]",
        "7:",
        "uxth r2, r1",
        "lsrs r1, r1, #16",
        high_word!("r0", "r2", "r1", "r3", "r5"),
        "ldr r2, [r7, #{SHIFT}]",
        "ldrb r2, [r6, r2]",
        "ldr r3, [r7, #{ZERO_POINT}]",
        round!("r1", "r0", "r2", "r3"),
        "ldr r2, [r7, #{TABLE}]",
        "cmp r2, #0",
        "beq 8f",
        "ldrb r1, [r2, r1]",
        "8:",
        "strb r1, [r6]",
        "adds r4, r4, #4",
        "adds r6, r6, #1",
        "cmp r6, r9",
        "bne 6b",
        "mov sp, r8",
        "str r4, [r7, #{BIAS}]",
        "str r6, [r7, #{Y}]",
        "ldr r0, [r7, #{END}]",
        "cmp r6, r0",
        "bne 1b",
        "pop {{r4, r5}}",
        "mov r8, r4",
        "mov r9, r5",
        "pop {{r4-r7, pc}}",
        // Numbers that lie on no boundary.
        "10:",
        "movs r5, r4",
        "bl 11f",
        "adds r0, r0, r1",
        "ldr r5, [r7, #{MULTIPLIER}]",
        "adds r5, r4, r5",
        "bl 11f",
        "b 7b",
        "11:",
        "ldrb r1, [r5, #3]",
        "lsls r1, r1, #8",
        "ldrb r2, [r5, #2]",
        "orrs r1, r2",
        "lsls r1, r1, #8",
        "ldrb r2, [r5, #1]",
        "orrs r1, r2",
        "lsls r1, r1, #8",
        "ldrb r2, [r5]",
        "orrs r1, r2",
        "bx lr",
        add_i8 = sym add_i8,
        add_u8 = sym add_u8,
        WEIGHTS = const offset_of!(Job, weights),
        COLUMNS = const offset_of!(Job, columns),
        X = const offset_of!(Job, x),
        FLIPPED = const offset_of!(Job, flipped),
        NEXT = const offset_of!(Job, next),
        LAST = const offset_of!(Job, last),
        Y = const offset_of!(Job, y),
        END = const offset_of!(Job, end),
        BIAS = const offset_of!(Job, bias),
        MULTIPLIER = const offset_of!(Job, multiplier),
        SHIFT = const offset_of!(Job, shift),
        ZERO_POINT = const offset_of!(Job, zero_point),
        TABLE = const offset_of!(Job, table),
    )
}
