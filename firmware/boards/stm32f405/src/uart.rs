//! The UART, of which the HAL has no blocking reader.

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};
use stm32f4xx_hal::block;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::serial::{Error, Serial1};

/// USART1.
pub struct Uart(Serial1);

impl Uart {
    pub(crate) fn new(serial: Serial1) -> Self {
        Self(serial)
    }
}

/// A byte arrived damaged, or was not taken in time.
#[derive(Debug, Clone, Copy)]
pub struct UartError(Error);

impl core::fmt::Display for UartError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "USART1: {:?}", self.0)
    }
}

impl core::error::Error for UartError {}

impl embedded_io::Error for UartError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Uart {
    type Error = UartError;
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, UartError> {
        let Some(first) = buffer.first_mut() else { return Ok(0) };
        *first = block!(self.0.read()).map_err(UartError)?;
        Ok(1)
    }
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        Ok(self.0.is_rx_not_empty())
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, UartError> {
        for byte in bytes {
            block!(self.0.write(*byte)).map_err(UartError)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), UartError> {
        block!(self.0.flush()).map_err(UartError)
    }
}
