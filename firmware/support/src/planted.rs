//! The program `planted`: ends by the fault that a host asks for. It shows that the next start says
//! why, and is for tests alone.

#![allow(unsafe_code, reason = "one of the faults")]

use core::hint::black_box;

use embedded_io::{Read, Write};

use crate::board::Board;
use crate::last_words;
use crate::stack;

/// Tells why it ended the last time, says `ready`, reads a byte, and ends by what it stands for: `p`
/// a panic, `f` a fault, `o` a stack that overflows by a few
/// kilobytes, which would not leave the RAM if data lay below it, `h` a hang. Any other ends it with success.
pub fn run<B: Board>(mut board: B) -> ! {
    last_words::tell(&mut board);
    board.watch();
    // To the line alone: where no debugger listens, a board that prints ends its program.
    let _ = board.port().write_all(b"ready\n");
    let mut order = [0];
    let read = board.port().read_exact(&mut order);
    match order {
        [b'p'] => panic!("planted"),
        #[cfg(target_arch = "arm")]
        [b'f'] => {
            // SAFETY: it is: the instruction is defined to fault.
            unsafe { core::arch::asm!("udf #0", options(nomem, nostack)) };
            board.exit(false)
        }
        [b'o'] => {
            black_box(deepen(stack::left_bytes().saturating_add(4096) / FRAME_BYTES));
            board.exit(false)
        }
        [b'h'] => loop {
            core::hint::spin_loop();
        },
        _ => board.exit(read.is_ok()),
    }
}

/// Bytes of stack that a call takes at the least.
const FRAME_BYTES: usize = 1024;

/// Calls itself `calls` times, and takes stack each time.
#[inline(never)]
fn deepen(calls: usize) -> usize {
    let frame = [calls; FRAME_BYTES / size_of::<usize>()];
    black_box(&frame);
    match calls.checked_sub(1) {
        Some(less) => deepen(less).wrapping_add(black_box(&frame)[0]),
        None => 0,
    }
}
