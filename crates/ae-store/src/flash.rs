//! What a flash must be like, and the pages of the state.

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};

use crate::error::GeometryError;

/// Bytes that are written and read at once, and the longest word of a flash.
pub(crate) const BLOCK: u32 = 32;

/// Pages of a state: two that no life erases, and one for what it writes.
const LEAST_PAGES: u32 = 3;

/// A flash whose bytes the processor reads in place, so that a model runs from where it lies.
///
/// Erased bytes must read as `0xff`; a driver for a flash that erases to zeros inverts what it reads
/// and writes.
pub trait MappedFlash: NorFlash {
    /// The bytes from `offset` on, `len` of them, or `None` if the flash does not have so many.
    /// Where a slot begins they must be aligned to 16 bytes, as a blob must.
    ///
    /// They do not change while they are borrowed: [`write`](NorFlash::write) and
    /// [`erase`](NorFlash::erase) take the flash for themselves alone. If it has a second handle,
    /// such as the one for the state, that one must not reach the slots.
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]>;
}

impl<F: MappedFlash> MappedFlash for &mut F {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        F::map(self, offset, len)
    }
}

/// Where the state lies: pages of one length, one behind the other, at least three.
///
/// A page is what is erased at once: a multiple of the flash's `ERASE_SIZE`. Each life of the program
/// that saves anything erases one page, so more pages last longer; the crate's page has the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Where the first one begins, in bytes of the flash.
    pub first: u32,
    /// Bytes of each.
    pub len: u32,
    /// How many.
    pub count: u32,
}

impl Pages {
    /// Where a page begins.
    pub(crate) fn start(&self, page: u32) -> u32 {
        self.first.saturating_add(page.saturating_mul(self.len))
    }

    /// The page that is erased after `page`.
    pub(crate) fn after(&self, page: u32) -> u32 {
        let next = page.saturating_add(1);
        if next < self.count { next } else { 0 }
    }

    /// # Errors
    /// They are no pages of this flash.
    pub(crate) fn check<S: NorFlash>(&self, flash: &S) -> Result<(), GeometryError> {
        if self.count < LEAST_PAGES {
            return Err(GeometryError::Pages { found: self.count });
        }
        check_region(flash, self.first, self.len)?;
        let len = u64::from(self.len).saturating_mul(u64::from(self.count));
        let end = u64::from(self.first).saturating_add(len);
        check_end(flash, end)
    }
}

/// Whether a flash can be written and erased as this crate does.
///
/// # Errors
/// Its words are longer than 32 bytes or of no power of two, or what it erases at once is no multiple
/// of them.
pub(crate) fn check_words<S: NorFlash>() -> Result<(), GeometryError> {
    let fits = |word: usize| word.is_power_of_two() && word <= BLOCK as usize;
    if !fits(S::WRITE_SIZE) || !fits(S::READ_SIZE) {
        return Err(GeometryError::Word { write: S::WRITE_SIZE, read: S::READ_SIZE });
    }
    if u32::try_from(S::ERASE_SIZE).is_err() || !S::ERASE_SIZE.is_multiple_of(S::WRITE_SIZE) {
        return Err(GeometryError::Erase { found: S::ERASE_SIZE });
    }
    Ok(())
}

/// Bytes that are erased at once, in whole blocks.
pub(crate) fn erase_step<S: NorFlash>() -> u32 {
    (S::ERASE_SIZE as u32).max(BLOCK)
}

/// # Errors
/// The region does not begin and end where something that is erased at once does, or is empty.
pub(crate) fn check_region<S: NorFlash>(
    flash: &S,
    first: u32,
    len: u32,
) -> Result<(), GeometryError> {
    check_words::<S>()?;
    let multiple = erase_step::<S>();
    let is_whole = |it: u32| it.is_multiple_of(multiple) && it.is_multiple_of(S::ERASE_SIZE as u32);
    if len == 0 || !is_whole(first) || !is_whole(len) {
        return Err(GeometryError::Unaligned { first, len, multiple });
    }
    check_end(flash, u64::from(first).saturating_add(u64::from(len)))
}

fn check_end<S: ReadNorFlash>(flash: &S, end: u64) -> Result<(), GeometryError> {
    let capacity = flash.capacity() as u64;
    if end > capacity || end > u64::from(u32::MAX) {
        return Err(GeometryError::Beyond { end, capacity });
    }
    Ok(())
}
