//! A latent whose largest sum is marked: prototypes.
//!
//! Only differences between the sums of a sample count. So what all rows have in common is left out,
//! which makes the weights smaller, and all rows have one scale. Behind the layer there are as many
//! latents as it has outputs, and the layers that follow are fitted to these.

use ae_model::LayerF32;
use rayon::prelude::*;

use crate::codes::Codes;
use crate::contract::Int8Parameters;
use crate::moments::Integers;
use crate::packed::{FixedFactor, Int8Layer, Row};

/// Quantises the layer; `integers` are what comes in, and `values` the float network's sums.
pub(super) fn quantise(
    layer: &LayerF32,
    codes: &Codes,
    integers: &[i8],
    values: &[f32],
) -> Int8Layer {
    let integers = Integers { values: integers, inputs: layer.inputs() };
    let mean = integers.spread().mean;
    let mut rows: Vec<Vec<f64>> = layer
        .weights
        .par_chunks(layer.inputs())
        .map(|row| {
            let weights = (0..layer.inputs()).map(|input| {
                f64::from(row[codes.float(input)]) * codes.spread(input) * codes.affine.scale
            });
            weights.collect()
        })
        .collect();
    for input in 0..layer.inputs() {
        let middle = middle(rows.iter().map(|row| row[input]));
        rows.iter_mut().for_each(|row| row[input] -= middle);
    }
    let samples = integers.samples() as f64;
    let mut constants = vec![0.0; layer.outputs()];
    for values in values.chunks_exact(layer.outputs()) {
        constants.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    constants.iter_mut().for_each(|sum| *sum /= samples);
    let common = middle(constants.iter().copied());
    constants.iter_mut().for_each(|constant| *constant -= common);

    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
    let weight = rows.iter().map(|row| largest(row)).fold(0.0, f64::max);
    // Keeps the biases far inside 32 bits: a constant so large decides alone.
    let scale = (weight / f64::from(ae_core::WEIGHT_LIMIT)).max(largest(&constants) / BIAS_LIMIT);
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let rows = rows.into_par_iter().zip(constants).map(|(row, constant)| {
        let weights: Vec<i8> = row.iter().map(|weight| (weight / scale).round() as i8).collect();
        let pairs = weights.iter().zip(&mean);
        let of_mean: f64 = pairs.map(|(&weight, mean)| f64::from(weight) * mean).sum();
        let bias = (constant / scale - of_mean).round() as i32;
        Row { weights, bias, factor: FixedFactor::nearest(0.0) }
    });
    let rows: Vec<Row> = rows.collect();
    Int8Layer::of_rows(layer.geometry, Int8Parameters::OneHot, &rows)
}

/// 2²⁸, a quarter of which no sum of products with [the widest input](crate::MAX_WIDTH) reaches.
const BIAS_LIMIT: f64 = (1_u32 << 28) as f64;

/// Half way from the least value to the largest.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let (least, most) =
        values.fold((f64::MAX, f64::MIN), |(least, most), it| (least.min(it), most.max(it)));
    (least + most) / 2.0
}

/// Every output that there can be, one after the other, of so many latent values.
pub(super) fn all<V: Copy>(count: usize, cold: V, hot: V) -> Vec<V> {
    let mut values = vec![cold; count * count];
    values.iter_mut().step_by(count + 1).for_each(|value| *value = hot);
    values
}

#[cfg(test)]
mod tests {
    use ae_core::Geometry;
    use ae_core::{Activation, PartSelection, Provenance};
    use ae_data::Images;
    use ae_infer::Int8Autoencoder;
    use ae_model::Network;
    use rand_chacha::rand_core::RngCore;

    use super::*;
    use crate::{Seal, int8_blob, sample, unwatched};

    /// Centres of `features` pixels, and images around them.
    fn example(count: usize, features: usize) -> (Vec<Vec<u8>>, Images) {
        let random = &mut sample::random(7);
        let mut pixel = |low: u32, high: u32| (low + random.next_u32() % (high - low)) as u8;
        let centres: Vec<Vec<u8>> =
            (0..count).map(|_| (0..features).map(|_| pixel(60, 196)).collect()).collect();
        let images = (0..400).flat_map(|index| {
            let around: Vec<u8> =
                centres[index % count].iter().map(|&value| value - 40 + pixel(0, 80)).collect();
            around
        });
        let pixels = images.collect();
        (centres, Images::new(pixels, 1, features).unwrap())
    }

    /// The nearest of the centres, which the bias is moved by.
    fn network(centres: &[Vec<u8>], moved: f64) -> Network {
        let (latent, features) = (centres.len(), centres[0].len());
        let real = |pixel: u8| f64::from(pixel) / 255.0;
        let squares = |centre: &Vec<u8>| centre.iter().map(|&it| real(it).powi(2)).sum::<f64>();
        let logit = |x: f64| (x / (1.0 - x)).ln() as f32;
        let dense = |inputs, outputs, weights, bias, activation| LayerF32 {
            geometry: Geometry::dense(inputs, outputs),
            weights,
            bias,
            activation,
        };
        let rows = centres.iter().flatten().map(|&pixel| real(pixel) as f32).collect();
        let bias = centres.iter().map(|centre| (moved - squares(centre) / 2.0) as f32).collect();
        let columns =
            (0..features).flat_map(|at| centres.iter().map(move |it| logit(real(it[at]))));
        Network {
            encoder: vec![dense(features, latent, rows, bias, Activation::OneHot)],
            decoder: vec![dense(
                latent,
                features,
                columns.collect(),
                vec![0.0; features],
                Activation::Sigmoid,
            )],
        }
    }

    fn quantised(network: &Network, images: &Images) -> Vec<u8> {
        let seal = Seal {
            parts: PartSelection::Both,
            latent_map: &[],
            provenance: Provenance { tool: "test", config: &[], data: &[] },
            test_image: images.image(0),
        };
        int8_blob(network, images, &seal, &mut unwatched).unwrap().bytes
    }

    #[test]
    fn int8_takes_the_nearest_prototype_and_gives_its_pixels() {
        for (count, features) in [(1, 5), (2, 1), (9, 30), (33, 384)] {
            let (centres, images) = example(count, features);
            // The images to calibrate on are near a few of the prototypes alone.
            let calibration = images.range(0..count.min(4));
            let blob = quantised(&network(&centres, 0.0), &calibration);
            let model = Int8Autoencoder::load(&blob).unwrap();
            let mut scratch = vec![0; model.model().header().scratch_len()];
            let mut found = vec![0; features];
            for image in images.iter() {
                model.reconstruct(image, &mut found, &mut scratch).unwrap();
                let taken = scratch[..count].iter().position(|&value| value == 127).unwrap();
                assert_eq!(
                    scratch[..count].iter().filter(|&&value| value == -128).count(),
                    count - 1
                );
                for (found, &expected) in found.iter().zip(&centres[taken]) {
                    assert!(found.abs_diff(expected) <= 1, "{count} prototypes");
                }
                let distance = |centre: &Vec<u8>| -> f64 {
                    let pairs = centre.iter().zip(image);
                    pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum()
                };
                let least = centres.iter().map(distance).fold(f64::MAX, f64::min);
                // Half a step of a weight, half a code, for each pixel 100 codes from the middle.
                let close = 100.0 * features as f64;
                assert!(distance(&centres[taken]) <= least + close, "{count} prototypes");
            }
        }
    }

    #[test]
    fn what_all_sums_have_in_common_changes_nothing() {
        let (centres, images) = example(6, 20);
        let latents = |moved: f64| {
            let blob = quantised(&network(&centres, moved), &images);
            let model = Int8Autoencoder::load(&blob).unwrap();
            let mut scratch = vec![0; model.model().header().scratch_len()];
            let encode = |image: &[u8]| {
                let mut latent = vec![0; 6];
                model.encode(image, &mut latent, &mut scratch).unwrap();
                latent
            };
            images.iter().map(encode).collect::<Vec<_>>()
        };
        assert_eq!(latents(0.0), latents(100.0));
    }

    #[test]
    fn rows_that_are_equal_and_biases_that_are_huge_are_no_trouble() {
        let (centres, images) = example(3, 8);
        let mut same = network(&[centres[0].clone(), centres[0].clone()], 0.0);
        let latent = |network: &Network| {
            let blob = quantised(network, &images);
            let model = Int8Autoencoder::load(&blob).unwrap();
            let mut scratch = vec![0; model.model().header().scratch_len()];
            let mut latent = vec![0; 2];
            model.encode(images.image(3), &mut latent, &mut scratch).unwrap();
            latent
        };
        assert_eq!(latent(&same), [127, -128]);
        same.encoder[0].bias[1] = 1e30;
        assert_eq!(latent(&same), [-128, 127]);
        same.encoder[0].bias[0] = 2e30;
        assert_eq!(latent(&same), [127, -128]);
    }
}
