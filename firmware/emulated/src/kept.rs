//! The board with a flash that QEMU keeps in a file, and a UART: for a program whose memory outlasts a
//! reset.

use ae_firmware::{Board, KEPT, Memory};
use ae_store::Store;

use crate::pflash::Flash;
use crate::uart::Uart;
use crate::{Emulated, start, state_and_slots};

/// An emulated board that keeps what a program asks it to.
pub struct Keeping {
    board: Emulated,
    port: Uart,
    store: Option<Store<Flash, KEPT>>,
}

/// Starts the board; memory there is once. Where its flash cannot be used, nothing is kept.
///
/// # Panics
/// When it has been started before.
#[must_use]
pub fn start_keeping() -> (Keeping, Memory) {
    let (board, memory) = start();
    let store = state_and_slots()
        .and_then(|(state, pages, slots)| Store::provision(state, pages, slots.capacity(), 0).ok());
    (Keeping { board, port: Uart::new(), store }, memory)
}

impl Board for Keeping {
    const NAME: &'static str = Emulated::NAME;
    const KEEPS: bool = true;

    type Port = Uart;

    fn port(&mut self) -> &mut Uart {
        &mut self.port
    }

    fn core(&self) -> &'static str {
        self.board.core()
    }

    fn print(&mut self, line: &str) {
        self.board.print(line);
    }

    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        self.board.ticks(work)
    }

    fn kept(&self) -> &[u8] {
        self.store.as_ref().map(Store::remembered).unwrap_or_default()
    }

    fn keep(&mut self, bytes: &[u8]) -> bool {
        self.store.as_mut().is_some_and(|store| store.remember(bytes).is_ok())
    }

    fn exit(&mut self, success: bool) -> ! {
        self.board.exit(success)
    }
}
