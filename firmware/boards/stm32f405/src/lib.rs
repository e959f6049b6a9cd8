//! STM32F405RG, such as on the Feather STM32F405. Its UART is USART1: PA9 sends, PA10 receives,
//! 115200 baud.
//!
//! The same program runs on QEMU's machine `netduinoplus2`, which has no clock control: it reads
//! as zero, so waiting for an oscillator would never end.
#![no_std]

mod uart;
mod watchdog;

use ae_arm_board::{ArmBoard, Wiring};
use ae_firmware::{Arena, Memory};
use stm32f4xx_hal::pac::Peripherals;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::serial::Config;

pub use ae_arm_board::entry;
pub use uart::Uart;
pub use watchdog::Iwdg;

/// Words of eight bytes for the buffers of a model.
const ARENA_WORDS: usize = 88 * 1024 / 8;

static ARENA: Arena<ARENA_WORDS> = Arena::new();

/// The board.
pub struct Stm32f405;

impl Wiring for Stm32f405 {
    const NAME: &'static str = "stm32f405";

    type Uart = Uart;

    type Watchdog = Iwdg;
}

/// Starts the board; memory there is once.
///
/// # Panics
/// When it has been started before.
#[must_use]
pub fn start() -> (ArmBoard<Stm32f405>, Memory) {
    let peripherals = Peripherals::take().expect("a board is started once");
    let was_bitten = watchdog::has_bitten(&peripherals.RCC);
    let watchdog = Iwdg::new(peripherals.IWDG, &peripherals.DBGMCU);
    // The oscillator of 16 MHz that runs after a reset stays the clock.
    let mut rcc = peripherals.RCC.constrain();
    let pins = peripherals.GPIOA.split(&mut rcc);
    // A line that nobody drives rests high.
    let line = (pins.pa9, pins.pa10.internal_pull_up(true));
    let config = Config::default().baudrate(115_200.bps());
    let serial =
        peripherals.USART1.serial(line, config, &mut rcc).expect("16 MHz give 115200 baud");
    #[allow(unsafe_code, reason = "memory that there is once")]
    // SAFETY: a second start would have found no peripherals, above.
    let memory = unsafe { ARENA.take() };
    (ArmBoard::new(Uart::new(serial), watchdog, was_bitten), memory)
}
