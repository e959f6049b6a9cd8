//! Dense layers of encoder and decoder that share their weights.
//!
//! Both keep a copy. The copies begin equal, and both get the sum of the gradients at the two, so
//! every step moves them alike, to the bit; and nothing else has to know of it.

use ae_core::Geometry;
use ae_model::{LayerF32, LayerShape, Network};
use burn::tensor::TensorData;

use super::parameters::{slice, slice_mut};

/// A layer of the encoder and one of the decoder, counted through both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    encoder: usize,
    decoder: usize,
    /// Outputs of the encoder's layer, inputs of the decoder's.
    inner: usize,
}

/// Dense layers as far from the latent on one side as on the other, whose sizes are each other's.
pub(super) fn pairs(encoder: &[LayerShape], decoder: &[LayerShape]) -> Vec<Pair> {
    let both = encoder.iter().enumerate().rev().zip(decoder.iter().enumerate());
    let pair = |((from, outer), (to, inner)): ((usize, &LayerShape), (usize, &LayerShape))| match (
        outer.geometry,
        inner.geometry,
    ) {
        (Geometry::Dense(one), Geometry::Dense(other))
            if (one.inputs, one.outputs) == (other.outputs, other.inputs) =>
        {
            Some(Pair { encoder: from, decoder: encoder.len() + to, inner: one.outputs })
        }
        _ => None,
    };
    both.filter_map(pair).collect()
}

/// Gives the decoder's layers the weights of the encoder's.
pub(super) fn tie(network: &mut Network, pairs: &[Pair]) {
    for pair in pairs {
        let from: &LayerF32 = &network.encoder[pair.encoder];
        let weights = transposed(&from.weights, from.inputs());
        network.decoder[pair.decoder - network.encoder.len()].weights = weights;
    }
}

/// Gives both layers of a pair the sum of their gradients.
pub(super) fn add(gradients: &mut [TensorData], pairs: &[Pair]) {
    for &Pair { encoder, decoder, inner } in pairs {
        let (before, after) = gradients.split_at_mut(decoder);
        let (first, second) = (slice_mut(&mut before[encoder]), slice_mut(&mut after[0]));
        // The decoder's gradient has `inner` rows, the encoder's as many columns.
        let outer = second.len() / inner;
        for (value, other) in first.iter_mut().zip(transposed(second, outer)) {
            *value += other;
        }
        second.copy_from_slice(&transposed(slice(&before[encoder]), inner));
    }
}

/// The transposed matrix of one with rows of `columns` values.
pub(super) fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    let column = |c: usize| (0..rows).map(move |r| values[r * columns + c]);
    (0..columns).flat_map(column).collect()
}

#[cfg(test)]
mod tests {
    use ae_core::Activation;

    use super::*;

    fn shape(inputs: usize, outputs: usize) -> LayerShape {
        let geometry = Geometry::dense(inputs, outputs);
        LayerShape { geometry, activation: Activation::Identity }
    }

    #[test]
    fn layers_are_paired_from_the_latent_outwards_where_they_fit() {
        let pair = |encoder, decoder, inner| Pair { encoder, decoder, inner };
        let encoder = [shape(9, 5), shape(5, 2)];
        let all = [pair(1, 2, 2), pair(0, 3, 5)];
        assert_eq!(pairs(&encoder, &[shape(2, 5), shape(5, 9)]), all);
        assert_eq!(pairs(&encoder, &[shape(2, 5), shape(5, 3), shape(3, 9)]), all[..1]);
        assert_eq!(pairs(&encoder, &[shape(2, 9)]), []);
    }

    #[test]
    fn gradients_of_a_pair_are_added() {
        let data = |values: [f32; 6], shape| TensorData::new(values.to_vec(), shape);
        let mut gradients = [
            data([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2]),
            data([10.0, 20.0, 30.0, 40.0, 50.0, 60.0], [2, 3]),
        ];
        add(&mut gradients, &pairs(&[shape(3, 2)], &[shape(2, 3)]));
        assert_eq!(slice(&gradients[0]), [11.0, 42.0, 23.0, 54.0, 35.0, 66.0]);
        assert_eq!(slice(&gradients[1]), [11.0, 23.0, 35.0, 42.0, 54.0, 66.0]);
    }
}
