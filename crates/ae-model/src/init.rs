//! Weights before training.

use ae_core::Dense;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::config::LayerShape;
use crate::{AutoencoderConfig, LayerF32, ModelError, Network};

impl Network {
    /// A network with Glorot-uniform weights and zero biases, a function of the configuration and
    /// the seed alone.
    ///
    /// # Errors
    /// The configuration is not [valid](AutoencoderConfig::validate).
    pub fn initial(config: &AutoencoderConfig, seed: u64) -> Result<Self, ModelError> {
        config.validate()?;
        let mut layers = config.shapes().into_iter().zip(0..);
        let mut stack = |count: usize| -> Vec<LayerF32> {
            let some = layers.by_ref().take(count);
            some.map(|(shape, index)| glorot_uniform(seed, index, shape)).collect()
        };
        let encoder = stack(config.encoder_shapes().len());
        let decoder = stack(usize::MAX);
        Ok(Self { encoder, decoder })
    }
}

/// Glorot-uniform weights, zero biases: every weight is uniform in ±√(6 / (fan in + fan out)).
/// Source: Glorot and Bengio, "Understanding the difficulty of training deep
/// feedforward neural networks", 2010, equation 16.
///
/// The numbers come from a ChaCha stream of our own, one stream a layer, so
/// that they depend on the seed and the position of the layer alone, not on
/// any state that is shared with other code.
fn glorot_uniform(seed: u64, layer: u64, shape: LayerShape) -> LayerF32 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(layer);
    let [fan_in, fan_out] = fans(shape);
    let limit = (6.0 / (fan_in + fan_out)).sqrt() as f32;
    let weights = (0..shape.weights())
        .map(|_| {
            // 24 random bits are what an f32 in 0..1 can hold exactly.
            let unit = (rng.next_u32() >> 8) as f32 / (1_u32 << 24) as f32;
            (2.0 * unit - 1.0) * limit
        })
        .collect();
    LayerF32 {
        geometry: shape.geometry,
        weights,
        bias: vec![0.0; shape.biases()],
        activation: shape.activation,
    }
}

/// How many inputs an output is a sum of, and how many outputs an input is in the sum of, on
/// average over the map. Of a dense layer these are all. A stride divides the second by its square;
/// a transposed convolution has there its kernel times its channels, as a convolution with stride 1.
fn fans(shape: LayerShape) -> [f64; 2] {
    let Dense { inputs, .. } = shape.geometry.weights_as_dense();
    // Both are whole numbers that a 64-bit float holds, so the quotient is exact where it is whole.
    let of_input = shape.multiply_adds() as f64 / shape.inputs() as f64;
    [inputs as f64, of_input]
}

#[cfg(test)]
mod tests {
    use ae_core::{Activation, Axis, Geometry, Spatial, SpatialKind};

    use super::*;

    const SHAPE: LayerShape =
        LayerShape { geometry: Geometry::dense(60, 40), activation: Activation::Relu };

    #[test]
    fn weights_fill_the_range_evenly() {
        let dense = glorot_uniform(1, 0, SHAPE);
        let limit = (6.0_f64 / 100.0).sqrt();
        let sum: f64 = dense.weights.iter().map(|&w| f64::from(w)).sum();
        let squares: f64 = dense.weights.iter().map(|&w| f64::from(w).powi(2)).sum();
        let count = dense.weights.len() as f64;
        assert!(dense.weights.iter().all(|w| f64::from(w.abs()) <= limit));
        // Mean 0 and variance limit²/3, each within four standard errors.
        assert!((sum / count).abs() < 4.0 * limit / (3.0 * count).sqrt());
        assert!((squares / count / (limit * limit / 3.0) - 1.0).abs() < 0.08);
        assert!(dense.bias.iter().all(|&b| b == 0.0));
    }

    #[test]
    fn fans_are_inputs_of_an_output_and_outputs_of_an_input() {
        let of = |kind, [channels_in, channels_out]: [u16; 2], axis| {
            let layer = Spatial { kind, channels_in, channels_out, height: axis, width: axis };
            fans(LayerShape { geometry: Geometry::Spatial(layer), ..SHAPE })
        };
        use SpatialKind::{Convolution, Depthwise};
        assert_eq!(fans(SHAPE), [60.0, 40.0]);
        assert_eq!(of(Convolution, [8, 5], Axis::same(28, 3, 1)), [72.0, 45.0]);
        // A quarter of the positions.
        assert_eq!(of(Convolution, [16, 32], Axis::same(14, 3, 2)), [144.0, 72.0]);
        // Each input becomes 2 × 2 × 16 outputs.
        assert_eq!(of(Convolution, [32, 16], Axis::transposed(7, 2, 2)), [32.0, 64.0]);
        assert_eq!(of(Depthwise, [6, 6], Axis::same(9, 3, 1)), [9.0, 9.0]);
    }

    #[test]
    fn seed_and_layer_decide_the_weights() {
        let first = glorot_uniform(1, 0, SHAPE);
        assert_eq!(first, glorot_uniform(1, 0, SHAPE));
        assert_ne!(first, glorot_uniform(2, 0, SHAPE));
        assert_ne!(first, glorot_uniform(1, 1, SHAPE));
    }
}
