//! Networks that are hard to quantise come out as good int8 models too.

use ae_core::PartSelection;
use ae_data::Images;
use ae_infer::Int8Autoencoder;
use ae_model::{Activation, LayerF32, Network};
use ae_tests::models::{Output, network, noise, quantised};

/// What one layer gives, before any activation, in double precision.
fn dense(layer: &LayerF32, x: &[f64]) -> Vec<f64> {
    let rows = layer.weights.chunks(layer.inputs()).zip(&layer.bias);
    rows.map(|(row, &bias)| {
        f64::from(bias) + row.iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum::<f64>()
    })
    .collect()
}

/// The values in front of every layer's activation, in double precision.
fn float_values(network: &Network, image: &[u8]) -> Vec<Vec<f64>> {
    let mut x: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel) / 255.0).collect();
    let (encoder, all) = (network.encoder.len(), network.layers().count());
    let mut values = Vec::new();
    for (index, layer) in network.layers().enumerate() {
        let z = dense(layer, &x);
        let hidden = index + 1 != encoder && index + 1 != all;
        x = if hidden { z.iter().map(|z| z.max(0.0)).collect() } else { z.clone() };
        values.push(z);
    }
    values
}

/// Root of the mean squared difference of a ReLU network's pixels from an int8 blob's, of 255.
fn difference_of(network: &Network, blob: &[u8], images: &Images) -> f64 {
    let model = Int8Autoencoder::load(blob).expect("a valid blob");
    let mut scratch = vec![0; model.model().header().scratch_len()];
    let mut pixels = vec![0; images.features()];
    let mut squares = 0.0;
    for image in images.iter() {
        model.reconstruct(image, &mut pixels, &mut scratch).expect("buffers of the right size");
        let logits = float_values(network, image).pop().expect("layers");
        for (logit, &pixel) in logits.iter().zip(&pixels) {
            squares += (255.0 / (1.0 + (-logit).exp()) - f64::from(pixel)).powi(2);
        }
    }
    (squares / images.pixels().len() as f64).sqrt()
}

/// [`difference_of`] the network's own blob.
fn difference(network: &Network, images: &Images) -> f64 {
    difference_of(network, &quantised(network, images, PartSelection::Both), images)
}

/// A ReLU that hardly ever passes anything has a tiny range; the others keep theirs.
#[test]
fn a_nearly_dead_relu_costs_the_other_channels_nothing() {
    let images = noise(40, 300, 21);
    let alive = network(&[40, 24, 6], Activation::Relu, Output::Sigmoid, 20);
    let usual = difference(&alive, &images);
    for layer in [0, 2] {
        let mut network = alive.clone();
        // The largest value that unit 5 of this layer has for any image.
        let values = images.iter().map(|image| float_values(&network, image)[layer][5]);
        let top = values.fold(f64::MIN, f64::max);
        let dense = if layer == 0 { &mut network.encoder[0] } else { &mut network.decoder[0] };
        dense.bias[5] -= (top - 1e-4) as f32;
        let found = difference(&network, &images);
        println!("layer {layer}: {found:.3} of 255, with every unit alive {usual:.3}");
        assert!(found < 1.5 * usual, "{found} against {usual}");
    }
}

/// Inputs that never vary, hidden units that never pass anything, and weights that are all zero.
#[test]
fn what_carries_nothing_is_no_trouble() {
    let mut network = network(&[40, 24, 6], Activation::Relu, Output::Sigmoid, 22);
    network.encoder[0].bias[..4].fill(-100.0);
    network.decoder[1].weights[..24 * 3].fill(0.0);
    network.encoder[1].weights[24..48].fill(0.0);
    let mut pixels = noise(40, 300, 23).pixels().to_vec();
    pixels.chunks_mut(40).for_each(|image| image[..10].fill(0));
    let images = Images::new(pixels, 1, 40).expect("whole images");
    let found = difference(&network, &images);
    println!("{found:.3} of 255");
    assert!(found < 2.0, "{found}");
}

/// The difference shows a blob that is not the network's.
#[test]
fn the_blob_of_a_network_with_one_weight_changed_is_noticed() {
    let images = noise(40, 300, 24);
    let network = network(&[40, 24, 6], Activation::Relu, Output::Sigmoid, 25);
    let mut changed = network.clone();
    changed.encoder[1].weights[0] += 1.0;
    let usual = difference(&network, &images);
    let found =
        difference_of(&network, &quantised(&changed, &images, PartSelection::Both), &images);
    assert!(found > 1.5 * usual, "{found} against {usual}");
}
