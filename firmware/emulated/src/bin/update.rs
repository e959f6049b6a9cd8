//! See [`ae_firmware::update`].
#![no_std]
#![no_main]

use ae_firmware::Board;

/// Starts the board and runs the program on its flash.
#[board::entry]
fn main() -> ! {
    let (mut board, memory) = board::start();
    let parts = board::parts(&mut board);
    let success = parts.is_some_and(|parts| ae_firmware::update::run(parts, memory));
    board.exit(success)
}
