//! How much stack a piece of work takes.

#![allow(unsafe_code, reason = "looks at memory below the stack pointer")]

use core::arch::asm;

/// Most bytes below the caller's frame that are painted, so the most that can be measured.
const LIMIT_BYTES: usize = if cfg!(feature = "signed") { 16384 } else { 8192 };

/// Written where the stack has not been yet.
const PAINT: u32 = 0x5afe_57ac;

unsafe extern "C" {
    /// Where the stack may not go any deeper. Every board's linker script has it.
    static _stack_end: u8;
}

/// The free stack below the caller's frame.
#[cfg(feature = "planted")]
#[inline(always)]
pub(crate) fn left_bytes() -> usize {
    stack_pointer().saturating_sub((&raw const _stack_end).addr())
}

/// The free stack below a function's frame, painted, so that what calls from there write to can be
/// seen afterwards: the deepest word that has lost its paint shows how far the stack went. A word
/// that a call leaves painted, for it never wrote to it, is counted all the same if one below it
/// was written. Interrupts are off on every board, so nothing else writes there.
///
/// Both methods belong into one function, whose own frame is not counted; what it measures it calls
/// by [`run`].
pub(crate) struct Painted {
    bottom: usize,
    top: usize,
}

impl Painted {
    /// Paints the stack below the caller's frame.
    #[inline(always)]
    pub(crate) fn below() -> Self {
        let top = stack_pointer() & !3;
        let end = (&raw const _stack_end).addr().next_multiple_of(4);
        let bottom = top.saturating_sub(LIMIT_BYTES).max(end);
        let mut address = bottom;
        while address < top {
            // SAFETY: these words are free stack: they lie below the stack pointer and not below
            // the end of the stack, and no function is called while they are painted, for this one
            // is part of its caller.
            unsafe { (address as *mut u32).write_volatile(PAINT) };
            address += 4;
        }
        Self { bottom, top }
    }

    /// The most bytes of stack that calls have taken since; `None` if they took all that was
    /// painted, so perhaps more.
    #[inline(always)]
    pub(crate) fn taken_bytes(&self) -> Option<u32> {
        let mut address = self.bottom;
        // SAFETY: as above; the calls have returned, so the words are free again.
        while address < self.top && unsafe { (address as *const u32).read_volatile() } == PAINT {
            address += 4;
        }
        let all = address == self.bottom;
        if all { None } else { u32::try_from(self.top - address).ok() }
    }
}

/// Runs `work` and counts the bytes of stack that it took, its own frames and everything below;
/// `None` if it took all that was painted, so perhaps more.
#[inline(never)]
pub(crate) fn measure<R>(work: impl FnOnce() -> R) -> (R, Option<u32>) {
    let painted = Painted::below();
    let result = run(work);
    (result, painted.taken_bytes())
}

/// Keeps `work` out of the frame of who calls this.
#[inline(never)]
pub(crate) fn run<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[inline(always)]
fn stack_pointer() -> usize {
    let pointer: usize;
    #[cfg(target_arch = "arm")]
    // SAFETY: copies a register.
    unsafe {
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    #[cfg(target_arch = "riscv32")]
    // SAFETY: copies a register.
    unsafe {
        asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}
