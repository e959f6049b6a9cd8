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
        // Biases and multipliers are read by words, which are read on boundaries alone.
        && layer.data().as_ptr().addr().is_multiple_of(4)
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { mve::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], whose fields these are, and which takes what this kernel does not.
pub(crate) struct Positions<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    portable: portable::Positions<'l, 'a>,
    /// What is the same at every position; none where another kernel must compute it.
    job: Option<Job>,
}

impl<'l, 'a> Positions<'l, 'a> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>) -> Self {
        Self { layer, portable: portable::Positions::new(layer), job: Job::new(layer) }
    }

    #[inline(always)]
    pub(crate) fn pack_rows(&self, fields: &mut [u8], number: usize, rows: portable::Rows<'_>) {
        let portable::Rows { x, flipped, run, rows: count, step } = rows;
        let at = number.wrapping_mul(fields.len() / POSITIONS);
        let needed = step.wrapping_mul(count.wrapping_sub(1)).wrapping_add(run);
        let places = fields.get_mut(at..).unwrap_or_default();
        let total = run.wrapping_mul(count);
        if total > 0 && places.len() >= total && x.len() >= needed {
            let lines = Lines { run, rows: count, step, flipped: flipped.into() };
            // SAFETY: there are so many bytes to read, and to write.
            unsafe { copy_rows(x.as_ptr(), places.as_mut_ptr(), &lines) };
        } else {
            self.portable.pack_rows(fields, number, rows);
        }
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
        let Some(job) = self.job else { return self.portable.outputs(fields, y) };
        let outputs = job.left;
        let (one, other) = y.split_at_mut_checked(outputs).unwrap_or_default();
        let field_len = fields.len() / POSITIONS;
        let fits = other.is_empty() || other.len() == outputs;
        if field_len < job.inputs || one.is_empty() || !fits {
            return;
        }
        let out = one.as_mut_ptr();
        // Without a second position its outputs go where those of the first are written later.
        let out = [out, if other.is_empty() { out } else { other.as_mut_ptr() }];
        let x = fields.as_ptr().cast::<i8>();
        let mut job = Job { x: [x, x.wrapping_add(field_len)], out, ..job };
        // SAFETY: there are `outputs` rows of `inputs` weights, an entry of every array for each of
        // them, `inputs` values of each position, and room for the outputs of both.
        unsafe { run(&mut job) };
        let tables = self.layer.arithmetic().tables();
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

/// What is copied; the assembly knows the fields by their offsets.
#[repr(C)]
struct Lines {
    /// Bytes of a row, and rows, at least one of each.
    run: usize,
    rows: usize,
    /// Bytes from a row to the next.
    step: usize,
    /// The bits by which a byte differs from its integer's.
    flipped: usize,
}

/// Copies rows of bytes side by side.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | next row, its place |
/// | r3, r4, r5 | bytes of a row, rows left, bytes from a row to the next |
/// | r6, r7 | next bytes, their place |
/// | q0, q1 | bytes, bits to flip |
#[unsafe(naked)]
unsafe extern "C" fn copy_rows(from: *const u8, to: *mut u8, lines: &Lines) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r7, lr}}",
        "ldm r2, {{r3, r4, r5, r6}}",
        "vdup.8 q1, r6",
        "1:",
        "mov r6, r0",
        "mov r7, r1",
        "dlstp.8 lr, r3",
        "2:",
        "vldrb.u8 q0, [r6], #16",
        "veor q0, q0, q1",
        "vstrb.8 q0, [r7], #16",
        "letp lr, 2b",
        "add r0, r0, r5",
        "add r1, r1, r3",
        "subs r4, r4, #1",
        "bne 1b",
        "pop {{r4-r7, pc}}",
    )
}

/// What the assembly works on; it knows the fields by their offsets.
#[derive(Clone, Copy)]
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

impl Job {
    /// Of the dense layer of a position, without what the positions read and where they write; `None`
    /// where the kernel does not take it.
    fn new(layer: &Layer<'_, Int8<'_>>) -> Option<Self> {
        let (inputs, outputs, arithmetic) = (layer.inputs(), layer.outputs(), layer.arithmetic());
        let Weights::Rows(rows) = layer.weights() else { return None };
        let weights = rows.block(0, outputs)?;
        let (biases, multipliers, shifts) = rows.block_parameters(0, outputs)?;
        let table = if let [table] = arithmetic.tables() {
            table.as_ptr().wrapping_add(128)
        } else {
            core::ptr::null()
        };
        takes(layer).then(|| Self {
            weights: weights.as_ptr(),
            inputs,
            x: [core::ptr::null(); POSITIONS],
            out: [core::ptr::null_mut(); POSITIONS],
            biases: biases.as_ptr(),
            multipliers: multipliers.as_ptr(),
            shifts: shifts.as_ptr(),
            rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
            table,
            left: outputs,
        })
    }
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
    core::mem::offset_of!(Job, inputs) == core::mem::offset_of!(Job, weights).wrapping_add(4)
        && core::mem::offset_of!(Job, multipliers)
            == core::mem::offset_of!(Job, biases).wrapping_add(4)
);
