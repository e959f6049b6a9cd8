//! The boards that QEMU emulates without a UART of their own: everything goes through
//! semihosting, which is the same on every core.
#![no_std]

mod port;

#[cfg(target_arch = "arm")]
#[path = "cortex_m.rs"]
mod core_support;
#[cfg(target_arch = "riscv32")]
#[path = "riscv.rs"]
mod core_support;

use ae_firmware::{Arena, Board, Memory};
use embedded_io::Write as _;

use core_support::Timer;
pub use core_support::entry;
use port::Semihosting;

/// Words of eight bytes for the buffers of a model: the micro:bit has 16 KiB of RAM in all.
const ARENA_WORDS: usize = if cfg!(not(feature = "f32")) {
    10 * 1024 / 8
} else if cfg!(feature = "mps3-an547") {
    256 * 1024 / 8
} else {
    1024 * 1024 / 8
};

static ARENA: Arena<ARENA_WORDS> = Arena::new();

/// An emulated board.
pub struct Emulated {
    port: Semihosting,
    timer: Timer,
}

/// Starts the board; memory there is once.
#[must_use]
pub fn start() -> (Emulated, Memory) {
    (Emulated { port: Semihosting::open(), timer: Timer::start() }, ARENA.take())
}

/// A panic ends the program with failure and says where.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(feature = "messages")]
    semihosting::println!("{info}");
    #[cfg(not(feature = "messages"))]
    let _ = info;
    semihosting::process::exit(PANICKED)
}

/// Exit code after a panic or a fault.
const PANICKED: i32 = 101;

impl Board for Emulated {
    const NAME: &'static str = env!("AE_BOARD");

    type Port = Semihosting;

    fn port(&mut self) -> &mut Semihosting {
        &mut self.port
    }

    fn core(&self) -> &'static str {
        core_support::name()
    }

    fn print(&mut self, line: &str) {
        // Who does not listen misses it; the exit code says the same.
        let _ = self.port.write_all(line.as_bytes()).and_then(|()| self.port.write_all(b"\n"));
    }

    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        self.timer.ticks(work)
    }

    fn exit(&mut self, success: bool) -> ! {
        semihosting::process::exit(if success { 0 } else { 1 })
    }
}
