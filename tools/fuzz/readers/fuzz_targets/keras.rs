//! Files of Keras 2 and 3.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/import/dense.keras"),
    include_bytes!("../../../../crates/ae-import/tests/import/maps.keras"),
    include_bytes!("../../../../crates/ae-import/tests/import/signal.keras"),
    include_bytes!("../../../../crates/ae-import/tests/import/float16.keras"),
    include_bytes!("../../../../crates/ae-import/tests/import/dense.h5"),
    include_bytes!("../../../../crates/ae-import/tests/import/keras2.h5"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_alone.weights.h5"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
