//! See [`ae_firmware::store`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[board::entry]
fn main() -> ! {
    let (board, memory) = board::start();
    ae_firmware::store::run(board, memory)
}
