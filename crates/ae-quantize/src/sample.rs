//! Numbers for tests.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::moments::Integers;

/// Random bits that are the same in every run.
pub(super) fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A number in −1…1.
pub(super) fn unit(random: &mut ChaCha8Rng) -> f64 {
    f64::from(random.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0
}

/// Samples whose inputs have much in common, as neighbouring pixels do, and go to both ends of i8.
pub(super) fn integers(samples: usize, inputs: usize, seed: u64) -> Vec<i8> {
    let random = &mut random(seed);
    let mut values = Vec::new();
    for _ in 0..samples {
        let common = 100.0 * unit(random);
        values.extend((0..inputs).map(|_| (common + 60.0 * unit(random)) as i8));
    }
    values
}

/// Mean product of two inputs less the product of their means, summed in the order of the samples.
pub(super) fn covariance(integers: Integers<'_>, a: usize, b: usize) -> f64 {
    let samples = || integers.values.chunks_exact(integers.inputs);
    let sum = |of: &dyn Fn(&[i8]) -> i64| samples().map(of).sum::<i64>() as f64;
    let count = samples().len() as f64;
    let products = sum(&|sample| i64::from(sample[a]) * i64::from(sample[b]));
    let (a, b) = (sum(&|sample| sample[a].into()), sum(&|sample| sample[b].into()));
    (products - a * b / count) / count
}
