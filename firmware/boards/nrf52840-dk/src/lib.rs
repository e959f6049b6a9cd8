//! Nordic nRF52840-DK. Its UART is the serial port of the debugger on the board: P0.06 sends,
//! P0.08 receives, 115200 baud.
#![no_std]

mod uart;

use ae_arm_board::{ArmBoard, NoWatchdog, Wiring};
use ae_firmware::{Arena, Memory};
use nrf52840_hal::gpio::{Level, p0};
use nrf52840_hal::pac::Peripherals;
use nrf52840_hal::uarte::{Baudrate, Parity, Pins};
use nrf52840_hal::{Clocks, Uarte};

pub use ae_arm_board::entry;
pub use uart::Uart;

/// Words of eight bytes for the buffers of a model.
const ARENA_WORDS: usize = 200 * 1024 / 8;

static ARENA: Arena<ARENA_WORDS> = Arena::new();

/// The board.
pub struct Nrf52840Dk;

impl Wiring for Nrf52840Dk {
    const NAME: &'static str = "nrf52840-dk";

    type Uart = Uart;

    type Watchdog = NoWatchdog;
}

/// Starts the board; memory there is once.
///
/// # Panics
/// When it has been started before.
#[must_use]
pub fn start() -> (ArmBoard<Nrf52840Dk>, Memory) {
    let peripherals = Peripherals::take().expect("a board is started once");
    // The crystal: the oscillator that runs after a reset is off by more than a UART should be.
    Clocks::new(peripherals.CLOCK).enable_ext_hfosc();
    let port = p0::Parts::new(peripherals.P0);
    let pins = Pins {
        txd: port.p0_06.into_push_pull_output(Level::High).degrade(),
        rxd: port.p0_08.into_floating_input().degrade(),
        cts: None,
        rts: None,
    };
    let uarte = Uarte::new(peripherals.UARTE0, pins, Parity::EXCLUDED, Baudrate::BAUD115200);
    #[allow(unsafe_code, reason = "memory that there is once")]
    // SAFETY: a second start would have found no peripherals, above.
    let memory = unsafe { ARENA.take() };
    (ArmBoard::new(Uart::new(uarte), NoWatchdog, false), memory)
}
