//! Well-formed models of any shape, computed by every kernel: see `ae_fuzz::kernels`.
#![no_main]

use ae_fuzz::source::Source;
use ae_fuzz::{kernels, seeds, tally};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seeds::begin(seeds::kernels), |input: &[u8]| {
    tally::EXECUTED.add();
    kernels::compute(&mut Source::new(input));
});
