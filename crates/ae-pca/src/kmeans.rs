//! Centres of images, by k-means.

use ae_data::Images;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

/// Most images that centres are fitted to, spread evenly over all.
const MOST_IMAGES: usize = 20_000;

/// Most times that images are assigned. Few sets of images take half of it, and what is left to gain
/// then is small.
const MOST_ROUNDS: usize = 50;

/// Squares that are added side by side, so that compilers make vectors of them.
const LANES: usize = 16;

/// `count` centres of the images, each of `features` values from 0 to 255: k-means (Lloyd 1982) from a
/// start of k-means++ (Arthur and Vassilvitskii 2007). A single centre is the median of each pixel,
/// which some odd images do not move.
///
/// The result is a function of the images, their order and the seed; threads do not matter, because
/// sums are of whole numbers. With fewer different images than centres, some centres are equal.
pub(super) fn centres(images: &Images, count: usize, seed: u64) -> Vec<Vec<f32>> {
    if count == 1 {
        return vec![median(images)];
    }
    let images = &images.spread(MOST_IMAGES);
    let mut centres = start(images, count, seed);
    let mut before = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let nearest: Vec<(usize, f32)> =
            images.pixels().par_chunks(images.features()).map(|it| nearest(it, &centres)).collect();
        let assigned: Vec<usize> = nearest.iter().map(|&(centre, _)| centre).collect();
        if assigned == before {
            break;
        }
        move_to_means(&mut centres, images, &nearest);
        before = assigned;
    }
    centres
}

/// Images drawn one after the other, each with a probability that rises with the squared distance to
/// the nearest one drawn before.
fn start(images: &Images, count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // 53 random bits are what an f64 in 0..1 can hold exactly.
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let centre =
        |index: usize| -> Vec<f32> { images.image(index).iter().map(|&p| p.into()).collect() };
    let first = ((unit() * images.len() as f64) as usize).min(images.len() - 1);
    let mut centres = vec![centre(first)];
    let mut distances = vec![f32::INFINITY; images.len()];
    while centres.len() < count {
        let newest = &centres[centres.len() - 1];
        let of_images = images.pixels().par_chunks(images.features());
        distances.par_iter_mut().zip(of_images).for_each(|(least, image)| {
            *least = least.min(squared_distance(image, newest));
        });
        let total: f64 = distances.iter().map(|&it| f64::from(it)).sum();
        let wanted = unit() * total;
        let mut sum = 0.0;
        let drawn = distances.iter().position(|&distance| {
            sum += f64::from(distance);
            sum > wanted
        });
        centres.push(centre(drawn.unwrap_or(first)));
    }
    centres
}

/// Moves each centre to the mean of its images. One without any goes to the image that is farthest
/// from its own centre.
fn move_to_means(centres: &mut [Vec<f32>], images: &Images, nearest: &[(usize, f32)]) {
    let mut sums = vec![(vec![0_u64; images.features()], 0_u64); centres.len()];
    for (image, &(centre, _)) in images.iter().zip(nearest) {
        let (sum, count) = &mut sums[centre];
        sum.iter_mut().zip(image).for_each(|(sum, &pixel)| *sum += u64::from(pixel));
        *count += 1;
    }
    // The images from the farthest on, where they are needed.
    let mut far: Option<std::vec::IntoIter<usize>> = None;
    for (centre, (sum, count)) in centres.iter_mut().zip(sums) {
        if count > 0 {
            centre.iter_mut().zip(sum).for_each(|(value, sum)| {
                *value = (sum as f64 / count as f64) as f32;
            });
            continue;
        }
        let far = far.get_or_insert_with(|| {
            let mut images: Vec<usize> = (0..nearest.len()).collect();
            images.sort_by(|&a, &b| nearest[b].1.total_cmp(&nearest[a].1).then(a.cmp(&b)));
            images.into_iter()
        });
        if let Some(image) = far.next() {
            let pixels = images.image(image).iter();
            centre.iter_mut().zip(pixels).for_each(|(value, &pixel)| *value = pixel.into());
        }
    }
}

/// The nearest centre, the first of equal ones, and its squared distance.
fn nearest(image: &[u8], centres: &[Vec<f32>]) -> (usize, f32) {
    let distances = centres.iter().map(|centre| squared_distance(image, centre)).enumerate();
    distances.fold((0, f32::INFINITY), |best, it| if it.1 < best.1 { it } else { best })
}

fn squared_distance(image: &[u8], centre: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for (image, centre) in image.chunks(LANES).zip(centre.chunks(LANES)) {
        for ((lane, &pixel), &value) in lanes.iter_mut().zip(image).zip(centre) {
            let difference = f32::from(pixel) - value;
            *lane += difference * difference;
        }
    }
    lanes.iter().sum()
}

/// The median of each pixel over all images; of two in the middle, half way between.
fn median(images: &Images) -> Vec<f32> {
    let mut counts = vec![[0_usize; 256]; images.features()];
    for image in images.iter() {
        counts.iter_mut().zip(image).for_each(|(counts, &pixel)| counts[usize::from(pixel)] += 1);
    }
    let at = |counts: &[usize; 256], rank: usize| -> f32 {
        let mut seen = 0;
        let code = counts.iter().position(|&count| {
            seen += count;
            seen > rank
        });
        code.unwrap_or_default() as f32
    };
    let middle = images.len().saturating_sub(1);
    let of =
        |counts: &[usize; 256]| (at(counts, middle / 2) + at(counts, middle.div_ceil(2))) / 2.0;
    counts.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use ae_testkit::random::SplitMix64;

    use super::*;

    /// Images around three others, by turns.
    fn images(count: usize) -> (Images, [[u8; 20]; 3]) {
        let mut random = SplitMix64::new(5);
        let groups = [(); 3].map(|()| [(); 20].map(|()| random.between(20, 235) as u8));
        let around = |group: &[u8; 20], random: &mut SplitMix64| {
            group.map(|pixel| (i64::from(pixel) + random.between(-9, 9)) as u8)
        };
        let pixels = (0..count).flat_map(|index| around(&groups[index % 3], &mut random));
        (Images::new(pixels.collect(), 4, 5).unwrap(), groups)
    }

    #[test]
    fn groups_are_found_whatever_the_seed_and_the_threads() {
        let (images, groups) = images(300);
        for seed in 0..20 {
            let found = centres(&images, 3, seed);
            for group in &groups {
                let worst = |centre: &Vec<f32>| {
                    let pairs = centre.iter().zip(group);
                    pairs
                        .map(|(value, &pixel)| (value - f32::from(pixel)).abs())
                        .fold(0.0, f32::max)
                };
                assert!(found.iter().map(worst).fold(f32::MAX, f32::min) < 3.0, "seed {seed}");
            }
        }
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(alone.install(|| centres(&images, 7, 1)), centres(&images, 7, 1));
        assert_ne!(centres(&images, 7, 1), centres(&images, 7, 2));
    }

    #[test]
    fn each_centre_is_the_mean_of_the_images_nearest_to_it() {
        let (images, _) = images(200);
        let found = centres(&images, 8, 4);
        for (centre, values) in found.iter().enumerate() {
            let own: Vec<&[u8]> =
                images.iter().filter(|it| nearest(it, &found).0 == centre).collect();
            assert!(!own.is_empty());
            for (feature, value) in values.iter().enumerate() {
                let sum: u32 = own.iter().map(|image| u32::from(image[feature])).sum();
                assert!((f64::from(*value) - f64::from(sum) / own.len() as f64).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn more_centres_than_images_that_differ_are_no_trouble() {
        let images = Images::new([[7, 9], [7, 9], [200, 9]].concat(), 1, 2).unwrap();
        let found = centres(&images, 5, 0);
        assert!(found.contains(&vec![7.0, 9.0]) && found.contains(&vec![200.0, 9.0]), "{found:?}");
        let found = centres(&Images::new(vec![3, 3, 3], 1, 1).unwrap(), 2, 0);
        assert_eq!(found, [[3.0], [3.0]]);
    }

    #[test]
    fn a_single_centre_is_the_median() {
        let images = Images::new([[1, 0], [2, 0], [250, 255], [3, 255]].concat(), 1, 2).unwrap();
        assert_eq!(centres(&images, 1, 0), [[2.5, 127.5]]);
    }
}
