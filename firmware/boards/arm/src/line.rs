//! The UART as programs see it.

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::watchdog::Watchdog;

/// A UART, and the watchdog that is fed while nothing comes. Its damaged bytes are passed over: one may come with the host opening its end. A frame
/// that lacks one is found out by its checksum, and the host asks again.
pub struct Line<U, D> {
    uart: U,
    pub(crate) watchdog: D,
}

impl<U, D> Line<U, D> {
    pub(crate) fn new(uart: U, watchdog: D) -> Self {
        Self { uart, watchdog }
    }
}

impl<U: ErrorType, D> ErrorType for Line<U, D> {
    type Error = U::Error;
}

impl<U: Read + ReadReady, D: Watchdog> Read for Line<U, D> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, U::Error> {
        loop {
            self.watchdog.feed();
            while let Ok(false) = self.uart.read_ready() {
                self.watchdog.feed();
            }
            if let Ok(count) = self.uart.read(buffer) {
                return Ok(count);
            }
        }
    }
}

impl<U: Write, D> Write for Line<U, D> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        self.uart.write(bytes)
    }

    fn flush(&mut self) -> Result<(), U::Error> {
        self.uart.flush()
    }
}
