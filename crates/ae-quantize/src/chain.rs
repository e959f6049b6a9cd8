//! Runs layers that are not a model yet, with the engine that will run the model.

use ae_core::{Description, PartSpec, Provenance, write_to_vec};
use ae_data::Images;
use ae_infer::Autoencoder;
use rayon::prelude::*;

use crate::contract::ContractFamily;
use crate::seal::{LayerBytes, SealError, specs};

/// The output of the last of `layers` for every image, image after image. The layers are written
/// as an encoder, whatever part they belong to.
///
/// # Errors
/// The layers break a rule of the format.
pub fn run_chain<C: ContractFamily>(
    layers: &[LayerBytes<'_, C>],
    images: &Images,
) -> Result<Vec<C::Element>, SealError> {
    let outputs = layers.last().map_or(0, |layer| layer.outputs);
    let latent_map = {
        let map_bytes = <C::Arithmetic<'_> as ae_core::Arithmetic<'_>>::LATENT_MAP_BYTES;
        let unit: Vec<u8> = [1.0_f32, 0.0].into_iter().flat_map(f32::to_le_bytes).collect();
        unit[..map_bytes].repeat(outputs)
    };
    let layers = specs::<C>(layers, &[]);
    let blob = write_to_vec(&Description {
        model_id: [0; 16],
        latent_map: &latent_map,
        provenance: Provenance { tool: "", config: &[], data: &[] },
        detection: None,
        encoder: Some(PartSpec { layers: &layers, test_input: &vec![0; images.features()] }),
        decoder: None,
    })?;
    let model = Autoencoder::<C::Arithmetic<'_>>::load(&blob)?;
    let scratch_len = model.model().header().scratch_len();
    let mut results = vec![C::Element::default(); images.len() * outputs];
    results
        .par_chunks_mut(outputs.max(1))
        .zip(images.pixels().par_chunks(images.features()))
        .try_for_each_init(
            || vec![C::Element::default(); scratch_len],
            |scratch, (result, pixels)| model.encode(pixels, result, scratch),
        )?;
    Ok(results)
}
