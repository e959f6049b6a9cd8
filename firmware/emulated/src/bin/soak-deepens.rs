//! [`ae_firmware::soak`] on a board with a planted fault: each line that it prints takes more stack
//! than the one before. It shows that the host notices.
#![no_std]
#![no_main]

use core::hint::black_box;

use ae_firmware::Board;
use board::Emulated;

/// Starts the board and runs the program.
#[board::entry]
fn main() -> ! {
    let (board, memory) = board::start();
    ae_firmware::soak::run(Deepening { board, lines: 0 }, memory)
}

struct Deepening {
    board: Emulated,
    lines: u32,
}

/// Calls itself `calls` times, and takes stack each time.
#[inline(never)]
fn deepen(calls: u32) -> u32 {
    let frame = black_box([calls; 32]);
    match calls.checked_sub(1) {
        Some(less) => deepen(less).wrapping_add(frame[0]),
        None => 0,
    }
}

impl Board for Deepening {
    const NAME: &'static str = Emulated::NAME;

    type Port = <Emulated as Board>::Port;

    fn port(&mut self) -> &mut Self::Port {
        self.board.port()
    }

    fn core(&self) -> &'static str {
        self.board.core()
    }

    fn print(&mut self, line: &str) {
        self.lines = self.lines.wrapping_add(1);
        black_box(deepen(self.lines));
        self.board.print(line);
    }

    fn ticks<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<u32>) {
        self.board.ticks(work)
    }

    fn exit(&mut self, success: bool) -> ! {
        self.board.exit(success)
    }
}
