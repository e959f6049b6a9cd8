//! Memory that C hands over: looked at as far as can be, and then read or written as slices.

#![allow(unsafe_code, reason = "pointers from C")]

use core::{ptr, slice};

use crate::error::{Error, Result};

/// Bytes in memory, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    start: usize,
    /// Where it ends; never past the end of the address space.
    end: usize,
}

impl Region {
    /// `count` elements at a pointer. Of no elements nothing is asked.
    pub(crate) fn of<T>(pointer: *const T, count: usize) -> Result<Self> {
        let Some(bytes) = count.checked_mul(size_of::<T>()) else { return Err(Error::Length) };
        let start = pointer.addr();
        if bytes == 0 {
            return Ok(Self::NONE);
        }
        if pointer.is_null() {
            return Err(Error::Null);
        }
        if !pointer.is_aligned() {
            return Err(Error::Misaligned);
        }
        // No slice of Rust is longer.
        if bytes > isize::MAX.unsigned_abs() {
            return Err(Error::Length);
        }
        let end = start.checked_add(bytes).ok_or(Error::Length)?;
        Ok(Self { start, end })
    }

    /// A struct at a pointer.
    pub(crate) fn one<T>(pointer: *const T) -> Result<Self> {
        Self::of(pointer, 1)
    }

    /// Of no bytes, which lie over nothing.
    pub(crate) const NONE: Self = Self { start: 0, end: 0 };

    pub(crate) const fn start(self) -> usize {
        self.start
    }

    #[inline(always)]
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether it lies over one of the others.
    // Once in a program: a call is short beside what it does.
    #[inline(never)]
    pub(crate) fn meets_any(self, others: &[Self]) -> bool {
        others.iter().any(|&other| self.meets(other))
    }
}

/// Whether what is written to lies over nothing that is read, and over nothing else that is written.
pub(crate) fn check_apart(written: &[Region], read: &[Region]) -> Result<()> {
    let mut rest = written;
    while let [first, behind @ ..] = rest {
        if first.meets_any(behind) || first.meets_any(read) {
            return Err(Error::Overlap);
        }
        rest = behind;
    }
    Ok(())
}

/// A buffer that a function reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<T> {
    pub(crate) pointer: *const T,
    pub(crate) count: usize,
}

/// A buffer that a function writes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output<T> {
    pub(crate) pointer: *mut T,
    pub(crate) count: usize,
}

/// Integers and real numbers, and structs of them, of which any bits are a value.
pub(crate) trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for i8 {}
impl Plain for i16 {}
impl Plain for u16 {}
impl Plain for u64 {}
impl Plain for f32 {}

impl<T: Plain> Input<T> {
    pub(crate) fn region(self) -> Result<Region> {
        Region::of(self.pointer, self.count)
    }

    /// The elements.
    ///
    /// # Safety
    /// [`region`](Self::region) found nothing, the memory is there and holds these elements, and
    /// nobody writes to it for `'c`.
    pub(crate) unsafe fn elements<'c>(self) -> &'c [T] {
        if self.count == 0 {
            return &[];
        }
        // SAFETY: not null, on its boundary and no longer than a slice may be, as `region` found; the
        // rest is the caller's word.
        unsafe { slice::from_raw_parts(self.pointer, self.count) }
    }
}

impl<T: Plain> Output<T> {
    /// The first elements of it alone.
    pub(crate) fn at_most(self, count: usize) -> Self {
        Self { count: self.count.min(count), ..self }
    }

    pub(crate) fn region(self) -> Result<Region> {
        Region::of(self.pointer, self.count)
    }

    /// The elements.
    ///
    /// # Safety
    /// As [`Input::elements`], and nobody else reads or writes the memory for `'c`.
    pub(crate) unsafe fn elements<'c>(self) -> &'c mut [T] {
        if self.count == 0 {
            return &mut [];
        }
        // SAFETY: as for an input.
        unsafe { slice::from_raw_parts_mut(self.pointer, self.count) }
    }
}

/// Writes what a function gives beside its error.
///
/// # Safety
/// [`Region::one`] found nothing, and the memory is there and nobody else's.
pub(crate) unsafe fn give<T>(place: *mut T, value: T) {
    // SAFETY: the caller's word.
    unsafe { ptr::write(place, value) };
}

#[cfg(test)]
mod tests {
    use core::ptr;

    use super::{Error, Region, check_apart};

    #[test]
    fn pointers_that_lead_nowhere_are_refused() {
        let words = [0_u32; 4];
        let at = words.as_ptr();
        assert!(Region::of(at, 4).is_ok());
        assert_eq!(Region::of(ptr::null::<u32>(), 1), Err(Error::Null));
        assert!(Region::of(ptr::null::<u32>(), 0).is_ok());
        assert_eq!(Region::of(at.wrapping_byte_add(2), 1), Err(Error::Misaligned));
        assert_eq!(Region::of(at, usize::MAX), Err(Error::Length));
        assert_eq!(Region::of(at, usize::MAX / 4), Err(Error::Length));
        assert_eq!(Region::of(at.cast::<u8>(), usize::MAX), Err(Error::Length));
        let last = ptr::without_provenance::<u8>(usize::MAX - 3);
        assert!(Region::of(last, 3).is_ok());
        assert_eq!(Region::of(last, 5), Err(Error::Length));
    }

    #[test]
    fn what_lies_over_each_other_is_found() {
        let bytes = [0_u8; 16];
        let of = |start: usize, count| Region::of(bytes[start..].as_ptr(), count).unwrap();
        let (front, back, middle) = (of(0, 8), of(8, 8), of(7, 2));
        assert_eq!(check_apart(&[front, back], &[]), Ok(()));
        assert_eq!(check_apart(&[front], &[back]), Ok(()));
        assert_eq!(check_apart(&[front, middle], &[]), Err(Error::Overlap));
        assert_eq!(check_apart(&[back], &[front, middle]), Err(Error::Overlap));
        assert_eq!(check_apart(&[front], &[front]), Err(Error::Overlap));
        // What is only read may lie anywhere; what has no bytes lies nowhere.
        assert_eq!(check_apart(&[], &[front, middle]), Ok(()));
        assert_eq!(check_apart(&[of(3, 0), Region::NONE], &[front]), Ok(()));
    }
}
