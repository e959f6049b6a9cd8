//! What a program needs of a board.

use embedded_io::{Read, Write};

/// A board that has started.
pub trait Board {
    /// The board's name.
    const NAME: &'static str;

    /// A line of bytes to the host, both ways.
    type Port: Read + Write;

    /// The line to the host.
    fn port(&mut self) -> &mut Self::Port;

    /// The core's name, as the core reports it.
    fn core(&self) -> &'static str;

    /// Shows a line to whoever watches the board.
    fn print(&mut self, line: &str);

    /// Starts the board's watchdog, where it has one: from then on the board starts anew if the program
    /// does not wait for its host every few seconds, which feeds the watchdog.
    fn watch(&mut self) {}

    /// Whether the watchdog has started the board this time.
    fn was_bitten(&self) -> bool {
        false
    }

    /// Runs `work` and counts the ticks that it took; `None` where there were too many to count.
    ///
    /// What a tick is depends on the board: a cycle of the core, if its package says nothing else; a
    /// fixed number of instructions in an emulator that counts.
    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>);

    /// The least model version that this board still runs. Here it is the one that the firmware was
    /// built with, which nothing raises; a board with storage to spare keeps one that grows.
    #[cfg(feature = "signed")]
    fn versions(&mut self) -> impl ae_signature::VersionCounter {
        crate::gate::floor()
    }

    /// Whether what a program has learnt outlasts a reset: then [`kept`](Self::kept) and
    /// [`keep`](Self::keep) do what they say.
    const KEEPS: bool = false;

    /// What was kept last, here or before a reset; nothing, if nothing was.
    fn kept(&self) -> &[u8] {
        &[]
    }

    /// Keeps at most [`KEPT`](crate::KEPT) bytes in place of what was kept before, whole or not at all;
    /// `false` where that fails.
    fn keep(&mut self, _bytes: &[u8]) -> bool {
        false
    }

    /// Ends the program. An emulator or a debugger learns whether it succeeded.
    fn exit(&mut self, success: bool) -> !;
}

/// The name of the Cortex-M that this runs on.
#[cfg(target_arch = "arm")]
#[must_use]
pub fn cortex_m() -> &'static str {
    #[allow(unsafe_code, reason = "a register that can always be read")]
    // SAFETY: CPUID is read-only and has no side effect.
    let cpuid = unsafe { (*cortex_m::peripheral::CPUID::PTR).base.read() };
    // Bits 15 to 4 are the part number: see each core's technical reference manual.
    match cpuid >> 4 & 0xfff {
        0xc20 => "Cortex-M0",
        0xc60 => "Cortex-M0+",
        0xc23 => "Cortex-M3",
        0xc24 => "Cortex-M4",
        0xc27 => "Cortex-M7",
        0xd20 => "Cortex-M23",
        0xd21 => "Cortex-M33",
        0xd22 => "Cortex-M55",
        _ => "Cortex-M",
    }
}
