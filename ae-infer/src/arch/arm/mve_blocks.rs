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
const LAP: usize = 4;
/// Vectors of i8 that are loaded behind it, in a straight line: so 128 inputs need no loop.
const STRAIGHT: usize = 3;

/// Bytes of the code of a vector that is loaded, of pixels or of i8, and of one that is kept.
const PIXELS_BYTES: usize = 10 * 4;
const LOADED_BYTES: usize = 9 * 4;
const KEPT_BYTES: usize = 8 * 4;
/// Bytes from the inner loop of i8, which ends with an instruction of its own, to the vectors that are kept.
const KEPT_CODE: usize = (LAP + STRAIGHT) * LOADED_BYTES + 4;

/// What the assembly works on; it knows the fields by their offsets, and takes the first six together.
#[repr(C)]
struct Job {
    /// Those of the next block, as all pointers but `x` and `kept`.
    multipliers: *const u8,
    shifts: *const u8,
    y: *mut u8,
    zero_point: i32,
    y_end: *mut u8,
    one: i32,
    x: *const u8,
    /// Laps of the inner loop.
    laps: usize,
    /// Addresses of code, which the assembly fills in: where pixels enter the inner loop, and what comes
    /// behind a block's sums.
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
    /// Bytes of code from the inner loop to where a block begins.
    entry: usize,
    /// What makes an i8 of an input when it is added to a byte: 128 or 0.
    offset: u32,
    /// Whether sums are rounded twice: 1 or 0.
    is_twice: u32,
}

/// Computes `count` outputs from `first` on, up to their tables, into `y`, which has room for them. Gives
/// `false` and does nothing if `count` is 0 or not a multiple of a block, if there are no inputs, if `x` has
/// not as many as the layer, if the layer has fewer outputs than these, or if its data is too short for rows
/// or lies on no boundary of 4 bytes.
#[inline(never)]
pub(super) fn blocks(
    layer: &Layer<'_, Int8<'_>>,
    first: usize,
    x: Input<'_>,
    y: &mut [u8],
) -> bool {
    let (inputs, outputs) = (layer.inputs(), layer.outputs());
    let ((bytes, offset), data, count) = (x.bytes(), layer.data(), y.len());
    // No product leaves the word: a layer is at most `MAX_WIDTH` wide.
    let biases = inputs.wrapping_mul(outputs).wrapping_add(3) & !3;
    let multipliers = biases.wrapping_add(outputs.wrapping_mul(4));
    let shifts = multipliers.wrapping_add(outputs.wrapping_mul(4));
    if inputs == 0
        || bytes.len() != inputs
        || count == 0
        || !count.is_multiple_of(BLOCK)
        || first.wrapping_add(count) > outputs
        || data.len() < shifts.wrapping_add(outputs)
        || !data.as_ptr().addr().is_multiple_of(4)
    {
        return false;
    }
    let vectors = inputs.div_ceil(VECTOR);
    let missing = KEPT.saturating_sub(vectors);
    let loaded = vectors.saturating_sub(KEPT);
    let (looped, size) = match x {
        Input::Pixels(_) => (loaded, PIXELS_BYTES),
        Input::Elements(_) => (loaded.saturating_sub(STRAIGHT), LOADED_BYTES),
    };
    // Where nothing is looped, a block begins behind the loop of i8.
    let entry = match (looped, loaded) {
        (1.., _) => (looped.wrapping_neg() % LAP).wrapping_mul(size),
        (0, 1..) => KEPT_CODE.wrapping_sub(loaded.wrapping_mul(size)),
        (0, 0) => KEPT_CODE.wrapping_add(missing.wrapping_mul(KEPT_BYTES)),
    };
    let at = |place: usize| data.as_ptr().wrapping_add(place);
    let words = first.wrapping_mul(4);
    let y = y.as_mut_ptr_range();
    let mut job = Job {
        multipliers: at(multipliers.wrapping_add(words)),
        shifts: at(shifts.wrapping_add(first)),
        y: y.start,
        zero_point: layer.arithmetic().zero_point().into(),
        y_end: y.end,
        one: 1,
        x: bytes.as_ptr(),
        laps: looped.div_ceil(LAP),
        begin: 0,
        scale: 0,
        weights: at(first.wrapping_mul(inputs)),
        inputs,
        biases: at(biases.wrapping_add(words)),
        advance: inputs.wrapping_mul(BLOCK).wrapping_sub(vectors.wrapping_mul(VECTOR)),
        kept: bytes.as_ptr().wrapping_add(loaded.wrapping_mul(VECTOR)),
        missing,
        tail: (inputs.wrapping_sub(1) % VECTOR).wrapping_add(1),
        entry,
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

/// Brings what the multiplication of sums gives, in q0, to values, stores them, and goes on to the next block
/// if there is one. `$negate` makes shifts to the left of those in q2. It is rounded as it is shifted, and
/// the zero point is a whole number to add before or after.
macro_rules! finish {
    ($negate:literal) => {
        concat!(
            $negate,
            " q2, q2\n",
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
/// | r10 | laps of the inner loop; for pixels [`Job::offset`] |
/// | r11 | next biases |
/// | r12 | the job |
/// | lr | laps left; behind the sums, 1 |
/// | q0 | x; then sums, and what becomes of them |
/// | q1, q2 | weights; then multipliers and shifts |
/// | q3–q7 | the last vectors of x |
/// | sp + 0, 4 | what r8 and pc are when a block begins its sums |
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
        // Where a block begins. Pixels have a loop of their own, which is entered by way of more code.
        "ldrd r5, r6, [r12, #{ENTRY}]",
        "ldr r10, [r12, #{LAPS}]",
        "adr.w r0, 3f + 1",
        "add r0, r0, r5",
        "cbz r6, 2f",
        "vadd.i8 q3, q3, r6",
        "vadd.i8 q4, q4, r6",
        "vadd.i8 q5, q5, r6",
        "vadd.i8 q6, q6, r6",
        "vpst",
        "vaddt.i8 q7, q7, r6",
        "cmp r10, #0",
        "mov r10, r6",
        "beq 2f",
        "adr.w r0, 7f + 1",
        "add r0, r0, r5",
        "str r0, [r12, #{BEGIN}]",
        "adr.w r0, 9f + 1",
        "2:",
        "ldr r1, [r12, #{X}]",
        "push {{r0}}",
        "push {{r1}}",
        // What comes behind its sums.
        "adr.w r0, 5f + 1",
        where_twice!(
            "ldr r1, [r12, #{ENTRY} + 8]\n",
            "cbz r1, 2f\n",
            "adr.w r0, 8f + 1\n",
            "2:\n",
        ),
        "str r0, [r12, #{SCALE}]",
        "ldrd r1, r2, [r12, #{WEIGHTS}]",
        "ldrd r11, r9, [r12, #{BIASES}]",
        "add r3, r1, r2",
        "add r5, r3, r2",
        "add r7, r5, r2",
        "1:",
        "ldm r11!, {{r0, r2, r4, r6}}",
        "dls lr, r10",
        "ldm sp, {{r8, pc}}",
        "3:",
        ".rept {LAP}",
        "vldrb.u8 q0, [r8], #16",
        sixteen!("q0"),
        ".endr",
        "le lr, 3b",
        ".rept {STRAIGHT}",
        "vldrb.u8 q0, [r8], #16",
        sixteen!("q0"),
        ".endr",
        "4:",
        sixteen!("q3"),
        sixteen!("q4"),
        sixteen!("q5"),
        sixteen!("q6"),
        sixteen!("q7"),
        "vmov q0[2], q0[0], r0, r4",
        "vmov q0[3], q0[1], r2, r6",
        "ldm r12, {{r0, r2, r4, r6, r8, lr}}",
        "vldrb.u8 q1, [r0], #16",
        "vldrb.u32 q2, [r2], #4",
        where_twice!("ldr pc, [r12, #{SCALE}]\n"),
        // Rounded once: the high word of the product, and the shift.
        "5:",
        "vmulh.s32 q0, q0, q1",
        finish!("vneg.s32"),
        "6:",
        "add sp, sp, #8",
        "vpop {{d8-d15}}",
        "pop {{r4-r11, pc}}",
        // The inner loop for pixels.
        "9:",
        "ldr lr, [r12, #{LAPS}]",
        "ldr pc, [r12, #{BEGIN}]",
        "7:",
        ".rept {LAP}",
        "vldrb.u8 q0, [r8], #16",
        "vadd.i8 q0, q0, r10",
        sixteen!("q0"),
        ".endr",
        "le lr, 7b",
        "b.w 4b",
        // Rounded twice: the product is rounded by itself, less 1 where that is below 0, which the high word
        // of its double tells. It is shifted by 1 more.
        where_twice!(
            "8:\n",
            "vqrdmulh.s32 q0, q0, q1\n",
            "vqdmlah.s32 q0, q0, lr\n",
            finish!("vmvn"),
            "b.w 6b\n",
        ),
        X = const core::mem::offset_of!(Job, x),
        LAPS = const core::mem::offset_of!(Job, laps),
        BEGIN = const core::mem::offset_of!(Job, begin),
        SCALE = const core::mem::offset_of!(Job, scale),
        WEIGHTS = const core::mem::offset_of!(Job, weights),
        BIASES = const core::mem::offset_of!(Job, biases),
        KEPT_X = const core::mem::offset_of!(Job, kept),
        TAIL = const core::mem::offset_of!(Job, tail),
        ENTRY = const core::mem::offset_of!(Job, entry),
        LAP = const LAP,
        STRAIGHT = const STRAIGHT,
    )
}
