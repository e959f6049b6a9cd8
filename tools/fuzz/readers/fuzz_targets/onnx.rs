//! ONNX files.
#![no_main]

use ae_fuzz::seeds as begin;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::models;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

const FILES: &[&[u8]] = &[
    include_bytes!("../../../../crates/ae-import/tests/import/dense.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/enlarged.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/integers.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/maps.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/parts.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/shapes.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/signal.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/turned.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/typed.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/weights_of_8_bits.onnx"),
    include_bytes!("../../../../crates/ae-import/tests/import/refused_lstm.onnx"),
];

fuzz_target!(init: begin::begin(|| models::seeds(FILES)), |input: &[u8]| {
    models::run(FILES, input);
});
