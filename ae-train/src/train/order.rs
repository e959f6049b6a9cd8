//! Which images are trained on, and in which order.

use ae_data::shuffle::shuffle;
use ae_run::Recipe;

/// Stream of the seed that decides which images are held out. Passes use the
/// streams of their number; initial weights have a generator of their own.
const HELD_OUT_STREAM: u64 = u64::MAX;

/// Training images and held-out images, as indices into the training set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) train: Vec<u32>,
    pub(super) held_out: Vec<u32>,
}

/// Holds out a share of `count` images, chosen by the seed.
pub(super) fn split(seed: u64, count: u32, held_out_share: Option<f64>) -> Split {
    let mut all: Vec<u32> = (0..count).collect();
    let Some(share) = held_out_share else {
        return Split { train: all, held_out: Vec::new() };
    };
    shuffle(seed, HELD_OUT_STREAM, &mut all);
    let held = held_out(count as usize, share);
    let mut train = all.split_off(held);
    // Sorted, so that an epoch's order is a function of the set alone.
    train.sort_unstable();
    all.sort_unstable();
    Split { train, held_out: all }
}

/// How many of `count` images a share of them is.
fn held_out(count: usize, share: f64) -> usize {
    ((count as f64 * share).round() as usize).min(count)
}

/// Steps of an epoch on `images` training images, the last of which may have fewer images.
#[must_use]
pub fn steps_per_epoch(recipe: &Recipe, images: usize) -> u64 {
    let held = recipe.keep_best.map_or(0, |share| held_out(images, share));
    let of_a_pass = (images - held).div_ceil(recipe.batch_size) as u64;
    u64::from(recipe.passes).saturating_mul(of_a_pass)
}

/// The order of a pass, counted from 1 over the whole run: a function of seed and pass, so that a
/// resumed training needs no state of a generator.
pub(super) fn pass_order(seed: u64, pass: u64, train: &[u32]) -> Vec<u32> {
    let mut order = train.to_vec();
    shuffle(seed, pass, &mut order);
    order
}

/// The number of a pass of an epoch, both the epoch and the result counted from 1; `pass` is from 0.
pub(super) fn pass_number(epoch: u32, passes: u32, pass: u32) -> u64 {
    u64::from(epoch - 1) * u64::from(passes) + u64::from(pass) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut values: Vec<u32>) -> Vec<u32> {
        values.sort_unstable();
        values
    }

    #[test]
    fn an_order_has_every_image_once_and_differs_by_seed_and_pass() {
        let all: Vec<u32> = (0..1000).collect();
        let order = pass_order(1, 1, &all);
        assert_eq!(sorted(order.clone()), all);
        assert_ne!(order, all);
        assert_eq!(order, pass_order(1, 1, &all));
        assert_ne!(order, pass_order(1, 2, &all));
        assert_ne!(order, pass_order(2, 1, &all));
        assert_eq!([1, 2, 3].map(|epoch| pass_number(epoch, 1, 0)), [1, 2, 3]);
        assert_eq!([0, 1].map(|pass| pass_number(3, 2, pass)), [5, 6]);
    }

    #[test]
    fn every_place_is_equally_likely() {
        // Where image 0 of 4 lands in 4,000 epochs: 1,000 each, σ = 27.
        let mut places = [0_i32; 4];
        for epoch in 0..4000 {
            let order = pass_order(5, epoch, &[0, 1, 2, 3]);
            places[order.iter().position(|&image| image == 0).unwrap()] += 1;
        }
        assert!(places.iter().all(|place| (place - 1000).abs() < 140), "{places:?}");
    }

    #[test]
    fn held_out_images_are_not_trained_on() {
        let Split { train, held_out } = split(3, 100, Some(0.2));
        assert_eq!((train.len(), held_out.len()), (80, 20));
        assert_eq!(sorted([train, held_out].concat()), (0..100).collect::<Vec<_>>());
        assert_eq!(split(3, 100, None).train.len(), 100);
    }
}
