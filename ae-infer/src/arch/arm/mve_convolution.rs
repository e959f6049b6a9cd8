//! Convolutions in rows on cores with Helium (MVE): four outputs of two positions at a time.
//!
//! Four loads of sixteen bytes serve four multiply-adds of sixteen products: of rows 0 and 2 of a block,
//! and then of rows 1 and 3, as two lanes of a vector are filled together. The last of a row, fewer than
//! sixteen, are masked by the loop itself, and the last of a block's outputs by a predicate, so nothing
//! behind a row or an array is read.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::ptr::null;

use ae_core::{Int8, Layer, Layout, Weights};

use super::mve;
use crate::arch::all::convolution::{self as portable, Rows};
use crate::arch::all::int8::look_up;

pub(crate) use crate::arch::all::convolution::{BLOCK, POSITIONS};

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    layer.arithmetic().layout() == Layout::Rows
        && layer.inputs() > 0
        // Biases and multipliers are read by words, which are read on boundaries alone.
        && layer.data().as_ptr().addr().is_multiple_of(4)
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { mve::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], whose fields these are, and which takes what this kernel does not.
pub(crate) struct Positions<'l, 'a, 'x> {
    layer: &'l Layer<'a, Int8<'a>>,
    portable: portable::Positions<'l, 'a, 'x>,
    /// What is the same at every position; none where another kernel must compute it.
    job: Option<Job>,
    /// Whether channels have different tables.
    has_tables: bool,
}

impl<'l, 'a, 'x> Positions<'l, 'a, 'x> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        let has_tables = layer.arithmetic().tables().len() > 1;
        let portable = portable::Positions::new(layer, room);
        Self { layer, portable, job: Job::new(layer), has_tables }
    }

    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        let Some(field) = self.portable.field_mut(number, rows, x) else { return };
        let [read, written] = rows.reach();
        let fits = x.len() >= read && field.len() >= rows.at.wrapping_add(written);
        if rows.rows > 0 && rows.run > 0 && fits {
            let lines = Lines::new(rows, 1, 0, 0);
            // SAFETY: there are so many bytes to read, and to write.
            unsafe { copy_rows(x.as_ptr(), field.as_mut_ptr().wrapping_add(rows.at), &lines) };
        }
    }

    pub(crate) fn prepare(&mut self, rows: &Rows, advance: usize, _x: &[u8]) -> Pairs {
        let [read, written] = rows.reach();
        let len = self.portable.room().len() / POSITIONS;
        let lines = Lines::new(rows, POSITIONS, advance, len);
        let is_some = rows.rows > 0 && rows.run > 0 && rows.at.wrapping_add(written) <= len;
        let kind = if is_some && self.portable.are_field(rows) {
            Fields::InMap
        } else if is_some {
            Fields::Copied
        } else {
            Fields::Empty
        };
        let needed = if is_some { read.wrapping_add(advance) } else { 0 };
        Pairs { kind, at: rows.at, needed, lines }
    }

    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, pairs: &Pairs, x: &'x [u8]) {
        let Some(x) = x.get(..pairs.needed) else { return };
        let lines = &pairs.lines;
        match pairs.kind {
            Fields::InMap => self.portable.read_in_map(lines.run, lines.advance, x),
            Fields::Copied => {
                self.portable.read_in_map(0, 0, x);
                let to = self.portable.room().as_mut_ptr().wrapping_add(pairs.at);
                // SAFETY: there are so many bytes of both positions to read, and to write.
                unsafe { copy_rows(x.as_ptr(), to, lines) };
            }
            Fields::Empty => self.portable.read_in_map(0, 0, x),
        }
    }

    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        self.portable.fill(number, at, count, value);
    }

    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        let Some(job) = &self.job else { return self.portable.outputs(first, y) };
        let [one, other] = y;
        let left = one.len();
        let [field, mut second] = [self.portable.field(0), self.portable.field(1)];
        let mut out = [one.as_mut_ptr(), other.as_mut_ptr()];
        if other.is_empty() {
            // Its outputs go where those of the first are written later.
            (second, out) = (field, [one.as_mut_ptr(); POSITIONS]);
        }
        let fits = first.wrapping_add(left) <= self.layer.outputs()
            && (other.is_empty() || other.len() == left)
            && [field, second].iter().all(|field| field.len() >= job.inputs);
        if left == 0 || !fits {
            return;
        }
        let outputs = Outputs { x: [field.as_ptr(), second.as_ptr()], out, first, left };
        // SAFETY: there are rows of `inputs` weights and an entry of every array for each output,
        // `inputs` values of each position, and room for the outputs of both.
        unsafe { run(job, &outputs) };
        if self.has_tables {
            [one, other].into_iter().for_each(|y| look_up(self.layer, first, y));
        }
    }
}

/// What is the same at all pairs of a line.
pub(crate) struct Pairs {
    kind: Fields,
    /// The first value's number in a field, and values that both positions reach.
    at: usize,
    needed: usize,
    lines: Lines,
}

/// Where the fields of a pair come from.
enum Fields {
    InMap,
    Copied,
    /// From padding alone.
    Empty,
}

/// What is copied; the assembly knows the order of the fields.
#[repr(C)]
struct Lines {
    /// Bytes of a row, and rows, at least one of each.
    run: usize,
    rows: usize,
    /// Bytes from a row to the next, where they are read and where they are written.
    step: usize,
    pitch: usize,
    /// The bits by which a byte differs from its integer's.
    flipped: usize,
    /// Positions, at least one; bytes from one to the next, read and written.
    positions: usize,
    advance: usize,
    field: usize,
}

impl Lines {
    fn new(rows: &Rows, positions: usize, advance: usize, field: usize) -> Self {
        let Rows { flipped, run, rows, step, pitch, .. } = *rows;
        Self { run, rows, step, pitch, flipped: flipped.into(), positions, advance, field }
    }
}

/// Copies rows of bytes.
///
/// # Safety
/// There are all rows of all positions to read, and room for them.
///
/// | register | what |
/// | --- | --- |
/// | r0, r1 | the position's first row, its place |
/// | r2, r12 | the job, positions left |
/// | r3, r4 | bytes of a row, rows left |
/// | r5, r6 | bytes from a row to the next, read and written |
/// | r7, r8 | next row, its place |
/// | r9, r10 | next bytes, their place |
/// | q0, q1 | bytes, bits to flip |
#[unsafe(naked)]
unsafe extern "C" fn copy_rows(from: *const u8, to: *mut u8, lines: &Lines) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r10, lr}}",
        "ldrd r7, r12, [r2, #{FLIPPED}]",
        "vdup.8 q1, r7",
        "1:",
        "ldm r2, {{r3, r4, r5, r6}}",
        "mov r7, r0",
        "mov r8, r1",
        "2:",
        "mov r9, r7",
        "mov r10, r8",
        "dlstp.8 lr, r3",
        "3:",
        "vldrb.u8 q0, [r9], #16",
        "veor q0, q0, q1",
        "vstrb.8 q0, [r10], #16",
        "letp lr, 3b",
        "add r7, r7, r5",
        "add r8, r8, r6",
        "subs r4, r4, #1",
        "bne 2b",
        "ldrd r5, r6, [r2, #{ADVANCE}]",
        "add r0, r0, r5",
        "add r1, r1, r6",
        "subs r12, r12, #1",
        "bne 1b",
        "pop {{r4-r10, pc}}",
        FLIPPED = const core::mem::offset_of!(Lines, flipped),
        ADVANCE = const core::mem::offset_of!(Lines, advance),
    )
}

/// What is the same at every position; the assembly loads all fields at once.
#[repr(C)]
struct Job {
    /// The first row of weights, and the length of each.
    weights: *const u8,
    inputs: usize,
    biases: *const [u8; 4],
    multipliers: *const [u8; 4],
    shifts: *const u8,
    zero_point: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    table: *const u8,
}

/// What is computed; the assembly loads all fields at once.
#[repr(C)]
struct Outputs {
    /// What both positions read, and where their outputs go.
    x: [*const u8; POSITIONS],
    out: [*mut u8; POSITIONS],
    /// The first output, and how many there are, at least 1.
    first: usize,
    left: usize,
}

impl Job {
    /// Of the dense layer of a position; `None` where the kernel does not take it.
    fn new(layer: &Layer<'_, Int8<'_>>) -> Option<Self> {
        let (inputs, outputs, arithmetic) = (layer.inputs(), layer.outputs(), layer.arithmetic());
        let Weights::Rows(rows) = layer.weights() else { return None };
        let weights = rows.block(0, outputs)?;
        let (biases, multipliers, shifts) = rows.block_parameters(0, outputs)?;
        let table = if let [table] = arithmetic.tables() {
            table.as_ptr().wrapping_add(128)
        } else {
            null()
        };
        takes(layer).then(|| Self {
            weights: weights.as_ptr(),
            inputs,
            biases: biases.as_ptr(),
            multipliers: multipliers.as_ptr(),
            shifts: shifts.as_ptr(),
            zero_point: arithmetic.zero_point().into(),
            table,
        })
    }
}

/// The sums of two rows at r1 and r3 for both positions.
macro_rules! two_rows {
    () => {
        concat!(
            "ldrd r5, r7, [r0]\n",
            "movs r2, #0\n",
            "movs r4, #0\n",
            "movs r6, #0\n",
            "mov r8, #0\n",
            "dlstp.8 lr, r9\n",
            "2:\n",
            "vldrb.u8 q0, [r1], #16\n",
            "vldrb.u8 q2, [r5], #16\n",
            "vmladava.s8 r2, q0, q2\n",
            "vldrb.u8 q3, [r7], #16\n",
            "vmladava.s8 r6, q0, q3\n",
            "vldrb.u8 q1, [r3], #16\n",
            "vmladava.s8 r4, q1, q2\n",
            "vmladava.s8 r8, q1, q3\n",
            "letp lr, 2b\n",
        )
    };
}

/// What becomes of the sums in `$q`, between adding the biases and the table: the rule of
/// [`ae_core::Requant`]. The high word of the product is rounded as it is shifted, and the zero point is a
/// whole number to add before or after; then to 16 bits and to 8, in the low ones of each lane.
macro_rules! requantise {
    ($q:literal) => {
        concat!(
            "vadd.i32 ",
            $q,
            ", ",
            $q,
            ", q0\n",
            "vmulh.s32 ",
            $q,
            ", ",
            $q,
            ", q1\n",
            "vrshl.s32 ",
            $q,
            ", ",
            $q,
            ", q2\n",
            "vadd.i32 ",
            $q,
            ", ",
            $q,
            ", r6\n",
            "vqmovnb.s32 ",
            $q,
            ", ",
            $q,
            "\n",
            "vqmovnb.s16 ",
            $q,
            ", ",
            $q,
            "\n",
        )
    };
}

/// The entries of the table at r7 for the low bytes of the lanes of `$q`.
macro_rules! look_up {
    ($q:literal) => {
        concat!(
            "vmovlb.s8 q0, ", $q, "\n",
            "vmovlb.s16 q0, q0\n",
            "vldrb.u32 ", $q, ", [r7, q0]\n",
        )
    };
}

/// Computes outputs of two positions. Rows that a last block does not have are its first row.
///
/// # Safety
/// Every pointer reaches what its field names, for the outputs that `outputs` names and `inputs` inputs,
/// of which there is at least one, and `table` is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | the job | the job |
/// | r1, r3 | next weights of both rows | next biases and multipliers |
/// | r5, r7 | next values of both positions | next shifts, table |
/// | r2, r4 | sums of the first position | places for outputs |
/// | r6, r8 | sums of the second position | r6: zero point |
/// | r9, r10 | inputs, outputs left | inputs, outputs left |
/// | r11 | the block's first row | the next block's |
/// | q0–q3 | weights and values | biases, multipliers, shifts |
/// | q4, q5 | sums of the positions | outputs of the positions |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0, 4 | places for the next outputs of both positions |
/// | 8, 12 | next biases and multipliers |
/// | 16, 20, 24 | next shifts, zero point, table |
#[unsafe(naked)]
unsafe extern "C" fn run(job: &Job, outputs: &Outputs) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d11}}",
        "ldrd r11, r9, [r0], #8",
        "ldm r0, {{r4-r8}}",
        "mov r0, r1",
        "ldrd r12, r10, [r1, #{FIRST}]",
        "ldrd r2, r3, [r1, #{OUT}]",
        "mla r11, r12, r9, r11",
        "add r4, r4, r12, lsl #2",
        "add r5, r5, r12, lsl #2",
        "add r6, r6, r12",
        "push {{r2-r8}}",
        "1:",
        "mov r1, r11",
        "add r3, r11, r9, lsl #1",
        "cmp r10, #2",
        "it le",
        "movle r3, r11",
        two_rows!(),
        "vmov q4[2], q4[0], r2, r4",
        "vmov q5[2], q5[0], r6, r8",
        "cmp r10, #1",
        "beq 3f",
        "add r1, r11, r9",
        "add r3, r1, r9, lsl #1",
        "cmp r10, #4",
        "it lt",
        "movlt r3, r11",
        two_rows!(),
        "vmov q4[3], q4[1], r2, r4",
        "vmov q5[3], q5[1], r6, r8",
        "add r11, r11, r9, lsl #2",
        "3:",
        "ldrd r1, r3, [sp, #8]",
        "ldrd r5, r6, [sp, #16]",
        "ldr r7, [sp, #24]",
        "vctp.32 r10",
        "vpsttt",
        "vldrbt.u8 q0, [r1], #16",
        "vldrbt.u8 q1, [r3], #16",
        "vldrbt.u32 q2, [r5], #4",
        "vneg.s32 q2, q2",
        requantise!("q4"),
        requantise!("q5"),
        "cbz r7, 4f",
        look_up!("q4"),
        look_up!("q5"),
        "4:",
        "ldrd r2, r4, [sp]",
        "vpstt",
        "vstrbt.32 q5, [r4], #4",
        "vstrbt.32 q4, [r2], #4",
        "subs r10, r10, #4",
        "ble 5f",
        "strd r2, r4, [sp]",
        "strd r1, r3, [sp, #8]",
        "str r5, [sp, #16]",
        "b 1b",
        "5:",
        "add sp, sp, #28",
        "vpop {{d8-d11}}",
        "pop {{r4-r11, pc}}",
        OUT = const core::mem::offset_of!(Outputs, out),
        FIRST = const core::mem::offset_of!(Outputs, first),
    )
}

// The assembly loads them together.
const _: () = assert!(core::mem::size_of::<Job>() == 28 && core::mem::size_of::<Outputs>() == 24);
