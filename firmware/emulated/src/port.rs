//! Standard input and output of the emulator's process.

use embedded_io::{ErrorType, Read, Write};
use semihosting::io::{self, Read as _, Stdin, Stdout, Write as _};

/// The line to the host.
pub struct Semihosting {
    /// None where the host gives none: then everything read is the end.
    input: Option<Stdin>,
    output: Option<Stdout>,
}

impl Semihosting {
    pub(crate) fn open() -> Self {
        Self { input: io::stdin().ok(), output: io::stdout().ok() }
    }
}

/// The host refused.
#[derive(Debug, Clone, Copy)]
pub struct PortError;

impl core::fmt::Display for PortError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the host refused")
    }
}

impl core::error::Error for PortError {}

impl embedded_io::Error for PortError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl ErrorType for Semihosting {
    type Error = PortError;
}

impl Read for Semihosting {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        self.input.as_mut().map_or(Ok(0), |input| input.read(buffer).map_err(|_| PortError))
    }
}

impl Write for Semihosting {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, PortError> {
        self.output.as_mut().ok_or(PortError)?.write(bytes).map_err(|_| PortError)
    }

    fn flush(&mut self) -> Result<(), PortError> {
        Ok(())
    }
}
