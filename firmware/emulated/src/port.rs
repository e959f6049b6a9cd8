//! Standard input and output of the emulator's process.

use core::ops::Range;

use embedded_io::{ErrorType, Read, Write};
use semihosting::io::{self, Read as _, Stdin, Stdout, Write as _};

/// The line to the host.
pub struct Semihosting {
    /// None where the host gives none: then everything read is the end.
    input: Option<Stdin>,
    output: Option<Stdout>,
    /// Bytes that have come, and those of them that are not yet taken: frames are read byte by byte,
    /// and asking the host takes long.
    come: [u8; 64],
    ahead: Range<usize>,
}

impl Semihosting {
    pub(crate) fn open() -> Self {
        Self { input: io::stdin().ok(), output: io::stdout().ok(), come: [0; 64], ahead: 0..0 }
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
        if self.ahead.is_empty() {
            let Some(input) = &mut self.input else { return Ok(0) };
            self.ahead = 0..input.read(&mut self.come).map_err(|_| PortError)?;
        }
        let mut count = 0;
        for (place, at) in buffer.iter_mut().zip(&mut self.ahead) {
            *place = self.come[at];
            count += 1;
        }
        Ok(count)
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
