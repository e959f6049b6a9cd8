//! From pixels to logits.

use ae_data::Images;
use burn::tensor::TensorData;

use crate::train::batch_norm::{Normalised, Sums};
use crate::train::elementwise::activate;
use crate::train::layer::Kept;
use crate::train::noise::Noise;
use crate::train::parameters::{Parameters, slice, slice_mut};
use crate::train::training_model::Auxiliary;
use crate::train::variational::{Sampled, Variational};

/// A shard on its way to the logits.
pub(in crate::train) struct Forward<'a> {
    pub(super) network: &'a Parameters,
    pub(super) auxiliary: &'a Auxiliary,
    pub(super) indices: &'a [u32],
    /// What goes into the layer at hand; or, once that has kept something, its sums.
    pub(super) values: TensorData,
    pub(super) trail: Trail,
    /// What goes into the encoder's last layer, where latents are drawn.
    before_latents: Option<TensorData>,
    variational: Option<&'a Variational>,
}

/// What the way back needs.
#[derive(Default)]
pub(super) struct Trail {
    /// What each layer keeps.
    pub(super) kept: Vec<Kept>,
    /// Of each layer but the last, if it is normalised.
    pub(super) normalised: Vec<Option<Normalised>>,
    /// The activation's derivatives after each layer but the last; `None` where all are 1.
    pub(super) derivatives: Vec<Option<Vec<f32>>>,
    /// What the encoder gives, `[samples, latent]`: the means, where latents are drawn.
    pub(super) latents: Vec<f32>,
    pub(super) sampled: Option<Sampled>,
}

impl<'a> Forward<'a> {
    /// The images of the given indices before the first layer, with noise if there is any.
    pub(in crate::train) fn new(
        network: &'a Parameters,
        auxiliary: &'a Auxiliary,
        images: &Images,
        indices: &'a [u32],
        noise: Option<&Noise>,
        variational: Option<&'a Variational>,
    ) -> Self {
        let features = images.features();
        let mut pixels = Vec::with_capacity(indices.len() * features);
        for &index in indices {
            let image = images.image(index as usize);
            pixels.extend(image.iter().map(|&pixel| f32::from(pixel) / 255.0));
        }
        if let Some(noise) = noise {
            let images = pixels.chunks_exact_mut(features).zip(indices);
            images.for_each(|(image, &index)| noise.add(index, image));
        }
        let values = TensorData::new(pixels, [indices.len(), features]);
        let trail = Trail::default();
        Self { network, auxiliary, indices, values, trail, before_latents: None, variational }
    }

    /// Logits without the last bias, `[samples, input]`, of a network that training has nothing
    /// beside.
    pub(in crate::train) fn logits(
        network: &'a Parameters,
        images: &Images,
        indices: &'a [u32],
    ) -> TensorData {
        let nothing = Auxiliary::default();
        let mut forward = Forward::new(network, &nothing, images, indices, None, None);
        forward.advance(None);
        forward.values
    }

    /// Goes on to the logits without the last bias. Stops at a normalised layer with sums over its
    /// values, each its own partner; `batch` are those of the stop before, over all shards.
    pub(in crate::train) fn advance(&mut self, mut batch: Option<&Sums>) -> Option<Sums> {
        let layers = &self.network.layers;
        loop {
            let index = self.trail.derivatives.len();
            if self.trail.kept.len() == index {
                self.enter(index);
            }
            if index + 1 == layers.len() {
                return None;
            }
            let sums = slice_mut(&mut self.values);
            let normalised = match (self.auxiliary.norm(index), batch.take()) {
                (None, _) => None,
                (Some(norm), None) => return Some(Sums::of(sums, sums, norm.channels())),
                (Some(norm), Some(batch)) => Some(norm.forward(sums, batch)),
            };
            self.trail.normalised.push(normalised);
            let bias = layers[index].bias_of_outputs(self.values.shape()[1]);
            let values = slice_mut(&mut self.values);
            self.trail.derivatives.push(activate(layers[index].activation, values, &bias));
            if index + 1 == self.network.encoder {
                self.leave_encoder();
            }
        }
    }

    /// Puts the sums of a layer in place of what goes in.
    fn enter(&mut self, index: usize) {
        let inputs = std::mem::replace(&mut self.values, TensorData::new(Vec::<f32>::new(), [0]));
        if index + 1 == self.network.encoder && self.variational.is_some() {
            self.before_latents = Some(inputs.clone());
        }
        let (sums, kept) = self.network.layers[index].forward(inputs);
        self.trail.kept.push(kept);
        self.values = sums;
    }

    /// Keeps the latents, and draws others in their place.
    fn leave_encoder(&mut self) {
        self.trail.latents = slice(&self.values).to_vec();
        let layer = self.auxiliary.log_variance.as_ref();
        if let (Some(layer), Some(variational), Some(inputs)) =
            (layer, self.variational, self.before_latents.take())
        {
            let latents = slice_mut(&mut self.values);
            let sampled = Sampled::draw(layer, inputs, latents, self.indices, variational);
            self.trail.sampled = Some(sampled);
        }
    }
}
