//! The sums of the only output of a convolution on RISC-V of 32 bits with multiplication; see
//! [`single`](crate::arch::all::single).

#![allow(unsafe_code, reason = "assembly")]

use core::arch::naked_asm;

use crate::arch::all::single::Shape;

/// See [`single::sums`](crate::arch::all::single::sums).
pub(crate) fn sums(weights: &[u8], x: &[u8], shape: &Shape) -> [i32; 2] {
    let mut sums = [0; 2];
    if shape.fits(weights, x) {
        // SAFETY: there are so many weights, and all values of both positions.
        unsafe { add(weights.as_ptr(), x.as_ptr(), shape, &mut sums) };
    }
    sums
}

/// Adds the columns to the sums whose places from where the pointers are the list `$k` has.
macro_rules! columns {
    ($k:literal) => {
        concat!(
            ".irp k, ",
            $k,
            "\n",
            "lb t5, \\k(a0)\n",
            "lb t6, \\k(a5)\n",
            "mul t6, t6, t5\n",
            "add a2, a2, t6\n",
            "lb t6, \\k(a6)\n",
            "mul t6, t6, t5\n",
            "add a4, a4, t6\n",
            ".endr\n",
        )
    };
}

/// Moves all pointers by columns.
macro_rules! advance {
    ($columns:literal) => {
        concat!(
            ".irp pointer, a0, a5, a6\n",
            "addi \\pointer, \\pointer, ",
            $columns,
            "\n",
            ".endr\n",
        )
    };
}

/// # Safety
/// All values of both positions can be read from `x` on, and from `weights` on a weight for each of one.
///
/// | register | holds |
/// | --- | --- |
/// | a0 | next weight |
/// | a1, a5, a6 | the row's first value, next values of both positions |
/// | a2, a4 | the sums |
/// | a3 | where they go |
/// | t0, t1 | values of a row, rows left |
/// | t2, t3 | values from a row to the next, from the first position to the second |
/// | t4 | columns left |
/// | t5, t6 | a weight; a value, and its product |
#[unsafe(naked)]
unsafe extern "C" fn add(weights: *const u8, x: *const u8, shape: &Shape, sums: &mut [i32; 2]) {
    naked_asm!(
        // The assembler is not told by itself what the target can do.
        ".option push",
        ".option arch, +m",
        "lw t0, 0(a2)",
        "lw t1, 4(a2)",
        "lw t2, 8(a2)",
        "lw t3, 12(a2)",
        "li a2, 0",
        "li a4, 0",
        "1:",
        "mv a5, a1",
        "add a6, a1, t3",
        "andi t4, t0, 3",
        "beqz t4, 3f",
        "2:",
        columns!("0"),
        advance!("1"),
        "addi t4, t4, -1",
        "bnez t4, 2b",
        "3:",
        "srli t4, t0, 2",
        "beqz t4, 5f",
        "4:",
        columns!("0, 1, 2, 3"),
        advance!("4"),
        "addi t4, t4, -1",
        "bnez t4, 4b",
        "5:",
        "add a1, a1, t2",
        "addi t1, t1, -1",
        "bnez t1, 1b",
        "sw a2, 0(a3)",
        "sw a4, 4(a3)",
        "ret",
        ".option pop",
    )
}
