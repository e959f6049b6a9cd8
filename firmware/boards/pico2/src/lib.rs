//! Raspberry Pi Pico 2, on its Cortex-M33. Its UART is UART0: GP0 sends, GP1 receives, 115200 baud.
#![no_std]

mod watchdog;

use ae_arm_board::{ArmBoard, Wiring};
use ae_firmware::{Arena, Memory};
use rp235x_hal::block::ImageDef;
use rp235x_hal::clocks::init_clocks_and_plls;
use rp235x_hal::fugit::RateExtU32;
use rp235x_hal::gpio::bank0::{Gpio0, Gpio1};
use rp235x_hal::gpio::{FunctionUart, Pin, Pins, PullNone, PullUp};
use rp235x_hal::pac::{Peripherals, UART0};
use rp235x_hal::uart::{DataBits, Enabled, StopBits, UartConfig, UartPeripheral};
use rp235x_hal::{Clock, Sio, Watchdog};

pub use rp235x_hal::entry;
pub use watchdog::Rp2350Watchdog;

/// Hertz of the crystal on the board.
const CRYSTAL_HZ: u32 = 12_000_000;

/// Words of eight bytes for the buffers of a model.
const ARENA_WORDS: usize = 448 * 1024 / 8;

static ARENA: Arena<ARENA_WORDS> = Arena::new();

/// Tells the boot ROM that this is a program for the Arm cores.
#[allow(unsafe_code, reason = "the boot ROM finds it by its place")]
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE: ImageDef = ImageDef::secure_exe();

type Tx = Pin<Gpio0, FunctionUart, PullNone>;
type Rx = Pin<Gpio1, FunctionUart, PullUp>;

/// The board.
pub struct Pico2;

impl Wiring for Pico2 {
    const NAME: &'static str = "pico2";

    type Uart = UartPeripheral<Enabled, UART0, (Tx, Rx)>;

    type Watchdog = Rp2350Watchdog;
}

/// Starts the board; memory there is once.
///
/// # Panics
/// When it has been started before, or the crystal does not swing.
#[must_use]
pub fn start() -> (ArmBoard<Pico2>, Memory) {
    let mut peripherals = Peripherals::take().expect("a board is started once");
    let was_bitten = watchdog::has_bitten(&peripherals.WATCHDOG);
    let mut watchdog = Watchdog::new(peripherals.WATCHDOG);
    // The UART is clocked by a PLL that the crystal drives; the cores then run at 150 MHz.
    let clocks = init_clocks_and_plls(
        CRYSTAL_HZ,
        peripherals.XOSC,
        peripherals.CLOCKS,
        peripherals.PLL_SYS,
        peripherals.PLL_USB,
        &mut peripherals.RESETS,
        &mut watchdog,
    )
    .expect("the crystal swings");
    let pins = Pins::new(
        peripherals.IO_BANK0,
        peripherals.PADS_BANK0,
        Sio::new(peripherals.SIO).gpio_bank0,
        &mut peripherals.RESETS,
    );
    // A line that nobody drives rests high.
    let line: (Tx, Rx) = (pins.gpio0.reconfigure(), pins.gpio1.reconfigure());
    let config = UartConfig::new(115_200.Hz(), DataBits::Eight, None, StopBits::One);
    let uart = UartPeripheral::new(peripherals.UART0, line, &mut peripherals.RESETS)
        .enable(config, clocks.peripheral_clock.freq())
        .expect("the clock gives 115200 baud");
    #[allow(unsafe_code, reason = "memory that there is once")]
    // SAFETY: a second start would have found no peripherals, above.
    let memory = unsafe { ARENA.take() };
    (ArmBoard::new(uart, Rp2350Watchdog::new(watchdog), was_bitten), memory)
}
