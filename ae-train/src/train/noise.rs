//! Noise on images, for networks that are to take it away.

use ae_run::Recipe;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Keeps these numbers apart from all others that come from the seed.
const PURPOSE: &[u8; 8] = b"ae-noise";

/// Standard deviation of the sum of four bytes, each uniform in 0..=255.
const DEVIATION: f32 = 147.801_4;

/// The noise of one step. It depends on seed, step and image alone, so neither on the number of
/// threads nor on where a training was interrupted.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    generator: ChaCha8Rng,
    deviation: f32,
}

impl Noise {
    /// That of a step, counted from 0; `None` where the recipe has none.
    pub(super) fn of(recipe: &Recipe, step: u64) -> Option<Self> {
        if recipe.noise == 0.0 {
            return None;
        }
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&recipe.seed.to_le_bytes());
        seed[8..16].copy_from_slice(PURPOSE);
        let mut generator = ChaCha8Rng::from_seed(seed);
        generator.set_stream(step);
        Some(Self { generator, deviation: recipe.noise as f32 })
    }

    /// Adds it to the pixels of the image of this index, and clips them to 0..=1.
    ///
    /// A sum of four bytes is near enough to a normal distribution, and the same on every machine.
    pub(super) fn add(&self, index: u32, pixels: &mut [f32]) {
        let mut generator = self.generator.clone();
        generator.set_word_pos(u128::from(index) * pixels.len() as u128);
        let scale = self.deviation / DEVIATION;
        for pixel in pixels {
            let bytes = generator.next_u32().to_le_bytes();
            let sum: u16 = bytes.into_iter().map(u16::from).sum();
            *pixel = (*pixel + scale * (f32::from(sum) - 510.0)).clamp(0.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(step: u64) -> Noise {
        Noise::of(&Recipe { noise: 0.1, ..Recipe::default() }, step).unwrap()
    }

    #[test]
    fn it_has_the_deviation_asked_for_and_no_mean() {
        let mut pixels = vec![0.5; 40_000];
        noise(3).add(7, &mut pixels);
        let mean = pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / 40_000.0;
        let squares = pixels.iter().map(|&p| (f64::from(p) - 0.5).powi(2)).sum::<f64>() / 40_000.0;
        // Within four standard errors.
        assert!((mean - 0.5).abs() < 4.0 * 0.1 / 200.0, "{mean}");
        assert!((squares.sqrt() - 0.1).abs() < 0.0015, "{}", squares.sqrt());
    }

    #[test]
    fn each_step_and_image_has_its_own_and_pixels_stay_pixels() {
        let with = |step, index| {
            let mut pixels = [0.0, 0.25, 0.5, 0.75, 1.0];
            noise(step).add(index, &mut pixels);
            pixels
        };
        assert_eq!(with(2, 3), with(2, 3));
        assert_ne!(with(2, 3), with(2, 4));
        assert_ne!(with(2, 3), with(3, 3));
        let all = (0..100).flat_map(|index| with(0, index));
        assert!(all.into_iter().all(|pixel| (0.0..=1.0).contains(&pixel)));
        assert!(Noise::of(&Recipe::default(), 0).is_none());
    }
}
