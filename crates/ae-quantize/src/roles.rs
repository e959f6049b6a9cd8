//! What a layer's output must be: by its activation, by where it stands, and by the layers that
//! take it up.

use ae_core::{Activation, Geometry, LayerError, Spatial, SpatialKind};
use ae_model::{LayerF32, Network};

use crate::codes::{channels_in, channels_out};
use crate::error::{Place, QuantizeError};

/// How the decoder's last layer becomes pixels in 0…1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// `sigmoid(z)`.
    Sigmoid,
    /// `z`, clipped: principal components give pixels as they are.
    Linear,
}

/// What stands behind a layer with weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// An activation, then another layer.
    Hidden(Activation),
    /// Nothing: the values are the latent, or go as they are into another layer.
    Plain,
    /// Nothing but pooling or upsampling, which makes pixels.
    Towards(Output),
    /// The way to pixels.
    Output(Output),
}

/// A layer as the quantiser sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// Its largest sum is marked.
    OneHot,
    /// It has weights, and its output has a range.
    Weighted(Role, Freedom),
    /// It has no weights, and its integers mean what those that come in mean; or it makes pixels.
    Passing(Option<Output>),
}

/// What the layers that take up an output leave free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Freedom {
    /// Channels that may have a scale of their own. Value `i` belongs to number `i % channels`.
    pub(super) channels: usize,
    /// Rows of the layer's weights: those of all channels at one place, then at the next.
    pub(super) rows: usize,
    /// Whether the channels may be put in another order.
    pub(super) is_sortable: bool,
    /// Whether zero must be exact, because a layer reads it in its padding.
    pub(super) is_padded: bool,
}

impl Freedom {
    /// Places of which the layer's rows are, each with all channels: the outputs of a position of a
    /// transposed convolution, or of a dense layer the places of the map that is made of its values.
    pub(super) fn places(self) -> usize {
        self.rows / self.channels
    }
}

/// What the quantiser does with each layer, encoder then decoder.
pub(super) fn steps(network: &Network) -> Result<Vec<Step>, QuantizeError> {
    let layers: Vec<&LayerF32> = network.layers().collect();
    let latent = network.encoder.len();
    let step = |index: usize| {
        let LayerF32 { geometry, activation, .. } = *layers[index];
        let place = match index + 1 {
            end if end == layers.len() => Place::Output,
            _ if !has_weights(geometry) => Place::Pooling,
            end if end == latent => Place::Latent,
            _ => Place::Hidden,
        };
        let output = match activation {
            Activation::Sigmoid | Activation::Logistic => Some(Output::Sigmoid),
            Activation::Identity => Some(Output::Linear),
            _ => None,
        };
        let role = match (place, activation) {
            (Place::Hidden | Place::Latent, Activation::Identity) => Role::Plain,
            (Place::Latent, Activation::OneHot) => return one_hot(index, geometry),
            (Place::Output, _) if output.is_some() && !has_weights(geometry) => {
                return Ok(Step::Passing(output));
            }
            (Place::Output, Activation::Sigmoid | Activation::Logistic) => {
                Role::Output(Output::Sigmoid)
            }
            (Place::Output, Activation::Identity) => Role::Output(Output::Linear),
            (Place::Pooling, Activation::Identity) => return Ok(Step::Passing(None)),
            (Place::Hidden | Place::Latent, function) if is_function(function) => {
                Role::Hidden(function)
            }
            _ => return Err(QuantizeError::Activation { layer: index, place, activation }),
        };
        // Latent values keep the network's order.
        let end = if index < latent { latent } else { layers.len() };
        let (pixels, freedom) = freedom(&layers[index..], end - index);
        Ok(match (role, pixels) {
            (Role::Plain, Some(output)) => Step::Weighted(Role::Towards(output), freedom),
            _ => Step::Weighted(role, freedom),
        })
    };
    (0..layers.len()).map(step).collect()
}

/// Whether a table can have it: a function of each value that is computed exactly.
fn is_function(activation: Activation) -> bool {
    !matches!(activation, Activation::Identity | Activation::Sigmoid | Activation::OneHot)
}

fn has_weights(geometry: Geometry) -> bool {
    match geometry {
        Geometry::Dense(_) => true,
        Geometry::Spatial(spatial) => spatial.kind.has_weights(),
    }
}

fn one_hot(layer: usize, geometry: Geometry) -> Result<Step, QuantizeError> {
    match geometry {
        Geometry::Dense(_) => Ok(Step::OneHot),
        Geometry::Spatial(Spatial { kind, .. }) => Err(QuantizeError::OneHotMap { layer, kind }),
    }
}

/// What those behind the first of `layers` leave free, and how pixels are made where no layer with
/// weights follows any more. So many of `layers` are of the same `part`, which no other order leaves.
fn freedom(layers: &[&LayerF32], part: usize) -> (Option<Output>, Freedom) {
    let (layer, following) = layers.split_first().expect("a layer");
    let mut channels = channels_out(layer.geometry);
    let mut is_padded = false;
    let mut pixels = None;
    for (place, next) in following.iter().enumerate() {
        // Two values whose channels are one for either layer are one here.
        channels = common_divisor(channels, channels_in(next.geometry));
        if has_weights(next.geometry) {
            is_padded = matches!(next.geometry, Geometry::Spatial(spatial) if spatial.is_padded());
            break;
        }
        if place + 1 == following.len() {
            // One table makes the pixels of all channels.
            channels = 1;
            pixels = Some(match next.activation {
                Activation::Sigmoid | Activation::Logistic => Output::Sigmoid,
                _ => Output::Linear,
            });
        }
    }
    let rows = layer.geometry.weights_as_dense().outputs;
    let is_sortable = mixes_its_channels(layer.geometry) && is_mixed(channels, &layers[1..part]);
    (pixels, Freedom { channels, rows, is_sortable, is_padded })
}

/// Whether each output depends on all channels, so that they may come in any order, and go out in
/// any.
fn mixes_its_channels(geometry: Geometry) -> bool {
    match geometry {
        Geometry::Dense(_) => true,
        Geometry::Spatial(spatial) => spatial.kind == SpatialKind::Convolution,
    }
}

/// Whether so many channels, in whatever order, reach a layer that mixes them.
fn is_mixed(channels: usize, following: &[&LayerF32]) -> bool {
    for next in following {
        if !channels_in(next.geometry).is_multiple_of(channels) {
            return false;
        }
        if mixes_its_channels(next.geometry) {
            return true;
        }
    }
    false
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Whether every layer is one that can be, takes what the one before gives, and has the weights
/// that its sizes ask for, all of them finite.
pub(super) fn check_layers(network: &Network) -> Result<(), QuantizeError> {
    let mut before = network.features();
    for (layer, LayerF32 { geometry, weights, bias, .. }) in network.layers().enumerate() {
        let shape = |source| QuantizeError::Shape { layer, source };
        geometry.check().map_err(shape)?;
        if geometry.inputs() != before {
            return Err(shape(LayerError::Chain { expected: before, found: geometry.inputs() }));
        }
        before = geometry.outputs();
        let expected = (geometry.weights(), geometry.parameters() - geometry.weights());
        let found = (weights.len(), bias.len());
        if expected != (found.0 as u64, found.1 as u64) {
            return Err(QuantizeError::Weights { layer, expected, found });
        }
        if weights.iter().chain(bias).any(|value| !value.is_finite()) {
            return Err(QuantizeError::NotFinite { layer });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ae_core::Axis;

    use super::*;

    fn layer(geometry: Geometry, activation: Activation) -> LayerF32 {
        LayerF32 { geometry, weights: Vec::new(), bias: Vec::new(), activation }
    }

    fn map(kind: SpatialKind, channels: (u16, u16), axis: Axis) -> LayerF32 {
        let (channels_in, channels_out) = channels;
        let spatial = Spatial { kind, channels_in, channels_out, height: axis, width: axis };
        layer(Geometry::Spatial(spatial), Activation::Identity)
    }

    fn found(layers: &[LayerF32]) -> (Option<Output>, Freedom) {
        freedom(&layers.iter().collect::<Vec<_>>(), layers.len())
    }

    #[test]
    fn what_is_free_is_what_all_that_follow_leave_free() {
        use SpatialKind::{Convolution, Depthwise, Maximum, Upsampling};
        let free = |channels, rows, is_sortable, is_padded| {
            (None, Freedom { channels, rows, is_sortable, is_padded })
        };
        let (one, same) = (Axis::valid(4, 1, 1), Axis::same(4, 3, 1));
        let conv = || map(Convolution, (3, 8), same);
        let dense = |inputs, outputs| layer(Geometry::dense(inputs, outputs), Activation::Relu);
        let cases = [
            (vec![dense(9, 128), dense(128, 4)], free(128, 128, true, false)),
            (vec![dense(9, 128), map(Convolution, (8, 2), same)], free(8, 128, true, true)),
            (vec![conv(), map(Convolution, (8, 2), one)], free(8, 8, true, false)),
            (vec![conv(), map(Convolution, (8, 2), same)], free(8, 8, true, true)),
            (vec![conv(), dense(128, 4)], free(8, 8, true, false)),
            // A map that is taken for one of fewer or of more channels.
            (vec![conv(), map(Convolution, (4, 2), one)], free(4, 8, true, false)),
            (vec![conv(), map(Convolution, (12, 2), one)], free(4, 8, true, false)),
            // Through pooling, and through what keeps channels apart.
            (
                vec![conv(), map(Maximum, (8, 8), same), map(Convolution, (8, 2), one)],
                free(8, 8, true, false),
            ),
            (
                vec![conv(), map(Depthwise, (8, 8), one), map(Convolution, (8, 2), same)],
                free(8, 8, true, false),
            ),
            // A depthwise convolution gives channels in the order in which they come.
            (
                vec![map(Depthwise, (8, 8), same), map(Convolution, (8, 2), same)],
                free(8, 8, false, true),
            ),
            // A transposed convolution has four rows for each channel.
            (
                vec![map(Convolution, (3, 8), Axis::transposed(2, 2, 2)), dense(128, 4)],
                free(8, 32, true, false),
            ),
        ];
        for (at, (layers, expected)) in cases.into_iter().enumerate() {
            assert_eq!(found(&layers), expected, "case {at}");
        }

        // The same at the end of the encoder: what goes to the decoder keeps its order.
        let layers = [conv(), map(Maximum, (8, 8), same), dense(128, 4)];
        let (_, within) = freedom(&layers.iter().collect::<Vec<_>>(), 3);
        let (_, latent) = freedom(&layers.iter().collect::<Vec<_>>(), 2);
        assert_eq!((within.is_sortable, latent.is_sortable), (true, false));

        let pixels = |mut layers: Vec<LayerF32>| {
            layers.last_mut().unwrap().activation = Activation::Sigmoid;
            found(&layers)
        };
        // One table makes the pixels of all channels, in the network's order.
        let up = map(Upsampling, (8, 8), Axis::repeated(4, 2));
        let (output, freedom) = pixels(vec![conv(), up]);
        assert_eq!(
            (output, freedom.channels, freedom.is_sortable),
            (Some(Output::Sigmoid), 1, false)
        );
        let (output, freedom) = pixels(vec![conv(), map(Depthwise, (8, 8), same)]);
        assert_eq!((output, freedom.channels, freedom.is_sortable), (None, 8, false));
    }
}
