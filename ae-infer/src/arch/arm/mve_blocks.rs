//! Blocks of four outputs of the kernel [`mve`](super::mve).
//!
//! The last eighty inputs stay in vector registers for all blocks; the others are loaded again for each.
//! What is missing in the last vector is zero there, so whole vectors of weights are read behind the end of
//! a row: the layer's biases and multipliers stand behind its last one.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;

use ae_core::{Int8, Layer, Rounding};

use crate::arch::Input;

/// Outputs that share a load of x.
pub(super) const BLOCK: usize = 4;

/// Inputs of a vector.
const VECTOR: usize = 16;
/// Vectors of x that stay in registers.
const KEPT: usize = 5;
/// Vectors in a lap of the inner loop.
const LAP: usize = 8;

/// What the assembly works on; it knows the fields by their offsets, and takes the first five, which it
/// moves on, together.
#[repr(C)]
struct Job {
    /// Those of the next block, as all pointers but `x` and `kept`.
    multipliers: *const u8,
    shifts: *const u8,
    y: *mut u8,
    zero_point: i32,
    y_end: *mut u8,
    x: *const u8,
    /// Laps of the inner loop.
    laps: usize,
    /// Addresses of code, which the assembly fills in: where a block begins its sums, and what comes
    /// behind them.
    begin: usize,
    scale: usize,
    weights: *const u8,
    inputs: usize,
    biases: *const u8,
    /// From behind the last vector of a row to where that pointer starts in the next block.
    advance: usize,
    /// The first vector that is kept, and how many fewer than [`KEPT`] there are.
    kept: *const u8,
    missing: usize,
    /// Inputs in the last vector, at least 1.
    tail: usize,
    /// Vectors that the first lap leaves out.
    skipped: usize,
    /// What makes an i8 of an input when it is added to a byte: 128 or 0.
    offset: u32,
    /// Whether sums are rounded twice: 1 or 0.
    is_twice: u32,
}

/// Computes `count` outputs from `first` on, up to their tables, into `y`, which has room for them. Gives
/// `false` and does nothing if `count` is 0 or not a multiple of a block, if there are no inputs, if `x` has
/// not as many as the layer, if the layer has fewer outputs than these, or if its data is too short for rows
/// or lies on no boundary of 4 bytes.
#[inline(always)]
pub(super) fn blocks(
    layer: &Layer<'_, Int8<'_>>,
    first: usize,
    x: Input<'_>,
    y: &mut [u8],
) -> bool {
    let (inputs, outputs, (x, offset)) = (layer.inputs(), layer.outputs(), x.bytes());
    let (data, count) = (layer.data(), y.len());
    // No product leaves the word: a layer is at most `MAX_WIDTH` wide.
    let biases = inputs.wrapping_mul(outputs).next_multiple_of(4);
    let multipliers = biases.wrapping_add(outputs.wrapping_mul(4));
    let shifts = multipliers.wrapping_add(outputs.wrapping_mul(4));
    if inputs == 0
        || x.len() != inputs
        || count == 0
        || !count.is_multiple_of(BLOCK)
        || first.wrapping_add(count) > outputs
        || data.len() < shifts.wrapping_add(outputs)
        || !data.as_ptr().addr().is_multiple_of(4)
    {
        return false;
    }
    let vectors = inputs.div_ceil(VECTOR);
    let loaded = vectors.saturating_sub(KEPT);
    let at = |place: usize| data.as_ptr().wrapping_add(place);
    let words = first.wrapping_mul(4);
    let y = y.as_mut_ptr_range();
    let mut job = Job {
        multipliers: at(multipliers.wrapping_add(words)),
        shifts: at(shifts.wrapping_add(first)),
        y: y.start,
        zero_point: layer.arithmetic().zero_point().into(),
        y_end: y.end,
        x: x.as_ptr(),
        laps: loaded.div_ceil(LAP),
        begin: 0,
        scale: 0,
        weights: at(first.wrapping_mul(inputs)),
        inputs,
        biases: at(biases.wrapping_add(words)),
        advance: inputs.wrapping_mul(BLOCK).wrapping_sub(vectors.wrapping_mul(VECTOR)),
        kept: x.as_ptr().wrapping_add(loaded.wrapping_mul(VECTOR)),
        missing: KEPT.saturating_sub(vectors),
        tail: (inputs.wrapping_sub(1) % VECTOR).wrapping_add(1),
        skipped: loaded.wrapping_neg() % LAP,
        offset: offset.into(),
        is_twice: (layer.arithmetic().rounding() != Rounding::Once).into(),
    };
    // SAFETY: `count` is a multiple of four and not 0, and the outputs are the layer's. Its data holds
    // `inputs` bytes of weights for each, behind all of them as many words of biases, on a boundary of 4, at
    // least four, then words of multipliers and bytes of shifts. There are `inputs` bytes of x, at least
    // one, and room for `count` bytes of y.
    unsafe { run(&mut job) };
    true
}

/// Sixteen products for each of four outputs, of x in `$x`.
macro_rules! sixteen {
    ($x:literal) => {
        concat!(
            "vldrb.u8 q1, [r1], #16\n",
            "vldrb.u8 q2, [r3], #16\n",
            concat!("vmladava.s8 r0, ", $x, ", q1\n"),
            "vldrb.u8 q1, [r5], #16\n",
            concat!("vmladava.s8 r2, ", $x, ", q2\n"),
            "vldrb.u8 q2, [r7], #16\n",
            concat!("vmladava.s8 r4, ", $x, ", q1\n"),
            concat!("vmladava.s8 r6, ", $x, ", q2\n"),
        )
    };
}

/// Lines of assembly for programs that round twice; for others there are none.
#[cfg(feature = "double-rounding")]
macro_rules! where_twice {
    ($($text:tt)*) => {
        concat!($($text)*)
    };
}
#[cfg(not(feature = "double-rounding"))]
macro_rules! where_twice {
    ($($text:tt)*) => {
        ""
    };
}

/// Brings high words of products in q0 to values, by the shifts in q2, stores them, and goes on to the next
/// block if there is one. A high word is rounded as it is shifted, and the zero point is a whole number to
/// add before or after.
///
/// For sums that are rounded twice the high words are half of what the first of the two steps gives, which
/// rounds the product itself, less 1 where it is below 0.
macro_rules! finish {
    () => {
        concat!(
            "vneg.s32 q2, q2\n",
            "vrshl.s32 q0, q0, q2\n",
            "vadd.i32 q0, q0, r6\n",
            // To 16 bits and to 8, in the low ones of each lane.
            "vqmovnb.s32 q0, q0\n",
            "vqmovnb.s16 q0, q0\n",
            "vstrb.32 q0, [r4], #4\n",
            "stm r12, {{r0, r2, r4}}\n",
            "add r1, r1, r9\n",
            "add r3, r3, r9\n",
            "add r5, r5, r9\n",
            "add r7, r7, r9\n",
            "cmp r4, r8\n",
            "bne.w 1b\n",
        )
    };
}

/// Computes the outputs up to `job.y_end`.
///
/// | register | what |
/// | --- | --- |
/// | r0, r2, r4, r6 | the four sums; behind them, the next multipliers, shifts and y, and the zero point |
/// | r1, r3, r5, r7 | next weights of the four outputs |
/// | r8 | next of x; behind the sums, the end of y |
/// | r9 | [`Job::advance`] |
/// | r10 | [`Job::offset`] |
/// | r11 | next biases |
/// | r12 | the job |
/// | lr | laps left |
/// | q0 | x; then sums, and what becomes of them |
/// | q1, q2 | weights; then multipliers and shifts |
/// | q3–q7 | the last vectors of x |
#[unsafe(naked)]
unsafe extern "C" fn run(job: *mut Job) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d15}}",
        "mov r12, r0",
        // The last vectors of x, of which some may be missing, and the very last behind a mask.
        "ldrd r8, r9, [r12, #{KEPT_X}]",
        "adr.w r0, 2f + 1",
        "add r0, r0, r9, lsl #2",
        "bx r0",
        "2:",
        "vldrb.u8 q3, [r8], #16",
        "vldrb.u8 q4, [r8], #16",
        "vldrb.u8 q5, [r8], #16",
        "vldrb.u8 q6, [r8], #16",
        "ldr r0, [r12, #{TAIL}]",
        "vctp.8 r0",
        "vpst",
        "vldrbt.u8 q7, [r8]",
        // Where a block begins.
        "ldr r4, [r12, #{LAPS}]",
        "ldr r5, [r12, #{SKIPPED}]",
        "ldr r10, [r12, #{OFFSET}]",
        "movs r6, #{LAP_BYTES}",
        "adr.w r0, 3f + 1",
        "cmp r10, #0",
        "beq 2f",
        "vadd.i8 q3, q3, r10",
        "vadd.i8 q4, q4, r10",
        "vadd.i8 q5, q5, r10",
        "vadd.i8 q6, q6, r10",
        "vpst",
        "vaddt.i8 q7, q7, r10",
        "movs r6, #{LAP_BYTES} + 4",
        "adr.w r0, 7f + 1",
        "2:",
        "cmp r4, #0",
        "bne 2f",
        "mov r5, r9",
        "movs r6, #32",
        "adr.w r0, 4f + 1",
        "2:",
        "mla r0, r5, r6, r0",
        // What comes behind its sums.
        "adr.w r1, 5f + 1",
        where_twice!(
            "ldr r2, [r12, #{OFFSET} + 4]\n",
            "cbz r2, 2f\n",
            "adr.w r1, 8f + 1\n",
            "2:\n",
        ),
        "strd r0, r1, [r12, #{BEGIN}]",
        "ldrd r1, r2, [r12, #{WEIGHTS}]",
        "ldrd r11, r9, [r12, #{BIASES}]",
        "add r3, r1, r2",
        "add r5, r3, r2",
        "add r7, r5, r2",
        "1:",
        "ldm r11!, {{r0, r2, r4, r6}}",
        "ldrd r8, lr, [r12, #{X}]",
        "ldr pc, [r12, #{BEGIN}]",
        "3:",
        ".rept {LAP}",
        "vldrb.u8 q0, [r8], #16",
        sixteen!("q0"),
        ".endr",
        "le lr, 3b",
        "4:",
        sixteen!("q3"),
        sixteen!("q4"),
        sixteen!("q5"),
        sixteen!("q6"),
        sixteen!("q7"),
        "vmov q0[2], q0[0], r0, r4",
        "vmov q0[3], q0[1], r2, r6",
        "ldm r12, {{r0, r2, r4, r6, r8}}",
        "vldrb.u8 q1, [r0], #16",
        "vldrb.u32 q2, [r2], #4",
        where_twice!("ldr pc, [r12, #{BEGIN} + 4]\n"),
        "5:",
        "vmulh.s32 q0, q0, q1",
        finish!(),
        "6:",
        "vpop {{d8-d15}}",
        "pop {{r4-r11, pc}}",
        // The inner loop for pixels.
        "7:",
        ".rept {LAP}",
        "vldrb.u8 q0, [r8], #16",
        "vadd.i8 q0, q0, r10",
        sixteen!("q0"),
        ".endr",
        "le lr, 7b",
        "b.w 4b",
        where_twice!(
            "8:\n",
            "vqrdmulh.s32 q0, q0, q1\n",
            "vshr.s32 q1, q0, #31\n",
            "vhadd.s32 q0, q0, q1\n",
            finish!(),
            "b.w 6b\n",
        ),
        X = const core::mem::offset_of!(Job, x),
        LAPS = const core::mem::offset_of!(Job, laps),
        BEGIN = const core::mem::offset_of!(Job, begin),
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        BIASES = const core::mem::offset_of!(Job, biases),
        KEPT_X = const core::mem::offset_of!(Job, kept),
        TAIL = const core::mem::offset_of!(Job, tail),
        SKIPPED = const core::mem::offset_of!(Job, skipped),
        OFFSET = const core::mem::offset_of!(Job, offset),
        LAP = const LAP,
        LAP_BYTES = const 9 * 4,
    )
}
