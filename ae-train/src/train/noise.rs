//! Noise on images, for networks that are to take it away.

use ae_run::Recipe;

use super::draws::Draws;

/// Standard deviation of the sum of four bytes, each uniform in 0..=255.
const DEVIATION: f32 = 147.801_4;

/// The noise of one step.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    draws: Draws,
    deviation: f32,
}

impl Noise {
    /// That of a step, counted from 0; `None` where the recipe has none.
    pub(super) fn of(recipe: &Recipe, step: u64) -> Option<Self> {
        (recipe.noise != 0.0).then(|| Self {
            draws: Draws::new(recipe.seed, b"ae-noise", step),
            deviation: recipe.noise as f32,
        })
    }

    /// Adds it to the pixels of the image of this index, and clips them to 0..=1.
    ///
    /// A sum of four bytes is near enough to a normal distribution, and the same on every machine.
    pub(super) fn add(&self, index: u32, pixels: &mut [f32]) {
        let scale = self.deviation / DEVIATION;
        let words = self.draws.words(index, pixels.len());
        for (pixel, word) in pixels.iter_mut().zip(words) {
            let sum: u16 = word.to_le_bytes().into_iter().map(u16::from).sum();
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
