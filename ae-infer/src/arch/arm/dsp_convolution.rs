//! Convolutions in row pairs on Arm cores with DSP instructions: two outputs of two positions at a
//! time. It has the items of the [portable](crate::arch::all::convolution) kernel.
//!
//! The sums are those of [`dsp`]: `SMLAD` of a word of weights adds `256·Σodd + Σeven`, and after
//! `SXTB16` it adds `Σeven`. A word of weights, once loaded, serves two positions, so twelve
//! instructions make sixteen products. Sums are not split: a convolution whose positions read more
//! than [`MAX_INPUTS`] values is left to the dense kernel, position by position.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, RowPairs};

use super::dsp;
use super::dsp_gather::{Gather, widen_bytes, widen_words};
use crate::arch::all::convolution as portable;

/// Inputs that are handled together.
const QUAD: usize = 4;
/// Most inputs whose sums fit 24 bits; see [`dsp`].
const MAX_INPUTS: usize = 512;
/// Quads of a lap of the inner loop.
const LAP: usize = 8;

pub(crate) const POSITIONS: usize = 2;

/// A quad of both positions: four 16-bit numbers of the first, then four of the second.
type Quads = [i16; POSITIONS * QUAD];

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    dsp::takes(layer) && layer.inputs() <= MAX_INPUTS && layer.outputs() > 0
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { dsp::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], which takes what this kernel does not.
pub(crate) struct Positions<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    portable: Option<portable::Positions<'l, 'a>>,
    /// Quads of a position.
    quads: usize,
    /// What is the same at every position.
    job: Job,
}

impl<'l, 'a> Positions<'l, 'a> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>) -> Self {
        let portable = (!takes(layer)).then(|| portable::Positions::new(layer));
        let arithmetic = layer.arithmetic();
        let table = if let [table] = arithmetic.tables() {
            table.as_ptr().wrapping_add(128)
        } else {
            core::ptr::null()
        };
        let quads = layer.inputs().div_ceil(QUAD);
        let job = Job {
            block: layer.data().as_ptr(),
            x: core::ptr::null(),
            out: [core::ptr::null_mut(); POSITIONS],
            table,
            half: 0,
            left: layer.outputs(),
            rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
            laps: quads.div_ceil(LAP),
            skipped: (quads.wrapping_neg() % LAP).wrapping_mul(QUAD_CODE),
            block_len: quads.wrapping_mul(16).wrapping_add(36),
        };
        Self { layer, portable, quads, job }
    }

    #[inline(always)]
    pub(crate) fn pack_rows(&self, fields: &mut [u8], number: usize, rows: portable::Rows<'_>) {
        let portable::Rows { x, flipped, run, rows: count, step } = rows;
        let needed = step.wrapping_mul(count.wrapping_sub(1)).wrapping_add(run);
        let quads = quads(fields, 0);
        let are_quads = run.is_multiple_of(QUAD) && run.wrapping_mul(count) > 0;
        let fits = x.len() >= needed
            && quads.len() >= (run / QUAD).wrapping_mul(count)
            && quads.as_ptr().addr().is_multiple_of(4);
        if self.portable.is_some() || !are_quads || !fits {
            return self.pack_each(fields, number, rows);
        }
        let to = quads.as_mut_ptr().cast::<[u32; 2]>().wrapping_add(number).cast();
        let job = Gather {
            quads: run / QUAD,
            rows: count,
            gap: step.wrapping_sub(run),
            flipped: u32::from_le_bytes([flipped; QUAD]),
        };
        // Two calls and no pointer to a function, so that a call graph shows what is called.
        if (x.as_ptr().addr() | job.gap).is_multiple_of(QUAD) {
            // SAFETY: there are so many quads to read, on word boundaries, and to write.
            unsafe { widen_words(x.as_ptr(), to, &job) };
        } else {
            // SAFETY: there are so many quads to read, and to write.
            unsafe { widen_bytes(x.as_ptr(), to, &job) };
        }
    }

    /// [`pack_rows`](Self::pack_rows) of rows that are no whole quads.
    #[inline(never)]
    fn pack_each(&self, fields: &mut [u8], number: usize, rows: portable::Rows<'_>) {
        if let Some(portable) = &self.portable {
            return portable.pack_rows(fields, number, rows);
        }
        let lanes = quads(fields, 0).as_flattened_mut();
        let (mut at, mut from) = (0_usize, 0_usize);
        for _ in 0..rows.rows {
            let run = rows.x.get(from..from.wrapping_add(rows.run)).unwrap_or_default();
            put(lanes, number, at, run, rows.flipped);
            at = at.wrapping_add(rows.run);
            from = from.wrapping_add(rows.step);
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
        if let Some(portable) = &self.portable {
            return portable.pack(fields, number, at, values, flipped);
        }
        let whole = at.is_multiple_of(QUAD) && values.len().is_multiple_of(QUAD);
        if whole && !values.is_empty() {
            let fields = fields.get_mut(at.wrapping_mul(size_of::<Quads>() / QUAD)..);
            let (x, run) = (values, values.len());
            let rows = portable::Rows { x, flipped, run, rows: 1, step: run };
            return self.pack_rows(fields.unwrap_or_default(), number, rows);
        }
        put(quads(fields, 0).as_flattened_mut(), number, at, values, flipped);
    }

    pub(crate) fn fill(
        &self,
        fields: &mut [u8],
        number: usize,
        at: usize,
        count: usize,
        value: u8,
    ) {
        match &self.portable {
            Some(portable) => portable.fill(fields, number, at, count, value),
            None => {
                let quads = quads(fields, 0);
                if (at | count).is_multiple_of(QUAD) {
                    let (first, count) = (at / QUAD, count / QUAD);
                    for quad in quads.iter_mut().skip(first).take(count) {
                        if let Some(lanes) = quad.as_chunks_mut::<QUAD>().0.get_mut(number) {
                            *lanes = [i16::from(value as i8); QUAD];
                        }
                    }
                    return;
                }
                for at in at..at.wrapping_add(count) {
                    put(quads.as_flattened_mut(), number, at, &[value], 0);
                }
            }
        }
    }

    pub(crate) fn outputs(&self, fields: &[u8], y: &mut [u8]) {
        if let Some(portable) = &self.portable {
            return portable.outputs(fields, y);
        }
        let outputs = self.job.left;
        let fits = fields.len() >= self.quads.wrapping_mul(size_of::<Quads>())
            && fields.as_ptr().addr().is_multiple_of(4);
        let (one, other) = y.split_at_mut_checked(outputs).unwrap_or_default();
        if !fits || one.is_empty() || !(other.is_empty() || other.len() == outputs) {
            return;
        }
        let out = one.as_mut_ptr();
        // Without a second position its outputs go where those of the first are written later.
        let out = [out, if other.is_empty() { out } else { other.as_mut_ptr() }];
        let mut job = Job { x: fields.as_ptr().cast(), out, ..self.job };
        // SAFETY: the data has a block for every four outputs of the layer, as `takes` has seen; the
        // fields have all quads; both places have room for the layer's outputs.
        unsafe { run(&mut job) };
        if self.layer.arithmetic().tables().len() > 1 {
            [one, other].into_iter().for_each(|y| self.look_up(y));
        }
    }

    /// Puts a position's outputs through the layer's tables.
    #[inline(never)]
    fn look_up(&self, y: &mut [u8]) {
        let span = self.layer.table_span().max(1);
        for (outputs, table) in y.chunks_mut(span).zip(self.layer.arithmetic().tables()) {
            for output in outputs {
                *output = *table.get(usize::from(*output ^ 0x80)).unwrap_or(output);
            }
        }
    }
}

/// The quads of both positions from one on.
fn quads(fields: &mut [u8], first: usize) -> &mut [Quads] {
    // SAFETY: every bit pattern is a number, in both types.
    let (_, quads, _) = unsafe { fields.align_to_mut::<Quads>() };
    quads.get_mut(first..).unwrap_or_default()
}

/// Puts values one by one, the first of them as value `at` of a position.
fn put(lanes: &mut [i16], number: usize, at: usize, values: &[u8], flipped: u8) {
    for (at, value) in (at..).zip(values) {
        let lane = (at & !(QUAD - 1)).wrapping_mul(2).wrapping_add(at % QUAD);
        if let Some(lane) = lanes.get_mut(lane.wrapping_add(number.wrapping_mul(QUAD))) {
            *lane = i16::from((value ^ flipped) as i8);
        }
    }
}

/// What the assembly works on; it knows the fields by their offsets.
#[derive(Clone, Copy)]
#[repr(C)]
struct Job {
    /// The block of the layer's data at hand.
    block: *const u8,
    x: *const Quads,
    /// The next outputs of both positions.
    out: [*mut u8; 2],
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    /// Bytes from the block's first pair of rows to the one at hand: 0 or 8.
    half: usize,
    /// Outputs of a position that are left, at least 1.
    left: usize,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    rounding: i32,
    /// Laps of the inner loop, and bytes of code that the first of them leaves out.
    laps: usize,
    skipped: usize,
    block_len: usize,
}

/// Bytes of code for a quad.
const QUAD_CODE: usize = 48;

/// Computes all outputs of two positions.
///
/// # Safety
/// `block` is aligned to 4 bytes and the blocks are there, `x` has all quads, `out` room for `left`
/// bytes each, and `table` is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | next weights | parameters |
/// | r1 | next inputs | table |
/// | r2 | the job | the job |
/// | r3, r4 | weights of four inputs | biases, then a shift − 1 and its constant |
/// | r5, r6 | four inputs of the first position | multipliers |
/// | r7, r8 | four inputs of the second position | shifts, rounding |
/// | r9, r10 | `256·Σodd + Σeven` and `Σeven` of the first position | outputs, odd and even |
/// | r11, r12 | the same of the second position | outputs, odd and even |
/// | lr | laps left | |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r2, r0",
        // Where the inner loop is entered.
        "ldr r3, [r2, #{SKIPPED}]",
        "adr.w r4, 4f",
        "add r3, r3, r4",
        "add r3, r3, #1",
        "push {{r3}}",
        "1:",
        "ldr r0, [r2, #{BLOCK}]",
        "ldr r3, [r2, #{HALF}]",
        "add r0, r0, r3",
        "ldr r1, [r2, #{X}]",
        "mov r9, #0",
        "mov r10, #0",
        "mov r11, #0",
        "mov r12, #0",
        "ldr lr, [r2, #{LAPS}]",
        "ldr pc, [sp]",
        ".balign 4",
        "4:",
        ".rept {LAP}",
        "ldrd r3, r4, [r0], #16",
        "ldmia.w r1!, {{r5-r8}}",
        "smlad r9, r3, r5, r9",
        "smlad r11, r3, r7, r11",
        "sxtb16 r3, r3",
        "smlad r10, r3, r5, r10",
        "smlad r12, r3, r7, r12",
        "smlad r9, r4, r6, r9",
        "smlad r11, r4, r8, r11",
        "sxtb16 r4, r4",
        "smlad r10, r4, r6, r10",
        "smlad r12, r4, r8, r12",
        ".endr",
        "subs lr, lr, #1",
        "bne.w 4b",
        // 256 times the sums of the odd output.
        "sub r9, r9, r10",
        "sub r11, r11, r12",
        "ldrd r3, r4, [r0]",
        "add r10, r10, r3",
        "add r12, r12, r3",
        "add r9, r4, r9, asr #8",
        "add r11, r4, r11, asr #8",
        "ldrd r5, r6, [r0, #16]",
        // The shifts stand two bytes apart, the other parameters eight.
        "ldr r7, [r2, #{HALF}]",
        "sub r0, r0, r7",
        "add r0, r0, r7, lsr #2",
        "ldrh r7, [r0, #32]",
        "ldr r8, [r2, #{ROUNDING}]",
        // (sum · multiplier >> 32) + constant, shifted by shift − 1, then by 1, and saturated.
        "uxtb r3, r7",
        "sub r3, r3, #1",
        "lsl r4, r8, r3",
        "smmla r10, r10, r5, r4",
        "asr r10, r10, r3",
        "ssat r10, #8, r10, asr #1",
        "smmla r12, r12, r5, r4",
        "asr r12, r12, r3",
        "ssat r12, #8, r12, asr #1",
        "lsr r3, r7, #8",
        "sub r3, r3, #1",
        "lsl r4, r8, r3",
        "smmla r9, r9, r6, r4",
        "asr r9, r9, r3",
        "ssat r9, #8, r9, asr #1",
        "smmla r11, r11, r6, r4",
        "asr r11, r11, r3",
        "ssat r11, #8, r11, asr #1",
        "ldr r1, [r2, #{TABLE}]",
        "cbz r1, 6f",
        "ldrb r10, [r1, r10]",
        "ldrb r12, [r1, r12]",
        "ldrb r9, [r1, r9]",
        "ldrb r11, [r1, r11]",
        "6:",
        "ldrd r3, r4, [r2, #{OUT}]",
        "ldr r5, [r2, #{LEFT}]",
        "strb r12, [r4], #1",
        "strb r10, [r3], #1",
        "subs r5, r5, #1",
        "beq 7f",
        "strb r11, [r4], #1",
        "strb r9, [r3], #1",
        "strd r3, r4, [r2, #{OUT}]",
        "subs r5, r5, #1",
        "beq 7f",
        "str r5, [r2, #{LEFT}]",
        "ldr r7, [r2, #{HALF}]",
        "eors r7, r7, #8",
        "str r7, [r2, #{HALF}]",
        "bne.w 1b",
        "ldr r0, [r2, #{BLOCK}]",
        "ldr r3, [r2, #{BLOCK_LEN}]",
        "add r0, r0, r3",
        "str r0, [r2, #{BLOCK}]",
        "b.w 1b",
        "7:",
        "pop {{r3-r11, pc}}",
        BLOCK = const core::mem::offset_of!(Job, block),
        X = const core::mem::offset_of!(Job, x),
        OUT = const core::mem::offset_of!(Job, out),
        TABLE = const core::mem::offset_of!(Job, table),
        HALF = const core::mem::offset_of!(Job, half),
        LEFT = const core::mem::offset_of!(Job, left),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        LAPS = const core::mem::offset_of!(Job, laps),
        SKIPPED = const core::mem::offset_of!(Job, skipped),
        BLOCK_LEN = const core::mem::offset_of!(Job, block_len),
        LAP = const LAP,
    )
}

// The assembly takes a block's pairs of rows one after the other.
const _: () = assert!(RowPairs::BLOCK == 4);
