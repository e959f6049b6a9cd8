//! Files of Keras 2 and 3.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/files/dense.keras"),
    include_bytes!("../../../../crates/ae-import/tests/files/maps.keras"),
    include_bytes!("../../../../crates/ae-import/tests/files/signal.keras"),
    include_bytes!("../../../../crates/ae-import/tests/files/float16.keras"),
    include_bytes!("../../../../crates/ae-import/tests/files/dense.h5"),
    include_bytes!("../../../../crates/ae-import/tests/files/keras2.h5"),
    include_bytes!("../../../../crates/ae-import/tests/files/only.weights.h5"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
