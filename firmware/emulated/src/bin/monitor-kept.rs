//! See [`ae_firmware::monitor`]: over the UART, with what it has learnt in flash.
#![no_std]
#![no_main]

/// Starts the board and runs the program.
#[board::entry]
fn main() -> ! {
    let (board, memory) = board::start_keeping();
    ae_firmware::monitor::run(board, memory)
}
