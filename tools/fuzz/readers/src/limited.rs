//! Memory that no small file may make a reader ask for.

#![allow(unsafe_code, reason = "a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes that a single allocation may have. Inputs are of a few KB, and gzip makes at most a
/// thousand times as many of them; a recording of a signal may be one of these bytes, and takes 80.
const LIMIT: usize = 128 << 20;

/// The system's allocator, which ends the program where more than [`LIMIT`] bytes are asked for at
/// once: memory that is only reserved is seen by no limit of the operating system.
pub struct Limited;

fn check(bytes: usize) {
    if bytes > LIMIT {
        eprintln!("ERROR: {bytes} bytes are asked for at once");
        std::process::abort();
    }
}

// SAFETY: all is passed on to the system's allocator.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        check(bytes);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(place, layout, bytes) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}
