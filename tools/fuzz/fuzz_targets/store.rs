//! Any sequence of what a program does with its store, with power cuts: see `ae_fuzz::store`.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{seeds, store, tally};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::begin(seeds::store), |input: &[u8]| {
    tally::EXECUTED.add();
    store::run(&mut Source::new(input));
});
