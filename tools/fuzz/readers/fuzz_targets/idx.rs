//! IDX files, plain and compressed. What is read is written again and read again.
#![no_main]

use ae_data::idx;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::seeds;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

fuzz_target!(init: begin::begin(seeds::idx), |input: &[u8]| {
    tally::EXECUTED.add();
    let Some((kind, file)) = input.split_first() else { return };
    // Bytes as they come, or behind a compression that is right.
    let compressed = (kind % 2 == 1).then(|| idx::gzip(file));
    let Ok(read) = idx::read(compressed.as_deref().unwrap_or(file)) else { return };
    tally::ACCEPTED.add();
    assert_eq!(read.dims.iter().product::<usize>(), read.elements.len());
    let written = idx::write(&read.dims, &read.elements).expect("what was read can be written");
    if kind % 2 == 1 || file.starts_with(&[0]) {
        assert_eq!(written, file, "one file for the same elements");
    }
    assert_eq!(idx::read(&written[..]).expect("what was written can be read"), read);
    assert_eq!(idx::read(&idx::gzip(&written)[..]).expect("compressed as well"), read);
    assert_eq!(read.content_sha256().len(), 64);
});
