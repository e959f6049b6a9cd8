//! The f32 contract to the last bit: a sum starts from its bias, takes its products in the order
//! of inputs, and rounds each product before it is added.

use ae_core::{Activation, F32, F32Model, Part, PartSelection};
use ae_infer::F32Autoencoder;
use ae_model as model;
use ae_tests::models::{Output, float, network, noise};

/// How a sum is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    /// As the contract says.
    InOrder,
    /// From the last input to the first.
    Backwards,
    /// Products not rounded.
    Fused,
}

/// One part, one output after the other; the last activation is left out.
fn run(part: &Part<'_, F32>, mut x: Vec<f32>, sum: Sum) -> Vec<f32> {
    let count = part.layers().len();
    for (index, layer) in part.layers().enumerate() {
        let words = layer.data().chunks(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let values: Vec<f32> = words.collect();
        let outputs = layer.outputs();
        let (weights, biases) = values.split_at(layer.inputs() * outputs);
        let output = |output: usize| {
            let terms =
                x.iter().enumerate().map(|(input, &x)| (weights[input * outputs + output], x));
            let add = |acc: f32, (w, x): (f32, f32)| match sum {
                Sum::Fused => w.mul_add(x, acc),
                _ => {
                    let product = w * x;
                    acc + product
                }
            };
            match sum {
                Sum::Backwards => terms.rev().fold(biases[output], add),
                _ => terms.fold(biases[output], add),
            }
        };
        let sums: Vec<f32> = (0..outputs).map(output).collect();
        x = match layer.arithmetic().activation() {
            _ if index + 1 == count => sums,
            Activation::Relu => sums.into_iter().map(|z| z.max(0.0)).collect(),
            Activation::Gelu => sums.into_iter().map(ae_infer::gelu).collect(),
            Activation::Silu => sums.into_iter().map(ae_infer::silu).collect(),
            other => panic!("{other:?} is not a hidden activation"),
        };
    }
    x
}

/// Values of latent and logits that differ in any bit from those summed as `sum`, and all values.
fn differing(blob: &[u8], images: &ae_data::Images, sum: Sum) -> (usize, usize) {
    let engine = F32Autoencoder::load(blob).expect("a valid blob");
    let model: &F32Model<'_> = engine.model();
    let (encoder, decoder) =
        (model.encoder().expect("an encoder"), model.decoder().expect("a decoder"));
    let header = model.header();
    let mut scratch = vec![0.0; header.scratch_len()];
    let mut latent = vec![0.0; header.latent as usize];
    let mut logits = vec![0.0; header.features as usize];
    let (mut differ, mut all) = (0, 0);
    for image in images.iter() {
        let infer = "buffers of the header's sizes";
        engine.encode(image, &mut latent, &mut scratch).expect(infer);
        engine.decode_logits(&latent, &mut logits, &mut scratch).expect(infer);
        let x = image.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        let expected = [run(encoder, x, sum), run(decoder, latent.clone(), sum)].concat();
        let found = [&latent[..], &logits].concat();
        let pairs = found.iter().zip(&expected);
        differ += pairs.filter(|(a, b)| a.to_bits() != b.to_bits()).count();
        all += found.len();
    }
    (differ, all)
}

/// Widths around the engine's blocks of outputs, and none of them a multiple of anything.
const SHAPES: [&[usize]; 6] =
    [&[1, 1], &[100, 31, 13], &[783, 17, 1], &[60, 16, 15], &[50, 3000, 5], &[33, 32, 31, 5]];

#[test]
fn every_bit_of_latents_and_logits_is_that_of_plain_sums() {
    let mut total = 0;
    for activation in model::Activation::ALL {
        for widths in SHAPES {
            let network = network(widths, activation, Output::Sigmoid, 8);
            let images = noise(widths[0], 5, 9);
            let blob = float(&network, &images, PartSelection::Both);
            let (differ, all) = differing(&blob, &images, Sum::InOrder);
            assert_eq!(differ, 0, "{widths:?} {activation}");
            total += all;
        }
    }
    println!("{total} values equal to the bit");
}

/// Another order, or products that are not rounded, would be seen.
#[test]
fn sums_in_another_order_or_fused_are_others() {
    let network = network(&[100, 31, 13], model::Activation::Gelu, Output::Sigmoid, 8);
    let images = noise(100, 5, 9);
    let blob = float(&network, &images, PartSelection::Both);
    for sum in [Sum::Backwards, Sum::Fused] {
        let (differ, all) = differing(&blob, &images, sum);
        println!("{sum:?}: {differ} of {all} values differ");
        assert!(differ > all / 4);
    }
}
