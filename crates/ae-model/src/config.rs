//! What an autoencoder looks like before it has weights.

use ae_core::{Activation as LayerActivation, Geometry, Totals};
use serde::{Deserialize, Serialize};

use super::architecture::walk::{Layers, walk};
use super::network::sizes;
use super::{Activation, Architecture, ArchitectureError, Code, ModelError};

/// Upper limit of weights and biases: 2²⁸, one gibibyte of 32-bit floats.
pub const MAX_PARAMETERS: usize = 1 << 28;

/// The shape of an autoencoder.
///
/// ```
/// # use ae_model::{Activation, AutoencoderConfig, Code};
/// let config = AutoencoderConfig {
///     input: 784,
///     hidden: vec![256, 128],
///     latent: 20,
///     activation: Activation::Relu,
///     code: Code::Linear,
///     architecture: None,
/// };
/// config.validate().unwrap();
/// assert_eq!(config.parameters(), 473_636);
/// assert_eq!(config.multiply_adds(), 472_064);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoencoderConfig {
    /// Values in one input, pixels of an image.
    pub input: usize,
    /// Widths of the encoder's hidden layers; the decoder has them reversed.
    /// May be empty: then encoder and decoder are one dense layer each.
    pub hidden: Vec<usize>,
    /// Values in the latent.
    pub latent: usize,
    /// The function after each hidden layer.
    pub activation: Activation,
    /// What the encoder's last layer makes of its sums. Prototypes have no hidden layers.
    #[serde(default, skip_serializing_if = "Code::is_default")]
    pub code: Code,
    /// Its layers one by one. Without it they are dense, as `hidden` says; with it `hidden` is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
}

/// A layer before it has weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerShape {
    /// Its kind and its sizes.
    pub geometry: Geometry,
    /// What is made of their sums.
    pub activation: LayerActivation,
}

impl LayerShape {
    /// Values that go in.
    pub fn inputs(self) -> usize {
        self.geometry.inputs()
    }

    /// Values that come out.
    pub fn outputs(self) -> usize {
        self.geometry.outputs()
    }

    /// Channels of the map that comes out. A dense layer has no map: each of its outputs is one.
    pub fn channels(self) -> usize {
        match self.geometry {
            Geometry::Dense(dense) => dense.outputs,
            Geometry::Spatial(spatial) => spatial.channels_out.into(),
        }
    }

    /// Weights, saturating.
    pub fn weights(self) -> usize {
        saturated(self.geometry.weights())
    }

    /// Biases, saturating.
    pub fn biases(self) -> usize {
        saturated(self.geometry.parameters().saturating_sub(self.geometry.weights()))
    }

    /// Weights and biases, saturating.
    pub fn parameters(self) -> usize {
        saturated(self.geometry.parameters())
    }

    /// Multiply-adds for one sample, saturating.
    pub fn multiply_adds(self) -> usize {
        saturated(self.geometry.multiply_adds())
    }
}

impl AutoencoderConfig {
    /// Checks that every width is at least one and that the weights fit.
    ///
    /// # Errors
    ///
    /// [`ModelError`] names the first width that cannot be.
    pub fn validate(&self) -> Result<(), ModelError> {
        if self.input == 0 {
            return Err(ModelError::EmptyInput);
        }
        if self.latent == 0 {
            return Err(ModelError::EmptyLatent);
        }
        if let Some(index) = self.hidden.iter().position(|&width| width == 0) {
            return Err(ModelError::EmptyHidden { index });
        }
        if self.code == Code::OneHot && !self.hidden.is_empty() {
            return Err(ModelError::HiddenPrototypes { found: self.hidden.len() });
        }
        if let Some(architecture) = &self.architecture {
            self.check_architecture(architecture)?;
        }
        let found = self.parameters();
        if found > MAX_PARAMETERS {
            return Err(ModelError::TooManyParameters { found });
        }
        Ok(())
    }

    /// Whether the other fields say what the layers do.
    fn check_architecture(&self, architecture: &Architecture) -> Result<(), ModelError> {
        if !self.hidden.is_empty() {
            return Err(ModelError::HiddenBesideArchitecture { found: self.hidden.len() });
        }
        if self.code != Code::Linear {
            return Err(ModelError::PrototypesWithArchitecture);
        }
        let input = architecture.input_map();
        if self.input != input.values() {
            return Err(ModelError::ArchitectureInput { expected: input, found: self.input });
        }
        let latent = walk(architecture, self.activation.into())?.latent;
        if self.latent != latent {
            let expected = self.latent;
            return Err(ArchitectureError::Latent { expected, found: latent }.into());
        }
        Ok(())
    }

    /// The layers of the architecture; none of one that is not valid.
    fn layers(&self) -> Option<Layers> {
        let architecture = self.architecture.as_ref()?;
        let none = Layers { encoder: Vec::new(), decoder: Vec::new(), latent: 0 };
        Some(walk(architecture, self.activation.into()).unwrap_or(none))
    }

    /// The encoder's layers, from input to latent; none where the configuration is not valid.
    pub fn encoder_shapes(&self) -> Vec<LayerShape> {
        if let Some(layers) = self.layers() {
            return layers.encoder;
        }
        let mut widths = vec![self.input];
        widths.extend(&self.hidden);
        widths.push(self.latent);
        chain(&widths, self.activation, self.code.into())
    }

    /// The decoder's layers, from latent to reconstruction; none where the configuration is not valid.
    pub fn decoder_shapes(&self) -> Vec<LayerShape> {
        if let Some(layers) = self.layers() {
            return layers.decoder;
        }
        let mut widths = vec![self.latent];
        widths.extend(self.hidden.iter().rev());
        widths.push(self.input);
        chain(&widths, self.activation, LayerActivation::Sigmoid)
    }

    /// The encoder's layers, then the decoder's.
    pub fn shapes(&self) -> Vec<LayerShape> {
        let mut shapes = self.encoder_shapes();
        shapes.extend(self.decoder_shapes());
        shapes
    }

    /// What lies between the encoder's layers, such as `784-256-128-20`.
    pub fn encoder_sizes(&self) -> String {
        sizes(self.encoder_shapes().into_iter().map(|shape| shape.geometry))
    }

    /// Weights and biases of the whole model, saturating.
    pub fn parameters(&self) -> usize {
        saturated(self.totals().parameters)
    }

    /// Multiply-adds of one reconstruction, saturating.
    pub fn multiply_adds(&self) -> usize {
        saturated(self.totals().multiply_adds)
    }

    fn totals(&self) -> Totals {
        Totals::of(self.shapes().into_iter().map(|shape| shape.geometry))
    }
}

fn saturated(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Layers between neighbouring widths: the last one ends in `output`, all others in `hidden`.
fn chain(widths: &[usize], hidden: Activation, output: LayerActivation) -> Vec<LayerShape> {
    let last = widths.len() - 2;
    let pairs = widths.windows(2).enumerate();
    pairs
        .map(|(index, pair)| LayerShape {
            geometry: Geometry::dense(pair[0], pair[1]),
            activation: if index < last { hidden.into() } else { output },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(input: usize, hidden: &[usize], latent: usize) -> AutoencoderConfig {
        AutoencoderConfig {
            input,
            hidden: hidden.to_vec(),
            latent,
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: None,
        }
    }

    #[test]
    fn the_decoder_mirrors_the_encoder() {
        use LayerActivation::{Identity, Relu, Sigmoid};

        let all = |shapes: Vec<LayerShape>| -> Vec<(usize, usize, LayerActivation)> {
            shapes.iter().map(|s| (s.inputs(), s.outputs(), s.activation)).collect()
        };
        let config = config(9, &[7, 5], 2);
        let encoder = [(9, 7, Relu), (7, 5, Relu), (5, 2, Identity)];
        let decoder = [(2, 5, Relu), (5, 7, Relu), (7, 9, Sigmoid)];
        assert_eq!(all(config.encoder_shapes()), encoder);
        assert_eq!(all(config.decoder_shapes()), decoder);
    }

    #[test]
    fn without_hidden_layers_each_side_is_one_plain_layer() {
        let config = config(783, &[], 1);
        config.validate().unwrap();
        assert_eq!(config.shapes().len(), 2);
        let activations: Vec<_> = config.shapes().iter().map(|shape| shape.activation).collect();
        assert_eq!(activations, [LayerActivation::Identity, LayerActivation::Sigmoid]);
    }

    #[test]
    fn prototypes_have_no_hidden_layers_and_say_so_in_their_configuration() {
        let prototypes = |hidden| AutoencoderConfig { code: Code::OneHot, ..config(9, hidden, 4) };
        let error = prototypes(&[7]).validate();
        assert_eq!(error, Err(ModelError::HiddenPrototypes { found: 1 }));
        let config = prototypes(&[]);
        config.validate().unwrap();
        assert_eq!(config.shapes()[0].activation, LayerActivation::OneHot);
        let json = serde_json::to_string(&config).unwrap();
        assert!(json.ends_with(r#","code":"one-hot"}"#), "{json}");
        assert_eq!(serde_json::from_str::<AutoencoderConfig>(&json).unwrap(), config);
        // Configurations from before there was a code are as they were.
        let linear = AutoencoderConfig { code: Code::Linear, ..config };
        assert!(!serde_json::to_string(&linear).unwrap().contains("code"));
    }

    #[test]
    fn widths_that_cannot_be_are_named() {
        assert_eq!(config(0, &[3], 1).validate(), Err(ModelError::EmptyInput));
        assert_eq!(config(3, &[3], 0).validate(), Err(ModelError::EmptyLatent));
        assert_eq!(config(3, &[3, 0], 1).validate(), Err(ModelError::EmptyHidden { index: 1 }));
        assert!(matches!(
            config(usize::MAX, &[2], 1).validate(),
            Err(ModelError::TooManyParameters { .. })
        ));
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let json = r#"{"input":4,"hidden":[],"latent":1,"activation":"relu","width":3}"#;
        assert!(serde_json::from_str::<AutoencoderConfig>(json).is_err());
    }
}
