//! Hostile blobs with a true length and checksum: see `ae_fuzz::compose`.
#![no_main]

use std::cell::RefCell;

use ae_fuzz::compose::Composer;
use ae_fuzz::judge::{Depth, judge};
use ae_fuzz::source::Source;
use ae_fuzz::{seeds, tally};
use libfuzzer_sys::{Corpus, fuzz_target};

thread_local! {
    static COMPOSER: RefCell<Composer> = RefCell::default();
}

/// Bytes of an input with two edits.
const SHORT: usize = 18;

fuzz_target!(init: seeds::begin(seeds::sealed), |input: &[u8]| -> Corpus {
    tally::EXECUTED.add();
    COMPOSER.with_borrow_mut(|composer| {
        // Of exactly its size, so that the sanitizer sees what is read behind it.
        let blob = composer.compose(&mut Source::new(input)).to_vec();
        // What is refused is not mutated further, unless it is nearly a base: most of what comes of
        // it is refused for the same reason.
        if judge(&blob, Depth::of(&blob), 1) || input.len() <= SHORT {
            Corpus::Keep
        } else {
            Corpus::Reject
        }
    })
});
