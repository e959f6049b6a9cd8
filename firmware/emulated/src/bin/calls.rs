//! See [`ae_firmware::calls`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[board::entry]
fn main() -> ! {
    let (board, _) = board::start();
    ae_firmware::calls::run(board)
}
