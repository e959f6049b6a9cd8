//! The tensors of a training: those of its network, and those that training alone has.

use ae_model::{AutoencoderConfig, LayerShape};

use crate::Recipe;

/// Tensors of a normalised layer: scale, running mean, running variance.
const OF_NORM: usize = 3;

impl Recipe {
    /// Whether the sums of each layer are normalised: where the recipe says so, those of every layer
    /// with weights but the encoder's last and the decoder's last. Latents and pixels have a size that
    /// means something.
    #[must_use]
    pub fn normalised_layers(&self, config: &AutoencoderConfig) -> Vec<bool> {
        let [encoder, decoder] = [config.encoder_shapes(), config.decoder_shapes()];
        let of_part = |shapes: &[LayerShape]| -> Vec<bool> {
            let is_hidden = |index: usize| index + 1 < shapes.len();
            let layers = shapes.iter().enumerate();
            let layers = layers.map(|(index, shape)| is_hidden(index) && shape.weights() > 0);
            layers.map(|can_be| self.batch_norm && can_be).collect()
        };
        [of_part(&encoder), of_part(&decoder)].concat()
    }

    /// Whether latents are drawn in training.
    #[must_use]
    pub fn is_variational(&self) -> bool {
        self.variational > 0.0
    }
}

/// How many numbers each tensor of the network has: for each layer the weights, then the bias.
pub(crate) fn of_network(config: &AutoencoderConfig) -> Vec<usize> {
    let shapes = config.shapes().into_iter();
    shapes.flat_map(|shape| [shape.weights(), shape.biases()]).collect()
}

/// How many numbers each tensor of a training has: those of the network, then for each normalised
/// layer scale, running mean and running variance of its channels, then weights and bias of the
/// layer that gives a latent's log-variance.
#[must_use]
pub fn of_training(config: &AutoencoderConfig, recipe: &Recipe) -> Vec<usize> {
    let mut lengths = of_network(config);
    let layers = config.shapes().into_iter().zip(recipe.normalised_layers(config));
    for (shape, _) in layers.filter(|(_, is_normalised)| *is_normalised) {
        lengths.extend([shape.channels(); OF_NORM]);
    }
    if recipe.is_variational()
        && let Some(latent) = config.encoder_shapes().last()
    {
        lengths.extend([latent.weights(), latent.biases()]);
    }
    lengths
}

#[cfg(test)]
mod tests {
    use ae_model::{Activation, Architecture, Code, Map};

    use super::*;

    #[test]
    fn training_alone_has_three_tensors_for_a_hidden_layer_and_two_for_a_variance() {
        let architecture = Architecture::from_toml(
            r#"
            encoder = [
                { kind = "convolution", channels = 4, kernel = 3 },
                { kind = "maximum", kernel = 2 },
                { kind = "dense", outputs = "latent" },
            ]
            decoder = [
                { kind = "dense", outputs = 8 },
                { kind = "reshape", height = 2, width = 2, channels = 2 },
                { kind = "transposed", channels = 3, kernel = 2 },
                { kind = "convolution", channels = 1, kernel = 1 },
            ]"#,
        );
        let architecture = architecture.unwrap().resolve(Map::image(4, 4), Some(3)).unwrap();
        let config = AutoencoderConfig {
            input: 16,
            hidden: Vec::new(),
            latent: 3,
            activation: Activation::Relu,
            code: Code::Linear,
            architecture: Some(architecture),
        };
        let plain = Recipe::default();
        assert_eq!(plain.normalised_layers(&config), [false; 6]);
        assert_eq!(of_training(&config, &plain), of_network(&config));

        let recipe = Recipe { batch_norm: true, variational: 0.5, ..plain };
        let normalised = [true, false, false, true, true, false];
        assert_eq!(recipe.normalised_layers(&config), normalised);
        let lengths = of_training(&config, &recipe);
        // A transposed layer has a bias for each of the outputs of a position, and three channels.
        let network = [36, 4, 0, 0, 48, 3, 24, 8, 24, 12, 3, 1];
        assert_eq!(lengths[..12], network);
        assert_eq!(lengths[12..], [4, 4, 4, 8, 8, 8, 3, 3, 3, 48, 3]);
    }
}
