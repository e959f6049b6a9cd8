//! The memory that programs take their buffers from, because the model, and so their sizes, may
//! be put on the board after the firmware was built.

#![allow(unsafe_code, reason = "a static buffer that is handed out once")]

use core::cell::UnsafeCell;

use bytemuck::Pod;

/// A static block of `N` words of eight bytes.
pub struct Arena<const N: usize>(UnsafeCell<[u64; N]>);

// SAFETY: the words are reached by `take` alone, whose caller promises to call it once.
unsafe impl<const N: usize> Sync for Arena<N> {}

impl<const N: usize> Arena<N> {
    /// All zeros.
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; N]))
    }

    /// The memory.
    ///
    /// # Safety
    /// This is called once, while the board starts. The smallest cores have no instruction to make
    /// sure of it.
    #[must_use]
    pub unsafe fn take(&'static self) -> Memory {
        // SAFETY: the caller promises that nothing else refers to the words.
        Memory { free: unsafe { &mut *self.0.get() }, taken: 0 }
    }
}

impl<const N: usize> Default for Arena<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Memory that buffers are cut from.
pub struct Memory {
    free: &'static mut [u64],
    taken: usize,
}

/// There is too little memory for the model's buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLittle {
    pub(crate) needed_bytes: usize,
    pub(crate) free_bytes: usize,
}

impl Memory {
    /// A buffer of `len` elements.
    ///
    /// # Errors
    /// There is not so much left.
    pub fn buffer<T: Pod>(&mut self, len: usize) -> Result<&'static mut [T], TooLittle> {
        let needed_bytes = len.saturating_mul(size_of::<T>());
        let words = needed_bytes.div_ceil(size_of::<u64>());
        let free = core::mem::take(&mut self.free);
        let too_little = TooLittle { needed_bytes, free_bytes: size_of_val(free) };
        let (buffer, free) = free.split_at_mut_checked(words).ok_or(too_little)?;
        self.free = free;
        self.taken = self.taken.saturating_add(needed_bytes);
        let elements: &mut [T] = bytemuck::try_cast_slice_mut(buffer).unwrap_or_default();
        elements.get_mut(..len).ok_or(too_little)
    }

    /// Bytes in the buffers cut so far.
    pub(crate) fn taken_bytes(&self) -> usize {
        self.taken
    }
}
