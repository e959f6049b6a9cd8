//! TensorFlow Lite files.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/import/dense.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/dense_int8.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/dense_f16.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/dense_wrapped.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/dynamic_range.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/maps.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/maps_int8.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/signal.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/shapes.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/turned.tflite"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_join.tflite"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
