//! The order that a seed gives.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Kept apart from the initial weights, which use the plain seed.
const SALT: u64 = 0x9e37_79b9_7f4a_7c15;

/// Fisher and Yates' shuffle. Each use of a seed has a stream of its own: epochs those of their
/// number, other uses those from `u64::MAX` downwards.
pub fn shuffle<T>(seed: u64, stream: u64, values: &mut [T]) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ SALT);
    rng.set_stream(stream);
    for last in (1..values.len()).rev() {
        // A random number in 0..=last by one multiplication. It is uneven by
        // one part in 2³² / last, which does not matter here.
        let scaled = u64::from(rng.next_u32()) * (last as u64 + 1);
        values.swap(last, (scaled >> 32) as usize);
    }
}
