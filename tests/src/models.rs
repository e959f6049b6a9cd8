//! Float networks with seeded random weights, and their blobs.

use ae_core::{Activation as LayerActivation, Geometry, PartSelection, Provenance};
use ae_data::Images;
use ae_model::{Activation, LayerF32, Network};
use ae_quantize::{Seal, float_blob, int8_blob, unwatched};
use ae_testkit::draw::Weights;
use ae_testkit::random::SplitMix64;

use crate::integers::{integer_blob, random_layers};

/// Says that a blob was made by a test.
pub const PROVENANCE: Provenance<'static> =
    Provenance { tool: "ae-tests", config: &[0xc0, 0xc1, 0xc2, 0xc3], data: &[0xd0, 0xd1] };

/// How the decoder's last layer of a [`network`] becomes pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// By a sigmoid.
    Sigmoid,
    /// As it is, clipped.
    Linear,
}

impl From<Output> for LayerActivation {
    fn from(output: Output) -> Self {
        match output {
            Output::Sigmoid => Self::Sigmoid,
            Output::Linear => Self::Identity,
        }
    }
}

/// An autoencoder of `widths` (pixels, hidden layers, latent; the decoder has them reversed) with
/// weights as large as Glorot's and biases of up to ±0.3.
#[must_use]
pub fn network(widths: &[usize], activation: Activation, output: Output, seed: u64) -> Network {
    let mut random = SplitMix64::new(seed);
    let last = widths.len().saturating_sub(2);
    let mut layer = |inputs: usize, outputs: usize, activation: LayerActivation| {
        let limit = (6.0 / (inputs + outputs) as f32).sqrt();
        LayerF32 {
            geometry: Geometry::dense(inputs, outputs),
            weights: (0..inputs * outputs).map(|_| limit * random.signed_unit()).collect(),
            bias: (0..outputs).map(|_| 0.3 * random.signed_unit()).collect(),
            activation,
        }
    };
    let mut part = |pairs: Vec<[usize; 2]>, end: LayerActivation| -> Vec<LayerF32> {
        let pairs = pairs.into_iter().enumerate();
        pairs
            .map(|(index, [inputs, outputs])| {
                layer(inputs, outputs, if index < last { activation.into() } else { end })
            })
            .collect()
    };
    let encoder = widths.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let decoder = widths.windows(2).rev().map(|pair| [pair[1], pair[0]]).collect();
    Network {
        encoder: part(encoder, LayerActivation::Identity),
        decoder: part(decoder, output.into()),
    }
}

/// `count` pictures of noise, one row of `features` pixels each.
///
/// # Panics
/// If `features` is 0.
#[must_use]
pub fn noise(features: usize, count: usize, seed: u64) -> Images {
    let pixels = SplitMix64::new(seed).pixels(features * count);
    Images::new(pixels, 1, features).expect("a whole number of images")
}

/// The f32 blob of `network`, tested with the first of `images`.
///
/// # Panics
/// If the network breaks a rule of the format.
#[must_use]
pub fn float(network: &Network, images: &Images, parts: PartSelection) -> Vec<u8> {
    float_blob(network, &seal(images, parts)).expect("a network that the format can hold")
}

/// The int8 blob of `network`, calibrated on `images` and tested with the first of them.
///
/// # Panics
/// If the network breaks a rule of the format.
#[must_use]
pub fn quantised(network: &Network, images: &Images, parts: PartSelection) -> Vec<u8> {
    let blob = int8_blob(network, images, &seal(images, parts), &mut unwatched);
    blob.expect("a network that the format can hold").bytes
}

fn seal(images: &Images, parts: PartSelection) -> Seal<'_> {
    Seal { parts, latent_map: &[], provenance: PROVENANCE, test_image: images.image(0) }
}

/// The int8 and the f32 blob of a 12→7→3→7→12 network with GELU: small enough to try everything
/// on, and with every kind of field in it.
#[must_use]
pub fn small_blobs(parts: PartSelection) -> [Vec<u8>; 2] {
    let network = network(&[12, 7, 3], Activation::Gelu, Output::Sigmoid, 12);
    let images = noise(12, 64, 13);
    [quantised(&network, &images, parts), float(&network, &images, parts)]
}

/// The int8 blob of a 784→256→128→20 autoencoder with random weights and tables.
#[must_use]
pub fn full_size() -> Vec<u8> {
    let mut random = SplitMix64::new(2);
    let layers = random_layers(&[784, 256, 128, 20], Weights::Any, &mut random);
    integer_blob(&layers, &random.pixels(784), PartSelection::Both)
}
