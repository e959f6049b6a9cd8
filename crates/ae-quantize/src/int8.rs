//! Post-training quantisation: a float network and calibration images give an int8 blob.
//!
//! Layer after layer, front to back. Each layer is fitted to the inputs that it will really get,
//! made by running the layers before it, already quantised, in `ae-infer`:
//!
//! 1. `scales`: each activation's range is the one that loses least. Behind ReLU, and in the
//!    latent, every channel has a range of its own, which weights and biases absorb.
//! 2. `fit`: weights and bias are refitted by least squares, so that the layer makes good what
//!    the ones before it lost.
//! 3. `round`: weights are rounded column after column, each error spread over the rest.

use ae_core::Activation;
use ae_data::Images;
use ae_model::{DenseF32, Network};
use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::contract::{F32Contract, Int8Contract};
use crate::dense::{Int8Dense, MAX_FACTOR, Row};
use crate::fit::Fitted;
use crate::range::Affine;
use crate::round::ColumnOrder;
use crate::scales::{Output, Role, Target};
use crate::{LayerBytes, Seal, SealError, float_layers, run_chain, seal};

/// Widest layer that can be quantised: the matrices that rounding needs have the square of its
/// inputs, 8 bytes each, and there are six of them.
pub const MAX_WIDTH: usize = 8_192;

/// Bytes of activation tables that a hidden layer of this width gets.
#[must_use]
pub fn hidden_table_bytes(activation: ae_model::Activation, channels: usize) -> usize {
    256 * crate::scales::hidden_tables(activation, channels)
}

/// Why a network cannot be quantised.
#[derive(Debug, thiserror::Error)]
pub enum QuantizeError {
    /// No image to calibrate on.
    #[error("quantising needs calibration images, found none")]
    NoCalibration,
    /// The images are not what the network takes.
    #[error("the network takes {expected} pixels, the calibration images have {found}")]
    Features {
        /// The network's inputs.
        expected: usize,
        /// The images' pixels.
        found: usize,
    },
    /// A weight or a bias is infinite or not a number.
    #[error("layer {layer} has a weight or bias that is not finite: the training went wrong")]
    NotFinite {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
    },
    /// A layer has an activation that cannot be quantised where it stands.
    #[error("layer {layer} ends in {activation:?}, expected {}", place.expected())]
    Activation {
        /// Counted through encoder and decoder, from 0.
        layer: usize,
        /// Where it stands.
        place: Place,
        /// Its activation.
        activation: Activation,
    },
    /// The blob cannot be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Where a layer stands in a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before another layer of the same part.
    Hidden,
    /// At the end of the encoder.
    Latent,
    /// At the end of the decoder.
    Output,
}

impl Place {
    /// The activations that can be quantised there.
    fn expected(self) -> &'static str {
        match self {
            Self::Hidden => "Relu, Gelu or Silu behind a hidden layer",
            Self::Latent => "Identity behind the latent",
            Self::Output => "Sigmoid or Identity behind the reconstruction",
        }
    }
}

/// What a layer's inputs mean: `real = scale · q + offset` for the tensor, then, for channel `i`,
/// `spread[i] · real` and a constant, which the bias holds, is the value of the float network's
/// channel `order[i]`.
struct Inputs {
    affine: Affine,
    spread: Vec<f64>,
    order: Vec<usize>,
}

/// The int8 blob of `network`, calibrated on `images`.
///
/// # Errors
/// Images or network that cannot be used, or a network that breaks a rule of the format.
pub fn int8_blob(
    network: &Network,
    images: &Images,
    with: &Seal<'_>,
) -> Result<Vec<u8>, QuantizeError> {
    check_images(network, images)?;
    check_finite(network)?;
    let float: Vec<&DenseF32> = network.layers().collect();
    let float_data = float_layers(float.iter().copied());
    let roles = roles(network)?;
    let mut float_chain: Vec<LayerBytes<'_, F32Contract>> = Vec::new();

    let mut inputs = Inputs {
        affine: Affine { scale: 1.0 / 255.0, offset: 128.0 / 255.0 },
        spread: vec![1.0; network.features()],
        order: (0..network.features()).collect(),
    };
    let mut done: Vec<Int8Dense> = Vec::new();
    let mut latent_map = Vec::new();
    for (index, layer) in float.iter().enumerate() {
        let role = roles[index];
        // What the float network has in front of the activation, and what really comes in.
        let (inputs_len, outputs_len, data) = (layer.inputs, layer.outputs, &float_data[index]);
        let bytes =
            |parameters| LayerBytes { inputs: inputs_len, outputs: outputs_len, parameters, data };
        float_chain.push(bytes(&ae_core::Activation::Identity));
        let values = run_chain::<F32Contract>(&float_chain, images)?;
        *float_chain.last_mut().expect("just pushed") = bytes(&layer.activation);
        let integers = incoming(&done, images)?;

        let target = Target::choose(role, &values, layer.outputs);
        let (quantised, target) = quantise_layer(layer, &inputs, &integers, &values, target);
        if role == Role::Latent {
            latent_map = target.latent_map();
        }
        done.push(quantised);
        let (affine, spread) = target.outgoing();
        inputs = Inputs { affine, spread, order: target.order };
    }
    let bytes: Vec<_> = done.iter().map(Int8Dense::bytes).collect();
    let (encoder, decoder) = bytes.split_at(network.encoder.len());
    Ok(seal::<Int8Contract>(encoder, decoder, &Seal { latent_map: &latent_map, ..*with })?)
}

/// Whether the images are some, and of the network's size.
pub fn check_images(network: &Network, images: &Images) -> Result<(), QuantizeError> {
    if images.is_empty() {
        return Err(QuantizeError::NoCalibration);
    }
    let (expected, found) = (network.features(), images.features());
    if expected != found {
        return Err(QuantizeError::Features { expected, found });
    }
    Ok(())
}

/// What stands behind each layer, encoder then decoder.
fn roles(network: &Network) -> Result<Vec<Role>, QuantizeError> {
    let (latent, all) = (network.encoder.len(), network.layers().count());
    let role = |(layer, dense): (usize, &DenseF32)| {
        let activation = dense.activation;
        let place = match layer + 1 {
            end if end == all => Place::Output,
            end if end == latent => Place::Latent,
            _ => Place::Hidden,
        };
        let role = match (place, activation) {
            (Place::Hidden, Activation::Relu) => Role::Hidden(ae_model::Activation::Relu),
            (Place::Hidden, Activation::Gelu) => Role::Hidden(ae_model::Activation::Gelu),
            (Place::Hidden, Activation::Silu) => Role::Hidden(ae_model::Activation::Silu),
            (Place::Latent, Activation::Identity) => Role::Latent,
            (Place::Output, Activation::Sigmoid) => Role::Output(Output::Sigmoid),
            (Place::Output, Activation::Identity) => Role::Output(Output::Linear),
            _ => return Err(QuantizeError::Activation { layer, place, activation }),
        };
        Ok(role)
    };
    network.layers().enumerate().map(role).collect()
}

fn check_finite(network: &Network) -> Result<(), QuantizeError> {
    for (layer, dense) in network.layers().enumerate() {
        if dense.weights.iter().chain(&dense.bias).any(|value| !value.is_finite()) {
            return Err(QuantizeError::NotFinite { layer });
        }
    }
    Ok(())
}

/// The integers that reach the next layer, image after image.
fn incoming(done: &[Int8Dense], images: &Images) -> Result<Vec<i8>, SealError> {
    if done.is_empty() {
        return Ok(images.pixels().iter().map(|&pixel| (pixel ^ 0x80) as i8).collect());
    }
    let chain: Vec<_> = done.iter().map(Int8Dense::bytes).collect();
    run_chain::<Int8Contract>(&chain, images)
}

/// Fits, rounds and packs one layer; `values` are the float network's, before the activation.
fn quantise_layer(
    layer: &DenseF32,
    inputs: &Inputs,
    integers: &[i8],
    values: &[f32],
    target: Target,
) -> (Int8Dense, Target) {
    let samples = values.len() / layer.outputs;
    let x = DMatrix::from_fn(samples, layer.inputs, |sample, input| {
        inputs.affine.real(integers[sample * layer.inputs + input])
    });
    let u = DMatrix::from_fn(samples, layer.outputs, |sample, output| {
        let value = f64::from(values[sample * layer.outputs + target.order[output]]);
        (value - target.shift[output]) / target.spread[output]
    });
    let weights = DMatrix::from_fn(layer.outputs, layer.inputs, |output, input| {
        let row = target.order[output] * layer.inputs;
        let weight = f64::from(layer.weights[row + inputs.order[input]]);
        weight * inputs.spread[input] / target.spread[output]
    });
    let mut fitted = Fitted::new(&weights, x, u);
    let order = ColumnOrder::new(&fitted.moments);

    // An output step must not be finer than the requantisation can tell apart.
    let finest = inputs.affine.scale / f64::from(ae_core::WEIGHT_LIMIT) / (0.99 * MAX_FACTOR);
    let steps: Vec<f64> = fitted.weights.row_iter().map(|row| finest * row.amax()).collect();
    let (target, widening) = target.no_finer_than(&steps);
    fitted.divide_outputs(&widening);
    let rows: Vec<Row> = (0..layer.outputs)
        .into_par_iter()
        .map(|output| quantise_row(output, &fitted, &order, inputs.affine, &target))
        .collect();
    let quantised = Int8Dense::new(layer.inputs, target.parameters(), &rows);
    (quantised, target)
}

fn quantise_row(
    output: usize,
    fitted: &Fitted,
    order: &ColumnOrder,
    input: Affine,
    target: &Target,
) -> Row {
    let weights: Vec<f64> = fitted.weights.row(output).iter().copied().collect();
    // What of the output's offset the zero point does not hold is the bias's.
    let offset = target.range.offset + target.range.scale * f64::from(target.zero_point);
    let constant = fitted.mean_u[output] - offset;
    // Keeps the bias, counted in accumulator steps, far inside 32 bits.
    let min_scale = (constant.abs() / input.scale / 2_f64.powi(28)).max(1e-12);
    let (weights, scale) = order.round(&weights, min_scale);
    let step = input.scale * scale;
    // The sum sees the integer q of each input, real = scale · q + offset: the mean that the bias
    // takes off is that of q.
    let mean: f64 = weights
        .iter()
        .zip(&fitted.mean_x)
        .map(|(&weight, mean)| f64::from(weight) * (mean - input.offset) / input.scale)
        .sum();
    let bias = (constant / step - mean).round() as i32;
    Row { weights, bias, factor: step / target.range.scale }
}

#[cfg(test)]
mod tests {
    use ae_core::{PartSelection, Provenance};
    use ae_model::AutoencoderConfig;

    use super::*;

    #[test]
    fn an_activation_that_cannot_be_quantised_where_it_stands_is_named() {
        let config = AutoencoderConfig {
            input: 4,
            hidden: vec![3],
            latent: 2,
            activation: ae_model::Activation::Gelu,
        };
        let network = Network::initial(&config, 1).unwrap();
        let images = Images::new((0..40).map(|i| i * 6).collect(), 1, 4).unwrap();
        let seal = Seal {
            parts: PartSelection::Both,
            latent_map: &[],
            provenance: Provenance { tool: "test", config: &[], data: &[] },
            test_image: images.image(0),
        };
        int8_blob(&network, &images, &seal).unwrap();
        // Each layer may have its own.
        let mut mixed = network.clone();
        mixed.decoder[0].activation = Activation::Relu;
        int8_blob(&mixed, &images, &seal).unwrap();
        for (index, place, activation) in [
            (0, Place::Hidden, Activation::Sigmoid),
            (1, Place::Latent, Activation::Relu),
            (2, Place::Hidden, Activation::Identity),
            (3, Place::Output, Activation::Silu),
        ] {
            let mut network = network.clone();
            let layers = network.encoder.iter_mut().chain(&mut network.decoder);
            layers.skip(index).take(1).for_each(|layer| layer.activation = activation);
            match int8_blob(&network, &images, &seal) {
                Err(QuantizeError::Activation { layer, place: at, activation: found }) => {
                    assert_eq!((layer, at, found), (index, place, activation));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
