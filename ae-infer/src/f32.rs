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
/// the stack.
const AT_A_TIME: usize = 32;

/// An input of the f32 contract: an f32, or a pixel that stands for `p / 255`.
pub trait Operand: Sized {
    /// Shows all of `x` in order, some at a time behind the index of the first.
    fn reals(x: &[Self], show: impl FnMut(usize, &[f32]));
    /// The same for layers that work position by position.
    fn source(x: &[Self]) -> Source<'_>;
}

impl Operand for f32 {
    fn reals(x: &[Self], mut show: impl FnMut(usize, &[f32])) {
        show(0, x);
    }

    fn source(x: &[Self]) -> Source<'_> {
        Source::Elements(x)
    }
}

impl Operand for u8 {
    fn reals(x: &[Self], mut show: impl FnMut(usize, &[f32])) {
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

    fn source(x: &[Self]) -> Source<'_> {
        Source::Pixels(x)
    }
}

/// What a layer's value becomes: the next layer's f32, or a pixel.
pub trait Outcome: Sized {
    /// From the value behind the activation.
    fn from_real(value: f32) -> Self;
    /// Fills `y`. `sum` computes sums, the first of which is that of the output at the index.
    fn fill(y: &mut [Self], activation: Activation, sum: impl FnMut(usize, &mut [f32]));
    /// `y` for layers that work position by position.
    fn sink(y: &mut [Self]) -> Sink<'_>;
}

impl Outcome for f32 {
    fn from_real(value: f32) -> Self {
        value
    }

    fn fill(y: &mut [Self], activation: Activation, mut sum: impl FnMut(usize, &mut [f32])) {
        sum(0, y);
        activation::apply_to_all(activation, y);
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

    fn fill(y: &mut [Self], activation: Activation, mut sum: impl FnMut(usize, &mut [f32])) {
        let mut values = [0.0; AT_A_TIME];
        let mut first = 0_usize;
        for pixels in y.chunks_mut(AT_A_TIME) {
            let values = values.get_mut(..pixels.len()).unwrap_or_default();
            sum(first, values);
            activation::apply_to_all(activation, values);
            for (pixel, value) in pixels.iter_mut().zip(values) {
                *pixel = Self::from_real(*value);
            }
            first = first.saturating_add(AT_A_TIME);
        }
    }

    fn sink(y: &mut [Self]) -> Sink<'_> {
        Sink::Pixels(y)
    }
}

impl<'a, X: Operand, Y: Outcome> ComputeLayer<'a, X, Y> for F32 {
    fn source(x: &[X]) -> Source<'_> {
        X::source(x)
    }

    fn sink(y: &mut [Y]) -> Sink<'_> {
        Y::sink(y)
    }

    fn compute(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y], room: &mut [f32]) {
        if let Some(spatial) = layer.spatial() {
            return spatial::f32(layer, &spatial, X::source(x), Y::sink(y), room);
        }
        Y::fill(y, layer.arithmetic().activation(), |first, sums| {
            X::reals(x, |input, x| kernel::add_products(layer, input, x, first, sums));
        });
    }

    fn portable(layer: &Layer<'a, Self>, x: &[X], y: &mut [Y]) {
        if layer.is_spatial() {
            return spatial::plain::f32(layer, X::source(x), Y::sink(y));
        }
        Y::fill(y, layer.arithmetic().activation(), |first, sums| {
            X::reals(x, |input, x| portable::add_products(layer, input, x, first, sums));
        });
    }

    fn kernel(layer: &Layer<'a, Self>) -> &'static str {
        if layer.is_spatial() { spatial::kernel_f32(layer) } else { kernel::name(layer) }
    }
}
