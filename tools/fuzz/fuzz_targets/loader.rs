//! Any bytes for the loader. Most mutations are given a true length and checksum, so that they get
//! behind these.
#![no_main]

use ae_fuzz::judge::{Depth, judge};
use ae_fuzz::{seeds, tally};
use ae_testkit::seal::seal;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(init: seeds::begin(seeds::loader), |blob: &[u8]| {
    tally::EXECUTED.add();
    judge(blob, Depth::of(blob), 1);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if !seed.is_multiple_of(8) {
        seal(&mut data[..size]);
    }
    size
});
