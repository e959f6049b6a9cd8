//! Post-training quantisation: a float network and calibration images give an int8 blob.
//!
//! Layer after layer, front to back. Each layer is fitted to the inputs that it will really get,
//! made by running the layers before it, already quantised, in `ae-infer`:
//!
//! 1. `scales`: each activation's range is the one that loses least. Behind ReLU, and in the
//!    latent, every channel has a range of its own, which weights and biases absorb.
//! 2. `normal`: weights and bias are refitted by least squares, so that the layer makes good what
//!    the ones before it lost.
//! 3. `round`: weights are rounded column after column, each error spread over the rest.
//!
//! A layer whose largest sum is marked has a way of its own: `one_hot`.

use ae_core::Activation;
use ae_data::Images;
use ae_model::{LayerF32, Network};

use crate::chain::{Values, run_layer};
use crate::contract::{F32Contract, Int8Contract};
use crate::dense::Int8Dense;
use crate::layer::{Inputs, QuantisedLayer, quantise_layer};
use crate::normal::Work;
use crate::one_hot;
use crate::range::Affine;
use crate::scales::{Output, Role, Target};
use crate::watch::{Progress, Watch};
use crate::{Coarse, LayerBytes, Seal, SealError, float_layers, seal};

/// Widest layer that can be quantised: the matrix that rounding needs has half the square of its
/// inputs, 8 bytes each.
pub const MAX_WIDTH: usize = 8_192;

/// Bytes of memory that quantising a network on so many images takes at most, beside the images.
#[must_use]
pub fn memory_bytes(network: &Network, images: usize) -> usize {
    let of_layer = |layer: &LayerF32| {
        let (n, m) = (layer.inputs().next_multiple_of(64), layer.outputs().next_multiple_of(64));
        // Half a matrix, right-hand side and fitted weights, integers and floats of every image,
        // samples in work, weights tried.
        4 * n * (n + 64) + 16 * n * m + images * 5 * (n + m) + 4096 * (n + m) + (1 << 26)
    };
    network.layers().map(of_layer).max().unwrap_or(0)
}

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
    /// Whoever watched ended it.
    #[error("quantising was stopped")]
    Stopped,
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
            Self::Latent => "Identity or OneHot behind the latent",
            Self::Output => "Sigmoid or Identity behind the reconstruction",
        }
    }
}

/// A quantised network.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantised {
    /// The blob.
    pub bytes: Vec<u8>,
    /// Channels that lose much because of one weight.
    pub coarse: Vec<Coarse>,
}

/// The int8 blob of `network`, calibrated on `images`.
///
/// # Errors
/// Images or network that cannot be used, or a network that breaks a rule of the format.
pub fn int8_blob(
    network: &Network,
    images: &Images,
    with: &Seal<'_>,
    watch: &mut Watch<'_>,
) -> Result<Quantised, QuantizeError> {
    check_images(network, images)?;
    check_finite(network)?;
    let float: Vec<&LayerF32> = network.layers().collect();
    let float_data = float_layers(float.iter().copied());
    let roles = roles(network)?;
    let work = |layer: &&LayerF32| {
        let (inputs, outputs) = (layer.inputs(), layer.outputs());
        Work::new(images.len(), inputs, outputs).total() + passes(images.len(), layer)
    };
    let mut progress = Progress::new(watch, float.iter().map(work).sum());

    let mut inputs = Inputs {
        affine: Affine { scale: 1.0 / 255.0, offset: 128.0 / 255.0 },
        spread: vec![1.0; network.features()],
        order: (0..network.features()).collect(),
    };
    let mut done: Vec<Int8Dense> = Vec::new();
    let mut coarse = Vec::new();
    let mut latent_map = Vec::new();
    // What the float network has behind each layer, and the integers that really come.
    let mut floats: Values<'_, f32> = Values::Pixels(images);
    let mut integers: Values<'_, i8> = Values::Pixels(images);
    for (index, layer) in float.iter().enumerate() {
        progress.begin(passes(images.len(), layer))?;
        let bytes = LayerBytes {
            geometry: layer.geometry,
            parameters: &Activation::Identity,
            data: &float_data[index],
        };
        let mut values =
            run_layer::<F32Contract>(&bytes, &floats, |share| progress.at(share / 2.0))?;
        values.iter_mut().for_each(|value| *value = finite(*value));
        let Some(role) = roles[index] else {
            done.push(one_hot::quantise(layer, &inputs, &integers.integers(), &values));
            let count = layer.outputs();
            latent_map = one_hot::latent_map(count);
            floats = Values::Elements(one_hot::all(count, 0.0, 1.0));
            integers = Values::Elements(one_hot::all(count, -128, 127));
            inputs = Inputs {
                affine: one_hot::outgoing(),
                spread: vec![1.0; count],
                order: (0..count).collect(),
            };
            continue;
        };
        let target = Target::choose(role, &values, layer.outputs());
        let QuantisedLayer { dense: quantised, target, coarse: of_layer } =
            quantise_layer(layer, &inputs, &integers.integers(), &values, target, &mut progress)?;
        coarse.extend(of_layer.into_iter().map(|channel| Coarse { layer: index, ..channel }));
        if role == Role::Latent {
            latent_map = target.latent_map();
        }
        if index + 1 < float.len() {
            let next =
                run_layer::<Int8Contract>(&quantised.bytes(), &integers, |_| progress.at(1.0))?;
            integers = Values::Elements(next);
            values.iter_mut().for_each(|value| *value = role.function(f64::from(*value)) as f32);
            floats = Values::Elements(values);
        }
        done.push(quantised);
        let (affine, spread) = target.outgoing();
        inputs = Inputs { affine, spread, order: target.order };
    }
    let bytes: Vec<_> = done.iter().map(Int8Dense::bytes).collect();
    let (encoder, decoder) = bytes.split_at(network.encoder.len());
    progress.end()?;
    let with = Seal { latent_map: &latent_map, ..*with };
    Ok(Quantised { bytes: seal::<Int8Contract>(encoder, decoder, &with)?, coarse })
}

/// Products in running a layer in both arithmetics.
fn passes(samples: usize, layer: &LayerF32) -> f64 {
    2.0 * samples as f64 * layer.weights.len() as f64
}

/// A float network may overflow where one weight is very large; its ranges may not.
fn finite(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(f32::MIN, f32::MAX) }
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

/// What stands behind each layer, encoder then decoder; `None` where the largest sum is marked.
fn roles(network: &Network) -> Result<Vec<Option<Role>>, QuantizeError> {
    let (latent, all) = (network.encoder.len(), network.layers().count());
    let role = |(layer, dense): (usize, &LayerF32)| {
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
            (Place::Latent, Activation::OneHot) => return Ok(None),
            (Place::Output, Activation::Sigmoid) => Role::Output(Output::Sigmoid),
            (Place::Output, Activation::Identity) => Role::Output(Output::Linear),
            _ => return Err(QuantizeError::Activation { layer, place, activation }),
        };
        Ok(Some(role))
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

#[cfg(test)]
mod tests {
    use ae_core::{PartSelection, Provenance};
    use ae_model::{AutoencoderConfig, Code};

    use super::*;
    use crate::unwatched;

    #[test]
    fn an_activation_that_cannot_be_quantised_where_it_stands_is_named() {
        let config = AutoencoderConfig {
            input: 4,
            hidden: vec![3],
            latent: 2,
            activation: ae_model::Activation::Gelu,
            code: Code::Linear,
            architecture: None,
        };
        let network = Network::initial(&config, 1).unwrap();
        let images = Images::new((0..40).map(|i| i * 6).collect(), 1, 4).unwrap();
        let seal = Seal {
            parts: PartSelection::Both,
            latent_map: &[],
            provenance: Provenance { tool: "test", config: &[], data: &[] },
            test_image: images.image(0),
        };
        int8_blob(&network, &images, &seal, &mut unwatched).unwrap();
        // Each layer may have its own.
        let mut mixed = network.clone();
        mixed.decoder[0].activation = Activation::Relu;
        int8_blob(&mixed, &images, &seal, &mut unwatched).unwrap();
        for (index, place, activation) in [
            (0, Place::Hidden, Activation::Sigmoid),
            (1, Place::Latent, Activation::Relu),
            (2, Place::Hidden, Activation::Identity),
            (3, Place::Output, Activation::Silu),
        ] {
            let mut network = network.clone();
            let layers = network.encoder.iter_mut().chain(&mut network.decoder);
            layers.skip(index).take(1).for_each(|layer| layer.activation = activation);
            match int8_blob(&network, &images, &seal, &mut unwatched) {
                Err(QuantizeError::Activation { layer, place: at, activation: found }) => {
                    assert_eq!((layer, at, found), (index, place, activation));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
