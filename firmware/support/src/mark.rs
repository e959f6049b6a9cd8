//! Marks in a program that an emulator which counts instructions goes by.

#![allow(unsafe_code, reason = "a symbol with a name that the host knows")]

use ae_infer::{Trace, Value};

/// An emulator with the plugin `counter` begins a new stretch of its counts whenever this is
/// called. It does nothing else.
#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) extern "C" fn ae_mark() {
    // SAFETY: does nothing. It is there so that calls are not left out.
    unsafe { core::arch::asm!("nop", options(nomem, nostack, preserves_flags)) }
}

/// A mark behind all values that a layer gives at once.
pub(crate) struct Marks;

impl Trace for Marks {
    fn part(&mut self, _layers: usize) {}

    fn values<V: Value>(&mut self, _layer: usize, _values: &[V]) {
        ae_mark();
    }
}

/// `work` between two marks.
pub(crate) fn marked<R>(work: impl FnOnce() -> R) -> R {
    ae_mark();
    let result = work();
    ae_mark();
    result
}
