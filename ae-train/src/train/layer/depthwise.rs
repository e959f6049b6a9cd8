//! Depthwise convolution: each channel by itself.

use super::places::Taps;

/// The sums of all samples, without the bias. Weights are tap after tap.
pub(super) fn forward(taps: &Taps, inputs: &[f32], weights: &[f32]) -> Vec<f32> {
    let channels = taps.channels;
    let mut sums = vec![0.0; inputs.len() / taps.inputs * taps.outputs];
    let samples = inputs.chunks_exact(taps.inputs).zip(sums.chunks_exact_mut(taps.outputs));
    for (input, sums) in samples {
        for (read, sums) in taps.positions().zip(sums.chunks_exact_mut(channels)) {
            for &(tap, at) in read {
                let (weights, values) = (&weights[tap * channels..], &input[at..at + channels]);
                for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(values) {
                    *sum += weight * value;
                }
            }
        }
    }
    sums
}

/// The gradient at the weights, and if wanted at the inputs, of that at the sums.
pub(super) fn backward(
    taps: &Taps,
    inputs: &[f32],
    weights: &[f32],
    at_sums: &[f32],
    wants_inputs: bool,
) -> (Vec<f32>, Option<Vec<f32>>) {
    let channels = taps.channels;
    let mut at_weights = vec![0.0; weights.len()];
    // Those of one sample, so that sums of many terms lose less.
    let mut of_sample = vec![0.0; weights.len()];
    let samples = inputs.chunks_exact(taps.inputs).zip(at_sums.chunks_exact(taps.outputs));
    for (input, at_sums) in samples {
        of_sample.fill(0.0);
        for (read, at_sums) in taps.positions().zip(at_sums.chunks_exact(channels)) {
            for &(tap, at) in read {
                let (sums, values) = (&mut of_sample[tap * channels..], &input[at..at + channels]);
                for ((sum, value), gradient) in sums.iter_mut().zip(values).zip(at_sums) {
                    *sum += value * gradient;
                }
            }
        }
        at_weights.iter_mut().zip(&of_sample).for_each(|(sum, value)| *sum += value);
    }
    (at_weights, wants_inputs.then(|| at_inputs(taps, weights, at_sums)))
}

fn at_inputs(taps: &Taps, weights: &[f32], at_sums: &[f32]) -> Vec<f32> {
    let channels = taps.channels;
    let mut at_inputs = vec![0.0; at_sums.len() / taps.outputs * taps.inputs];
    let samples = at_inputs.chunks_exact_mut(taps.inputs).zip(at_sums.chunks_exact(taps.outputs));
    for (input, at_sums) in samples {
        for (read, at_sums) in taps.positions().zip(at_sums.chunks_exact(channels)) {
            for &(tap, at) in read {
                let (weights, sums) = (&weights[tap * channels..], &mut input[at..at + channels]);
                for ((sum, weight), gradient) in sums.iter_mut().zip(weights).zip(at_sums) {
                    *sum += weight * gradient;
                }
            }
        }
    }
    at_inputs
}
