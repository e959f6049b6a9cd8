//! Runs of positions that read at most 32 values each: two of them at a time, held in registers while the
//! rows of weights pass by.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::mem::offset_of;
use core::ptr::{null, null_mut};

use super::dense::{Dense, narrow};
use super::lanes::{self, Lanes};

/// Outputs of a block.
pub(super) const BLOCK: usize = 4;

/// Pairs of positions of a run, and their outputs in groups that lie side by side. The assembly counts
/// some of it down.
#[repr(C)]
pub(super) struct Job<'l> {
    pub(super) dense: Dense,
    /// A bit for each value that is read, of the first sixteen and of the others.
    pub(super) masks: [u32; 2],
    pub(super) lanes: &'l Lanes,
    /// Not 0 if the values do not lie side by side.
    pub(super) is_gathered: usize,
    /// What the first position of a pair reads, and bytes from there to what the second does.
    pub(super) x: *const u8,
    pub(super) advance: usize,
    /// Where its outputs go, and bytes from there to where those of the second do.
    pub(super) y: *mut u8,
    pub(super) second: usize,
    /// Bytes from what a pair reads to what the next does, and from its outputs to the next ones.
    pub(super) steps: [usize; 2],
    /// Pairs, at least 1.
    pub(super) pairs: usize,
    /// Groups of a position, at least 1.
    pub(super) groups: usize,
    /// Outputs by which a last block reaches back into the one before, or 0 without it; and the blocks of
    /// a group but for that one, at least 1.
    pub(super) back: usize,
    pub(super) blocks: usize,
    /// Bytes from the end of a group to the next.
    pub(super) gap: usize,
    /// Groups left of the pair, and outputs by which the group at hand still has to reach back.
    pub(super) groups_left: usize,
    pub(super) back_left: usize,
}

impl<'l> Job<'l> {
    /// Of groups of so many outputs, at least a block; without positions.
    pub(super) fn new(dense: Dense, [groups, outputs]: [usize; 2]) -> Self {
        Self {
            masks: lanes::first(dense.inputs),
            dense,
            lanes: &lanes::SIDE_BY_SIDE,
            is_gathered: 0,
            x: null(),
            advance: 0,
            y: null_mut(),
            second: 0,
            steps: [0; 2],
            pairs: 1,
            groups,
            back: outputs.wrapping_neg() % BLOCK,
            blocks: outputs / BLOCK,
            gap: 0,
            groups_left: 0,
            back_left: 0,
        }
    }
}

/// The sums of a row in `$one` and `$other`, from the values in q0 and q1; then steps to another row.
macro_rules! row {
    ($one:literal, $other:literal, $step:expr) => {
        concat!(
            "vldrb.u8 q4, [r1]\n",
            concat!("vmladav.s8 ", $one, ", q4, q0\n"),
            concat!("vmladav.s8 ", $other, ", q4, q1\n"),
            $step,
            "\n",
        )
    };
}

/// The same, from the values in q0 to q3.
macro_rules! long_row {
    ($one:literal, $other:literal, $step:literal) => {
        row!(
            $one,
            $other,
            concat!(
                "vldrb.u8 q4, [r1, #16]\n",
                concat!("vmladava.s8 ", $one, ", q4, q2\n"),
                concat!("vmladava.s8 ", $other, ", q4, q3\n"),
                $step,
            )
        )
    };
}

/// A block of outputs, whose sums are those of `$row`. Lanes 0 and 2 of a vector are filled together, and
/// lanes 1 and 3.
macro_rules! block {
    ($row:ident) => {
        concat!(
            $row!("r2", "r6", "add r1, r1, r11, lsl #1"),
            $row!("r4", "r8", "sub r1, r1, r11"),
            "vmov q5[2], q5[0], r2, r4\n",
            "vmov q6[2], q6[0], r6, r8\n",
            $row!("r2", "r6", "add r1, r1, r11, lsl #1"),
            $row!("r4", "r8", "add r1, r1, r11"),
            "vmov q5[3], q5[1], r2, r4\n",
            "vmov q6[3], q6[1], r6, r8\n",
            "vldrb.u8 q4, [r9], #16\n",
            "vadd.i32 q5, q5, q4\n",
            "vadd.i32 q6, q6, q4\n",
            "vldrb.u8 q4, [r10], #16\n",
            "vmulh.s32 q5, q5, q4\n",
            "vmulh.s32 q6, q6, q4\n",
            "vldrb.u32 q4, [r3], #4\n",
            "vneg.s32 q4, q4\n",
            narrow!(),
            "vshr.u32 q6, q5, #16\n",
            "vstrb.32 q6, [r7], #4\n",
            "vstrb.32 q5, [r5], #4\n",
        )
    };
}

/// Values of both positions in `$one` and `$other`, by the mask in `$mask`.
macro_rules! values {
    ($one:literal, $other:literal, $mask:literal, $differences:literal, $offsets:literal) => {
        concat!(
            "vmsr p0, ",
            $mask,
            "\n",
            "vldrb.u8 q4, [r3, #{",
            $differences,
            "}]\n",
            "vldrb.u8 q5, [r3, #{",
            $offsets,
            "}]\n",
            "cbz r4, 4f\n",
            "vpstt\n",
            "vldrbt.u8 ",
            $one,
            ", [r1, q5]\n",
            "vldrbt.u8 ",
            $other,
            ", [r2, q5]\n",
            "b 5f\n",
            "4:\n",
            "vpstt\n",
            "vldrbt.u8 ",
            $one,
            ", [r1], #16\n",
            "vldrbt.u8 ",
            $other,
            ", [r2], #16\n",
            "5:\n",
            "veor ",
            $one,
            ", ",
            $one,
            ", q4\n",
            "veor ",
            $other,
            ", ",
            $other,
            ", q4\n",
        )
    };
}

/// Computes all outputs of a run.
///
/// # Safety
/// All pointers of the job reach what their fields name: the values that `lanes` has of both positions of
/// all pairs, places for all outputs, rows of weights and an entry of every array for each output. A row
/// has at most [`MOST`](super::lanes::MOST) weights; sixteen bytes can be read from each sixteenth of them on, also behind the
/// last row.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the job |
/// | r1, r11 | next row of weights, bytes of a row |
/// | r2, r4 | sums of the first position |
/// | r6, r8 | sums of the second position |
/// | r5, r7 | places for the next outputs of both |
/// | r9, r10, r3 | next biases, multipliers and shifts |
/// | r12, lr | zero point, blocks left |
/// | q0, q2 | values of the first position |
/// | q1, q3 | values of the second position |
/// | q4 | weights; then biases, multipliers, shifts |
/// | q5, q6 | sums of the positions, then outputs |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn run(job: &mut Job<'_>) {
    naked_asm!(
        ".cpu cortex-m55",
        "push {{r4-r11, lr}}",
        "vpush {{d8-d13}}",
        // A pair.
        "1:",
        "ldrd r3, r4, [r0, #{LANES}]",
        "ldrd r1, r2, [r0, #{X}]",
        "ldrd r5, r7, [r0, #{Y}]",
        "ldrd r6, r8, [r0, #{STEPS}]",
        "add r2, r2, r1",
        "add r6, r6, r1",
        "str r6, [r0, #{X}]",
        "add r8, r8, r5",
        "str r8, [r0, #{Y}]",
        "add r7, r7, r5",
        "ldrd r8, r6, [r0, #{MASKS}]",
        values!("q0", "q1", "r8", "DIFFERENCES", "OFFSETS"),
        "cbz r6, 2f",
        values!("q2", "q3", "r6", "MORE_DIFFERENCES", "MORE_OFFSETS"),
        "2:",
        "ldr r4, [r0, #{GROUPS}]",
        "str r4, [r0, #{GROUPS_LEFT}]",
        "ldrd r1, r11, [r0]",
        "ldrd r9, r10, [r0, #{BIASES}]",
        "ldrd r3, r12, [r0, #{SHIFTS}]",
        // A group.
        "3:",
        "ldrd r2, lr, [r0, #{BACK}]",
        "str r2, [r0, #{BACK_LEFT}]",
        "4:",
        "cmp r11, #16",
        "bhi 6f",
        "5:",
        block!(row),
        "le lr, 5b",
        "b 7f",
        "6:",
        block!(long_row),
        "le lr, 6b",
        "7:",
        "ldr r2, [r0, #{BACK_LEFT}]",
        "cbz r2, 8f",
        // One more block.
        "movs r4, #0",
        "str r4, [r0, #{BACK_LEFT}]",
        "mls r1, r2, r11, r1",
        "sub r9, r9, r2, lsl #2",
        "sub r10, r10, r2, lsl #2",
        "sub r3, r3, r2",
        "sub r5, r5, r2",
        "sub r7, r7, r2",
        "mov lr, #1",
        "b 4b",
        "8:",
        "ldrd r2, r4, [r0, #{GAP}]",
        "add r5, r5, r2",
        "add r7, r7, r2",
        "subs r4, r4, #1",
        "str r4, [r0, #{GROUPS_LEFT}]",
        "bne 3b",
        "ldr r4, [r0, #{PAIRS}]",
        "subs r4, r4, #1",
        "str r4, [r0, #{PAIRS}]",
        "bne 1b",
        "vpop {{d8-d13}}",
        "pop {{r4-r11, pc}}",
        DIFFERENCES = const offset_of!(Lanes, differences),
        MORE_DIFFERENCES = const offset_of!(Lanes, differences).wrapping_add(16),
        OFFSETS = const offset_of!(Lanes, offsets),
        MORE_OFFSETS = const offset_of!(Lanes, offsets).wrapping_add(16),
        MASKS = const offset_of!(Job<'_>, masks),
        LANES = const offset_of!(Job<'_>, lanes),
        X = const offset_of!(Job<'_>, x),
        Y = const offset_of!(Job<'_>, y),
        STEPS = const offset_of!(Job<'_>, steps),
        PAIRS = const offset_of!(Job<'_>, pairs),
        GROUPS = const offset_of!(Job<'_>, groups),
        BACK = const offset_of!(Job<'_>, back),
        GAP = const offset_of!(Job<'_>, gap),
        GROUPS_LEFT = const offset_of!(Job<'_>, groups_left),
        BACK_LEFT = const offset_of!(Job<'_>, back_left),
        BIASES = const offset_of!(Dense, biases),
        SHIFTS = const offset_of!(Dense, shifts),
    )
}

// The assembly loads them together.
const _: () = {
    let first = [
        offset_of!(Job<'_>, dense),
        offset_of!(Job<'_>, lanes),
        offset_of!(Job<'_>, is_gathered),
        offset_of!(Job<'_>, x),
        offset_of!(Job<'_>, advance),
        offset_of!(Job<'_>, y),
        offset_of!(Job<'_>, second),
    ];
    assert!(matches!(first, [0, 32, 36, 40, 44, 48, 52]));
    let counts = [
        offset_of!(Job<'_>, pairs),
        offset_of!(Job<'_>, groups),
        offset_of!(Job<'_>, back),
        offset_of!(Job<'_>, blocks),
        offset_of!(Job<'_>, gap),
        offset_of!(Job<'_>, groups_left),
    ];
    assert!(matches!(counts, [64, 68, 72, 76, 80, 84]));
};
