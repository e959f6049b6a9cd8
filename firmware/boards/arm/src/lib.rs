//! What the Arm boards share: everything but their names, their clocks and their UARTs.
//!
//! The line to the host is a UART. What a program prints goes there first and then, by
//! semihosting, to a debugger, which learns from the exit code whether the program succeeded.
//! Without a debugger a program stops at its first semihosting call; by then the UART has said
//! everything, but for panics and faults, which only a debugger is told.
#![no_std]

mod fault;
mod line;

use core::panic::PanicInfo;

use ae_firmware::{Board, SysTick};
use embedded_io::{Read, Write};

pub use cortex_m_rt::entry;
pub use line::Line;

/// What tells the boards apart.
pub trait Wiring {
    /// The board's name.
    const NAME: &'static str;

    /// The UART to the host.
    type Uart: Read + Write;
}

/// An Arm board that has started.
pub struct ArmBoard<W: Wiring> {
    line: Line<W::Uart>,
    /// None when it was taken before: then nothing is timed.
    timer: Option<SysTick>,
}

impl<W: Wiring> ArmBoard<W> {
    /// A board whose clocks run and whose UART is set up.
    #[must_use]
    pub fn new(uart: W::Uart) -> Self {
        let timer = cortex_m::Peripherals::take().map(|core| SysTick::new(core.SYST));
        Self { line: Line::new(uart), timer }
    }
}

impl<W: Wiring> Board for ArmBoard<W> {
    const NAME: &'static str = W::NAME;

    type Port = Line<W::Uart>;

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

/// A panic ends the program with failure and tells a debugger where.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    semihosting::println!("{info}");
    semihosting::process::exit(PANICKED)
}

/// Exit code after a panic or a fault.
const PANICKED: i32 = 101;
