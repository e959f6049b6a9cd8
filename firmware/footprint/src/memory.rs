//! A flash in RAM, the least that a store can be linked with.

use ae_store::MappedFlash;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};

/// The bytes.
pub struct Memory(pub &'static mut [u8]);

impl Memory {
    fn place(&mut self, from: u32, len: usize) -> Result<&mut [u8], NorFlashErrorKind> {
        let place = self.0.get_mut(from as usize..).and_then(|rest| rest.get_mut(..len));
        place.ok_or(NorFlashErrorKind::OutOfBounds)
    }
}

impl ErrorType for Memory {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Memory {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        let place = self.place(offset, bytes.len())?;
        for (to, from) in bytes.iter_mut().zip(place) {
            *to = *from;
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Memory {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 0x400;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        self.place(from, to.saturating_sub(from) as usize)?.fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        for (to, from) in self.place(offset, bytes.len())?.iter_mut().zip(bytes) {
            *to &= *from;
        }
        Ok(())
    }
}

impl MappedFlash for Memory {
    fn map(&self, offset: u32, len: u32) -> Option<&[u8]> {
        self.0.get(offset as usize..)?.get(..len as usize)
    }
}
