//! See [`ae_firmware::monitor`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[ae_pico2::entry]
fn main() -> ! {
    let (board, memory) = ae_pico2::start();
    ae_firmware::monitor::run(board, memory)
}
