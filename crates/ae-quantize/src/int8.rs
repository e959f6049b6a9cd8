//! Post-training quantisation: a float network and calibration images give an int8 blob.
//!
//! Layer after layer, front to back. Each layer is fitted to the inputs that it will really get,
//! made by running the layers before it, already quantised, in `ae-infer`:
//!
//! 1. `roles`: what stands behind each layer, and what the layers that follow leave free.
//! 2. `scales`: each activation's range is the one that loses least. Behind ReLU, and in the
//!    latent, every channel has a range of its own, which weights and biases absorb.
//! 3. `columns`: the samples. In a convolution every position of every image could be one.
//! 4. `normal`: weights and bias are refitted by least squares, so that the layer makes good what
//!    the ones before it lost.
//! 5. `round`: weights are rounded column after column, each error spread over the rest.
//!
//! A layer whose largest sum is marked has a way of its own: `one_hot`. Pooling and upsampling have
//! no weights: what their integers mean is what those that come in mean.

use ae_core::{Activation, Geometry, Rounding, SpatialKind};
use ae_data::Images;
use ae_model::{LayerF32, Network};

use crate::chain::{Values, finite, run_layer};
use crate::codes::{Codes, Meaning};
use crate::contract::{F32Contract, Int8Contract};
use crate::layer::{Before, QuantisedLayer, quantise_layer, work};
use crate::one_hot;
use crate::packed::Int8Layer;
use crate::roles::{Step, check_layers, steps};
use crate::scales::Target;
use crate::watch::{Progress, Watch};
use crate::{Coarse, LayerBytes, QuantizeError, Seal, float_layers, seal};

/// A quantised network.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantised {
    /// The blob.
    pub bytes: Vec<u8>,
    /// Channels that lose much because of one weight.
    pub coarse: Vec<Coarse>,
    /// What the integers of each layer stand for, the encoder's layers first; of an f32 blob none.
    pub meanings: Vec<Meaning>,
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
    check_layers(network)?;
    let float: Vec<&LayerF32> = network.layers().collect();
    let float_data = float_layers(float.iter().copied());
    let steps = steps(network)?;
    let of_layer = |(layer, step): (&&LayerF32, &Step)| {
        let fitting = match step {
            Step::Weighted(..) => work(layer.geometry, images.len()),
            Step::OneHot | Step::Passing(_) => 0.0,
        };
        fitting + passes(images.len(), layer.geometry)
    };
    let mut progress = Progress::new(watch, float.iter().zip(&steps).map(of_layer).sum());

    let mut state = State {
        codes: Codes::pixels(),
        floats: Values::Pixels(images),
        integers: Values::Pixels(images),
    };
    let mut done: Vec<Int8Layer> = Vec::new();
    let mut coarse = Vec::new();
    let (mut meanings, mut latent_map) = (Vec::new(), Vec::new());
    for (index, layer) in float.iter().enumerate() {
        progress.begin(passes(images.len(), layer.geometry))?;
        let is_last = index + 1 == float.len();
        let bytes = LayerBytes {
            geometry: layer.geometry,
            parameters: &Activation::Identity,
            data: &float_data[index],
        };
        let quantised = match steps[index] {
            Step::Passing(output) => {
                let affine = state.codes.of_value(0);
                let tables = output.map_or(Vec::new(), |output| output.table(affine).to_vec());
                let quantised = Int8Layer::passing(layer.geometry, Rounding::Once, tables);
                if !is_last {
                    state = state.through(&bytes, &quantised, &mut progress)?;
                }
                quantised
            }
            Step::OneHot => {
                let values = state.sums(&bytes, &mut progress)?;
                let count = layer.outputs();
                let integers = state.integers.integers();
                let quantised = one_hot::quantise(layer, &state.codes, &integers, &values);
                state = State {
                    codes: Codes::one_hot(),
                    floats: Values::Elements(one_hot::all(count, 0.0, 1.0)),
                    integers: Values::Elements(one_hot::all(count, -128, 127)),
                };
                quantised
            }
            Step::Weighted(role, freedom) => {
                let mut values = state.sums(&bytes, &mut progress)?;
                let order = order(layer.geometry, &state.codes, freedom.channels);
                let target = Target::choose(role, &values, freedom, order);
                let before = Before {
                    layer,
                    codes: &state.codes,
                    integers: &state.integers,
                    floats: &state.floats,
                    values: &values,
                };
                let QuantisedLayer { layer: quantised, target, coarse: of_layer } =
                    quantise_layer(before, target, &mut progress)?;
                coarse.extend(of_layer.into_iter().map(|it| Coarse { layer: index, ..it }));
                if !is_last {
                    let (bytes, integers) = (quantised.bytes(), &state.integers);
                    let next = run_layer::<Int8Contract>(&bytes, integers, |_| progress.at(1.0))?;
                    values.iter_mut().for_each(|it| *it = role.function(f64::from(*it)) as f32);
                    state = State {
                        codes: target.outgoing(),
                        floats: Values::Elements(values),
                        integers: Values::Elements(next),
                    };
                }
                quantised
            }
        };
        done.push(quantised);
        meanings.push(Meaning(if is_last { Codes::pixels() } else { state.codes.clone() }));
        if index + 1 == network.encoder.len() {
            latent_map = state.codes.latent_map(layer.outputs());
        }
    }
    let bytes: Vec<_> = done.iter().map(Int8Layer::bytes).collect();
    let (encoder, decoder) = bytes.split_at(network.encoder.len());
    progress.end()?;
    let with = Seal { latent_map: &latent_map, ..*with };
    Ok(Quantised { bytes: seal::<Int8Contract>(encoder, decoder, &with)?, coarse, meanings })
}

/// What goes into a layer.
struct State<'i> {
    /// What the integers stand for.
    codes: Codes,
    /// What the float network has there.
    floats: Values<'i, f32>,
    /// The integers that really come.
    integers: Values<'i, i8>,
}

impl State<'_> {
    /// What the float network's layer gives, before its activation.
    fn sums(
        &self,
        layer: &LayerBytes<'_, F32Contract>,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Vec<f32>, QuantizeError> {
        let mut values =
            run_layer::<F32Contract>(layer, &self.floats, |share| progress.at(share / 2.0))?;
        values.iter_mut().for_each(|value| *value = finite(*value));
        Ok(values)
    }

    /// What goes into the layer behind one without weights.
    fn through(
        self,
        float: &LayerBytes<'_, F32Contract>,
        integer: &Int8Layer,
        progress: &mut Progress<'_, '_>,
    ) -> Result<Self, QuantizeError> {
        let floats = Values::Elements(self.sums(float, progress)?);
        let bytes = integer.bytes();
        let next = run_layer::<Int8Contract>(&bytes, &self.integers, |_| progress.at(1.0))?;
        Ok(Self { codes: self.codes, floats, integers: Values::Elements(next) })
    }
}

/// The order of a layer's channels, unless they may be sorted: the network's, but a depthwise
/// convolution gives them in the order in which they come.
fn order(geometry: Geometry, codes: &Codes, channels: usize) -> Vec<usize> {
    let keeps =
        matches!(geometry, Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Depthwise);
    (0..channels).map(|channel| if keeps { codes.float(channel) } else { channel }).collect()
}

/// Products, or values taken up, in running a layer in both arithmetics.
fn passes(images: usize, geometry: Geometry) -> f64 {
    let once = match geometry {
        Geometry::Spatial(spatial) if !spatial.kind.has_weights() => {
            (spatial.outputs() * spatial.taps()) as f64
        }
        _ => geometry.multiply_adds() as f64,
    };
    2.0 * images as f64 * once
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

#[cfg(test)]
mod tests {
    use ae_core::{PartSelection, Provenance};
    use ae_model::{AutoencoderConfig, Code};

    use super::*;
    use crate::{Place, unwatched};

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
            (1, Place::Latent, Activation::Sigmoid),
            (2, Place::Hidden, Activation::OneHot),
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
