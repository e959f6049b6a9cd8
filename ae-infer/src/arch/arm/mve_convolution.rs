//! Convolutions in rows on cores with Helium (MVE): two outputs of two positions at a time.
//!
//! Four loads of sixteen bytes serve four multiply-adds of sixteen products. The last of a row, fewer
//! than sixteen, are masked by the loop itself, so nothing behind a row is read.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Layout, Weights};

use super::mve;
use crate::arch::all::convolution as portable;

pub(crate) use crate::arch::all::convolution::POSITIONS;

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    layer.arithmetic().layout() == Layout::Rows
        && !layer.arithmetic().is_one_hot()
        && layer.inputs() > 0
        && layer.outputs() > 0
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { mve::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], whose fields these are, and which takes what this kernel does not.
pub(crate) struct Positions<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    portable: portable::Positions<'l, 'a>,
}

impl<'l, 'a> Positions<'l, 'a> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>) -> Self {
        Self { layer, portable: portable::Positions::new(layer) }
    }

    pub(crate) fn pack_rows(&self, fields: &mut [u8], number: usize, rows: portable::Rows<'_>) {
        self.portable.pack_rows(fields, number, rows);
    }

    pub(crate) fn pack(
        &self,
        fields: &mut [u8],
        number: usize,
        at: usize,
        values: &[u8],
        flipped: u8,
    ) {
        self.portable.pack(fields, number, at, values, flipped);
    }

    pub(crate) fn fill(
        &self,
        fields: &mut [u8],
        number: usize,
        at: usize,
        count: usize,
        value: u8,
    ) {
        self.portable.fill(fields, number, at, count, value);
    }

    pub(crate) fn outputs(&self, fields: &[u8], y: &mut [u8]) {
        let (inputs, outputs) = (self.layer.inputs(), self.layer.outputs());
        let Weights::Rows(rows) = self.layer.weights() else {
            return self.portable.outputs(fields, y);
        };
        let (one, other) = y.split_at_mut_checked(outputs).unwrap_or_default();
        let field_len = fields.len() / POSITIONS;
        let fits = takes(self.layer)
            && field_len >= inputs
            && !one.is_empty()
            && (other.is_empty() || other.len() == outputs);
        let (Some(weights), Some((biases, multipliers, shifts))) =
            (rows.block(0, outputs), rows.block_parameters(0, outputs))
        else {
            return;
        };
        if !fits {
            return;
        }
        let arithmetic = self.layer.arithmetic();
        let tables = arithmetic.tables();
        let table =
            if let [table] = tables { table.as_ptr().wrapping_add(128) } else { core::ptr::null() };
        let out = one.as_mut_ptr();
        let x = fields.as_ptr().cast::<i8>();
        let mut job = Job {
            weights: weights.as_ptr(),
            inputs,
            x: [x, x.wrapping_add(field_len)],
            // Without a second position its outputs go where those of the first are written later.
            out: [out, if other.is_empty() { out } else { other.as_mut_ptr() }],
            biases: biases.as_ptr(),
            multipliers: multipliers.as_ptr(),
            shifts: shifts.as_ptr(),
            rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
            table,
            left: outputs,
        };
        // SAFETY: there are `outputs` rows of `inputs` weights, an entry of every array for each of
        // them, `inputs` values of each position, and room for the outputs of both.
        unsafe { run(&mut job) };
        if tables.len() > 1 {
            let span = self.layer.table_span().max(1);
            for y in [one, other] {
                for (outputs, table) in y.chunks_mut(span).zip(tables) {
                    for output in outputs {
                        *output = *table.get(usize::from(*output ^ 0x80)).unwrap_or(output);
                    }
                }
            }
        }
    }
}

/// What the assembly works on; it knows the fields by their offsets.
#[repr(C)]
struct Job {
    /// The next row.
    weights: *const u8,
    inputs: usize,
    x: [*const i8; 2],
    /// The next outputs of both positions.
    out: [*mut u8; 2],
    biases: *const [u8; 4],
    multipliers: *const [u8; 4],
    shifts: *const u8,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    rounding: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    /// Outputs of a position that are left, at least 1.
    left: usize,
}

/// Computes all outputs of two positions. Of an odd number the last row is its own partner, whose
/// outputs are not written.
///
/// # Safety
/// Every pointer reaches what its field names, for `left` outputs and `inputs` inputs, of which there
/// is at least one, and `table` is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | the job | the job |
/// | r1, r2 | next weights of both rows | biases, then places for outputs |
/// | r3, r5 | next values of both positions | multipliers |
/// | r4, r6 | sums of the first row | outputs |
/// | r8, r10 | sums of the second row | outputs |
/// | r7 | outputs left | outputs left |
/// | r9, lr | | shifts − 1 |
/// | r11, r12 | r12: inputs | rounding, a constant |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "1:",
        "ldrd r1, r12, [r0, #{WEIGHTS}]",
        "ldrd r3, r5, [r0, #{X}]",
        "ldr r7, [r0, #{LEFT}]",
        "add r2, r1, r12",
        "add r9, r2, r12",
        "str r9, [r0, #{WEIGHTS}]",
        "cmp r7, #1",
        "it eq",
        "moveq r2, r1",
        "mov r4, #0",
        "mov r6, #0",
        "mov r8, #0",
        "mov r10, #0",
        "dlstp.8 lr, r12",
        "2:",
        "vldrb.u8 q0, [r1], #16",
        "vldrb.u8 q2, [r3], #16",
        "vmladava.s8 r4, q0, q2",
        "vldrb.u8 q3, [r5], #16",
        "vmladava.s8 r6, q0, q3",
        "vldrb.u8 q1, [r2], #16",
        "vmladava.s8 r8, q1, q2",
        "vmladava.s8 r10, q1, q3",
        "letp lr, 2b",
        "ldrd r9, r11, [r0, #{BIASES}]",
        "ldr r12, [r0, #{SHIFTS}]",
        "ldr r1, [r9], #4",
        "ldr r3, [r11], #4",
        "ldrb lr, [r12], #1",
        "cmp r7, #1",
        "beq 3f",
        "ldr r2, [r9], #4",
        "ldr r5, [r11], #4",
        "strd r9, r11, [r0, #{BIASES}]",
        "ldrb r9, [r12], #1",
        "str r12, [r0, #{SHIFTS}]",
        "ldr r11, [r0, #{ROUNDING}]",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "add r8, r8, r2",
        "add r10, r10, r2",
        "sub r9, r9, #1",
        "lsl r12, r11, r9",
        "smmla r8, r8, r5, r12",
        "asr r8, r8, r9",
        "ssat r8, #8, r8, asr #1",
        "smmla r10, r10, r5, r12",
        "asr r10, r10, r9",
        "ssat r10, #8, r10, asr #1",
        "3:",
        "ldr r11, [r0, #{ROUNDING}]",
        "add r4, r4, r1",
        "add r6, r6, r1",
        "sub lr, lr, #1",
        "lsl r12, r11, lr",
        "smmla r4, r4, r3, r12",
        "asr r4, r4, lr",
        "ssat r4, #8, r4, asr #1",
        "smmla r6, r6, r3, r12",
        "asr r6, r6, lr",
        "ssat r6, #8, r6, asr #1",
        "ldr r12, [r0, #{TABLE}]",
        "ldrd r1, r2, [r0, #{OUT}]",
        "cmp r12, #0",
        "beq 4f",
        "ldrb r4, [r12, r4]",
        "ldrb r6, [r12, r6]",
        "cmp r7, #1",
        "beq 4f",
        "ldrb r8, [r12, r8]",
        "ldrb r10, [r12, r10]",
        "4:",
        "strb r6, [r2], #1",
        "strb r4, [r1], #1",
        "subs r7, r7, #1",
        "beq 5f",
        "strb r10, [r2], #1",
        "strb r8, [r1], #1",
        "strd r1, r2, [r0, #{OUT}]",
        "subs r7, r7, #1",
        "str r7, [r0, #{LEFT}]",
        "bne.w 1b",
        "5:",
        "pop {{r4-r11, pc}}",
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        X = const core::mem::offset_of!(Job, x),
        OUT = const core::mem::offset_of!(Job, out),
        BIASES = const core::mem::offset_of!(Job, biases),
        SHIFTS = const core::mem::offset_of!(Job, shifts),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        TABLE = const core::mem::offset_of!(Job, table),
        LEFT = const core::mem::offset_of!(Job, left),
    )
}

// The assembly loads them together.
const _: () = assert!(
    core::mem::offset_of!(Job, inputs) == core::mem::offset_of!(Job, weights) + 4
        && core::mem::offset_of!(Job, multipliers) == core::mem::offset_of!(Job, biases) + 4
);
