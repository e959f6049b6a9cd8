//! Files of PyTorch, and safetensors files with their names.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/files/autoencoder.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/convolution.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/checkpoint.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/module.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/legacy.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/script.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/widths.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/tied.pt"),
    include_bytes!("../../../../crates/ae-import/tests/files/autoencoder.safetensors"),
    include_bytes!("../../../../crates/ae-import/tests/files/widths.safetensors"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
