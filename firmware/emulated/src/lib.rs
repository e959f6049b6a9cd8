//! The boards that QEMU emulates without a UART of their own: everything goes through
//! semihosting, which is the same on every core.
#![no_std]

#[cfg(all(feature = "update", target_arch = "riscv32"))]
mod kept;
#[cfg(all(feature = "update", target_arch = "riscv32"))]
mod pflash;
mod port;
#[cfg(all(feature = "update", target_arch = "riscv32"))]
mod uart;
#[cfg(all(feature = "planted", target_arch = "arm"))]
mod watchdog;

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
pub use core_support::trap_unaligned;
#[cfg(all(target_arch = "arm", target_abi = "eabihf"))]
pub use core_support::with_fpscr;
#[cfg(all(feature = "update", target_arch = "riscv32"))]
pub use kept::{Keeping, start_keeping};
use port::Semihosting;
#[cfg(all(feature = "update", target_arch = "riscv32"))]
use {
    ae_firmware::update::Parts,
    ae_store::{Pages, Slots},
    core::sync::atomic::{AtomicBool, Ordering},
    pflash::Flash,
    uart::Uart,
};

/// See [`parts`].
#[cfg(all(feature = "update", target_arch = "riscv32"))]
pub type UpdateParts = Parts<Uart, Flash, Flash>;

/// Memory for the buffers of a model; the micro:bit has 16 KiB of RAM in all, of which the check of a
/// signature takes more for its stack.
const ARENA_KIB: usize = match env!("AE_BOARD").as_bytes() {
    b"microbit" if cfg!(feature = "signed") => 6,
    b"microbit" => 10,
    b"mps3-an547" => 256,
    _ => 1024,
};

static ARENA: Arena<{ ARENA_KIB * 1024 / size_of::<u64>() }> = Arena::new();

/// An emulated board.
pub struct Emulated {
    port: Semihosting,
    timer: Timer,
}

/// Starts the board; memory there is once.
///
/// # Panics
/// When it has been started before.
#[must_use]
pub fn start() -> (Emulated, Memory) {
    let timer = Timer::start();
    #[allow(unsafe_code, reason = "memory that there is once")]
    // SAFETY: a second start would have found no timer, above.
    let memory = unsafe { ARENA.take() };
    (Emulated { port: Semihosting::open(), timer }, memory)
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

/// What the program `update` needs: the UART, and the flash that QEMU keeps in a file.
#[cfg(all(feature = "update", target_arch = "riscv32"))]
#[must_use]
pub fn parts(_: &mut Emulated) -> Option<UpdateParts> {
    let (state, pages, slots) = state_and_slots()?;
    Some(Parts { name: Emulated::NAME, port: Uart::new(), state, pages, slots })
}

/// The flash, once. Its first three sectors are for the state, and two slots of 1 MiB follow;
/// `firmware/boards.toml` says so too.
#[cfg(all(feature = "update", target_arch = "riscv32"))]
fn state_and_slots() -> Option<(Flash, Pages, Slots<Flash>)> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    if TAKEN.swap(true, Ordering::Relaxed) {
        return None;
    }
    const STATE: Pages = Pages { first: 0, len: pflash::SECTOR, count: 3 };
    const SLOT: u32 = 1 << 20;
    #[allow(unsafe_code, reason = "a device that there is once")]
    // SAFETY: a second call has returned above.
    let (state, models) = unsafe { pflash::split(STATE.len * STATE.count) };
    let slots = Slots::new(models, [0, SLOT], SLOT).ok()?;
    Some((state, STATE, slots))
}

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

    #[cfg(all(feature = "planted", target_arch = "arm"))]
    fn watch(&mut self) {
        if Self::NAME == "mps2" {
            watchdog::start();
        }
    }

    fn exit(&mut self, success: bool) -> ! {
        semihosting::process::exit(if success { 0 } else { 1 })
    }
}
