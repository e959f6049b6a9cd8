//! Which images are trained on, and in which order.

use ae_data::shuffle::shuffle;
use ae_run::Recipe;

/// Stream of the seed that decides which images are held out. Epochs use the
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
    (images - held).div_ceil(recipe.batch_size) as u64
}

/// The order of an epoch: a function of seed and epoch, so that a resumed
/// training needs no state of a generator.
pub(super) fn epoch_order(seed: u64, epoch: u32, train: &[u32]) -> Vec<u32> {
    let mut order = train.to_vec();
    shuffle(seed, u64::from(epoch), &mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut values: Vec<u32>) -> Vec<u32> {
        values.sort_unstable();
        values
    }

    #[test]
    fn an_order_has_every_image_once_and_differs_by_seed_and_epoch() {
        let all: Vec<u32> = (0..1000).collect();
        let order = epoch_order(1, 1, &all);
        assert_eq!(sorted(order.clone()), all);
        assert_ne!(order, all);
        assert_eq!(order, epoch_order(1, 1, &all));
        assert_ne!(order, epoch_order(1, 2, &all));
        assert_ne!(order, epoch_order(2, 1, &all));
    }

    #[test]
    fn every_place_is_equally_likely() {
        // Where image 0 of 4 lands in 4,000 epochs: 1,000 each, σ = 27.
        let mut places = [0_i32; 4];
        for epoch in 0..4000 {
            let order = epoch_order(5, epoch, &[0, 1, 2, 3]);
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
