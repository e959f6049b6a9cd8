//! See [`ae_conformance`]: every kernel against the portable one, on this core. While a kernel runs, a
//! word that is not on a boundary is a fault. This is built with `strict-align`, as a program must be
//! that does so.
#![no_std]
#![no_main]

use core::fmt::Write;

use ae_conformance::{Buffers, Extent, Fault, Passed};
use ae_firmware::{Board, Memory};

const EXTENT: Extent =
    if cfg!(feature = "conformance-whole") { Extent::Whole } else { Extent::Part };

/// Compares the cases, prints one line, and ends.
#[board::entry]
fn main() -> ! {
    let (mut board, mut memory) = board::start();
    let mut line = heapless::String::<256>::new();
    if let Err(bits) = float_modes_are_found() {
        let _ = write!(line, "FAILED: an f32 model is loaded with {bits:#010x} set in FPSCR");
        board.print(&line);
        board.exit(false);
    }
    let result = compare(&mut memory);
    // The longest line fits.
    let _ = match &result {
        Some(Ok(Passed { int8, f32, maps, frames, thresholds })) => {
            write!(
                line,
                "ok: {int8} int8 and {f32} f32 layers, {maps} over maps, {frames} frames, \
                 {thresholds} thresholds, equal"
            )
        }
        Some(Err(fault)) => write!(line, "FAILED: {fault}"),
        None => write!(line, "FAILED: too little memory"),
    };
    board.print(&line);
    board.exit(matches!(result, Some(Ok(_))))
}

fn compare(memory: &mut Memory) -> Option<Result<Passed, Fault>> {
    let bytes = memory.buffer(Buffers::BYTES).ok()?;
    let values = memory.buffer(Buffers::VALUES).ok()?;
    let reals = memory.buffer(Buffers::REALS).ok()?;
    let mut buffers = Buffers::new(bytes, values, reals)?;
    Some(ae_conformance::run(&mut buffers, EXTENT, board::trap_unaligned))
}

/// Other roundings than the format's, and numbers flushed to zero, are found where a model is loaded
/// that needs them. Gives the bits that are not.
#[cfg(all(target_arch = "arm", target_abi = "eabihf"))]
fn float_modes_are_found() -> Result<(), u32> {
    use ae_infer::{F32Autoencoder, Int8Autoencoder};

    const F32: &[u8] = include_bytes!("../../../../tests/golden/tiny.f32.aeb");
    const INT8: &[u8] = include_bytes!("../../../../tests/golden/tiny.int8.aeb");
    let loads = |bits| board::with_fpscr(bits, || F32Autoencoder::load(F32).is_ok());
    // FZ; rounding up, down and toward zero.
    for bits in [1 << 24, 1 << 22, 2 << 22, 3 << 22] {
        let int8 = board::with_fpscr(bits, || Int8Autoencoder::load(INT8).is_ok());
        if loads(bits) || !int8 {
            return Err(bits);
        }
    }
    // DN, and nothing.
    [1 << 25, 0].into_iter().find(|&bits| !loads(bits)).map_or(Ok(()), Err)
}

/// There is no such register.
#[cfg(not(all(target_arch = "arm", target_abi = "eabihf")))]
fn float_modes_are_found() -> Result<(), u32> {
    Ok(())
}
