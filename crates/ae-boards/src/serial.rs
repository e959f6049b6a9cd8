//! The serial port of a real board.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serialport::{SerialPort, SerialPortType};

/// Bits in a second.
const BAUD: u32 = 115_200;
/// How long the port waits for a byte, or to take one, before it says so.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why there is no serial port to talk over.
#[derive(Debug, thiserror::Error)]
pub enum SerialError {
    /// It cannot be opened.
    #[error("cannot open the serial port {port}: {error}{}", hint(error))]
    Open {
        /// The port.
        port: String,
        /// Why.
        error: serialport::Error,
    },
    /// It is not clear which one is the board's.
    #[error("it is not clear which serial port is the board's: {}", listed(.found))]
    Which {
        /// The ports.
        found: Vec<String>,
    },
}

fn hint(error: &serialport::Error) -> &'static str {
    match error.kind() {
        serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => {
            "; on Linux, `sudo usermod -aG dialout $USER` and a new login permit it"
        }
        _ => "",
    }
}

fn listed(ports: &[String]) -> String {
    match ports {
        [] => "there is no USB serial port".to_owned(),
        ports => format!("there are {}", ports.join(", ")),
    }
}

/// The only USB serial port there is.
///
/// # Errors
/// There is no USB serial port, or there are several, which the error lists.
pub fn only_serial_port() -> Result<PathBuf, SerialError> {
    let ports = serialport::available_ports().unwrap_or_default();
    let is_usb = |port: &serialport::SerialPortInfo| {
        matches!(port.port_type, SerialPortType::UsbPort(_))
            || ["ttyUSB", "ttyACM"].iter().any(|kind| port.port_name.contains(kind))
    };
    // macOS lists each port twice, for calls out and in.
    let is_outgoing = |port: &serialport::SerialPortInfo| !port.port_name.contains("/tty.");
    let usb = ports.into_iter().filter(|port| is_usb(port) && is_outgoing(port));
    let found: Vec<String> = usb.map(|port| port.port_name).collect();
    match &found[..] {
        [name] => Ok(name.into()),
        _ => Err(SerialError::Which { found }),
    }
}

type Port = Box<dyn SerialPort>;

/// The port's two ends: to write to, and to read from.
///
/// # Errors
/// The port cannot be opened.
pub(crate) fn open(port: &Path) -> Result<(Port, Port), SerialError> {
    let name = port.to_string_lossy().into_owned();
    let failed = |error| SerialError::Open { port: name.clone(), error };
    let port = serialport::new(name.as_str(), BAUD).timeout(PATIENCE).open().map_err(failed)?;
    // What the board sent before is of no interest.
    port.clear(serialport::ClearBuffer::Input).map_err(failed)?;
    let output = port.try_clone().map_err(failed)?;
    Ok((port, output))
}
