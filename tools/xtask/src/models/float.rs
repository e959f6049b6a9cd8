//! A model of the f32 contract with ReLU.

use ae_core::{Activation, F32, LayerSpec};
use ae_infer::{Digests, F32Autoencoder};
use anyhow::Result;

use super::Widths;
use super::random::Random;
use super::seal::{Run, seal};

pub(super) fn blob(widths: &Widths) -> Result<Vec<u8>> {
    let mut random = Random::new(3);
    let encoder: Vec<(usize, usize)> = widths.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let decoder: Vec<(usize, usize)> =
        encoder.iter().rev().map(|&(inputs, outputs)| (outputs, inputs)).collect();
    let mut make = |shape: &(usize, usize)| (*shape, data(*shape, &mut random));
    let encoder: Vec<_> = encoder.iter().map(&mut make).collect();
    let decoder: Vec<_> = decoder.iter().map(&mut make).collect();
    let image = random.pixels(widths[0]);
    let (encoder, decoder) =
        (specs(&encoder, Activation::Identity), specs(&decoder, Activation::Sigmoid));
    seal(encoder, decoder, &[], None, &image, run)
}

/// The data section: weights, input after input, and biases. Values keep about their size from
/// layer to layer.
fn data((inputs, outputs): (usize, usize), random: &mut Random) -> Vec<u8> {
    let largest = (3.0 / inputs as f64).sqrt() as f32;
    let values = (0..(inputs + 1) * outputs).map(|_| largest * random.signed_unit());
    values.flat_map(f32::to_le_bytes).collect()
}

fn specs(layers: &[((usize, usize), Vec<u8>)], last: Activation) -> Vec<LayerSpec<'_, F32>> {
    let specs = layers.iter().enumerate().map(|(index, ((inputs, outputs), data))| LayerSpec {
        inputs: *inputs as u32,
        outputs: *outputs as u32,
        digest: 0,
        arithmetic: F32::new(if index + 1 == layers.len() { last } else { Activation::Relu }),
        data,
    });
    specs.collect()
}

fn run(draft: &[u8], image: &[u8]) -> Result<Run> {
    let model = F32Autoencoder::load(draft)?;
    let header = model.model().header();
    let mut scratch = vec![0.0; header.scratch_len()];
    let mut latent = vec![0.0; header.latent as usize];
    let mut pixels = vec![0; image.len()];
    let mut digests = Digests::default();
    model.encode_traced(image, &mut latent, &mut scratch, &mut digests)?;
    model.decode_traced(&latent, &mut pixels, &mut scratch, &mut digests)?;
    let latent = latent.into_iter().flat_map(f32::to_le_bytes).collect();
    Ok((latent, digests.as_slice().to_vec()))
}
