//! The sums of two outputs of two positions at a time.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;

use ae_core::RowPairs;

use super::{POSITIONS, QUAD};
#[cfg(feature = "double-rounding")]
use crate::arch::arm::dsp_requantise;

/// Quads of a lap of the inner loop.
pub(super) const LAP: usize = 8;

/// A quad of both positions: four 16-bit numbers of the first, then four of the second.
pub(super) type Quads = [i16; POSITIONS * QUAD];

/// What is the same at every position; the assembly loads all fields at once.
#[repr(C)]
pub(super) struct Job {
    /// Laps of the inner loop, and bytes of code that the first of them leaves out.
    pub(super) laps: usize,
    pub(super) skipped: usize,
    /// `2 · zero_point + 1`: shifted left by `shift − 1` it is the constant of the requantisation.
    pub(super) rounding: i32,
    /// The entry of 0 in the table behind the requantisation; null for none.
    pub(super) table: *const u8,
    /// Bytes from the end of the weights of a block's first pair of rows back to those of the second.
    pub(super) back: usize,
}

/// What is computed; the assembly loads all fields at once.
#[repr(C)]
pub(super) struct Outputs {
    /// Where the outputs of the first position go, and how many bytes behind them those of the second.
    pub(super) out: *mut u8,
    pub(super) second: usize,
    /// Behind the last output of the first position, of which there is at least one.
    pub(super) end: *mut u8,
}

/// Bytes of code for a quad.
pub(super) const QUAD_CODE: usize = 48;

/// The value of a sum that is rounded once: (sum · multiplier >> 32) + constant, shifted by shift − 1, then by
/// 1, and saturated.
macro_rules! once {
    ($sum:literal, $multiplier:literal) => {
        concat!(
            concat!("smmla ", $sum, ", ", $sum, ", ", $multiplier, ", r4\n"),
            concat!("asr ", $sum, ", ", $sum, ", r3\n"),
            concat!("ssat ", $sum, ", #8, ", $sum, ", asr #1\n"),
        )
    };
}

/// The value of a sum that is rounded twice.
#[cfg(feature = "double-rounding")]
macro_rules! twice {
    ($sum:literal, $multiplier:literal) => {
        dsp_requantise::twice!($sum, $multiplier, "r4", "r3", "r2", "r7")
    };
}

/// Defines a function that computes outputs of two positions, from the first of a block on. `$value` brings a
/// sum to its value, by a multiplier, the shift − 1 in r3 and its constant in r4.
///
/// # Safety
/// `block` is aligned to 4 bytes and the blocks are there, `x` has all quads, `outputs` names room, and
/// the job's table is null or the middle of 256 bytes.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0 | next weights | parameters |
/// | r1 | next inputs | table |
/// | r2 | laps left | lost |
/// | r3, r4 | weights of four inputs | biases, then a shift − 1 and its constant |
/// | r5, r6 | four inputs of the first position | multipliers |
/// | r7, r8 | four inputs of the second position | r7: lost, r8: rounding |
/// | r9, r10 | `256·Σodd + Σeven` and `Σeven` of the first position | outputs, odd and even |
/// | r11, r12 | the same of the second position | outputs, odd and even |
/// | lr | bytes by which the pair's shifts stand nearer than those of the block's first pair: 0 or 6 | the same |
///
/// | place on the stack | what |
/// | --- | --- |
/// | 0, 4, 8 | inputs, laps, where the inner loop is entered |
/// | 12, 16 | rounding, table |
/// | 20, 24 | place for the next output of the first position, bytes to that of the second |
/// | 28, 32 | behind the last place, bytes back to the block's second pair of rows |
macro_rules! sums {
    ($name:ident, $value:ident) => {
        #[unsafe(naked)]
        pub(super) unsafe extern "C" fn $name(
            job: &Job,
            x: *const Quads,
            block: *const u8,
            outputs: &Outputs,
        ) {
            naked_asm!(
                concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
                "push {{r4-r11, lr}}",
                "ldm r0, {{r4-r7}}",
                "ldr r11, [r0, #{BACK}]",
                "ldm r3, {{r8-r10}}",
                "adr.w r3, 4f",
                "add r5, r5, r3",
                "add r5, r5, #1",
                "push {{r1, r4-r11}}",
                "mov r0, r2",
                "mov lr, #0",
                "1:",
                "mov r9, #0",
                "mov r10, #0",
                "mov r11, #0",
                "mov r12, #0",
                "ldm sp, {{r1, r2, pc}}",
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
                "subs r2, r2, #1",
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
                // The shifts of a pair stand two bytes behind those of the other, the other parameters eight.
                "sub r3, r0, lr",
                "ldrh r3, [r3, #32]",
                "ldrd r8, r1, [sp, #12]",
                // A shift looks at the lowest byte alone.
                "sub r3, r3, #0x01010101",
                "lsl r4, r8, r3",
                $value!("r10", "r5"),
                $value!("r12", "r5"),
                "lsr r3, r3, #8",
                "lsl r4, r8, r3",
                $value!("r9", "r6"),
                $value!("r11", "r6"),
                "cbz r1, 6f",
                "ldrb r10, [r1, r10]",
                "ldrb r12, [r1, r12]",
                "ldrb r9, [r1, r9]",
                "ldrb r11, [r1, r11]",
                "6:",
                "ldrd r3, r4, [sp, #20]",
                "ldrd r5, r6, [sp, #28]",
                "strb r12, [r3, r4]",
                "strb r10, [r3], #1",
                "cmp r3, r5",
                "beq 7f",
                "strb r11, [r3, r4]",
                "strb r9, [r3], #1",
                "cmp r3, r5",
                "beq 7f",
                "str r3, [sp, #20]",
                // To the weights of the block's second pair, or behind the parameters of the block.
                "eors lr, lr, #6",
                "ite ne",
                "subne r0, r0, r6",
                "addeq r0, r0, #28",
                "b.w 1b",
                "7:",
                "add sp, sp, #36",
                "pop {{r4-r11, pc}}",
                BACK = const core::mem::offset_of!(Job, back),
                LAP = const LAP,
            )
        }
    };
}

sums!(run, once);
#[cfg(feature = "double-rounding")]
sums!(run_twice, twice);

// The assembly takes a block's pairs of rows one after the other, and loads four fields together.
const _: () = assert!(RowPairs::BLOCK == 4 && core::mem::offset_of!(Job, back) == 16);
