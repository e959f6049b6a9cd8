//! The UART, blocking.

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use esp_hal::Blocking;
use esp_hal::peripherals::{GPIO20, GPIO21, UART0};
use esp_hal::uart::{Config, ConfigError, TxError};

/// UART0.
pub struct Uart(esp_hal::uart::Uart<'static, Blocking>);

impl Uart {
    pub(crate) fn open(
        uart: UART0<'static>,
        tx: GPIO21<'static>,
        rx: GPIO20<'static>,
    ) -> Result<Self, ConfigError> {
        let config = Config::default().with_baudrate(115_200);
        Ok(Self(esp_hal::uart::Uart::new(uart, config)?.with_tx(tx).with_rx(rx)))
    }
}

/// A byte could not be sent.
#[derive(Debug, Clone, Copy)]
pub struct UartError(TxError);

impl core::fmt::Display for UartError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "UART0: {}", self.0)
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
    /// Bytes that arrived damaged are passed over: one may come with the host opening its end, and
    /// a frame that lacks one is found out by its checksum, and the host asks again.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, UartError> {
        loop {
            if let Ok(count) = self.0.read(buffer) {
                return Ok(count);
            }
        }
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, UartError> {
        self.0.write(bytes).map_err(UartError)
    }

    fn flush(&mut self) -> Result<(), UartError> {
        self.0.flush().map_err(UartError)
    }
}
