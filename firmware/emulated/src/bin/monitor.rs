//! See [`ae_firmware::monitor`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[ae_emulated::entry]
fn main() -> ! {
    let (board, memory) = ae_emulated::start();
    ae_firmware::monitor::run(board, memory)
}
