//! The kernels of this machine against the portable ones.

use ae_conformance::{Buffers, Extent, Passed, run};

fn passed(extent: Extent) -> Passed {
    let mut bytes = vec![0; Buffers::BYTES];
    let mut values = vec![0; Buffers::VALUES];
    let mut reals = vec![0.0; Buffers::REALS];
    let mut buffers = Buffers::new(&mut bytes, &mut values, &mut reals).unwrap();
    run(&mut buffers, extent, |_| ()).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn every_kernel_equals_the_portable_one() {
    let (part, whole) = (passed(Extent::Part), passed(Extent::Whole));
    // Layers of all lengths, alignments and extremes, twice each.
    assert!(whole.int8 > 100_000 && whole.f32 > 1_000 && whole.maps > 10_000, "{whole:?}");
    // On seven emulated cores together at least 10,000.
    assert!(7 * whole.frames >= 10_000, "{whole:?}");
    // What emulated cores compute is a quarter of the int8 layers, and all else.
    assert_eq!(4 * part.int8, whole.int8);
    assert_eq!((part.f32, part.maps, part.frames), (whole.f32, whole.maps, whole.frames));
    assert_eq!([part.thresholds, whole.thresholds], [10_000; 2]);
}
