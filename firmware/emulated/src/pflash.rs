//! The second bank of flash of QEMU's machine `virt`: a CFI flash of Intel's command set, whose bytes
//! QEMU keeps in a file.
//!
//! Two chips of 16 bits lie side by side, so a command stands in both halves of a word. After a command
//! the bank shows its status until [`READ_ARRAY`], and then its bytes, as memory. The commands are
//! those of JEDEC's JESD68.01 and Intel's 28F640J3; `hw/block/pflash_cfi01.c` of QEMU has what it makes
//! of them.

#![allow(unsafe_code, reason = "memory that is a device")]

use core::ops::Range;
use core::sync::atomic::{Ordering, compiler_fence};

use ae_store::MappedFlash;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};

/// Where the bank lies.
const BASE: usize = 0x2200_0000;
/// Bytes of the bank.
const LEN: u32 = 32 << 20;
/// Bytes that are erased at once.
pub(crate) const SECTOR: u32 = 256 << 10;
/// Bytes that are written at once: the buffer of both chips.
const BUFFER: u32 = 2048;

const ERASE: u32 = 0x20;
const WRITE_BUFFER: u32 = 0xe8;
const CONFIRM: u32 = 0xd0;
const READ_STATUS: u32 = 0x70;
const READ_ARRAY: u32 = 0xff;
/// Of the status of both chips: they are done.
const READY: u32 = 0x0080_0080;
/// And: erasing or writing failed.
const FAILED: u32 = 0x0030_0030;

/// A part of the bank. All that is written and read goes through one, and two of them share no byte.
pub struct Flash {
    part: Range<u32>,
}

/// The flash refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(NorFlashErrorKind);

impl NorFlashError for Refused {
    fn kind(&self) -> NorFlashErrorKind {
        self.0
    }
}

impl From<NorFlashErrorKind> for Refused {
    fn from(kind: NorFlashErrorKind) -> Self {
        Self(kind)
    }
}

/// The bank in two parts: the first `first` bytes, and the rest.
///
/// # Safety
/// This is called once, and nothing else reaches the bank.
pub(crate) unsafe fn split(first: u32) -> (Flash, Flash) {
    let first = first.min(LEN);
    (Flash { part: 0..first }, Flash { part: first..LEN })
}

impl Flash {
    /// The word at `offset` of this part.
    fn word(&self, offset: u32) -> *mut u32 {
        let at = self.part.start.saturating_add(offset).min(LEN - 4);
        core::ptr::with_exposed_provenance_mut(BASE + (at & !3) as usize)
    }

    fn send(&mut self, offset: u32, word: u32) {
        // SAFETY: the word is one of the bank, and no slice of this part is borrowed while it is
        // written to. While a command runs nobody reads the other part: there is one thread.
        unsafe { self.word(offset).write_volatile(word) }
    }

    fn command(&mut self, offset: u32, command: u32) {
        self.send(offset, command << 16 | command);
    }

    /// What was read before the next command is read before it: the bank shows its status then.
    #[allow(clippy::unused_self, reason = "as `end`")]
    fn begin(&mut self) {
        compiler_fence(Ordering::SeqCst);
    }

    /// Waits until both chips are done, and has them show their bytes again.
    fn end(&mut self, offset: u32) -> Result<(), Refused> {
        self.command(offset, READ_STATUS);
        let status = loop {
            // SAFETY: as in `send`.
            let status = unsafe { self.word(offset).read_volatile() };
            if status & READY == READY {
                break status;
            }
        };
        self.command(offset, READ_ARRAY);
        compiler_fence(Ordering::SeqCst);
        if status & FAILED == 0 { Ok(()) } else { Err(Refused(NorFlashErrorKind::Other)) }
    }

    fn bytes(&self) -> &[u8] {
        let start: *const u8 = core::ptr::with_exposed_provenance(BASE + self.part.start as usize);
        let len = self.part.end.saturating_sub(self.part.start) as usize;
        // SAFETY: the bank shows its bytes while no command runs, and they change only by `write` and
        // `erase`, which borrow this part for themselves alone.
        unsafe { core::slice::from_raw_parts(start, len) }
    }

    /// Words that lie in one buffer of the chips. A flash sets no bit, so what is there stays in what
    /// is written; QEMU would set it.
    fn write_buffer(&mut self, offset: u32, words: &[[u8; 4]]) -> Result<(), Refused> {
        let mut new = [0; (BUFFER / 4) as usize];
        let old = self.bytes().get(offset as usize..).unwrap_or_default().as_chunks().0;
        for ((new, old), word) in new.iter_mut().zip(old).zip(words) {
            *new = u32::from_le_bytes(*word) & u32::from_le_bytes(*old);
        }
        let Some(last) = words.len().checked_sub(1) else { return Ok(()) };
        self.begin();
        self.command(offset, WRITE_BUFFER);
        self.command(offset, last as u32);
        for (at, word) in (offset..).step_by(4).zip(new.iter().take(words.len())) {
            self.send(at, *word);
        }
        self.command(offset, CONFIRM);
        self.end(offset)
    }
}

impl ErrorType for Flash {
    type Error = Refused;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Refused> {
        check_read(self, offset, bytes.len())?;
        let from = self.bytes().get(offset as usize..).unwrap_or_default();
        for (to, from) in bytes.iter_mut().zip(from) {
            *to = *from;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.part.end.saturating_sub(self.part.start) as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Refused> {
        check_erase(self, from, to)?;
        for sector in (from..to).step_by(SECTOR as usize) {
            self.begin();
            self.command(sector, ERASE);
            self.command(sector, CONFIRM);
            self.end(sector)?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Refused> {
        check_write(self, offset, bytes.len())?;
        let (mut words, _) = bytes.as_chunks();
        let mut at = offset;
        while !words.is_empty() {
            let room = (BUFFER - at % BUFFER) / 4;
            let (now, rest) = words.split_at(words.len().min(room as usize));
            self.write_buffer(at, now)?;
            at += 4 * now.len() as u32;
            words = rest;
        }
        Ok(())
    }
}

impl MappedFlash for Flash {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        self.bytes().get(offset as usize..)?.get(..len as usize)
    }
}
