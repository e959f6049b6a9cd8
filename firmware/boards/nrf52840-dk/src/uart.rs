//! The UART, whose bytes the chip fetches from RAM and puts there by itself.

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nrf52840_hal::Uarte;
use nrf52840_hal::pac::UARTE0;
use nrf52840_hal::uarte::Error;

/// UARTE0.
pub struct Uart(Uarte<UARTE0>);

impl Uart {
    pub(crate) fn new(uarte: Uarte<UARTE0>) -> Self {
        Self(uarte)
    }
}

impl ErrorType for Uart {
    type Error = Error;
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        // The HAL returns when the whole buffer is full, which a frame's end might not do.
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        self.0.read(core::slice::from_mut(first))?;
        Ok(1)
    }
}

/// The HAL cannot tell, and waits in [`Read`].
impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Error> {
        Ok(true)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        // Copied to the stack, because the chip sends nothing from flash.
        let mut copy = [0; 64];
        let Some(piece) = bytes.chunks(copy.len()).next() else { return Ok(0) };
        let copy = &mut copy[..piece.len()];
        copy.copy_from_slice(piece);
        self.0.write(copy)?;
        Ok(piece.len())
    }

    /// Every write waits until its bytes are out.
    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
