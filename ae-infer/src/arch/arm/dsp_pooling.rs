//! Pools on Arm cores with DSP instructions: four channels in a word.
//!
//! `SSUB8` compares four pairs of bytes and `SEL` takes the larger of each; `UXTAB16` adds two bytes to
//! sums of 16 bits.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::dsp;
use crate::arch::all::pooling::side_by_side;
use crate::arch::job::Job;
use crate::arch::pooling::Mean;

pub(crate) use dsp::NAME;

/// Channels of a group.
pub(crate) const GROUP: usize = 4;

/// Whether the channels come in whole groups, on boundaries of 4 bytes.
pub(crate) fn takes(spatial: &Spatial, x: &[u8]) -> bool {
    usize::from(spatial.channels_in).is_multiple_of(GROUP) && x.as_ptr().addr().is_multiple_of(4)
}

/// Computes a job of whole groups.
///
/// # Safety
/// The job is as [`Job`] says, of all channels of a place, [`takes`] holds of `x`.
pub(crate) unsafe fn run(job: &Job, mean: Option<Mean>) {
    match mean {
        // SAFETY: the caller's promise.
        None => unsafe { maximum(job) },
        // SAFETY: as before.
        Some(mean) if mean.is_by_product() && mean.is_plain() => unsafe { average(job, &mean) },
        // SAFETY: as before.
        mean => unsafe { side_by_side::<1>(job, mean) },
    }
}

/// A function over the positions of a job, a word of channels after the other.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the job |
/// | r1, r2 | channels left, next output |
/// | r3 | values of the word at hand |
/// | r4, r11 | results |
/// | r5, r6 | rows left, values of the row |
/// | r7, r8 | columns left, next values |
/// | r9, r10 | free for `$take` and `$finish` |
/// | r12 | bytes of a place |
/// | lr | the bits to flip |
///
/// On the stack lie the second argument, the values of the position, and positions left.
macro_rules! walk {
    (
        $(#[$doc:meta])* $name:ident($($of_mean:ident: $Mean:ty)?),
        $flip:literal, $begin:literal, $take:expr, $finish:expr
    ) => {
        $(#[$doc])*
        #[unsafe(naked)]
        unsafe extern "C" fn $name(job: &Job $(, $of_mean: $Mean)?) {
            naked_asm!(
                concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
                "push {{r4-r11, lr}}",
                "sub sp, sp, #12",
                "ldrd r3, r2, [r0, #{X}]",
                "ldr r4, [r0, #{POSITIONS}]",
                "strd r1, r3, [sp]",
                "str r4, [sp, #8]",
                "ldr r12, [r0, #{CHANNELS}]",
                "ldr lr, [r0, #{FLIPPED}]",
                $flip,
                "orr lr, lr, lr, lsl #8",
                "orr lr, lr, lr, lsl #16",
                "1:",
                "ldr r1, [r0, #{COUNT}]",
                "2:",
                $begin,
                "ldr r5, [r0, #{ROWS}]",
                "mov r6, r3",
                "3:",
                "ldr r7, [r0, #{COLUMNS}]",
                "mov r8, r6",
                "4:",
                "ldr r9, [r8]",
                "add r8, r8, r12",
                "eor r9, r9, lr",
                $take,
                "subs r7, r7, #1",
                "bne 4b",
                "ldr r7, [r0, #{GAP}]",
                "add r6, r6, r7",
                "subs r5, r5, #1",
                "bne 3b",
                $finish,
                "add r3, r3, #4",
                "subs r1, r1, #4",
                "bne 2b",
                "ldrd r3, r4, [sp, #4]",
                "ldr r5, [r0, #{STEP}]",
                "add r3, r3, r5",
                "subs r4, r4, #1",
                "strd r3, r4, [sp, #4]",
                "bne 1b",
                "add sp, sp, #12",
                "pop {{r4-r11, pc}}",
                X = const offset_of!(Job, x),
                COUNT = const offset_of!(Job, count),
                POSITIONS = const offset_of!(Job, positions),
                ROWS = const offset_of!(Job, rows),
                COLUMNS = const offset_of!(Job, columns),
                GAP = const offset_of!(Job, gaps).wrapping_add(4),
                CHANNELS = const offset_of!(Job, channels),
                STEP = const offset_of!(Job, step),
                FLIPPED = const offset_of!(Job, flipped),
            )
        }
    };
}

walk! {
    /// The largest values.
    ///
    /// # Safety
    /// As of [`run`].
    maximum(),
    "",
    "mov r4, #0x80808080",
    concat!("ssub8 r10, r4, r9\n", "sel r4, r4, r9\n"),
    concat!(
        "strb r4, [r2], #1\n",
        "lsr r5, r4, #8\n",
        "strb r5, [r2], #1\n",
        "lsr r5, r4, #16\n",
        "strb r5, [r2], #1\n",
        "lsr r5, r4, #24\n",
        "strb r5, [r2], #1\n",
    )
}

/// The mean of a sum that `$half` has added to what is half its divisor in r5.
macro_rules! output {
    ($half:literal) => {
        concat!(
            $half,
            "\n",
            "mul r8, r8, r6\n",
            "lsr r8, r8, r7\n",
            "eor r8, r8, #0x80\n",
            "strb r8, [r2], #1\n",
        )
    };
}

walk! {
    /// The means. Values are summed plus 128, so that none is below 0.
    ///
    /// # Safety
    /// As of [`run`], and the mean is one by product.
    average(mean: &Mean),
    "eor lr, lr, #0x80",
    "mov r4, #0\nmov r11, #0",
    concat!("uxtab16 r4, r4, r9\n", "uxtab16 r11, r11, r9, ror #8\n"),
    concat!(
        "ldr r5, [sp]\n",
        "ldm r5, {{r5, r6, r7}}\n",
        output!("uxtah r8, r5, r4"),
        output!("uxtah r8, r5, r11"),
        output!("uxtah r8, r5, r4, ror #16"),
        output!("uxtah r8, r5, r11, ror #16"),
    )
}

// The assembly loads them together.
const _: () = assert!(offset_of!(Job, y) == offset_of!(Job, x).wrapping_add(4));
