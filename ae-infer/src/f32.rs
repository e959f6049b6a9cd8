//! Layers of the f32 contract: dense ones here, all others by way of [`spatial`](crate::spatial). Each sum starts from its bias and takes its products in index
//! order, a product rounded before it is added; many outputs are computed side by side, which
//! changes no order.

use ae_core::{Activation, F32, Layer};

use crate::activation;
use crate::arch::all::f32 as portable;
use crate::arch::f32 as kernel;
use crate::compute::ComputeLayer;
use crate::spatial::{self, Sink, Source};

/// Pixels that are divided, and outputs that become pixels, at a time: of both there are f32 on
/// the stack. Hosts have room, and are faster with long stretches of the weights.
const AT_A_TIME: usize = if cfg!(ae_kernel = "host") { 256 } else { 32 };

/// An input of the f32 contract: an f32, or a pixel that stands for `p / 255`.
pub trait Operand: Sized {
    /// The values that go into a layer.
    fn source(x: &[Self]) -> Source<'_>;
}

impl Operand for f32 {
    fn source(x: &[Self]) -> Source<'_> {
        Source::Elements(x)
    }
}

impl Operand for u8 {
    fn source(x: &[Self]) -> Source<'_> {
        Source::Pixels(x)
    }
}

/// What a layer's value becomes: the next layer's f32, or a pixel.
pub trait Outcome: Sized {
    /// From the value behind the activation.
    fn from_real(value: f32) -> Self;
    /// The places of the values.
    fn sink(y: &mut [Self]) -> Sink<'_>;
}

impl Outcome for f32 {
    fn from_real(value: f32) -> Self {
        value
    }

    fn sink(y: &mut [Self]) -> Sink<'_> {
        Sink::Elements(y)
    }
}

impl Outcome for u8 {
    /// The nearest pixel of 0…1, half up; what lies outside is clipped.
    fn from_real(value: f32) -> Self {
        // By way of i32, which cores with a floating-point unit convert to and saturate.
        ((value * 255.0 + 0.5) as i32).clamp(0, 255) as Self
    }

    fn sink(y: &mut [Self]) -> Sink<'_> {
        Sink::Pixels(y)
    }
}

/// Shows all values in order, some at a time behind the index of the first.
#[inline(always)]
fn reals(x: Source<'_>, mut show: impl FnMut(usize, &[f32])) {
    match x {
        Source::Elements(x) => show(0, x),
        Source::Pixels(x) => reals_of_pixels(x, show),
    }
}

/// It is no part of who calls it, so that others take no stack for it.
#[inline(never)]
fn reals_of_pixels(x: &[u8], mut show: impl FnMut(usize, &[f32])) {
    let mut reals = [0.0; AT_A_TIME];
    let mut first = 0_usize;
    for pixels in x.chunks(AT_A_TIME) {
        for (real, pixel) in reals.iter_mut().zip(pixels) {
            *real = f32::from(*pixel) / 255.0;
        }
        show(first, reals.get(..pixels.len()).unwrap_or_default());
        first = first.saturating_add(AT_A_TIME);
    }
}

/// Fills all places. `sum` computes sums, the first of which is that of the output at the index.
#[inline(always)]
fn fill(y: Sink<'_>, activation: Activation, mut sum: impl FnMut(usize, &mut [f32])) {
    match y {
        Sink::Elements(y) => {
            sum(0, y);
            activation::apply_to_all(activation, y);
        }
        Sink::Pixels(y) => fill_pixels(y, activation, sum),
    }
}

/// As [`reals_of_pixels`].
#[inline(never)]
fn fill_pixels(y: &mut [u8], activation: Activation, mut sum: impl FnMut(usize, &mut [f32])) {
    let mut values = [0.0; AT_A_TIME];
    let mut first = 0_usize;
    for pixels in y.chunks_mut(AT_A_TIME) {
        let values = values.get_mut(..pixels.len()).unwrap_or_default();
        sum(first, values);
        activation::apply_to_all(activation, values);
        for (pixel, value) in pixels.iter_mut().zip(values) {
            *pixel = Outcome::from_real(*value);
        }
        first = first.saturating_add(AT_A_TIME);
    }
}

/// Computes a layer; see [`ComputeLayer::compute`].
pub(crate) fn layer(layer: &Layer<'_, F32>, x: Source<'_>, y: Sink<'_>, room: &mut [f32]) {
    if let Some(spatial) = &layer.spatial() {
        return spatial::f32(layer, spatial, x, y, room);
    }
    fill(y, layer.arithmetic().activation(), |first, sums| {
        reals(x, |input, x| kernel::add_products(layer, input, x, first, sums));
    });
}

impl<'a, X: Operand, Y: Outcome> ComputeLayer<'a, X, Y> for F32 {
    fn compute(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [f32]) {
        self::layer(layer, X::source(x), Y::sink(y), room);
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        let (x, y) = (X::source(x), Y::sink(y));
        if layer.is_spatial() {
            return spatial::plain::f32(layer, x, y);
        }
        fill(y, layer.arithmetic().activation(), |first, sums| {
            reals(x, |input, x| portable::add_products(layer, input, x, first, sums));
        });
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        if layer.is_spatial() { spatial::kernel_f32(layer) } else { kernel::name(layer) }
    }
}
