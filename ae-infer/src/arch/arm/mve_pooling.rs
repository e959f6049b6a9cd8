//! Pools on cores with Helium (MVE): up to sixteen channels at a time.

#![allow(unsafe_code, reason = "vector registers can be named in assembly alone")]

use core::arch::naked_asm;
use core::mem::offset_of;

use ae_core::Spatial;

use super::mve;
use crate::arch::all::pooling::side_by_side;
use crate::arch::job::Job;
use crate::arch::pooling::Mean;

pub(crate) use mve::NAME;

/// Channels of a group: lanes behind the last are left out.
pub(crate) const GROUP: usize = 1;

/// Any layer is taken.
pub(crate) fn takes(_spatial: &Spatial, _x: &[u8]) -> bool {
    true
}

/// Computes a job.
///
/// # Safety
/// The job is as [`Job`] says.
pub(crate) unsafe fn run(job: &Job, mean: Option<Mean>) {
    match mean {
        // SAFETY: the caller's promise.
        None => unsafe { maximum(job) },
        // The mean of one value is the largest of it, and its product has a bit too much.
        // SAFETY: as before.
        Some(_) if job.rows == 1 && job.columns == 1 => unsafe { maximum(job) },
        // SAFETY: as before.
        Some(mean) if mean.is_by_product() && mean.is_plain() => unsafe { average(job, &mean) },
        // SAFETY: as before.
        mean => unsafe { side_by_side::<1>(job, mean) },
    }
}

/// A function over the positions of a job.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the job |
/// | r1, r2 | values of the position, its outputs |
/// | r3 | positions left |
/// | r4, r9 | values and outputs of the channels at hand |
/// | r5, r6 | rows left, values of the row |
/// | r7, lr | next values, columns left |
/// | r8 | channels left |
/// | r10, r11 | bytes from a row to the next, columns |
/// | r12 | bytes of a place |
/// | q0, q1 | results |
/// | q2, q3 | values |
/// | q7 | the bits to flip |
macro_rules! walk {
    (
        $(#[$doc:meta])* $name:ident($($of_mean:ident: $Mean:ty)?),
        $prepare:expr, $begin:expr, $take:expr, $finish:expr
    ) => {
        $(#[$doc])*
        #[unsafe(naked)]
        unsafe extern "C" fn $name(job: &Job $(, $of_mean: $Mean)?) {
            naked_asm!(
                ".cpu cortex-m55",
                "push {{r3-r11, lr}}",
                "vpush {{d8-d15}}",
                "ldr r4, [r0, #{FLIPPED}]",
                $prepare,
                "vdup.8 q7, r4",
                "ldrd r1, r2, [r0, #{X}]",
                "ldr r3, [r0, #{POSITIONS}]",
                "ldr r10, [r0, #{GAP}]",
                "ldr r11, [r0, #{COLUMNS}]",
                "ldr r12, [r0, #{CHANNELS}]",
                "1:",
                "ldr r8, [r0, #{COUNT}]",
                "mov r4, r1",
                "mov r9, r2",
                "2:",
                // Loads and stores leave out lanes behind the last channel.
                "vctp.8 r8",
                $begin,
                "ldr r5, [r0, #{ROWS}]",
                "mov r6, r4",
                "3:",
                "mov r7, r6",
                "dls lr, r11",
                "4:",
                "vpst",
                "vldrbt.u8 q2, [r7]",
                "add r7, r7, r12",
                "veor q2, q2, q7",
                $take,
                "le lr, 4b",
                "add r6, r6, r10",
                "subs r5, r5, #1",
                "bne 3b",
                $finish,
                "vpst",
                "vstrbt.8 q0, [r9]",
                "add r4, r4, #16",
                "add r9, r9, #16",
                "subs r8, r8, #16",
                "bhi 2b",
                "ldr r5, [r0, #{STEP}]",
                "add r1, r1, r5",
                "add r2, r2, r12",
                "subs r3, r3, #1",
                "bne 1b",
                "vpop {{d8-d15}}",
                "pop {{r3-r11, pc}}",
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
    "vmov.i8 q0, #0x80",
    "vmax.s8 q0, q0, q2",
    ""
}

walk! {
    /// The means. Values are summed plus 128, so that none is below 0, and those of even and of odd
    /// channels apart.
    ///
    /// # Safety
    /// As of [`run`], and the mean is one by product, of more than one value.
    average(mean: &Mean),
    concat!(
        "eor r4, r4, #0x80\n",
        "ldm r1, {{r5, r6, r7}}\n",
        // Sums begin with half of what they are divided by.
        "vdup.16 q4, r5\n",
        "vdup.16 q5, r6\n",
        "rsb r7, r7, #16\n",
        "vdup.16 q6, r7\n",
    ),
    "vmov q0, q4\nvmov q1, q4",
    concat!(
        "vmovlb.u8 q3, q2\n",
        "vadd.i16 q0, q0, q3\n",
        "vmovlt.u8 q3, q2\n",
        "vadd.i16 q1, q1, q3\n",
    ),
    concat!(
        "vmulh.u16 q0, q0, q5\n",
        "vmulh.u16 q1, q1, q5\n",
        "vshl.u16 q0, q0, q6\n",
        "vshl.u16 q1, q1, q6\n",
        "vmovnt.i16 q0, q1\n",
        "vmov.i8 q1, #0x80\n",
        "veor q0, q0, q1\n",
    )
}

// The assembly loads them together.
const _: () = assert!(offset_of!(Job, y) == offset_of!(Job, x).wrapping_add(4));
