//! NPY files of latents.
#![no_main]

use ae_data::npy;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::seeds;
use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

fuzz_target!(init: begin::begin(seeds::npy), |input: &[u8]| {
    tally::EXECUTED.add();
    if let Ok((values, columns)) = npy::read::<i8>(input) {
        let (again, columns_again) = write_and_read(&values, columns);
        assert_eq!(again, values);
        assert!(columns_again == columns || values.is_empty());
    }
    if let Ok((values, columns)) = npy::read::<f32>(input) {
        let (again, columns_again) = write_and_read(&values, columns);
        assert!(again.iter().map(|v| v.to_bits()).eq(values.iter().map(|v| v.to_bits())));
        assert!(columns_again == columns || values.is_empty());
    }
});

fn write_and_read<T>(values: &[T], columns: usize) -> (Vec<T>, usize)
where
    T: npyz::AutoSerialize + npyz::Deserialize + Copy,
{
    tally::ACCEPTED.add();
    let rows = values.len().checked_div(columns).unwrap_or(0);
    assert_eq!(rows * columns, values.len(), "a whole number of rows");
    let written = npy::write(values, rows).expect("what was read can be written");
    npy::read(&written).expect("what was written can be read")
}
