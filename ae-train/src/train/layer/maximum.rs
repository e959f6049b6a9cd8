//! Maximum pooling.

use super::places::Taps;

/// The largest values of all samples, and where in its input each was found. Of equal ones it is
/// the first.
pub(super) fn forward(taps: &Taps, inputs: &[f32]) -> (Vec<f32>, Vec<u32>) {
    let channels = taps.channels;
    let count = inputs.len() / taps.inputs * taps.outputs;
    let (mut largest, mut places) = (vec![0.0; count], vec![0; count]);
    let outputs = largest.chunks_exact_mut(taps.outputs).zip(places.chunks_exact_mut(taps.outputs));
    for (input, (largest, places)) in inputs.chunks_exact(taps.inputs).zip(outputs) {
        let outputs = largest.chunks_exact_mut(channels).zip(places.chunks_exact_mut(channels));
        for (read, (largest, places)) in taps.positions().zip(outputs) {
            for (index, &(_, at)) in read.iter().enumerate() {
                // At most as many as a map can have, which is far below what the type holds.
                let values = (at as u32..).zip(&input[at..at + channels]);
                let so_far = largest.iter_mut().zip(places.iter_mut());
                for ((largest, place), (at, &value)) in so_far.zip(values) {
                    if index == 0 || value > *largest {
                        (*largest, *place) = (value, at);
                    }
                }
            }
        }
    }
    (largest, places)
}

/// The gradient at the inputs: each goes to where the largest value was.
pub(super) fn backward(taps: &Taps, places: &[u32], at_outputs: &[f32]) -> Vec<f32> {
    let mut at_inputs = vec![0.0; at_outputs.len() / taps.outputs * taps.inputs];
    let outputs = places.chunks_exact(taps.outputs).zip(at_outputs.chunks_exact(taps.outputs));
    for (input, (places, gradients)) in at_inputs.chunks_exact_mut(taps.inputs).zip(outputs) {
        for (&place, gradient) in places.iter().zip(gradients) {
            input[place as usize] += gradient;
        }
    }
    at_inputs
}
