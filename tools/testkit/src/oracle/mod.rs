//! What a model or a detector must give, from its bytes and `FORMAT.md` alone.
//!
//! What a dense layer gives stands with its contract: see [`Int8`](crate::int8::Int8) and
//! [`F32`](crate::float::F32). What layers give that work position by position stands in [`spatial`].

pub mod companions;
pub mod detector;
pub mod features;
pub mod spatial;

use crate::arithmetic::Arithmetic;
use crate::blob::{Blob, Layer, Part};
use crate::seal::crc32c;

/// What the layers of a part give for an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace<V> {
    /// The outputs of every layer, as they go on to the next.
    pub outputs: Vec<Vec<V>>,
    /// The digest of each layer's outputs ("Test vectors and digests").
    pub digests: Vec<u32>,
}

impl<V> Trace<V> {
    /// The outputs of the last layer.
    ///
    /// # Panics
    /// If there is no layer.
    #[must_use]
    pub fn last(&self) -> &[V] {
        self.outputs.last().expect("a part has layers")
    }
}

impl<A: Arithmetic> Blob<A> {
    /// What the encoder makes of pixels.
    ///
    /// # Panics
    /// If there is no encoder, or it takes another number of pixels.
    #[must_use]
    pub fn encode(&self, pixels: &[u8]) -> Trace<A::Value> {
        let encoder = self.encoder.as_ref().expect("an encoder");
        encoder.run(pixels.iter().map(|&pixel| A::of_pixel(pixel)).collect(), push_values::<A>)
    }

    /// What the decoder makes of latent values.
    ///
    /// # Panics
    /// If there is no decoder, or it takes another number of values.
    #[must_use]
    pub fn decode(&self, latent: &[A::Value]) -> Trace<A::Value> {
        let decoder = self.decoder.as_ref().expect("a decoder");
        decoder.run(latent.to_vec(), push_pixels::<A>)
    }

    /// The pixels that the decoder makes of what the encoder makes of `pixels`.
    ///
    /// # Panics
    /// As [`encode`](Self::encode) and [`decode`](Self::decode).
    #[must_use]
    pub fn reconstruct(&self, pixels: &[u8]) -> Vec<u8> {
        let pixels = self.decode(self.encode(pixels).last());
        pixels.last().iter().map(|&value| A::pixel(value)).collect()
    }

    /// The true digests of each part's layers for its test input; none for a part that is missing.
    #[must_use]
    pub fn digests(&self) -> [Vec<u32>; 2] {
        let encoder = self.encoder.as_ref().map(|part| self.encode(&part.test_input).digests);
        let decoder = self.decoder.as_ref();
        let decoder = decoder.map(|part| self.decode(&A::of_bytes(&part.test_input)).digests);
        [encoder, decoder].map(Option::unwrap_or_default)
    }

    /// The same blob with a one-hot latent, and true digests: the encoder's last layer has the same
    /// sums.
    #[must_use]
    pub fn with_one_hot_latent(mut self) -> Self {
        let last = self.encoder.as_mut().and_then(|encoder| encoder.layers.last_mut());
        if let Some(layer) = last {
            layer.arithmetic = layer.arithmetic.clone().into_one_hot();
        }
        self.with_digests()
    }

    /// The same blob with the [true digests](Self::digests).
    #[must_use]
    pub fn with_digests(mut self) -> Self {
        let digests = self.digests();
        for (part, digests) in [&mut self.encoder, &mut self.decoder].into_iter().zip(digests) {
            let layers = part.iter_mut().flat_map(|part| &mut part.layers);
            layers.zip(digests).for_each(|(layer, digest)| layer.digest = digest);
        }
        self
    }
}

impl<A: Arithmetic> Part<A> {
    /// `last_bytes` gives the bytes of the last layer's outputs.
    fn run(
        &self,
        mut x: Vec<A::Value>,
        last_bytes: fn(&[A::Value], &mut Vec<u8>),
    ) -> Trace<A::Value> {
        let mut trace = Trace { outputs: Vec::new(), digests: Vec::new() };
        let mut bytes = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let outputs = layer.outputs(&x);
            bytes.clear();
            if index + 1 == self.layers.len() {
                last_bytes(&outputs, &mut bytes);
            } else {
                push_values::<A>(&outputs, &mut bytes);
            }
            trace.digests.push(crc32c(&bytes));
            x.clone_from(&outputs);
            trace.outputs.push(outputs);
        }
        trace
    }
}

impl<A: Arithmetic> Layer<A> {
    /// What the layer makes of `x`.
    ///
    /// # Panics
    /// If the layer has another number of inputs.
    #[must_use]
    pub fn outputs(&self, x: &[A::Value]) -> Vec<A::Value> {
        match &self.spatial {
            None => self.arithmetic.outputs(x),
            Some(spatial) => spatial::outputs(spatial, &self.arithmetic, x),
        }
    }
}

fn push_values<A: Arithmetic>(values: &[A::Value], to: &mut Vec<u8>) {
    values.iter().for_each(|&value| A::push_bytes(value, to));
}

fn push_pixels<A: Arithmetic>(values: &[A::Value], to: &mut Vec<u8>) {
    to.extend(values.iter().map(|&value| A::pixel(value)));
}
