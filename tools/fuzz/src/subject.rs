//! What the checks ask of an arithmetic, beside what its oracle in the kit computes.

use ae_core::{Activation, F32, Int8, Layout};
use ae_infer::Autoencoder;
use ae_infer::bulk::BulkCompute;
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::random::SplitMix64;
use ae_testkit::{float, int8};

use crate::run;

/// A value as the oracle of `A` has it.
pub type Value<'a, A> = <<A as Subject<'a>>::Oracle as Arithmetic>::Value;

/// An arithmetic with its oracle.
pub trait Subject<'a>: BulkCompute<'a> {
    /// The same contract in the kit.
    type Oracle: Arithmetic;

    /// One that fills a place.
    fn any() -> Self;
    /// An element as the oracle has it.
    fn value(element: Self::Element) -> Value<'a, Self>;
    /// A value of the oracle that goes on to the next layer or is latent.
    fn element(value: Value<'a, Self>) -> Self::Element;
    /// All bits of an element.
    fn bits(element: Self::Element) -> u32;
    /// Any element, the worst among them.
    fn random(random: &mut SplitMix64) -> Self::Element;
    /// Compares what a contract gives beside pixels.
    fn check_logits(
        model: &Autoencoder<'a, Self>,
        oracle: &Blob<Self::Oracle>,
        latent: &[Self::Element],
    );
}

impl<'a> Subject<'a> for Int8<'a> {
    type Oracle = int8::Int8;

    fn any() -> Self {
        Int8::new(Layout::Rows, 0, &[])
    }

    fn value(element: i8) -> i64 {
        element.into()
    }

    fn element(value: i64) -> i8 {
        value.try_into().expect("a value of an i8")
    }

    fn bits(element: i8) -> u32 {
        u32::from(element as u8)
    }

    fn random(random: &mut SplitMix64) -> i8 {
        random.pixel() as i8
    }

    fn check_logits(_: &Autoencoder<'a, Self>, _: &Blob<int8::Int8>, _: &[i8]) {}
}

impl<'a> Subject<'a> for F32 {
    type Oracle = float::F32;

    fn any() -> Self {
        F32::new(Activation::Identity)
    }

    fn value(element: f32) -> f32 {
        element
    }

    fn element(value: f32) -> f32 {
        value
    }

    fn bits(element: f32) -> u32 {
        element.to_bits()
    }

    fn random(random: &mut SplitMix64) -> f32 {
        random.any_real()
    }

    fn check_logits(model: &Autoencoder<'a, Self>, oracle: &Blob<float::F32>, latent: &[f32]) {
        run::check_logits(model, oracle, latent);
    }
}
