//! Runs a layer that is not part of a model yet, with the engine that will run the model.

use ae_core::{Description, PartSpec, Provenance, write_to_vec};
use ae_data::Images;
use ae_infer::{Autoencoder, ComputeLayer};
use rayon::prelude::*;

use crate::QuantizeError;
use crate::contract::ContractFamily;
use crate::seal::{LayerBytes, SealError, specs};

/// What goes into a layer, image after image.
pub(super) enum Values<'i, E> {
    /// The images themselves, into the first layer.
    Pixels(&'i Images),
    /// What the layer before gave.
    Elements(Vec<E>),
}

impl Values<'_, i8> {
    /// The integers that the layer's weights multiply.
    pub(super) fn integers(&self) -> std::borrow::Cow<'_, [i8]> {
        match self {
            Self::Pixels(images) => {
                images.pixels().iter().map(|&pixel| (pixel ^ 0x80) as i8).collect()
            }
            Self::Elements(values) => values.into(),
        }
    }
}

impl Values<'_, f32> {
    /// A value, counted through all images, as the layer's weights see it.
    pub(super) fn real(&self, at: usize) -> f64 {
        match self {
            Self::Pixels(images) => f64::from(images.pixels()[at]) / 255.0,
            Self::Elements(values) => f64::from(values[at]),
        }
    }
}

/// A float network may overflow where one weight is very large; its ranges may not.
pub(super) fn finite(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(f32::MIN, f32::MAX) }
}

/// Images between two looks at the watch.
const BATCH: usize = 512;

/// The output of a layer for every image, image after image. The layer is written as an encoder,
/// whatever part it belongs to.
pub(super) fn run_layer<C: ContractFamily>(
    layer: &LayerBytes<'_, C>,
    values: &Values<'_, C::Element>,
    mut at: impl FnMut(f64) -> Result<(), QuantizeError>,
) -> Result<Vec<C::Element>, QuantizeError> {
    let (inputs, outputs) = (layer.geometry.inputs(), layer.geometry.outputs());
    let latent_map = {
        let map_bytes = <C::Arithmetic<'_> as ae_core::Arithmetic<'_>>::LATENT_MAP_BYTES;
        let unit: Vec<u8> = [1.0_f32, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
        unit[..map_bytes].repeat(outputs)
    };
    let layers = specs::<C>(std::slice::from_ref(layer), &[]);
    let blob = write_to_vec(&Description {
        model_id: [0; 16],
        latent_map: &latent_map,
        provenance: Provenance { tool: "", config: &[], data: &[] },
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &layers, test_input: &vec![0; inputs] }),
        decoder: None,
    })
    .map_err(SealError::from)?;
    let model = Autoencoder::<C::Arithmetic<'_>>::load(&blob).map_err(SealError::from)?;
    let layers = model.model().encoder().map(ae_core::Part::layers);
    let layer = layers.and_then(|mut layers| layers.next()).expect("the encoder just written");
    let room = vec![C::Element::default(); layer.room()];
    let samples = match values {
        Values::Pixels(images) => images.len(),
        Values::Elements(values) => values.len() / inputs,
    };
    let mut results = vec![C::Element::default(); samples * outputs];
    for (batch, results) in results.chunks_mut(BATCH * outputs).enumerate() {
        let first = batch * BATCH;
        at(first as f64 / samples as f64)?;
        let results = results.par_chunks_mut(outputs).enumerate();
        results.for_each_init(
            || room.clone(),
            |room, (index, result)| {
                let from = (first + index) * inputs;
                match values {
                    Values::Pixels(images) => {
                        let pixels = &images.pixels()[from..from + inputs];
                        <C::Arithmetic<'_> as ComputeLayer<'_, u8, C::Element>>::compute(
                            &layer, pixels, result, room,
                        );
                    }
                    Values::Elements(values) => {
                        let values = &values[from..from + inputs];
                        <C::Arithmetic<'_> as ComputeLayer<'_, C::Element, C::Element>>::compute(
                            &layer, values, result, room,
                        );
                    }
                }
            },
        );
    }
    Ok(results)
}
