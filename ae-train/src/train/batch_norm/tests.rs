//! Against the definition in 64 bits, and central differences of it.

use ae_core::{Activation, Axis, Geometry, Spatial, SpatialKind};
use ae_model::LayerF32;
use burn::tensor::TensorData;

use super::*;
use crate::train::parameters::slice;

/// Numbers of −1 to 1 that look random.
fn numbers(count: usize, salt: usize) -> Vec<f32> {
    let number = |i: usize| ((i * 7919 + salt * 104_729 + 13) * 2_654_435_761 % 65_536) as f32;
    (0..count).map(|i| number(i) / 32_768.0 - 1.0).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

fn close(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f64::from(*f) - e).abs() < 2e-6 * (1.0 + e.abs()), "{f} against {e}");
    }
}

fn own(values: &[f32], channels: usize) -> Sums {
    Sums::of(values, values, channels)
}

/// Scaled values of a batch, channels side by side.
fn exact(values: &[f64], scale: &[f64]) -> Vec<f64> {
    let channels = scale.len();
    let count = (values.len() / channels) as f64;
    let mut all = vec![0.0; values.len()];
    for channel in 0..channels {
        let of_channel = || values.iter().skip(channel).step_by(channels);
        let mean = of_channel().sum::<f64>() / count;
        let variance = of_channel().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        for (at, value) in of_channel().enumerate() {
            all[at * channels + channel] =
                scale[channel] * (value - mean) / (variance + 1e-5).sqrt();
        }
    }
    all
}

const CHANNELS: usize = 3;

/// Seven values of each channel, far from zero where they can be.
fn example() -> (BatchNorm, Vec<f32>) {
    let mut norm = BatchNorm::new(CHANNELS);
    norm.scale = vec![0.5, -2.0, 1.5];
    let mut values = numbers(7 * CHANNELS, 1);
    values.iter_mut().skip(1).step_by(CHANNELS).for_each(|value| *value += 100.0);
    (norm, values)
}

#[test]
fn values_are_those_of_the_definition_however_they_are_divided() {
    let (norm, values) = example();
    let expected = exact(&wide(&values), &wide(&norm.scale));
    for parts in [1, 2, 7] {
        let shards = values.chunks(CHANNELS * 7_usize.div_ceil(parts));
        let batch = Sums::total(shards.map(|shard| own(shard, CHANNELS))).unwrap();
        assert_eq!(batch.count, 7);
        let mut found = values.clone();
        norm.forward(&mut found, &batch);
        for (f, e) in found.iter().zip(&expected) {
            // A value of 100 has steps of 8e-6.
            assert!((f64::from(*f) - e).abs() < 1e-4, "{f} against {e}");
        }
    }
    assert!(Sums::total([]).is_none());
}

#[test]
fn gradients_are_central_differences() {
    let (norm, mut values) = example();
    values.iter_mut().skip(1).step_by(CHANNELS).for_each(|value| *value -= 100.0);
    let behind = numbers(values.len(), 2);
    let normalised = norm.forward(&mut values.clone(), &own(&values, CHANNELS));
    let batch = normalised.sums(&behind);
    let mut found = behind.clone();
    norm.backward(&normalised, &mut found, &batch);

    let (values, scale) = (wide(&values), wide(&norm.scale));
    let loss = |values: &[f64], scale: &[f64]| -> f64 {
        exact(values, scale).iter().zip(&behind).map(|(y, &g)| y * f64::from(g)).sum()
    };
    let slopes = |of: &[f64], loss: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
        let slope = |at: usize| {
            let at_step = |step: f64| {
                let mut changed = of.to_vec();
                changed[at] += step;
                loss(&changed)
            };
            (at_step(1e-6) - at_step(-1e-6)) / 2e-6
        };
        (0..of.len()).map(slope).collect()
    };
    close(&found, &slopes(&values, &|values| loss(values, &scale)));
    close(&batch.at_scale(), &slopes(&scale, &|scale| loss(&values, scale)));
}

#[test]
fn running_statistics_move_a_tenth_of_the_way_and_take_the_unbiased_variance() {
    let mut norm = BatchNorm::new(2);
    norm.observe(&own(&[1.0, 10.0, 2.0, 10.0, 6.0, 10.0], 2));
    // Means 3 and 10; squares around them 4 + 1 + 9, over two.
    close(&norm.mean, &[0.3, 1.0]);
    close(&norm.variance, &[0.9 + 0.1 * 7.0, 0.9]);
}

#[test]
fn a_batch_of_one_value_is_normalised_by_running_statistics_and_leaves_them() {
    let mut norm = BatchNorm::new(2);
    (norm.scale, norm.mean, norm.variance) = (vec![2.0, 1.0], vec![1.0, -1.0], vec![4.0, 0.25]);
    let before = norm.clone();
    let batch = own(&[5.0, 0.0], 2);
    norm.observe(&batch);
    assert_eq!(norm, before);
    let mut values = [5.0, 0.0];
    let normalised = norm.forward(&mut values, &batch);
    close(&values, &[2.0 * 4.0 / 4.00001_f64.sqrt(), 1.0 / 0.25001_f64.sqrt()]);
    let mut gradient = [1.0, -3.0];
    let batch = normalised.sums(&gradient);
    norm.backward(&normalised, &mut gradient, &batch);
    close(&gradient, &[2.0 / 4.00001_f64.sqrt(), -3.0 / 0.25001_f64.sqrt()]);
}

#[test]
fn values_that_are_all_the_same_become_zero() {
    let norm = BatchNorm::new(1);
    let mut values = [0.7; 5];
    let normalised = norm.forward(&mut values, &own(&[0.7; 5], 1));
    assert!(values.iter().all(|value| value.abs() < 1e-4), "{values:?}");
    let mut gradient = [1.0, 2.0, 3.0, 4.0, 5.0];
    let batch = normalised.sums(&gradient);
    norm.backward(&normalised, &mut gradient, &batch);
    assert!(gradient.iter().all(|value| value.is_finite()));
}

#[test]
fn a_folded_layer_gives_what_running_statistics_make_of_its_sums() {
    let spatial = |kind, channels_in, channels_out, axis| {
        let axes = (axis, Axis::same(4, 3, 1));
        let (height, width) = axes;
        Geometry::Spatial(Spatial { kind, channels_in, channels_out, height, width })
    };
    for (geometry, channels) in [
        (Geometry::dense(6, 4), 4),
        (spatial(SpatialKind::Convolution, 2, 3, Axis::same(5, 3, 2)), 3),
        (spatial(SpatialKind::Depthwise, 3, 3, Axis::same(5, 3, 2)), 3),
        (spatial(SpatialKind::Convolution, 2, 3, Axis::transposed(3, 4, 2)), 3),
    ] {
        geometry.check().unwrap();
        let weights = geometry.weights() as usize;
        let plain = LayerF32 {
            geometry,
            weights: numbers(weights, 1),
            bias: numbers(geometry.parameters() as usize - weights, 2),
            activation: Activation::Identity,
        };
        let layer = Layer::new(&plain);
        let mut norm = BatchNorm::new(channels);
        (norm.scale, norm.mean) = (numbers(channels, 3), numbers(channels, 4));
        norm.variance = numbers(channels, 5).iter().map(|value| value.abs() + 0.1).collect();
        let mut folded = layer.clone();
        norm.fold(&mut folded);

        let inputs = TensorData::new(numbers(2 * plain.inputs(), 6), [2, plain.inputs()]);
        let outputs = |layer: &Layer, norm: Option<&BatchNorm>| -> Vec<f32> {
            let (mut sums, _) = layer.forward(inputs.clone());
            if let Some(norm) = norm {
                let by_running = Sums { count: 1, ..own(&vec![0.0; channels], channels) };
                norm.forward(slice_mut(&mut sums), &by_running);
            }
            let bias = layer.bias_of_outputs(plain.outputs());
            let with_bias = slice(&sums).iter().zip(bias.iter().cycle());
            with_bias.map(|(sum, bias)| sum + bias).collect()
        };
        let expected = wide(&outputs(&layer, Some(&norm)));
        for (f, e) in outputs(&folded, None).iter().zip(&expected) {
            assert!((f64::from(*f) - e).abs() < 2e-5, "{geometry:?}: {f} against {e}");
        }
    }
}
