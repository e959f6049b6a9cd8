//! Runs images through the Burn module.

use ae_data::Images;
use ae_detect::scoring::FloatModel;
use burn::tensor::{Device, Tensor, TensorData};

use super::Autoencoder;

/// Images that go through together.
const CHUNK: usize = 500;

impl Autoencoder {
    /// The logits of every image, image after image.
    ///
    /// # Panics
    ///
    /// When the images do not have the model's number of pixels.
    pub fn logits_of(&self, images: &Images) -> Vec<f32> {
        self.each_chunk(images, |model, tensor| model.forward(tensor))
    }

    /// The latent values of every image, image after image.
    ///
    /// # Panics
    ///
    /// When the images do not have the model's number of pixels.
    pub fn latents_of(&self, images: &Images) -> Vec<f32> {
        self.each_chunk(images, |model, tensor| model.encode(tensor))
    }

    /// The reconstruction of every image, rounded to pixels.
    ///
    /// # Panics
    ///
    /// When the images do not have the model's number of pixels.
    pub fn reconstruct_pixels(&self, images: &Images) -> Vec<u8> {
        let values = self.each_chunk(images, |model, tensor| model.reconstruct(tensor));
        values.into_iter().map(|value| (value * 255.0).round() as u8).collect()
    }

    fn each_chunk(&self, images: &Images, run: fn(&Self, Tensor<2>) -> Tensor<2>) -> Vec<f32> {
        let features = images.features();
        let chunks = images.pixels().chunks(CHUNK * features);
        let run = |pixels: &[u8]| {
            let values = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
            self.chunk(values, features, run)
        };
        chunks.flat_map(run).collect()
    }

    fn chunk(
        &self,
        values: Vec<f32>,
        features: usize,
        run: fn(&Self, Tensor<2>) -> Tensor<2>,
    ) -> Vec<f32> {
        let shape = [values.len() / features, features];
        let data = TensorData::new(values, shape);
        let result = run(self, Tensor::from_data(data, &Device::default())).into_data();
        result.as_slice::<f32>().expect("the model's tensors are 32-bit floats").to_vec()
    }
}

impl FloatModel for Autoencoder {
    /// # Panics
    ///
    /// When `features` is not the model's number of pixels.
    fn reconstruct(&self, values: &[f32], features: usize) -> Vec<f32> {
        let chunks = values.chunks(CHUNK * features);
        let run = |chunk: &[f32]| self.chunk(chunk.to_vec(), features, Self::reconstruct);
        chunks.flat_map(run).collect()
    }
}
