//! A trained autoencoder as plain numbers: what the quantiser and the blob writer start from.

use ae_core::{Activation, Dense, Geometry, SpatialKind};

use crate::config::LayerShape;
use crate::{AutoencoderConfig, LayerF32, ModelError, Words};

/// An encoder and a decoder: layers in order, each with its own activation.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Pixels to latent.
    pub encoder: Vec<LayerF32>,
    /// Latent to reconstruction.
    pub decoder: Vec<LayerF32>,
}

impl Network {
    /// Checks that the layers are those of a configuration, and that every number is finite.
    ///
    /// # Errors
    /// The configuration is not valid, the number, a shape or an activation of the layers is not
    /// its own, or a weight is not finite.
    pub fn check(&self, config: &AutoencoderConfig) -> Result<(), ModelError> {
        config.validate()?;
        check_stack("encoder", &config.encoder_shapes(), &self.encoder)?;
        check_stack("decoder", &config.decoder_shapes(), &self.decoder)
    }

    /// All layers, the encoder's first.
    pub fn layers(&self) -> impl Iterator<Item = &LayerF32> {
        self.encoder.iter().chain(&self.decoder)
    }

    /// Pixels of one input.
    #[must_use]
    pub fn features(&self) -> usize {
        self.encoder.first().map_or(0, LayerF32::inputs)
    }

    /// The function behind the decoder's last layer, that makes pixels: `Sigmoid`, or `Identity`
    /// where pixels come out as they are and are clipped.
    #[must_use]
    pub fn output_activation(&self) -> Activation {
        self.decoder.last().map_or(Activation::Identity, |layer| layer.activation)
    }

    /// What lies between its layers, such as `384-128-16-128-384`, of maps
    /// `28×28×1-14×14×16-20-784`; or how many prototypes it has, such
    /// as `32 prototypes`.
    #[must_use]
    pub fn sizes(&self) -> String {
        match (self.is_of_prototypes(), self.latent()) {
            (true, 1) => return "1 prototype".to_owned(),
            (true, count) => return format!("{count} prototypes"),
            (false, _) => (),
        }
        sizes(self.layers().map(|layer| layer.geometry))
    }

    /// Whether the latent values mark one of them, and the decoder has a reconstruction for each.
    #[must_use]
    pub fn is_of_prototypes(&self) -> bool {
        self.encoder.last().is_some_and(|layer| layer.activation == Activation::OneHot)
    }

    /// Latent values.
    #[must_use]
    pub fn latent(&self) -> usize {
        self.encoder.last().map_or(0, LayerF32::outputs)
    }
}

/// What goes into the first of such layers, and what comes out of each.
pub(crate) fn sizes(layers: impl Iterator<Item = Geometry>) -> String {
    let mut words = layers.map(Words).peekable();
    let first = words.peek().map(|first| first.inputs());
    let all: Vec<String> = first.into_iter().chain(words.map(|layer| layer.outputs())).collect();
    all.join("-")
}

/// Checks the number of layers, their shapes, and that every number is finite.
fn check_stack(
    stack: &'static str,
    shapes: &[LayerShape],
    layers: &[LayerF32],
) -> Result<(), ModelError> {
    if shapes.len() != layers.len() {
        return Err(ModelError::LayerCount { stack, expected: shapes.len(), found: layers.len() });
    }
    for (index, (shape, layer)) in shapes.iter().zip(layers).enumerate() {
        let weight = format!("{stack}.{index}.weight");
        let bias = format!("{stack}.{index}.bias");
        if layer.geometry != shape.geometry || layer.weights.len() != shape.weights() {
            return Err(ModelError::Shape {
                name: weight,
                expected: weight_shape(shape.geometry),
                found: weight_shape(layer.geometry),
            });
        }
        if layer.bias.len() != shape.biases() {
            return Err(ModelError::Shape {
                name: bias,
                expected: vec![shape.biases()],
                found: vec![layer.bias.len()],
            });
        }
        if layer.activation != shape.activation {
            return Err(ModelError::LayerActivation {
                layer: format!("{stack}.{index}"),
                expected: shape.activation,
                found: layer.activation,
            });
        }
        check_finite(&weight, &layer.weights)?;
        check_finite(&bias, &layer.bias)?;
    }
    Ok(())
}

/// The shape of a layer's weights as a tensor; see [`write_weights`](crate::write_weights).
pub(crate) fn weight_shape(geometry: Geometry) -> Vec<usize> {
    match geometry {
        Geometry::Dense(Dense { inputs, outputs }) => vec![outputs, inputs],
        Geometry::Spatial(it) => {
            let kernel = [it.height.kernel, it.width.kernel].map(usize::from);
            match it.kind {
                SpatialKind::Convolution => {
                    [&[it.columns()], &kernel[..], &[it.channels_in.into()]].concat()
                }
                SpatialKind::Depthwise => [&kernel[..], &[it.channels_out.into()]].concat(),
                SpatialKind::Maximum | SpatialKind::Average | SpatialKind::Upsampling => vec![0],
            }
        }
    }
}

/// Names the first number that is not finite.
fn check_finite(name: &str, values: &[f32]) -> Result<(), ModelError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(position) => Err(ModelError::NonFinite {
            name: name.to_owned(),
            position,
            value: values[position].to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_do_not_fit_are_named() {
        let config = AutoencoderConfig {
            input: 6,
            hidden: vec![3],
            latent: 2,
            activation: crate::Activation::Relu,
            code: crate::Code::Linear,
            architecture: None,
        };
        let network = Network::initial(&config, 1).unwrap();
        network.check(&config).unwrap();
        let Network { encoder, decoder } = network;
        let build = |encoder: &[LayerF32], decoder: &[LayerF32]| {
            let (encoder, decoder) = (encoder.to_vec(), decoder.to_vec());
            Network { encoder, decoder }.check(&config).unwrap_err()
        };
        assert!(matches!(
            build(&encoder[..1], &decoder),
            ModelError::LayerCount { stack: "encoder", expected: 2, found: 1 }
        ));
        assert!(matches!(
            build(&decoder, &encoder),
            ModelError::Shape { name, .. } if name == "encoder.0.weight"
        ));
        let mut other = encoder.clone();
        other[1].activation = Activation::Relu;
        assert_eq!(
            build(&other, &decoder),
            ModelError::LayerActivation {
                layer: "encoder.1".into(),
                expected: Activation::Identity,
                found: Activation::Relu
            }
        );
        let mut broken = decoder.clone();
        broken[1].bias[4] = f32::NAN;
        assert_eq!(
            build(&encoder, &broken),
            ModelError::NonFinite {
                name: "decoder.1.bias".into(),
                position: 4,
                value: "NaN".into()
            }
        );
    }
}
