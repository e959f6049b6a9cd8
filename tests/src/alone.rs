//! One layer of a model, run by itself on any input.

use ae_core::{Description, Int8, Layer, LayerSpec, PartSpec, write};
use ae_infer::Int8Autoencoder;

use crate::models::PROVENANCE;

/// A blob whose encoder is this one layer. Pixels stand for i8 in the format, so it takes any
/// input that the layer can get, and its latent is the layer's output.
///
/// # Panics
/// If the layer breaks a rule of the format.
#[must_use]
pub fn blob_of_layer(layer: &Layer<'_, Int8<'_>>) -> Vec<u8> {
    let latent_map = [1.0_f32.to_le_bytes(), 0.0_f32.to_le_bytes()].concat();
    let layers = [LayerSpec {
        geometry: layer.geometry(),
        digest: layer.digest(),
        arithmetic: *layer.arithmetic(),
        data: layer.data(),
    }];
    let description = Description {
        model_id: [0; 16],
        latent_map: &latent_map.repeat(layer.outputs()),
        provenance: PROVENANCE,
        detection: None,
        in_strips: false,
        encoder: Some(PartSpec { layers: &layers, test_input: &vec![0; layer.inputs()] }),
        decoder: None,
    };
    let tables = layer.arithmetic().tables().as_flattened();
    // The rest is header, provenance, lengths and padding.
    let slices = layer.data().len() + tables.len() + layer.inputs() + 8 * layer.outputs();
    let mut blob = vec![0; slices + 256];
    let len = write(&description, &mut blob).expect("a layer of a valid model");
    blob.truncate(len);
    blob
}

/// What the engine gives for inputs of −128…127.
///
/// # Panics
/// If `blob` is not one of [`blob_of_layer`], or the inputs are not as many as the layer's.
#[must_use]
pub fn run(blob: &[u8], inputs: &[i64]) -> Vec<i8> {
    let model = Int8Autoencoder::load(blob).expect("a blob of one layer");
    let pixels: Vec<u8> = inputs.iter().map(|&input| (input + 128) as u8).collect();
    let mut outputs = vec![0; model.model().header().latent as usize];
    // What the layer needs beside its input and output.
    let mut room = vec![0; model.model().header().encoder_scratch as usize];
    model.encode(&pixels, &mut outputs, &mut room).expect("buffers of the header's sizes");
    outputs
}
