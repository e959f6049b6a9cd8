//! The network as it is trained: with what training alone has.

use ae_core::Activation;
use ae_model::{AutoencoderConfig, LayerShape, Network};
use ae_run::Recipe;
use burn::tensor::TensorData;

use super::TrainError;
use super::batch_norm::{BatchNorm, Sums};
use super::layer::Layer;
use super::parameters::{Parameters, slice_mut};

/// A network, and what training alone has of it.
#[derive(Clone)]
pub(super) struct TrainingModel {
    pub(super) network: Parameters,
    pub(super) auxiliary: Auxiliary,
}

/// What training alone has. When the network comes out, it is folded into its weights or left out.
#[derive(Clone, Default)]
pub(super) struct Auxiliary {
    /// For each layer, if any layer is normalised.
    norms: Vec<Option<BatchNorm>>,
    /// Gives the logarithm of the latent's variance, of what goes into the encoder's last layer.
    pub(super) log_variance: Option<Layer>,
}

impl Auxiliary {
    /// Of the network before its first step. Variances are 1.
    fn new(network: &Network, config: &AutoencoderConfig, recipe: &Recipe) -> Self {
        let layers = config.shapes().into_iter().zip(recipe.normalised_layers(config));
        let norm = |(shape, is_normalised): (LayerShape, bool)| {
            is_normalised.then(|| BatchNorm::new(shape.channels()))
        };
        let of_means = network.encoder.last().filter(|_| recipe.is_variational());
        let log_variance = of_means.map(|layer| {
            let mut layer = layer.clone();
            layer.weights.fill(0.0);
            layer.bias.fill(0.0);
            Layer::new(&layer)
        });
        Self { norms: layers.map(norm).collect(), log_variance }
    }

    /// Whether a training of this model can have what the recipe asks for.
    pub(super) fn check(config: &AutoencoderConfig, recipe: &Recipe) -> Result<(), TrainError> {
        if recipe.batch_norm && !recipe.normalised_layers(config).contains(&true) {
            return Err(TrainError::NothingToNormalise);
        }
        let latent = config.encoder_shapes().pop();
        let has_mean =
            |layer: &LayerShape| layer.weights() > 0 && layer.activation == Activation::Identity;
        if recipe.is_variational() && !latent.as_ref().is_some_and(has_mean) {
            return Err(TrainError::NoMeanOfLatent);
        }
        Ok(())
    }

    /// What normalises the sums of this layer.
    pub(super) fn norm(&self, layer: usize) -> Option<&BatchNorm> {
        self.norms.get(layer)?.as_ref()
    }

    /// Moves running statistics to those of a batch, one for each normalised layer.
    pub(super) fn observe(&mut self, batch: &[Sums]) {
        self.norms.iter_mut().flatten().zip(batch).for_each(|(norm, sums)| norm.observe(sums));
    }
}

impl From<Parameters> for TrainingModel {
    /// A network that training has nothing beside.
    fn from(network: Parameters) -> Self {
        Self { network, auxiliary: Auxiliary::default() }
    }
}

impl TrainingModel {
    /// Before its first step.
    pub(super) fn new(network: &Network, config: &AutoencoderConfig, recipe: &Recipe) -> Self {
        let auxiliary = Auxiliary::new(network, config, recipe);
        Self { network: Parameters::from_network(network), auxiliary }
    }

    /// The network as it runs: normalised by running statistics, and the latent is the mean.
    pub(super) fn inference(&self) -> Parameters {
        let mut network = self.network.clone();
        for (layer, norm) in network.layers.iter_mut().zip(&self.auxiliary.norms) {
            norm.iter().for_each(|norm| norm.fold(layer));
        }
        network
    }

    /// Copies of all numbers, tensor by tensor, as a [`Checkpoint`](ae_run::Checkpoint) has them.
    pub(super) fn to_vecs(&self) -> Vec<Vec<f32>> {
        let Auxiliary { norms, log_variance } = &self.auxiliary;
        let of_norms = norms.iter().flatten().flat_map(BatchNorm::tensors).cloned();
        let of_layer = log_variance.iter().flat_map(Layer::to_vecs);
        self.network.to_vecs().into_iter().chain(of_norms).chain(of_layer).collect()
    }

    /// Puts other numbers in place of all, in the order of [`Self::to_vecs`].
    pub(super) fn set(&mut self, values: Vec<Vec<f32>>) {
        self.update(|slots| {
            for (slot, values) in slots.into_iter().zip(values) {
                slot.copy_from_slice(&values);
            }
        });
    }

    /// Gives all numbers to be changed in place, in the order of
    /// [`Self::to_vecs`]. Nothing is copied if no other tensor shares them.
    pub(super) fn update<R>(&mut self, change: impl FnOnce(Vec<&mut [f32]>) -> R) -> R {
        let Self { network, auxiliary: Auxiliary { norms, log_variance } } = self;
        let take = |layer: &mut Layer| layer.take_weights();
        let mut of_network: Vec<TensorData> = network.layers.iter_mut().map(take).collect();
        let mut of_latent = log_variance.as_mut().map(take);
        let mut slots: Vec<&mut [f32]> = Vec::new();
        for (weights, layer) in of_network.iter_mut().zip(&mut network.layers) {
            slots.extend([slice_mut(weights), &mut layer.bias]);
        }
        for norm in norms.iter_mut().flatten() {
            slots.extend(norm.tensors_mut().map(Vec::as_mut_slice));
        }
        for (weights, layer) in of_latent.iter_mut().zip(log_variance.iter_mut()) {
            slots.extend([slice_mut(weights), &mut layer.bias]);
        }
        let result = change(slots);
        let taken = of_network.into_iter().chain(of_latent);
        let layers = network.layers.iter_mut().chain(log_variance);
        layers.zip(taken).for_each(|(layer, weights)| layer.put_weights(weights));
        result
    }

    /// The first layer with a number that is not finite.
    pub(super) fn non_finite_layer(&self) -> Option<usize> {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let is_finite = |layer: &Layer| layer.to_vecs().iter().all(|values| finite(values));
        let norm_is_finite = |index: usize| {
            let tensors = self.auxiliary.norm(index).into_iter().flat_map(BatchNorm::tensors);
            tensors.into_iter().all(|values| finite(values))
        };
        let twin_is_finite = |index: usize| {
            let is_twin = index + 1 == self.network.encoder;
            !is_twin || self.auxiliary.log_variance.as_ref().is_none_or(is_finite)
        };
        let layers = self.network.layers.iter().enumerate();
        let mut bad = layers.filter(|(index, layer)| {
            !(is_finite(layer) && norm_is_finite(*index) && twin_is_finite(*index))
        });
        bad.next().map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use ae_model::Code;
    use ae_run::training_tensors;

    use super::*;

    fn config() -> AutoencoderConfig {
        AutoencoderConfig {
            input: 5,
            hidden: vec![4, 3],
            latent: 2,
            activation: ae_model::Activation::Silu,
            code: Code::Linear,
            architecture: None,
        }
    }

    fn model(recipe: &Recipe) -> TrainingModel {
        TrainingModel::new(&Network::initial(&config(), 4).unwrap(), &config(), recipe)
    }

    #[test]
    fn all_numbers_are_given_in_the_order_of_a_checkpoint_and_can_be_set() {
        let plain = Recipe::default();
        let both = Recipe { batch_norm: true, variational: 1.0, ..plain.clone() };
        for recipe in [plain, both] {
            let mut model = model(&recipe);
            let vecs = model.to_vecs();
            let lengths: Vec<usize> = vecs.iter().map(Vec::len).collect();
            assert_eq!(lengths, training_tensors(&config(), &recipe));
            let other = |(tensor, values): (usize, &Vec<f32>)| -> Vec<f32> {
                (0..values.len()).map(|at| (100 * tensor + at) as f32).collect()
            };
            let values: Vec<Vec<f32>> = vecs.iter().enumerate().map(other).collect();
            model.set(values.clone());
            assert_eq!(model.to_vecs(), values);
            // Of a normalised layer, of a twin, of the network.
            for (tensor, layer) in [(12, 0), (21, 4), (25, 2), (5, 2)] {
                let mut model = model.clone();
                if tensor < values.len() {
                    assert_eq!(model.non_finite_layer(), None);
                    model.update(|slots| slots.into_iter().nth(tensor).unwrap()[1] = f32::NAN);
                    assert_eq!(model.non_finite_layer(), Some(layer), "{tensor}");
                }
            }
        }
    }

    #[test]
    fn changes_in_place_do_not_reach_a_copy() {
        let mut model = model(&Recipe::default());
        let before = (model.clone(), model.to_vecs());
        model.update(|mut slots| slots[0][1] = 9.0);
        assert_eq!(before.0.to_vecs(), before.1);
        assert_eq!(model.to_vecs()[0][1], 9.0);
    }

    #[test]
    fn before_the_first_step_the_network_that_comes_out_is_nearly_the_one_that_went_in() {
        let recipe = Recipe { batch_norm: true, variational: 1.0, ..Recipe::default() };
        let network = Network::initial(&config(), 4).unwrap();
        let model = model(&recipe);
        let found = model.inference().to_network(&config()).unwrap();
        for (found, expected) in found.layers().zip(network.layers()) {
            // A variance of 1, and what is added to it.
            for (f, e) in found.weights.iter().zip(&expected.weights) {
                assert!((f - e).abs() <= 6e-6 * e.abs(), "{f} {e}");
            }
        }
        // Latents and logits are not normalised.
        assert_eq!(found.encoder[2], network.encoder[2]);
        assert_eq!(found.decoder[2], network.decoder[2]);
        assert_ne!(found.encoder[0], network.encoder[0]);
    }

    #[test]
    fn what_a_model_has_nothing_for_is_refused() {
        let linear = AutoencoderConfig { hidden: Vec::new(), ..config() };
        let normal = Recipe { batch_norm: true, ..Recipe::default() };
        let error = Auxiliary::check(&linear, &normal).unwrap_err();
        assert!(matches!(error, TrainError::NothingToNormalise));
        let variational = Recipe { variational: 1.0, ..Recipe::default() };
        Auxiliary::check(&linear, &variational).unwrap();
        let prototypes = AutoencoderConfig { code: Code::OneHot, ..linear };
        let error = Auxiliary::check(&prototypes, &variational).unwrap_err();
        assert!(matches!(error, TrainError::NoMeanOfLatent));
        for recipe in [normal, variational] {
            Auxiliary::check(&config(), &recipe).unwrap();
        }
    }
}
