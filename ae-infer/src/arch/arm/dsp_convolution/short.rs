//! Two outputs of positions that read eight values, from bytes where they lie in the map.
//!
//! The weights stay in registers for all positions, in the order in which `SXTB16` takes bytes apart. So a
//! position takes 34 instructions for sixteen products, its loads and both outputs among them.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::{Channel, Requant};

/// Values of a position.
pub(super) const INPUTS: usize = 8;
/// Outputs that are computed together.
pub(super) const OUTPUTS: usize = 2;

/// What is the same at every position; the assembly copies it, and knows the fields by their offsets.
#[repr(C)]
pub(super) struct Job {
    /// What the sums `256·Σodd + Σeven` and `Σeven` start from: the bias of the even output.
    starts: [i32; 2],
    /// The bias of the odd output.
    bias: i32,
    /// Bytes from what a position reads to what the next one does.
    advance: usize,
    /// Multiplier and constant of each output.
    even: [i32; 2],
    odd: [i32; 2],
    shifts: [u32; OUTPUTS],
    /// Bytes from the outputs of a position to those of the next one, and the place behind the last.
    step: usize,
    end: *mut u8,
}

impl Job {
    /// For two channels. The outputs that are computed of a position stand `step` bytes behind those of the
    /// one before, and the first of a position that is not computed would stand at `end`.
    pub(super) fn new(
        [even, odd]: [Channel<'_>; OUTPUTS],
        advance: usize,
        step: usize,
        end: *mut u8,
    ) -> Self {
        let numbers = |requant: Requant| [requant.multiplier(), requant.constant()];
        Self {
            starts: [even.bias; 2],
            bias: odd.bias,
            advance,
            even: numbers(even.requant),
            odd: numbers(odd.requant),
            shifts: [even.requant.shift(), odd.requant.shift()],
            step,
            end,
        }
    }
}

/// The products of a quad at `$x` with the weights in `$whole` and `$even`, two registers of each.
macro_rules! quad {
    ($x:literal, $whole:literal, $second_whole:literal, $even:literal, $second_even:literal) => {
        concat!(
            "ldr r3, ",
            $x,
            "\n",
            "sxtb16 r2, r3, ror #8\n",
            "sxtb16 r3, r3\n",
            "smlad r12, r3, ",
            $whole,
            ", r12\n",
            "smlad lr, r3, ",
            $even,
            ", lr\n",
            "smlad r12, r2, ",
            $second_whole,
            ", r12\n",
            "smlad lr, r2, ",
            $second_even,
            ", lr\n",
        )
    };
}

/// Computes both outputs of all positions, of which the first one's go to `y`, up to their tables.
///
/// # Safety
/// `pair` names the weights of two rows in a block on a boundary of 4, where eight inputs have two quads;
/// from `x` on all positions can be read, on word boundaries; from `y` on there is room for both outputs of
/// all positions, at least one, up to the job's end.
///
/// | register | in the sums | in the requantisation |
/// | --- | --- | --- |
/// | r0, r1 | what the position reads, its outputs | the same |
/// | r2, r3 | bytes 1 and 3 of a quad, 0 and 2 | numbers of the job |
/// | r4–r7 | weights of bytes 0 and 2, 1 and 3, of each quad | the same |
/// | r8–r11 | those of the even output alone | the same |
/// | r12, lr | `256·Σodd + Σeven` and `Σeven` | outputs, odd and even |
#[unsafe(naked)]
pub(super) unsafe extern "C" fn run(x: *const u8, y: *mut u8, pair: *const u8, job: &Job) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "sub sp, sp, #{JOB}",
        "mov r12, sp",
        "ldm r3!, {{r4-r9}}",
        "stm r12!, {{r4-r9}}",
        "ldm r3, {{r4-r9}}",
        "stm r12, {{r4-r9}}",
        "ldrd r8, r9, [r2]",
        "ldrd r10, r11, [r2, #16]",
        "pkhbt r4, r8, r9, lsl #16",
        "pkhtb r5, r9, r8, asr #16",
        "pkhbt r6, r10, r11, lsl #16",
        "pkhtb r7, r11, r10, asr #16",
        "sxtb16 r8, r4",
        "sxtb16 r9, r5",
        "sxtb16 r10, r6",
        "sxtb16 r11, r7",
        "1:",
        "ldrd r12, lr, [sp, #{STARTS}]",
        quad!("[r0]", "r4", "r5", "r8", "r9"),
        quad!("[r0, #4]", "r6", "r7", "r10", "r11"),
        "ldrd r2, r3, [sp, #{BIAS}]",
        "add r0, r0, r3",
        // 256 times the sum of the odd output.
        "sub r12, r12, lr",
        "add r12, r2, r12, asr #8",
        // ((sum · multiplier >> 32) + constant) >> shift, saturated.
        "ldrd r2, r3, [sp, #{EVEN}]",
        "smmla lr, lr, r2, r3",
        "ldrd r2, r3, [sp, #{ODD}]",
        "smmla r12, r12, r2, r3",
        "ldrd r2, r3, [sp, #{SHIFTS}]",
        "asr lr, lr, r2",
        "asr r12, r12, r3",
        "ssat lr, #8, lr",
        "ssat r12, #8, r12",
        "ldrd r2, r3, [sp, #{STEP}]",
        "strb lr, [r1]",
        "strb r12, [r1, #1]",
        "add r1, r1, r2",
        "cmp r1, r3",
        "bne 1b",
        "add sp, sp, #{JOB}",
        "pop {{r4-r11, pc}}",
        JOB = const size_of::<Job>(),
        STARTS = const offset_of!(Job, starts),
        BIAS = const offset_of!(Job, bias),
        EVEN = const offset_of!(Job, even),
        ODD = const offset_of!(Job, odd),
        SHIFTS = const offset_of!(Job, shifts),
        STEP = const offset_of!(Job, step),
    )
}

// The assembly copies twelve words, and loads these together.
const _: () = assert!(
    size_of::<Job>() == 48
        && offset_of!(Job, advance) == offset_of!(Job, bias).wrapping_add(4)
        && offset_of!(Job, end) == offset_of!(Job, step).wrapping_add(4)
);
