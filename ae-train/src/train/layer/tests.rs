//! Every kind against the definition in 64 bits, and its gradients against central differences of it.

use ae_core::{Axis, Spatial};

use super::*;

/// Values of −1 to 1 that look random.
fn values(count: usize, salt: usize) -> Vec<f32> {
    let value = |i: usize| ((i * 7919 + salt * 104_729 + 13) * 2_654_435_761 % 65_536) as f32;
    (0..count).map(|i| value(i) / 32_768.0 - 1.0).collect()
}

fn spatial(kind: SpatialKind, channels: [u16; 2], axes: [Axis; 2]) -> Geometry {
    let [channels_in, channels_out] = channels;
    let [height, width] = axes;
    Geometry::Spatial(Spatial { kind, channels_in, channels_out, height, width })
}

/// Every kind, in two dimensions and in one, with strides, holes, padding on one side and on both.
fn geometries() -> Vec<Geometry> {
    use SpatialKind::{Average, Convolution, Depthwise, Maximum, Upsampling};
    let one = Axis::ONE;
    let dilated = Axis::same_dilated(9, 3, 1, 2);
    // Four outputs for each input, of which the first three and the last are left out.
    let cropped = Axis { outputs: 16, crop: 3, ..Axis::transposed(5, 8, 4) };
    let mut all = vec![
        Geometry::dense(7, 5),
        spatial(Depthwise, [3, 3], [one, dilated]),
        spatial(Convolution, [1, 16], [Axis::same(8, 3, 2), Axis::same(7, 3, 2)]),
        spatial(Convolution, [3, 2], [Axis::same(5, 3, 1), Axis::valid(6, 2, 2)]),
        spatial(Convolution, [5, 1], [one, dilated]),
        spatial(Convolution, [4, 6], [Axis::valid(3, 1, 1), Axis::valid(4, 1, 1)]),
        spatial(Convolution, [3, 4], [Axis::transposed(3, 2, 2), Axis::transposed(4, 2, 2)]),
        spatial(Convolution, [2, 3], [Axis::transposed(4, 4, 2), Axis::transposed(3, 6, 2)]),
        spatial(Convolution, [2, 1], [one, Axis::transposed(6, 9, 3)]),
        spatial(Convolution, [2, 3], [one, cropped]),
    ];
    for kind in [Depthwise, Maximum, Average] {
        all.extend([
            spatial(kind, [4, 4], [Axis::same(6, 3, 2), Axis::same(5, 3, 1)]),
            spatial(kind, [3, 3], [Axis::valid(6, 2, 2), Axis::valid(7, 2, 2)]),
            spatial(kind, [2, 2], [one, Axis::same(9, 4, 3)]),
            spatial(kind, [5, 5], [Axis::whole(3), Axis::whole(4)]),
        ]);
    }
    let cropped = Axis { outputs: 8, crop: 1, ..Axis::repeated(3, 3) };
    all.extend([
        spatial(Upsampling, [3, 3], [Axis::repeated(3, 2), Axis::repeated(4, 2)]),
        spatial(Upsampling, [2, 2], [one, cropped]),
    ]);
    all
}

fn layer(geometry: Geometry) -> LayerF32 {
    geometry.check().unwrap();
    let weights = geometry.weights() as usize;
    let biases = (geometry.parameters() - geometry.weights()) as usize;
    LayerF32 {
        geometry,
        weights: values(weights, 1),
        bias: values(biases, 2),
        activation: Activation::Identity,
    }
}

/// The sums of one sample, with the bias.
fn exact(layer: &LayerF32, weights: &[f64], inputs: &[f64]) -> Vec<f64> {
    let bias = |at: usize| f64::from(layer.bias[at]);
    let spatial = match layer.geometry {
        Geometry::Dense(Dense { inputs: count, outputs }) => {
            let sum = |o: usize| -> f64 {
                bias(o) + (0..count).map(|i| weights[o * count + i] * inputs[i]).sum::<f64>()
            };
            return (0..outputs).map(sum).collect();
        }
        Geometry::Spatial(spatial) => spatial,
    };
    let Spatial { kind, height, width, .. } = spatial;
    let [ci, co] = [spatial.channels_in, spatial.channels_out].map(usize::from);
    let wide = usize::from;
    let mut outputs = Vec::new();
    for row in 0..wide(height.outputs) {
        for column in 0..wide(width.outputs) {
            for channel in 0..co {
                let (y, x) = (row + wide(height.crop), column + wide(width.crop));
                let (down, right) = (wide(height.interleave), wide(width.interleave));
                // What the position reads: tap, input channel, value.
                let mut read = Vec::new();
                for tap_y in 0..wide(height.kernel) {
                    for tap_x in 0..wide(width.kernel) {
                        let at_y = height.input(y / down, tap_y);
                        let at_x = width.input(x / right, tap_x);
                        let (Some(at_y), Some(at_x)) = (at_y, at_x) else { continue };
                        for c in 0..ci {
                            let value = inputs[(at_y * wide(width.inputs) + at_x) * ci + c];
                            read.push((tap_y * wide(width.kernel) + tap_x, c, value));
                        }
                    }
                }
                let own = || read.iter().filter(|(_, c, _)| *c == channel);
                outputs.push(match kind {
                    SpatialKind::Convolution => {
                        let of_position = ((y % down) * right + x % right) * co + channel;
                        let terms = read.iter().map(|&(tap, c, value)| {
                            weights[of_position * spatial.field() + tap * ci + c] * value
                        });
                        bias(of_position) + terms.sum::<f64>()
                    }
                    SpatialKind::Depthwise => {
                        let terms =
                            own().map(|&(tap, _, value)| weights[tap * co + channel] * value);
                        bias(channel) + terms.sum::<f64>()
                    }
                    SpatialKind::Maximum => own().map(|it| it.2).fold(f64::NEG_INFINITY, f64::max),
                    SpatialKind::Average => {
                        own().map(|it| it.2).sum::<f64>() / own().count() as f64
                    }
                    SpatialKind::Upsampling => own().next().unwrap().2,
                });
            }
        }
    }
    outputs
}

const SAMPLES: usize = 3;

fn exact_of_all(layer: &LayerF32, weights: &[f64], inputs: &[f64]) -> Vec<f64> {
    let samples = inputs.chunks_exact(layer.inputs());
    samples.flat_map(|input| exact(layer, weights, input)).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

fn close(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3_f64, |most, value| most.max(value.abs()));
    for (f, e) in found.iter().zip(expected) {
        assert!((f64::from(*f) - e).abs() < 2e-6 * largest, "{what}: {f} against {e}");
    }
}

#[test]
fn sums_are_those_of_the_definition() {
    for geometry in geometries() {
        let plain = layer(geometry);
        let inputs = values(SAMPLES * plain.inputs(), 3);
        let expected = exact_of_all(&plain, &wide(&plain.weights), &wide(&inputs));
        let layer = Layer::new(&plain);
        assert_eq!(layer.plain_weights(geometry), plain.weights, "{geometry:?}");
        let (sums, _) = layer.forward(rows(inputs, SAMPLES));
        let bias = layer.bias_of_outputs(plain.outputs()).into_owned();
        let with_bias = slice(&sums).iter().zip(bias.iter().cycle()).map(|(sum, bias)| sum + bias);
        close(&with_bias.collect::<Vec<f32>>(), &expected, &format!("{geometry:?}"));
    }
}

#[test]
fn gradients_are_central_differences() {
    for geometry in geometries() {
        let plain = layer(geometry);
        let inputs = values(SAMPLES * plain.inputs(), 3);
        let at_sums = values(SAMPLES * plain.outputs(), 4);
        let layer = Layer::new(&plain);
        let (_, kept) = layer.forward(rows(inputs.clone(), SAMPLES));
        let found = layer.backward(kept, rows(at_sums.clone(), SAMPLES), true);
        let columns = sum_columns(&at_sums, plain.outputs());
        let (weights, inputs) = (wide(&plain.weights), wide(&inputs));

        let what = format!("{geometry:?}");
        let loss = |weights: &[f64], bias: &[f32], inputs: &[f64]| -> f64 {
            let plain = LayerF32 { bias: bias.to_vec(), ..plain.clone() };
            let sums = exact_of_all(&plain, weights, inputs);
            sums.iter().zip(&at_sums).map(|(sum, &r)| sum * f64::from(r)).sum()
        };
        // Small enough that no other value becomes the largest.
        const STEP: f64 = 1e-6;
        let slope = |of: &dyn Fn(f64) -> f64| (of(STEP) - of(-STEP)) / (2.0 * STEP);
        let changed = |values: &[f64], at: usize, by: f64| {
            let mut values = values.to_vec();
            values[at] += by;
            values
        };
        let of_weight = |at| slope(&|by| loss(&changed(&weights, at, by), &plain.bias, &inputs));
        let expected: Vec<f64> = (0..weights.len()).map(of_weight).collect();
        let mut in_plain_order = layer.clone();
        in_plain_order.put_weights(found.weights);
        close_to_slope(&in_plain_order.plain_weights(geometry), &expected, &what);
        let of_input = |at| slope(&|by| loss(&weights, &plain.bias, &changed(&inputs, at, by)));
        let expected: Vec<f64> = (0..inputs.len()).map(of_input).collect();
        close_to_slope(slice(&found.inputs.unwrap()), &expected, &what);
        let of_bias = |at: usize| {
            slope(&|by| {
                // The step is of 32-bit floats, so a larger one; the loss is a plane along it.
                let mut bias = plain.bias.clone();
                bias[at] = (by.signum() * 0.5) as f32;
                loss(&weights, &bias, &inputs) * 2.0 * STEP
            })
        };
        let expected: Vec<f64> = (0..plain.bias.len()).map(of_bias).collect();
        close_to_slope(&layer.at_bias(columns), &expected, &what);
    }
}

fn close_to_slope(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3_f64, |most, value| most.max(value.abs()));
    for (f, e) in found.iter().zip(expected) {
        assert!((f64::from(*f) - e).abs() < 1e-5 * largest, "{what}: {f} against {e}");
    }
}

#[test]
fn samples_are_computed_by_themselves_however_many_there_are() {
    // More positions than are gathered at a time, and not a multiple of them.
    let axis = Axis::same(28, 3, 1);
    for channels in [[8, 1], [1, 3]] {
        let plain = layer(spatial(SpatialKind::Convolution, channels, [axis; 2]));
        let layer = Layer::new(&plain);
        let count = 11;
        let inputs = values(count * plain.inputs(), 5);
        let (all, kept) = layer.forward(rows(inputs.clone(), count));
        let at_sums = values(count * plain.outputs(), 6);
        let gradients = layer.backward(kept, rows(at_sums.clone(), count), true);
        let mut at_weights = vec![0.0_f64; plain.weights.len()];
        for sample in 0..count {
            let input = inputs[sample * plain.inputs()..][..plain.inputs()].to_vec();
            let (one, kept) = layer.forward(rows(input, 1));
            let expected = &slice(&all)[sample * plain.outputs()..][..plain.outputs()];
            close(slice(&one), &wide(expected), "sums");
            let at_one = at_sums[sample * plain.outputs()..][..plain.outputs()].to_vec();
            let of_one = layer.backward(kept, rows(at_one, 1), true);
            let expected = &slice(gradients.inputs.as_ref().unwrap())[sample * plain.inputs()..];
            close(slice(&of_one.inputs.unwrap()), &wide(&expected[..plain.inputs()]), "inputs");
            let sums = at_weights.iter_mut().zip(slice(&of_one.weights));
            sums.for_each(|(sum, &value)| *sum += f64::from(value));
        }
        close_to_slope(slice(&gradients.weights), &at_weights, "weights");
    }
}
