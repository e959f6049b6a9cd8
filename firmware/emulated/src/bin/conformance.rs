//! See [`ae_conformance`]: every kernel against the portable one, on this core.
#![no_std]
#![no_main]

use core::fmt::Write;

use ae_conformance::{Buffers, Failure, Passed};
use ae_firmware::{Board, Memory};

/// Compares all cases, prints one line, and ends.
#[board::entry]
fn main() -> ! {
    let (mut board, mut memory) = board::start();
    let mut line = heapless::String::<256>::new();
    let result = compare(&mut memory);
    // The longest line fits.
    let _ = match &result {
        Some(Ok(Passed { int8, f32 })) => {
            write!(line, "ok: {} int8 and {} f32 layers equal", int8, f32)
        }
        Some(Err(failure)) => write!(line, "FAILED: {failure}"),
        None => write!(line, "FAILED: too little memory"),
    };
    board.print(&line);
    board.exit(matches!(result, Some(Ok(_))))
}

fn compare(memory: &mut Memory) -> Option<Result<Passed, Failure>> {
    let bytes = memory.buffer(Buffers::BYTES).ok()?;
    let values = memory.buffer(Buffers::VALUES).ok()?;
    let reals = memory.buffer(Buffers::REALS).ok()?;
    Some(ae_conformance::run(&mut Buffers::new(bytes, values, reals)?))
}
