//! What the checks ask of an arithmetic, and the oracle's walk through the layers of a part.

use ae_core::{Activation, F32, Int8, Layer, Layout, Part, PartKind, crc32c};
use ae_infer::Autoencoder;
use ae_infer::bulk::BulkCompute;
use ae_testkit::random::SplitMix64;

use crate::oracle::{float, int8};
use crate::run;

/// An arithmetic with its oracle.
pub trait Subject<'a>: BulkCompute<'a> {
    /// A value that goes into a layer, as the oracle has it.
    type Wide: Copy;
    /// A value that comes out of a layer, whatever it stands for.
    type Out: Copy;

    /// One that fills a place.
    fn any() -> Self;
    /// A pixel as it goes in.
    fn of_pixel(pixel: u8) -> Self::Wide;
    /// An element as it goes in.
    fn of_element(element: Self::Element) -> Self::Wide;
    /// A part's input from the bytes of its test input, where it is elements.
    fn of_bytes(bytes: &[u8]) -> Vec<Self::Element>;
    /// A layer's outputs.
    fn expect(layer: &Layer<'a, Self>, x: &[Self::Wide], y: &mut Vec<Self::Out>);
    /// An output that goes on to the next layer or is a latent value.
    fn element(out: Self::Out) -> Self::Element;
    /// An output of the decoder's last layer.
    fn pixel(out: Self::Out) -> u8;
    /// All bits of an element.
    fn bits(element: Self::Element) -> u32;
    /// Adds the bytes of an element.
    fn add_bytes(element: Self::Element, to: &mut Vec<u8>);
    /// Any element, the worst among them.
    fn random(random: &mut SplitMix64) -> Self::Element;
    /// Compares what a contract gives beside pixels.
    fn check_logits(model: &Autoencoder<'a, Self>, latent: &[Self::Element]);
}

impl<'a> Subject<'a> for Int8<'a> {
    type Wide = i64;
    type Out = u8;

    fn any() -> Self {
        Int8::new(Layout::Rows, 0, &[])
    }

    fn of_pixel(pixel: u8) -> i64 {
        i64::from(pixel) - 128
    }

    fn of_element(element: i8) -> i64 {
        element.into()
    }

    fn of_bytes(bytes: &[u8]) -> Vec<i8> {
        bytes.iter().map(|&byte| byte as i8).collect()
    }

    fn expect(layer: &Layer<'a, Self>, x: &[i64], y: &mut Vec<u8>) {
        int8::layer(layer, x, y);
    }

    fn element(out: u8) -> i8 {
        out as i8
    }

    fn pixel(out: u8) -> u8 {
        out
    }

    fn bits(element: i8) -> u32 {
        u32::from(element as u8)
    }

    fn add_bytes(element: i8, to: &mut Vec<u8>) {
        to.push(element as u8);
    }

    fn random(random: &mut SplitMix64) -> i8 {
        random.pixel() as i8
    }

    fn check_logits(_: &Autoencoder<'a, Self>, _: &[i8]) {}
}

impl<'a> Subject<'a> for F32 {
    type Wide = f32;
    type Out = f32;

    fn any() -> Self {
        F32::new(Activation::Identity)
    }

    fn of_pixel(pixel: u8) -> f32 {
        f32::from(pixel) / 255.0
    }

    fn of_element(element: f32) -> f32 {
        element
    }

    fn of_bytes(bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }

    fn expect(layer: &Layer<'a, Self>, x: &[f32], y: &mut Vec<f32>) {
        float::layer(layer, x, y);
    }

    fn element(out: f32) -> f32 {
        out
    }

    fn pixel(out: f32) -> u8 {
        float::pixel(out)
    }

    fn bits(element: f32) -> u32 {
        element.to_bits()
    }

    fn add_bytes(element: f32, to: &mut Vec<u8>) {
        to.extend(element.to_le_bytes());
    }

    fn random(random: &mut SplitMix64) -> f32 {
        random.any_real()
    }

    fn check_logits(model: &Autoencoder<'a, Self>, latent: &[f32]) {
        run::check_logits(model, latent);
    }
}

/// What a part gives.
pub struct Expected<O> {
    /// The last layer's outputs.
    pub outputs: Vec<O>,
    /// The digest of each layer's.
    pub digests: Vec<u32>,
}

/// Runs a part on `x` by the oracle.
pub fn expected<'a, A: Subject<'a>>(
    part: &Part<'a, A>,
    kind: PartKind,
    mut x: Vec<A::Wide>,
) -> Expected<A::Out> {
    let (mut outputs, mut digests, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = part.layers().len();
    for layer in part.layers() {
        A::expect(&layer, &x, &mut outputs);
        left -= 1;
        bytes.clear();
        if left == 0 && kind == PartKind::Decoder {
            bytes.extend(outputs.iter().map(|&out| A::pixel(out)));
        } else {
            outputs.iter().for_each(|&out| A::add_bytes(A::element(out), &mut bytes));
        }
        digests.push(crc32c(&bytes));
        x.clear();
        x.extend(outputs.iter().map(|&out| A::of_element(A::element(out))));
    }
    Expected { outputs, digests }
}

/// What a part gives for its own test input.
pub fn expected_of_test<'a, A: Subject<'a>>(
    part: &Part<'a, A>,
    kind: PartKind,
) -> Expected<A::Out> {
    let x = match kind {
        PartKind::Encoder => part.test_input().iter().map(|&pixel| A::of_pixel(pixel)).collect(),
        PartKind::Decoder => {
            A::of_bytes(part.test_input()).into_iter().map(A::of_element).collect()
        }
    };
    expected(part, kind, x)
}
