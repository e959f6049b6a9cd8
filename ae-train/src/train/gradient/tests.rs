//! Gradients of whole networks against Burn's autodiff.

use ae_model::{Activation, Architecture, AutoencoderConfig, Code, Map, Network};
use ae_run::Recipe;
use burn::module::Module;
use burn::tensor::activation::{log_sigmoid, sigmoid};
use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::model::Autoencoder;
use crate::train::batch_norm::BatchNorm;

/// Five images of 13 pixels, and a network with an odd number of all.
fn example(activation: Activation, hidden: &[usize]) -> (AutoencoderConfig, Images) {
    let config = AutoencoderConfig {
        input: 13,
        hidden: hidden.to_vec(),
        latent: 3,
        activation,
        code: Code::Linear,
        architecture: None,
    };
    let pixels = (0..65).map(|i| (i * 71 % 256) as u8).collect();
    (config, Images::new(pixels, 1, 13).unwrap())
}

/// Nothing beside the network, normalised layers, a latent that is drawn, and both.
fn recipes() -> [Recipe; 4] {
    [(false, 0.0), (true, 0.0), (false, 0.5), (true, 2.0)].map(|(batch_norm, variational)| Recipe {
        batch_norm,
        variational,
        latent_l1: 0.25,
        ..Recipe::default()
    })
}

#[test]
fn gradients_are_those_of_burns_autodiff() {
    for activation in Activation::ALL {
        for hidden in [&[7, 5][..], &[6], &[]] {
            let (config, images) = example(activation, hidden);
            recipes().iter().for_each(|recipe| compare_with_autodiff(&config, &images, recipe));
        }
    }
}

#[test]
fn gradients_through_layers_of_every_kind_are_those_of_burns_autodiff() {
    for (text, height, width) in [(POOLS, 8, 6), (TRANSPOSED, 8, 6), (SIGNAL, 1, 48)] {
        let architecture = Architecture::from_toml(text).unwrap();
        let map = Map::image(height, width);
        for activation in Activation::ALL {
            let config = AutoencoderConfig {
                input: map.values(),
                hidden: Vec::new(),
                latent: 3,
                activation,
                code: Code::Linear,
                architecture: Some(architecture.clone().resolve(map, Some(3)).unwrap()),
            };
            let pixels = (0..5 * map.values()).map(|i| (i * 71 % 256) as u8).collect();
            let images = Images::new(pixels, height, width).unwrap();
            recipes().iter().for_each(|recipe| compare_with_autodiff(&config, &images, recipe));
        }
    }
}

/// A model in the middle of its training: no number is what it began with.
fn model(config: &AutoencoderConfig, recipe: &Recipe) -> TrainingModel {
    let network = Network::initial(config, 11).unwrap();
    let mut model = TrainingModel::new(&network, config, recipe);
    let of_network = 2 * model.network.layers.len();
    let mut values = model.to_vecs();
    for (tensor, values) in values.iter_mut().enumerate() {
        let is_bias = tensor % 2 == 1;
        if tensor >= of_network || is_bias {
            let some = |at: usize| ((at * 7919 + tensor * 31) % 64) as f32 / 128.0 - 0.25;
            values.iter_mut().enumerate().for_each(|(at, value)| *value += some(at));
        }
    }
    model.set(values);
    model
}

const INDICES: [u32; 3] = [3, 0, 4];

/// The gradient of all shards, and the loss.
fn of_shards(
    model: &TrainingModel,
    images: &Images,
    objective: &Objective<'_>,
) -> (Vec<Vec<f32>>, f64) {
    let shards = [&INDICES[..2], &INDICES[2..]];
    let found = gradient(model, images, &shards, objective, &Workers::new(2));
    let [one, other] = &found.shards[..] else { panic!("two shards") };
    let sum = |(a, b): (&[f32], &[f32])| a.iter().zip(b).map(|(a, b)| a + b).collect();
    let sums = one.slices().into_iter().zip(other.slices()).map(sum).collect();
    (sums, one.errors.of(objective.loss) + other.errors.of(objective.loss))
}

fn compare_with_autodiff(config: &AutoencoderConfig, images: &Images, recipe: &Recipe) {
    let recipe =
        Recipe { batch_norm: recipe.normalised_layers(config).contains(&true), ..recipe.clone() };
    for loss in [Loss::Bce, Loss::Mse] {
        let model = model(config, &recipe);
        let scale = 1.0 / (3.0 * config.input as f32);
        let objective = Objective {
            loss,
            scale,
            noise: None,
            latent_pull: recipe.latent_l1 as f32,
            variational: Variational::of(&recipe, 5, scale.into()),
            tied: &[],
        };
        let (found, found_loss) = of_shards(&model, images, &objective);

        let burn = Burn::new(&model, config);
        let Passed { loss: value, beside } = burn.pass(images, &objective);
        let expected_loss: f32 = value.clone().into_scalar();
        assert!((found_loss * f64::from(scale) - f64::from(expected_loss)).abs() < 1e-6);
        let mut expected = burn.gradients(value + beside).into_iter();
        for found in &found {
            // Nothing of a layer without weights; running statistics have no gradient.
            match expected.next().unwrap() {
                Some(expected) => close(found, &expected, recipe.batch_norm),
                None => assert!(found.iter().all(|&value| value == 0.0)),
            }
        }
        assert!(expected.next().is_none());
    }
}

/// The same model, with Burn's functions.
struct Burn {
    model: Autoencoder,
    /// Gives log-variances in place of latents.
    twin: Option<Autoencoder>,
    /// For each layer the scale, if it is normalised.
    scales: Vec<Option<Tensor<1>>>,
    device: Device,
}

/// What comes out, and what counts beside it.
struct Passed {
    loss: Tensor<1>,
    beside: Tensor<1>,
}

impl Burn {
    fn new(model: &TrainingModel, config: &AutoencoderConfig) -> Self {
        let device = Device::default().autodiff();
        let network = model.network.to_network(config).unwrap();
        let burn = Autoencoder::from_network_on(&network, &device).train();
        assert_eq!(burn.network(), network);
        let twin = model.auxiliary.log_variance.as_ref().map(|layer| {
            let mut network = network.clone();
            let last = network.encoder.last_mut().unwrap();
            last.weights = layer.plain_weights(last.geometry);
            last.bias.clone_from(&layer.bias);
            Autoencoder::from_network_on(&network, &device).train()
        });
        let scale = |norm: &BatchNorm| {
            let scale = norm.tensors()[0].clone();
            let count = scale.len();
            let scale = Tensor::<1>::from_data(TensorData::new(scale, [count]), &device);
            scale.require_grad()
        };
        let layers = 0..network.layers().count();
        let scales = layers.map(|index| model.auxiliary.norm(index).map(scale)).collect();
        Self { model: burn, twin, scales, device }
    }

    fn layers(&self) -> impl Iterator<Item = &crate::model::Layer> {
        self.model.encoder().layers().iter().chain(self.model.decoder().layers())
    }

    fn pass(&self, images: &Images, objective: &Objective<'_>) -> Passed {
        let picked = INDICES.iter().flat_map(|&i| images.image(i as usize));
        let picked: Vec<f32> = picked.map(|&p| f32::from(p) / 255.0).collect();
        let data = TensorData::new(picked, [3, images.features()]);
        let x = Tensor::<2>::from_data(data, &self.device);
        let encoder = self.model.encoder().layers().len();
        let count = self.layers().count();
        let mut beside = Tensor::<1>::zeros([1], &self.device);
        let mut values = x.clone();
        for (index, layer) in self.layers().enumerate() {
            let inputs = values.clone();
            let mut sums = layer.sums(values);
            if let Some(scale) = &self.scales[index] {
                let bias = layer.sums(inputs.zeros_like());
                sums = normalised(sums - bias.clone(), scale) + bias;
            }
            values = if index + 1 < count { layer.activate(sums) } else { sums };
            if index + 1 == encoder {
                beside = beside + values.clone().abs().sum() * objective.latent_pull;
                if let Some(variational) = &objective.variational {
                    let twin = self.twin.as_ref().unwrap().encoder().layers().last().unwrap();
                    let s = twin.sums(inputs);
                    let each = values.dims()[1];
                    let noise: Vec<f32> =
                        INDICES.iter().flat_map(|&index| variational.normal(index, each)).collect();
                    let noise = TensorData::new(noise, [3, each]);
                    let noise = Tensor::<2>::from_data(noise, &self.device);
                    let divergence = values.clone().square() + s.clone().exp() - s.clone() - 1.0;
                    beside = beside + divergence.sum() * (0.5 * variational.weight());
                    values = values + (s * 0.5).exp() * noise;
                }
            }
        }
        let z = values;
        let loss = match objective.loss {
            // −x·ln σ(z) − (1 − x)·ln σ(−z), another form than ours
            Loss::Bce => (x.clone() * log_sigmoid(z.clone())
                + (x.neg() + 1.0) * log_sigmoid(z.neg()))
            .neg()
            .mean(),
            Loss::Mse => (sigmoid(z) - x).square().mean(),
        };
        Passed { loss, beside }
    }

    /// For each tensor of the training.
    fn gradients(&self, objective: Tensor<1>) -> Vec<Option<Vec<f32>>> {
        let gradients = objective.backward();
        let of_layer = |layer: &crate::model::Layer| match layer.linear() {
            Some(linear) => {
                let weight = linear.weight.val().grad(&gradients).unwrap().into_data();
                let bias = linear.bias.as_ref().unwrap().val();
                let bias = bias.grad(&gradients).unwrap().into_data();
                [&weight, &bias].map(|data| Some(slice(data).to_vec()))
            }
            None => [None, None],
        };
        let mut all: Vec<Option<Vec<f32>>> = self.layers().flat_map(of_layer).collect();
        for scale in self.scales.iter().flatten() {
            let scale = scale.grad(&gradients).unwrap().into_data();
            all.extend([Some(slice(&scale).to_vec()), None, None]);
        }
        let twin = self.twin.iter().flat_map(|twin| twin.encoder().layers().last());
        all.extend(twin.flat_map(of_layer));
        all
    }
}

/// By mean and biased variance of each channel, over samples and positions.
fn normalised(sums: Tensor<2>, scale: &Tensor<1>) -> Tensor<2> {
    let ([samples, outputs], [channels]) = (sums.dims(), scale.dims());
    let values = sums.reshape([samples * outputs / channels, channels]);
    let centred = values.clone() - values.mean_dim(0);
    let variance = centred.clone().square().mean_dim(0);
    let normalised = centred / (variance + 1e-5).sqrt();
    (normalised * scale.clone().unsqueeze::<2>()).reshape([samples, outputs])
}

const POOLS: &str = r#"
    encoder = [
        { kind = "convolution", channels = 4, kernel = 3, stride = 2 },
        { kind = "depthwise", kernel = 3 },
        { kind = "maximum", kernel = 2, stride = 1, padding = "same" },
        { kind = "dense", outputs = "latent" },
    ]
    decoder = [
        { kind = "dense", outputs = 24 },
        { kind = "reshape", height = 4, width = 3, channels = 2 },
        { kind = "upsampling", factor = 2 },
        { kind = "average", kernel = 3, stride = 1, padding = "same" },
        { kind = "convolution", channels = 1, kernel = 3 },
    ]
"#;

const TRANSPOSED: &str = r#"
    encoder = [
        { kind = "depthwise", kernel = 3, stride = 2 },
        { kind = "convolution", channels = 5, kernel = 1 },
        { kind = "convolution", channels = 6, kernel = 3, padding = "valid" },
        { kind = "global-average" },
        { kind = "dense", outputs = "latent" },
    ]
    decoder = [
        { kind = "dense", outputs = 18 },
        { kind = "reshape", height = 2, width = 3, channels = 3 },
        { kind = "transposed", channels = 3, kernel = [4, 1], stride = [2, 1] },
        { kind = "transposed", channels = 1, kernel = 2, stride = 2 },
    ]
"#;

const SIGNAL: &str = r#"
    encoder = [
        { kind = "convolution", channels = 4, kernel = [1, 5], stride = [1, 2] },
        { kind = "convolution", channels = 3, kernel = [1, 3], dilation = [1, 2] },
        { kind = "dense", outputs = "latent" },
    ]
    decoder = [
        { kind = "dense", outputs = 36 },
        { kind = "reshape", height = 1, width = 12, channels = 3 },
        { kind = "transposed", channels = 2, kernel = [1, 8], stride = [1, 4] },
        { kind = "depthwise", kernel = [1, 3] },
        { kind = "convolution", channels = 1, kernel = [1, 3] },
    ]
"#;

/// Within 1e-5 of the largest value, for sums of 32-bit floats in another
/// order and another `erf`, and 2e-8 for the one bias of a channel, whose
/// many terms of up to 1e-2 cancel; and not all zero. Where Burn's floats were
/// divided by a deviation of three images, several times over, within 5e-4.
fn close(found: &[f32], expected: &[f32], is_normalised: bool) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(largest > 0.0);
    let tolerance = if is_normalised { 5e-4 } else { 1e-5 };
    for (f, e) in found.iter().zip(expected) {
        let most = tolerance * largest + 2e-8;
        assert!((f - e).abs() <= most, "{f} against {e}, largest {largest}");
    }
}
