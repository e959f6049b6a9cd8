//! What every layer of a blob gives, sample by sample.

use ae_core::{Contract, Model, Part};
use ae_infer::{
    Autoencoder, Compute, F32Autoencoder, InferError, Int8Autoencoder, Shown, Trace, Value,
};

use crate::{EngineError, contract_of};

/// A blob whose layers are looked at. A layer is known by its number, the encoder's before the
/// decoder's.
pub enum Layers<'b> {
    /// Of the int8 contract.
    Int8(Int8Autoencoder<'b>),
    /// Of the f32 contract.
    F32(F32Autoencoder<'b>),
}

/// The values that each layer gives for one sample. Those of an int8 layer are its integers, those of
/// an int8 decoder's last layer its pixels.
pub type Outputs = Vec<Vec<f32>>;

impl<'b> Layers<'b> {
    /// Reads a blob. An int8 blob runs fastest [in rows](crate::in_rows).
    ///
    /// # Errors
    /// It is not a model.
    pub fn load(blob: &'b [u8]) -> Result<Self, EngineError> {
        Ok(match contract_of(blob)? {
            Contract::Int8 => Self::Int8(Autoencoder::load(blob)?),
            Contract::F32 => Self::F32(Autoencoder::load(blob)?),
        })
    }

    /// Values that each layer gives.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        match self {
            Self::Int8(model) => widths(model.model()),
            Self::F32(model) => widths(model.model()),
        }
    }

    /// What each layer gives for an image.
    ///
    /// # Errors
    /// The blob lacks a part, or the image has another size.
    pub fn of_pixels(&self, pixels: &[u8]) -> Result<Outputs, EngineError> {
        match self {
            Self::Int8(model) => of_pixels(model, pixels),
            Self::F32(model) => of_pixels(model, pixels),
        }
    }

    /// What each layer of an f32 blob gives for numbers that are not those of pixels, of which the
    /// last layer makes none either. An int8 blob takes pixels alone, and gives nothing here.
    ///
    /// # Errors
    /// The blob lacks a part, or there are more or fewer values than it takes.
    pub fn of_values(&self, values: &[f32]) -> Result<Outputs, EngineError> {
        let Self::F32(model) = self else { return Ok(Outputs::new()) };
        let header = model.model().header();
        let mut latent = vec![0.0; header.latent as usize];
        let mut scratch = vec![0.0; header.scratch_len()];
        let (mut results, mut kept) = (vec![0.0; values.len()], Kept::default());
        model.encode_values_traced(values, &mut latent, &mut scratch, &mut kept)?;
        model.decode_values_traced(&latent, &mut results, &mut scratch, &mut kept)?;
        Ok(kept.outputs)
    }
}

fn of_pixels<'b, A: Compute<'b>>(
    model: &Autoencoder<'b, A>,
    pixels: &[u8],
) -> Result<Outputs, EngineError> {
    let header = model.model().header();
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let (mut results, mut kept) = (vec![0; pixels.len()], Kept::default());
    let traced = model.reconstruct_traced(pixels, &mut results, &mut scratch, &mut kept);
    traced.map_err(|error: InferError| error.into()).map(|()| kept.outputs)
}

fn widths<'b, A: Compute<'b>>(model: &Model<'b, A>) -> Vec<usize> {
    let parts = [model.encoder(), model.decoder()].into_iter().flatten();
    parts.flat_map(Part::layers).map(|layer| layer.outputs()).collect()
}

/// Keeps what layers give.
#[derive(Default)]
struct Kept {
    outputs: Outputs,
    /// The number of the part's first layer.
    first: usize,
}

impl Trace for Kept {
    fn part(&mut self, layers: usize) {
        self.first = self.outputs.len();
        self.outputs.resize(self.first + layers, Vec::new());
    }

    fn values<V: Value>(&mut self, layer: usize, values: &[V]) {
        let Some(kept) = self.outputs.get_mut(self.first + layer) else { return };
        match V::shown(values) {
            Shown::Pixels(values) => kept.extend(values.iter().copied().map(f32::from)),
            Shown::Integers(values) => kept.extend(values.iter().copied().map(f32::from)),
            Shown::Reals(values) => kept.extend(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_data::Images;

    use super::*;
    use crate::{Latents, encode, reconstruct, reconstruct_values};

    const INT8: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
    const F32: &[u8] = include_bytes!("../../../tests/golden/tiny.f32.aeb");

    #[test]
    fn the_last_layers_of_both_parts_give_latents_and_pixels() {
        let image = [10, 200, 30, 120];
        let images = Images::new(image.to_vec(), 1, 4).unwrap();
        for blob in [INT8, F32] {
            let layers = Layers::load(blob).unwrap();
            let outputs = layers.of_pixels(&image).unwrap();
            let widths: Vec<usize> = outputs.iter().map(Vec::len).collect();
            assert_eq!(widths, layers.widths());
            let latents = match encode(blob, &images).unwrap() {
                Latents::Int8(latents) => latents.into_iter().map(f32::from).collect(),
                Latents::F32(latents) => latents,
            };
            assert_eq!(outputs[1], latents, "two layers encode");
            let pixels = reconstruct(blob, &images).unwrap();
            let pixels: Vec<f32> = pixels.into_iter().map(f32::from).collect();
            assert_eq!(outputs.last(), Some(&pixels));
        }
    }

    #[test]
    fn values_are_not_rounded_to_pixels() {
        let values = [0.3, -1.7, 2.25, 0.0];
        let outputs = Layers::load(F32).unwrap().of_values(&values).unwrap();
        assert_eq!(outputs.last(), Some(&reconstruct_values(F32, &values).unwrap()));
        assert!(Layers::load(INT8).unwrap().of_values(&values).unwrap().is_empty());
    }
}
