//! The UART of QEMU's machine `virt`, a 16550: it needs no setting up in the emulator.

#![allow(unsafe_code, reason = "registers")]

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};

/// Where its registers lie, a byte each.
const BASE: usize = 0x1000_0000;
/// What was received, or is to be sent.
const DATA: usize = 0;
/// What the line can do.
const LINE_STATUS: usize = 5;
/// A byte has come.
const HAS_COME: u8 = 1;
/// A byte can be sent.
const CAN_SEND: u8 = 1 << 5;

/// The line to the host.
pub struct Uart(());

impl Uart {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    fn register(number: usize) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(BASE + number)
    }

    fn status(&self) -> u8 {
        // SAFETY: a register of the machine that can always be read.
        unsafe { Self::register(LINE_STATUS).read_volatile() }
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(place) = buffer.first_mut() else { return Ok(0) };
        while self.status() & HAS_COME == 0 {
            core::hint::spin_loop();
        }
        // SAFETY: a byte has come, and reading takes it.
        *place = unsafe { Self::register(DATA).read_volatile() };
        Ok(1)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(byte) = bytes.first() else { return Ok(0) };
        while self.status() & CAN_SEND == 0 {
            core::hint::spin_loop();
        }
        // SAFETY: the register is free, and writing sends the byte.
        unsafe { Self::register(DATA).write_volatile(*byte) }
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
