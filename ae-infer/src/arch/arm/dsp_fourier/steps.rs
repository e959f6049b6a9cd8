//! The steps of a transform.

#![allow(unsafe_code, reason = "a kernel in assembly")]

use core::arch::naked_asm;

use super::{half_turned, is_frame};
use crate::features::TWIDDLES;

/// Bytes of a complex number.
const NUMBER: usize = 8;
/// Bytes from the table's angle 0 to the right one, half of it, and one and a half.
const RIGHT: usize = 2048;
const HALF_RIGHT: usize = RIGHT / 2;
const BEYOND: usize = RIGHT + HALF_RIGHT;

/// The sum in `$a`, and the difference in `$b`.
macro_rules! sum_and_difference {
    ($a:literal, $b:literal) => {
        concat!(
            concat!("add ", $a, ", ", $a, ", ", $b, "\n"),
            concat!("sub ", $b, ", ", $a, ", ", $b, ", lsl #1\n"),
        )
    };
}

/// The difference in `$a`, and the sum in `$b`.
macro_rules! difference_and_sum {
    ($a:literal, $b:literal) => {
        concat!(
            concat!("sub ", $a, ", ", $a, ", ", $b, "\n"),
            concat!("add ", $b, ", ", $a, ", ", $b, ", lsl #1\n"),
        )
    };
}

/// A butterfly of two numbers, of which the second is not turned.
macro_rules! straight {
    (($a:literal, $ai:literal), ($b:literal, $bi:literal)) => {
        concat!(sum_and_difference!($a, $b), sum_and_difference!($ai, $bi))
    };
}

/// A butterfly whose second number is turned back by a right angle. It then has its imaginary part where its
/// real one was, and the other way round.
macro_rules! right {
    (($a:literal, $ai:literal), ($b:literal, $bi:literal)) => {
        concat!(sum_and_difference!($a, $bi), difference_and_sum!($ai, $b))
    };
}

/// A butterfly whose second number is turned by the twiddle in `$twiddle`; r12 is lost.
macro_rules! turned {
    (($a:literal, $ai:literal), ($b:literal, $bi:literal), $twiddle:literal) => {
        concat!(
            half_turned!("r12", $b, $bi, $twiddle),
            concat!("add ", $a, ", ", $a, ", r12, lsl #1\n"),
            concat!("sub ", $b, ", ", $a, ", r12, lsl #2\n"),
            concat!("add ", $ai, ", ", $ai, ", ", $bi, ", lsl #1\n"),
            concat!("sub ", $bi, ", ", $ai, ", ", $bi, ", lsl #2\n"),
        )
    };
}

/// Loads four numbers, r1 bytes from each other, the first of which is at r0. r0 is then at the last.
macro_rules! load {
    () => {
        "ldrd r4, r5, [r0]
         add r0, r0, r1
         ldrd r6, r7, [r0]
         add r0, r0, r1
         ldrd r8, r9, [r0]
         add r0, r0, r1
         ldrd r10, r11, [r0]"
    };
}

/// Stores them again, from the last to the first, and steps on from there by `$on`.
macro_rules! store {
    ($second:literal, $last:literal, $on:literal) => {
        concat!(
            concat!("strd ", $last, ", [r0]\n"),
            "sub r0, r0, r1\n",
            "strd r8, r9, [r0]\n",
            "sub r0, r0, r1\n",
            concat!("strd ", $second, ", [r0]\n"),
            "sub r0, r0, r1\n",
            concat!("strd r4, r5, [r0]", $on, "\n"),
        )
    };
}

/// Transforms complex numbers; see [the portable function](crate::arch::all::fourier::transform).
#[inline(never)]
pub(crate) fn transform(words: &mut [i32]) {
    if !is_frame(words) {
        return;
    }
    let len = words.len() / 2;
    let (start, table) = (words.as_mut_ptr(), TWIDDLES.as_ptr());
    let end = words.as_mut_ptr_range().end;
    // SAFETY: there is a multiple of 4 numbers.
    unsafe { first_two(start, end) };
    let (mut half, mut step) = (4, RIGHT / 4);
    if len.trailing_zeros() & 1 != 0 {
        // SAFETY: there is a multiple of 8 numbers: an odd power of two from 16.
        unsafe { third(start, end, table) };
        (half, step) = (8, RIGHT / 8);
    }
    // What is left is an even number of steps.
    while half < len {
        let apart = half.wrapping_mul(NUMBER);
        // SAFETY: the numbers are whole blocks of 4 · half.
        unsafe { straight(start, apart, end) };
        let middle = start.wrapping_add(half);
        // SAFETY: as before. The middle of a quarter of a block is half / 2 numbers from its start.
        unsafe { middle_of(middle, apart, end, table) };
        let mut block = start.wrapping_add(2);
        while block < end {
            // SAFETY: there is a number behind the first in a quarter of a block, and the table has 1,025
            // words, of which RIGHT / half bytes are a step.
            unsafe { rest(block, apart, table, step) };
            block = block.wrapping_add(half.wrapping_mul(8));
        }
        (half, step) = (half.wrapping_mul(4), step / 4);
    }
}

/// The first two steps, whose twiddles are 1 and minus the imaginary unit.
///
/// # Safety
/// `numbers` and `end` enclose a multiple of 4 numbers, which is not 0.
#[unsafe(naked)]
unsafe extern "C" fn first_two(numbers: *mut i32, end: *mut i32) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "2:",
        "ldm r0, {{r4-r11}}",
        straight!(("r4", "r5"), ("r6", "r7")),
        straight!(("r8", "r9"), ("r10", "r11")),
        straight!(("r4", "r5"), ("r8", "r9")),
        // The second number turned by a right angle, with its parts in the order in which they are stored.
        "add r12, r7, r10",
        "sub r7, r7, r10",
        sum_and_difference!("r6", "r11"),
        "stm r0!, {{r4-r9, r11, r12}}",
        "cmp r0, r1",
        "blo 2b",
        "pop {{r4-r11, pc}}",
    )
}

/// The third step alone: blocks of eight numbers.
///
/// # Safety
/// `numbers` and `end` enclose a multiple of 8 numbers, which is not 0; the table has 1,025 words.
#[unsafe(naked)]
unsafe extern "C" fn third(numbers: *mut i32, end: *mut i32, table: *const u32) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "ldr lr, [r2, #{HALF_RIGHT}]",
        "ldr r2, [r2, #{BEYOND}]",
        "add r3, r0, #32",
        "2:",
        "ldm r0, {{r4-r7}}",
        "ldm r3, {{r8-r11}}",
        straight!(("r4", "r5"), ("r8", "r9")),
        turned!(("r6", "r7"), ("r10", "r11"), "lr"),
        "stm r0!, {{r4-r7}}",
        "stm r3!, {{r8-r11}}",
        "ldm r0, {{r4-r7}}",
        "ldm r3, {{r8-r11}}",
        // The same turned by a right angle, with the parts in the order in which they are stored.
        "add r12, r5, r8",
        "sub r5, r5, r8",
        "sub r8, r4, r9",
        "add r4, r4, r9",
        "mov r9, r12",
        turned!(("r6", "r7"), ("r10", "r11"), "r2"),
        "stm r0, {{r4-r7}}",
        "stm r3, {{r8-r11}}",
        "add r0, r3, #16",
        "add r3, r3, #48",
        "cmp r0, r1",
        "blo 2b",
        "pop {{r4-r11, pc}}",
        HALF_RIGHT = const HALF_RIGHT,
        BEYOND = const BEYOND,
    )
}

/// Two steps of the first numbers of the quarters of each block, which are not turned but by a right
/// angle.
///
/// # Safety
/// `numbers` and `end` enclose whole blocks of four quarters, each of `apart` bytes.
#[unsafe(naked)]
unsafe extern "C" fn straight(numbers: *mut i32, apart: usize, end: *mut i32) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "2:",
        load!(),
        straight!(("r4", "r5"), ("r6", "r7")),
        straight!(("r8", "r9"), ("r10", "r11")),
        straight!(("r4", "r5"), ("r8", "r9")),
        right!(("r6", "r7"), ("r10", "r11")),
        store!("r6, r7", "r11, r10", ""),
        "add r0, r0, r1, lsl #2",
        "cmp r0, r2",
        "blo 2b",
        "pop {{r4-r11, pc}}",
    )
}

/// Two steps of the middle numbers of the quarters of each block, which are turned by a right angle first.
///
/// # Safety
/// `numbers` is in the first of whole blocks up to `end`, of four quarters, each of `apart` bytes; the
/// table has 1,025 words.
#[unsafe(naked)]
unsafe extern "C" fn middle_of(numbers: *mut i32, apart: usize, end: *mut i32, table: *const u32) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r4-r11, lr}}",
        "2:",
        load!(),
        right!(("r4", "r5"), ("r6", "r7")),
        right!(("r8", "r9"), ("r10", "r11")),
        "ldr lr, [r3, #{BEYOND}]",
        turned!(("r7", "r6"), ("r11", "r10"), "lr"),
        "ldr lr, [r3, #{HALF_RIGHT}]",
        turned!(("r4", "r5"), ("r8", "r9"), "lr"),
        store!("r7, r6", "r11, r10", ""),
        "add r0, r0, r1, lsl #2",
        "cmp r0, r2",
        "blo 2b",
        "pop {{r4-r11, pc}}",
        HALF_RIGHT = const HALF_RIGHT,
        BEYOND = const BEYOND,
    )
}

/// Two steps of the other numbers of a block.
///
/// | register | what |
/// | --- | --- |
/// | r0 | the next number of the first quarter |
/// | r1 | bytes of a quarter |
/// | r2 | the table |
/// | r3 | bytes in it to the second step's twiddle, half of those to the first step's |
/// | r4 to r11 | four numbers |
/// | r12, lr | free, a twiddle |
///
/// On the stack lies the distance of twiddles.
///
/// # Safety
/// `second` is the second number of a block of four quarters, each of `apart` bytes; the table has
/// 1,025 words, and `step` is half a right angle of it over the numbers in half a quarter.
#[unsafe(naked)]
unsafe extern "C" fn rest(second: *mut i32, apart: usize, table: *const u32, step: usize) {
    naked_asm!(
        concat!(".cpu ", env!("AE_INFER_DSP_CPU")),
        "push {{r3-r11, lr}}",
        "2:",
        "ldr lr, [r2, r3, lsl #1]",
        load!(),
        turned!(("r4", "r5"), ("r6", "r7"), "lr"),
        turned!(("r8", "r9"), ("r10", "r11"), "lr"),
        "add lr, r2, r3",
        "ldr lr, [lr, #{RIGHT}]",
        turned!(("r6", "r7"), ("r10", "r11"), "lr"),
        "ldr lr, [r2, r3]",
        turned!(("r4", "r5"), ("r8", "r9"), "lr"),
        store!("r6, r7", "r10, r11", ", #8"),
        "ldr lr, [sp]",
        "add r3, r3, lr",
        "tst r3, #{BELOW_HALF_RIGHT}",
        "bne 2b",
        // The middle is left out.
        "add r0, r0, #8",
        "add r3, r3, lr",
        "cmp r3, #{RIGHT}",
        "blo 2b",
        "pop {{r3-r11, pc}}",
        RIGHT = const RIGHT,
        BELOW_HALF_RIGHT = const HALF_RIGHT.wrapping_sub(4),
    )
}
