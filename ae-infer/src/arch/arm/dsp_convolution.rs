//! Convolutions in row pairs on Arm cores with DSP instructions: two outputs of two positions at a
//! time. It has the items of the [portable](crate::arch::all::convolution) kernel.
//!
//! The sums are those of [`dsp`]: `SMLAD` of a word of weights adds `256·Σodd + Σeven`, and after
//! `SXTB16` it adds `Σeven`. A word of weights, once loaded, serves two positions, so twelve
//! instructions make sixteen products. Sums are not split: a convolution whose positions read more
//! than [`MAX_INPUTS`] values is left to the dense kernel, position by position.

#![allow(unsafe_code, reason = "a kernel in assembly, and the memory it works on")]

use core::arch::naked_asm;
use core::ptr::null;

use ae_core::{Int8, Layer, RowPairs};

use super::dsp;
use super::dsp_gather::{
    Gather, QUAD_BYTES, widen_bytes, widen_pairs, widen_value_pairs, widen_values,
};
use crate::arch::all::convolution::{self as portable, Rows};
use crate::arch::all::int8::look_up;

/// Inputs that are handled together.
const QUAD: usize = 4;
/// Most inputs whose sums fit 24 bits; see [`dsp`].
const MAX_INPUTS: usize = 512;
/// Quads of a lap of the inner loop.
const LAP: usize = 8;

pub(crate) const POSITIONS: usize = 2;

pub(crate) const BLOCK: usize = RowPairs::BLOCK;
// There the portable kernel can begin as well.
const _: () = assert!(BLOCK.is_multiple_of(portable::BLOCK));

/// A quad of both positions: four 16-bit numbers of the first, then four of the second.
type Quads = [i16; POSITIONS * QUAD];

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    dsp::takes(layer) && layer.inputs() <= MAX_INPUTS && layer.outputs() > 0
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { dsp::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], which takes what this kernel does not.
pub(crate) enum Positions<'l, 'a, 'x> {
    Pairs(Pairs<'l, 'a>),
    Portable(portable::Positions<'l, 'a, 'x>),
}

impl<'l, 'a, 'x> Positions<'l, 'a, 'x> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        if takes(layer) {
            Self::Pairs(Pairs::new(layer, room))
        } else {
            Self::Portable(portable::Positions::new(layer, room))
        }
    }

    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        match self {
            Self::Pairs(pairs) => pairs.pack(number, rows, x),
            Self::Portable(portable) => portable.pack(number, rows, x),
        }
    }

    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, rows: &Rows, x: &'x [u8], advance: usize) {
        match self {
            Self::Pairs(pairs) => pairs.pack_pair(rows, x, advance),
            Self::Portable(portable) => portable.pack_pair(rows, x, advance),
        }
    }

    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        match self {
            Self::Pairs(pairs) => pairs.fill(number, at, count, value),
            Self::Portable(portable) => portable.fill(number, at, count, value),
        }
    }

    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        match self {
            Self::Pairs(pairs) => pairs.outputs(first, y),
            Self::Portable(portable) => portable.outputs(first, y),
        }
    }
}

/// The fields of two positions of a layer in row pairs.
pub(crate) struct Pairs<'l, 'a> {
    layer: &'l Layer<'a, Int8<'a>>,
    /// As many quads as a position has, or none.
    fields: &'l mut [Quads],
    /// What is the same at every position.
    job: Job,
    /// Whether channels have different tables.
    has_tables: bool,
}

impl<'l, 'a> Pairs<'l, 'a> {
    fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        let arithmetic = layer.arithmetic();
        let tables = arithmetic.tables();
        let table = if let [table] = tables { table.as_ptr().wrapping_add(128) } else { null() };
        let quads = layer.inputs().div_ceil(QUAD);
        // SAFETY: every bit pattern is a number, in both types.
        let (_, fields, _) = unsafe { room.align_to_mut::<Quads>() };
        let job = Job {
            laps: quads.div_ceil(LAP),
            skipped: (quads.wrapping_neg() % LAP).wrapping_mul(QUAD_CODE),
            rounding: i32::from(arithmetic.zero_point()).wrapping_mul(2).wrapping_add(1),
            table,
            block_len: quads.wrapping_mul(16).wrapping_add(36),
        };
        let fields = fields.get_mut(..quads).unwrap_or_default();
        Self { layer, fields, job, has_tables: tables.len() > 1 }
    }

    /// Puts rows into a field: whole quads together, and others row after row.
    #[inline(never)]
    fn pack(&mut self, number: usize, rows: &Rows, x: &[u8]) {
        // Rows that follow each other in the field are widened together in any case.
        if is_whole(rows) || rows.rows > 1 && rows.pitch == rows.run {
            return self.widen(number, rows, x);
        }
        let (mut at, mut from) = (rows.at, 0_usize);
        for _ in 0..rows.rows {
            let whole = if at.is_multiple_of(QUAD) { rows.run & !(QUAD - 1) } else { 0 };
            for (first, end) in [(0, whole), (whole, rows.run)] {
                let x = x.get(from.wrapping_add(first)..).unwrap_or_default();
                let (run, at) = (end.wrapping_sub(first), at.wrapping_add(first));
                self.widen(number, &Rows { run, rows: 1, at, pitch: run, ..*rows }, x);
            }
            at = at.wrapping_add(rows.pitch);
            from = from.wrapping_add(rows.step);
        }
    }

    /// Puts rows into both fields, those of the second position `advance` values behind the first's.
    #[inline(always)]
    fn pack_pair(&mut self, rows: &Rows, x: &[u8], advance: usize) {
        let [read, written] = rows.reach();
        let quads = rows.at.wrapping_add(written).div_ceil(QUAD);
        let gap = rows.step.wrapping_sub(rows.run);
        let is_whole = is_whole(rows);
        let is_on_words = (x.as_ptr().addr() | gap | advance).is_multiple_of(QUAD);
        let fits = x.len() >= read.wrapping_add(advance)
            && self.fields.len() >= quads
            && rows.rows > 0
            && rows.run > 0;
        if !fits || is_whole && !is_on_words || !is_whole && rows.pitch != rows.run {
            self.pack(0, rows, x);
            return self.pack(1, rows, x.get(advance..).unwrap_or_default());
        }
        let behind = (rows.pitch.wrapping_sub(rows.run) / QUAD).wrapping_mul(QUAD_BYTES);
        let mut job = Gather {
            run: rows.run / QUAD,
            rows: rows.rows,
            gaps: [gap, behind],
            flipped: u32::from_le_bytes([rows.flipped; QUAD]),
            advance,
            lanes: QUAD.wrapping_sub(rows.at % QUAD),
        };
        let places = self.fields.as_flattened_mut();
        let to = places.as_mut_ptr().wrapping_add(lane(0, rows.at));
        if is_whole {
            // SAFETY: there are so many quads of both to read, on word boundaries, and to write.
            unsafe { widen_pairs(x.as_ptr(), to.cast(), &job) };
        } else {
            job.run = rows.run;
            // SAFETY: there are so many values of both to read, and to write.
            unsafe { widen_value_pairs(x.as_ptr(), to, &job) };
        }
    }

    /// Puts rows into a field that are whole quads, or follow each other there.
    fn widen(&mut self, number: usize, rows: &Rows, x: &[u8]) {
        let Rows { flipped, run, rows: count, step, at, pitch } = *rows;
        let [read, written] = rows.reach();
        let end = at.wrapping_add(written).wrapping_mul(POSITIONS);
        let places = self.fields.as_flattened_mut();
        let fits = x.len() >= read && places.len() >= end;
        if count == 0 || run == 0 || !fits || number >= POSITIONS {
            return;
        }
        let to = places.as_mut_ptr().wrapping_add(lane(number, at));
        let behind = (pitch.wrapping_sub(run) / QUAD).wrapping_mul(QUAD_BYTES);
        let mut job = Gather {
            run: run / QUAD,
            rows: count,
            gaps: [step.wrapping_sub(run), behind],
            flipped: u32::from_le_bytes([flipped; QUAD]),
            advance: 0,
            lanes: QUAD.wrapping_sub(at % QUAD),
        };
        // Calls and no pointer to a function, so that a call graph shows what is called.
        if is_whole(rows) {
            // SAFETY: there are so many quads to read, and to write.
            unsafe { widen_bytes(x.as_ptr(), to.cast(), &job) };
        } else {
            job.run = run;
            // SAFETY: there are so many values to read, and to write.
            unsafe { widen_values(x.as_ptr(), to, &job) };
        }
    }

    #[inline(never)]
    fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        let value = i16::from(value as i8);
        if (at | count).is_multiple_of(QUAD) {
            let quads = self.fields.iter_mut().skip(at / QUAD).take(count / QUAD);
            for quad in quads {
                if let Some(place) = quad.as_chunks_mut().0.get_mut(number) {
                    *place = [value; QUAD];
                }
            }
            return;
        }
        let lanes = self.fields.as_flattened_mut();
        for at in at..at.wrapping_add(count) {
            if let Some(place) = lanes.get_mut(lane(number, at)) {
                *place = value;
            }
        }
    }

    fn outputs(&self, first: usize, [one, other]: [&mut [u8]; POSITIONS]) {
        let left = one.len();
        let fits = first.wrapping_add(left) <= self.layer.outputs()
            && first.is_multiple_of(BLOCK)
            && !self.fields.is_empty();
        if !fits || left == 0 || !(other.is_empty() || other.len() == left) {
            return;
        }
        let out = one.as_mut_ptr();
        // Without a second position its outputs go where those of the first are written later.
        let out = [out, if other.is_empty() { out } else { other.as_mut_ptr() }];
        let offset = (first / BLOCK).wrapping_mul(self.job.block_len);
        let block = self.layer.data().as_ptr().wrapping_add(offset);
        let x = self.fields.as_ptr();
        // SAFETY: the data has a block for every four outputs of the layer, as `takes` has seen; the
        // fields have all quads; both places have room for as many outputs.
        unsafe { run(&self.job, x, block, &Outputs { left, half: 0, out }) };
        if self.has_tables {
            [one, other].into_iter().for_each(|y| look_up(self.layer, first, y));
        }
    }
}

/// Whether rows are whole quads of a field.
fn is_whole(rows: &Rows) -> bool {
    (rows.at | rows.run | rows.pitch).is_multiple_of(QUAD)
}

/// Where value `at` of a position lies among the lanes of both.
fn lane(number: usize, at: usize) -> usize {
    let quad = (at & !(QUAD - 1)).wrapping_mul(POSITIONS);
    quad.wrapping_add(number.wrapping_mul(QUAD)).wrapping_add(at % QUAD)
}

/// What is the same at every position; the assembly knows the fields by their offsets.
#[repr(C)]
struct Job {
    /// Laps of the inner loop, and bytes of code that the first of them leaves out.
    laps: usize,
    skipped: usize,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    rounding: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
    block_len: usize,
}

/// What is computed; the assembly loads all fields at once.
#[repr(C)]
struct Outputs {
    /// Outputs of a position, at least 1.
    left: usize,
    /// Bytes from the block's first pair of rows to the first that is computed: 0.
    half: usize,
    /// Where those of both positions go.
    out: [*mut u8; POSITIONS],
}

/// Bytes of code for a quad.
const QUAD_CODE: usize = 48;

/// Computes outputs of two positions, from the first of a block on.
///
/// # Safety
/// `block` is aligned to 4 bytes and the blocks are there, `x` has all quads, `outputs` names room, and
/// the job's table is null or the middle of 256 bytes.
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
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0 | where the inner loop is entered |
/// | 4, 8 | inputs, the block at hand |
/// | 12, 16 | outputs left, bytes from the block's first pair of rows to the one at hand: 0 or 8 |
/// | 20, 24 | places for the next outputs of both positions |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &Job, x: *const Quads, block: *const u8, outputs: &Outputs) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "mov r11, r0",
        "ldm r3, {{r3-r6}}",
        "ldr r0, [r0, #{SKIPPED}]",
        "adr.w r7, 4f",
        "add r0, r0, r7",
        "add r0, r0, #1",
        "push {{r0-r6}}",
        "mov r2, r11",
        "1:",
        "ldrd r1, r0, [sp, #4]",
        "ldr r3, [sp, #16]",
        "add r0, r0, r3",
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
        "ldr r7, [sp, #16]",
        "sub r0, r0, r7",
        "add r0, r0, r7, lsr #2",
        "ldrh r7, [r0, #32]",
        "ldrd r8, r1, [r2, #{ROUNDING}]",
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
        "cbz r1, 6f",
        "ldrb r10, [r1, r10]",
        "ldrb r12, [r1, r12]",
        "ldrb r9, [r1, r9]",
        "ldrb r11, [r1, r11]",
        "6:",
        "ldrd r5, r7, [sp, #12]",
        "ldrd r3, r4, [sp, #20]",
        "strb r12, [r4], #1",
        "strb r10, [r3], #1",
        "subs r5, r5, #1",
        "beq 7f",
        "strb r11, [r4], #1",
        "strb r9, [r3], #1",
        "subs r5, r5, #1",
        "beq 7f",
        "eors r7, r7, #8",
        "strd r5, r7, [sp, #12]",
        "strd r3, r4, [sp, #20]",
        "bne.w 1b",
        "ldr r0, [sp, #8]",
        "ldr r3, [r2, #{BLOCK_LEN}]",
        "add r0, r0, r3",
        "str r0, [sp, #8]",
        "b.w 1b",
        "7:",
        "add sp, sp, #28",
        "pop {{r4-r11, pc}}",
        LAPS = const core::mem::offset_of!(Job, laps),
        SKIPPED = const core::mem::offset_of!(Job, skipped),
        ROUNDING = const core::mem::offset_of!(Job, rounding),
        BLOCK_LEN = const core::mem::offset_of!(Job, block_len),
        LAP = const LAP,
    )
}

// The assembly takes a block's pairs of rows one after the other, and loads two fields together.
const _: () = assert!(
    RowPairs::BLOCK == 4
        && core::mem::offset_of!(Job, table)
            == core::mem::offset_of!(Job, rounding).wrapping_add(4)
);
