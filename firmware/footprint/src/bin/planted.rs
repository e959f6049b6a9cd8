//! Functions that reach a panic, each by another way, and one that reaches none: what `cargo xtask
//! test panic-paths` must find, or the step says nothing of the programs that it lets pass. It is
//! never run.
#![no_std]
#![no_main]

use ae_footprint as _;
use core::hint::black_box;

/// Calls all of them.
#[allow(unsafe_code, reason = "the linker finds it by its name")]
#[unsafe(no_mangle)]
fn inference(x: u32) -> u32 {
    let sum = planted_none(x) ^ planted_call(x) ^ planted_tail(x) ^ planted_table(x);
    sum ^ planted_object(&[x])
}

/// Reaches no panic, but data that lies among that of the others.
#[inline(never)]
fn planted_none(x: u32) -> u32 {
    black_box(["none", "of", "it"])[if x > 1 { 1 } else { 0 }].len() as u32
}

/// A direct call.
#[inline(never)]
fn planted_call(x: u32) -> u32 {
    may_panic(x).wrapping_add(1)
}

/// A jump to another function in place of a call.
#[inline(never)]
fn planted_tail(x: u32) -> u32 {
    may_panic(x ^ 5)
}

/// By a pointer in a table.
#[inline(never)]
fn planted_table(x: u32) -> u32 {
    black_box(&TABLE).get(x as usize).map_or(0, |function| function(x))
}

/// By the table of a trait object.
#[inline(never)]
fn planted_object(x: &[u32]) -> u32 {
    black_box(x.first().map_or(&Fine as &dyn Number, |_| &Panics)).number()
}

static TABLE: [fn(u32) -> u32; 2] = [planted_none, may_panic];

trait Number {
    fn number(&self) -> u32;
}

struct Fine;
struct Panics;

impl Number for Fine {
    fn number(&self) -> u32 {
        1
    }
}

impl Number for Panics {
    fn number(&self) -> u32 {
        may_panic(black_box(3))
    }
}

#[inline(never)]
fn may_panic(x: u32) -> u32 {
    assert!(black_box(x) != 7, "planted");
    black_box(x)
}
