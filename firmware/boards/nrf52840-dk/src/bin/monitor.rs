//! See [`ae_firmware::monitor`].
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[ae_nrf52840_dk::entry]
fn main() -> ! {
    let (board, memory) = ae_nrf52840_dk::start();
    ae_firmware::monitor::run(board, memory)
}
