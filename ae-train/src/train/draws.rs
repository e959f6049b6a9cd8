//! Random numbers of one step of a training.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The random numbers of one step, for one purpose. They depend on the seed, the purpose, the step
/// and the image alone, so neither on the number of threads nor on where a training was interrupted.
#[derive(Clone, Debug)]
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    /// Those of a step, counted from 0. `purpose` keeps them apart from all others that come from the
    /// seed.
    pub(super) fn new(seed: u64, purpose: &[u8; 8], step: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(purpose);
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(step);
        Self(generator)
    }

    /// The words of the image of this index; each image has so many.
    pub(super) fn words(&self, index: u32, each: usize) -> impl Iterator<Item = u32> + use<> {
        let mut generator = self.0.clone();
        generator.set_word_pos(u128::from(index) * each as u128);
        std::iter::repeat_with(move || generator.next_u32()).take(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_purpose_step_and_image_has_its_own() {
        let words = |seed, purpose, step, index| -> Vec<u32> {
            Draws::new(seed, purpose, step).words(index, 5).collect()
        };
        let one = words(1, b"purpose1", 2, 3);
        assert_eq!(one, words(1, b"purpose1", 2, 3));
        for other in [
            words(2, b"purpose1", 2, 3),
            words(1, b"purpose2", 2, 3),
            words(1, b"purpose1", 3, 3),
            words(1, b"purpose1", 2, 4),
        ] {
            assert!(one.iter().all(|word| !other.contains(word)));
        }
    }
}
