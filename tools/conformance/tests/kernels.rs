//! The kernels of this machine against the portable ones.

use ae_conformance::{Buffers, run};

#[test]
fn every_kernel_equals_the_portable_one() {
    let mut bytes = vec![0; Buffers::BYTES];
    let mut values = vec![0; Buffers::VALUES];
    let mut reals = vec![0.0; Buffers::REALS];
    let mut buffers = Buffers::new(&mut bytes, &mut values, &mut reals).unwrap();
    let passed = run(&mut buffers, |_| ()).unwrap_or_else(|fault| panic!("{fault}"));
    // Layers of all lengths, alignments and extremes, twice each.
    assert!(passed.int8 > 100_000 && passed.f32 > 1_000 && passed.maps > 10_000, "{passed:?}");
    // On seven emulated cores together at least 10,000.
    assert!(7 * passed.frames >= 10_000, "{passed:?}");
    assert_eq!(passed.thresholds, 10_000);
}
