//! What the executions of a process came to, printed when it ends.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts one kind of execution.
pub struct Counter {
    name: &'static str,
    count: AtomicU64,
}

impl Counter {
    const fn new(name: &'static str) -> Self {
        Self { name, count: AtomicU64::new(0) }
    }

    /// One more.
    pub fn add(&self) {
        self.count.fetch_add(1, Relaxed);
    }
}

/// Inputs that were run.
pub static EXECUTED: Counter = Counter::new("executed");
/// Blobs that the loader was given with a true length and checksum.
pub static SEALED: Counter = Counter::new("sealed");
/// Inputs that were accepted, and so written again and run.
pub static ACCEPTED: Counter = Counter::new("accepted");
/// Models that went through the kernels for many samples.
pub static BULK: Counter = Counter::new("bulk");
/// Signals that went through a detector.
pub static WATCHED: Counter = Counter::new("watched");

#[cfg(fuzzing)]
use crate::built::SANITIZER;
/// Nothing is built in by an ordinary build.
#[cfg(not(fuzzing))]
const SANITIZER: &str = "none";

/// Says how the program was built, and has the counters printed when it ends.
pub fn begin() {
    unsafe extern "C" {
        fn atexit(function: extern "C" fn()) -> i32;
    }
    // SAFETY: a function of C's library, called with a function that lives as long as the program.
    unsafe { atexit(print) };
    eprintln!("tally: sanitizer {SANITIZER}, kernel {}", ae_infer::bulk::kernel());
}

extern "C" fn print() {
    for Counter { name, count } in [&EXECUTED, &SEALED, &ACCEPTED, &BULK, &WATCHED] {
        eprintln!("tally: {name} {}", count.load(Relaxed));
    }
}
