//! The sums of four outputs of two positions.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::ptr::null;

use ae_core::{Int8, Layer, Weights};

use super::{POSITIONS, takes};

/// What is the same at every position; the assembly loads all fields at once.
#[repr(C)]
pub(super) struct Job {
    /// The first row of weights, and the length of each.
    pub(super) weights: *const u8,
    pub(super) inputs: usize,
    pub(super) biases: *const [u8; 4],
    pub(super) multipliers: *const [u8; 4],
    pub(super) shifts: *const u8,
    pub(super) zero_point: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    pub(super) table: *const u8,
}

/// What is computed; the assembly loads all fields at once.
#[repr(C)]
pub(super) struct Outputs {
    /// What both positions read, and where their outputs go.
    pub(super) x: [*const u8; POSITIONS],
    pub(super) out: [*mut u8; POSITIONS],
    /// The first output, and how many there are, at least 1.
    pub(super) first: usize,
    pub(super) left: usize,
}

impl Job {
    /// Of the dense layer of a position; `None` where the kernel does not take it.
    pub(super) fn new(layer: &Layer<'_, Int8<'_>>) -> Option<Self> {
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
pub(super) unsafe extern "C" fn run(job: &Job, outputs: &Outputs) {
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
