//! The functions for C: hostile blobs, pointers and lengths; see `ae_fuzz::c`.
#![no_main]

use std::cell::RefCell;

use ae_fuzz::compose::Composer;
use ae_fuzz::source::Source;
use ae_fuzz::{c, seeds, tally};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static COMPOSER: RefCell<Composer> = RefCell::default();
}

fuzz_target!(init: seeds::begin(seeds::c), |input: &[u8]| {
    tally::EXECUTED.add();
    let (blob, calls) = input.split_at(input.len().saturating_sub(c::CALLS));
    COMPOSER.with_borrow_mut(|composer| {
        // Of exactly its size, so that the sanitizer sees what is read behind it.
        let blob = composer.compose(&mut Source::new(blob)).to_vec();
        c::call(&blob, &mut Source::new(calls));
    });
});
