//! See [`ae_firmware::monitor`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[ae_esp32_c3::entry]
fn main() -> ! {
    let (board, memory) = ae_esp32_c3::start();
    ae_firmware::monitor::run(board, memory)
}
