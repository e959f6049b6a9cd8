//! See [`ae_firmware::monitor`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[board::entry]
fn main() -> ! {
    let (board, memory) = board::start();
    ae_firmware::monitor::run(board, memory)
}
