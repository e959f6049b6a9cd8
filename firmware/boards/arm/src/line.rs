//! The UART as programs see it.

use embedded_io::{ErrorType, Read, Write};

/// A UART whose damaged bytes are passed over: one may come with the host opening its end. A frame
/// that lacks one is found out by its checksum, and the host asks again.
pub struct Line<U>(U);

impl<U> Line<U> {
    pub(crate) fn new(uart: U) -> Self {
        Self(uart)
    }
}

impl<U: ErrorType> ErrorType for Line<U> {
    type Error = U::Error;
}

impl<U: Read> Read for Line<U> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, U::Error> {
        loop {
            if let Ok(count) = self.0.read(buffer) {
                return Ok(count);
            }
        }
    }
}

impl<U: Write> Write for Line<U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), U::Error> {
        self.0.flush()
    }
}
