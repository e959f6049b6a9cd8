//! Average pooling.

use super::places::Taps;

/// The means of all samples, of what does not lie in the padding.
pub(super) fn forward(taps: &Taps, inputs: &[f32]) -> Vec<f32> {
    let channels = taps.channels;
    let mut means = vec![0.0; inputs.len() / taps.inputs * taps.outputs];
    let samples = inputs.chunks_exact(taps.inputs).zip(means.chunks_exact_mut(taps.outputs));
    for (input, means) in samples {
        for (read, means) in taps.positions().zip(means.chunks_exact_mut(channels)) {
            for &(_, at) in read {
                let values = &input[at..at + channels];
                means.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            let count = read.len() as f32;
            means.iter_mut().for_each(|sum| *sum /= count);
        }
    }
    means
}

/// The gradient at the inputs: an equal share for each value of a mean.
pub(super) fn backward(taps: &Taps, at_means: &[f32]) -> Vec<f32> {
    let channels = taps.channels;
    let mut at_inputs = vec![0.0; at_means.len() / taps.outputs * taps.inputs];
    let samples = at_inputs.chunks_exact_mut(taps.inputs).zip(at_means.chunks_exact(taps.outputs));
    for (input, at_means) in samples {
        for (read, at_means) in taps.positions().zip(at_means.chunks_exact(channels)) {
            let share = 1.0 / read.len() as f32;
            for &(_, at) in read {
                let sums = &mut input[at..at + channels];
                sums.iter_mut().zip(at_means).for_each(|(sum, value)| *sum += share * value);
            }
        }
    }
    at_inputs
}
