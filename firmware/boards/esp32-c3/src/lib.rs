//! ESP32-C3-DevKitM-1. Its UART is the board's USB port: UART0, GPIO21 sends, GPIO20 receives,
//! 115200 baud.
//!
//! No debugger listens: what a program prints, and whether it succeeded, is said over the UART
//! alone. After a panic or a fault the board starts anew and says why.
#![no_std]

mod uart;

use core::panic::PanicInfo;

use ae_firmware::{Arena, Board, Memory, last_words};
use embedded_io::Write as _;
use esp_hal::peripherals::{GPIO20, GPIO21, UART0};
use esp_hal::system::software_reset;
use esp_hal::time::Instant;

pub use esp_hal::main as entry;
pub use uart::Uart;

/// Words of eight bytes for the buffers of a model.
const ARENA_WORDS: usize = 200 * 1024 / 8;

static ARENA: Arena<ARENA_WORDS> = Arena::new();

#[allow(unsafe_code, reason = "the bootloader finds it by its place")]
mod descriptor {
    esp_bootloader_esp_idf::esp_app_desc!();
}

/// The board.
pub struct Esp32C3 {
    uart: Uart,
}

/// Starts the board; memory there is once.
///
/// # Panics
/// When it has been started before.
#[must_use]
pub fn start() -> (Esp32C3, Memory) {
    // Every watchdog is off after this; the core runs at 80 MHz.
    let peripherals = esp_hal::init(esp_hal::Config::default());
    let uart = Uart::open(peripherals.UART0, peripherals.GPIO21, peripherals.GPIO20)
        .expect("the clock gives 115200 baud");
    #[allow(unsafe_code, reason = "memory that there is once")]
    // SAFETY: a second start would have found no peripherals, above.
    let memory = unsafe { ARENA.take() };
    (Esp32C3 { uart }, memory)
}

impl Board for Esp32C3 {
    const NAME: &'static str = "esp32-c3";

    type Port = Uart;

    fn port(&mut self) -> &mut Uart {
        &mut self.uart
    }

    fn core(&self) -> &'static str {
        "RV32IMC"
    }

    fn print(&mut self, line: &str) {
        // Who does not listen misses it.
        let _ = self.uart.write_all(line.as_bytes()).and_then(|()| self.uart.write_all(b"\n"));
    }

    /// A tick is a microsecond, 80 cycles of the core: the HAL's clock has no finer step.
    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        let start = Instant::now();
        let result = work();
        (result, u32::try_from(start.elapsed().as_micros()).ok())
    }

    /// Waits until everything is sent, and then for a reset.
    fn exit(&mut self, _success: bool) -> ! {
        let _ = self.uart.flush();
        loop {
            core::hint::spin_loop();
        }
    }
}

/// A panic ends the program and says where, and the board starts anew. Faults come here too, and the
/// HAL makes one of a stack that overflows.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    last_words::keep_panic(info);
    #[allow(unsafe_code, reason = "the owner of the UART may have panicked")]
    // SAFETY: whatever owns them does not run again.
    let (uart, tx, rx) = unsafe { (UART0::steal(), GPIO21::steal(), GPIO20::steal()) };
    if let Ok(mut uart) = Uart::open(uart, tx, rx) {
        let _ = writeln!(uart, "{info}");
        let _ = uart.flush();
    }
    software_reset()
}
