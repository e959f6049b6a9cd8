//! What the Arm boards share: everything but their names, their clocks and their UARTs.
//!
//! The line to the host is a UART. What a program prints goes there first and then, by
//! semihosting, to a debugger, which learns from the exit code whether the program succeeded.
//! Without a debugger a program stops at its first semihosting call; by then the UART has said
//! everything. After a panic or a fault it starts anew there, and says why it ended: only a debugger
//! is told at once.
#![no_std]

mod line;
mod watchdog;

use core::panic::PanicInfo;

use ae_firmware::{Board, SysTick, last_words};
use embedded_io::{Read, ReadReady, Write};

pub use cortex_m_rt::entry;
pub use line::Line;
pub use watchdog::{NoWatchdog, Watchdog};

/// What tells the boards apart.
pub trait Wiring {
    /// The board's name.
    const NAME: &'static str;

    /// The UART to the host.
    type Uart: Read + ReadReady + Write;

    /// The chip's watchdog.
    type Watchdog: Watchdog;
}

/// An Arm board that has started.
pub struct ArmBoard<W: Wiring> {
    line: Line<W::Uart, W::Watchdog>,
    /// None when it was taken before: then nothing is timed.
    timer: Option<SysTick>,
    was_bitten: bool,
}

impl<W: Wiring> ArmBoard<W> {
    /// A board whose clocks run and whose UART is set up. The chip says whether its watchdog has
    /// started it.
    #[must_use]
    pub fn new(uart: W::Uart, watchdog: W::Watchdog, was_bitten: bool) -> Self {
        let timer = cortex_m::Peripherals::take().map(|core| SysTick::new(core.SYST));
        Self { line: Line::new(uart, watchdog), timer, was_bitten }
    }
}

impl<W: Wiring> Board for ArmBoard<W> {
    const NAME: &'static str = W::NAME;

    type Port = Line<W::Uart, W::Watchdog>;

    fn port(&mut self) -> &mut Self::Port {
        &mut self.line
    }

    fn core(&self) -> &'static str {
        ae_firmware::cortex_m()
    }

    fn print(&mut self, line: &str) {
        // Who does not listen misses it; the exit code says the same.
        let _ = self.line.write_all(line.as_bytes()).and_then(|()| self.line.write_all(b"\n"));
        // All of it has to be out before the call that only a debugger returns from.
        let _ = self.line.flush();
        semihosting::println!("{line}");
    }

    fn watch(&mut self) {
        self.line.watchdog.start();
    }

    fn was_bitten(&self) -> bool {
        self.was_bitten
    }

    /// A tick is a cycle of the core.
    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        match &mut self.timer {
            Some(timer) => timer.ticks(work),
            None => (work(), None),
        }
    }

    fn exit(&mut self, success: bool) -> ! {
        let _ = self.line.flush();
        semihosting::process::exit(if success { 0 } else { 1 })
    }
}

/// A panic ends the program with failure and tells a debugger where. Without one the first call to it
/// is a fault, after which the board starts anew.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    last_words::keep_panic(info);
    semihosting::println!("{info}");
    semihosting::process::exit(PANICKED)
}

/// Exit code after a panic or a fault.
const PANICKED: i32 = 101;

#[allow(unsafe_code, reason = "the runtime calls it")]
#[cortex_m_rt::exception]
unsafe fn DefaultHandler(number: i16) {
    panic!("unexpected exception {number}")
}
