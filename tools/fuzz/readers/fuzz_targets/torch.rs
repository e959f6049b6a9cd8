//! Files of PyTorch, and safetensors files with their names.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/import/autoencoder.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_convolution.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/checkpoint.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_module.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_legacy.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_script.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/widths.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/tied.pt"),
    include_bytes!("../../../../crates/ae-import/tests/import/autoencoder.safetensors"),
    include_bytes!("../../../../crates/ae-import/tests/import/widths.safetensors"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
