//! Loss and its gradient at the logits, in one pass over them.

use ae_run::Loss;

use super::elementwise::exp_nonpositive;

/// Values that a loop works on side by side.
const LANES: usize = 16;

/// Steps after which the lanes are emptied. The product of a lane's factors,
/// each at most two, stays far below the largest 32-bit float.
const STEPS: usize = 64;

/// Sums over pixels: of cross-entropies and of squared errors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Errors {
    pub(super) bce: f64,
    pub(super) squares: f64,
}

impl Errors {
    pub(super) fn add(&mut self, other: Self) {
        self.bce += other.bce;
        self.squares += other.squares;
    }

    /// The sum that this loss is about.
    pub(super) fn of(self, loss: Loss) -> f64 {
        match loss {
            Loss::Bce => self.bce,
            Loss::Mse => self.squares,
        }
    }
}

/// Adds the bias to one row of logits, compares their sigmoid `p` with the
/// pixels `x`, and puts the gradient of the loss in place of the logits, times
/// `scale`: `p − x` for cross-entropy, `2(p − x)·p(1 − p)` for squared error.
pub(super) fn loss_gradient(
    loss: Loss,
    logits: &mut [f32],
    bias: &[f32],
    pixels: &[u8],
    scale: f32,
) -> Errors {
    match loss {
        Loss::Bce => row(logits, bias, pixels, |p, x| scale * (p - x)),
        Loss::Mse => row(logits, bias, pixels, |p, x| 2.0 * scale * (p - x) * (p * (1.0 - p))),
    }
}

/// Adds the bias to one row of logits and puts the reconstruction, their
/// sigmoid, in their place.
pub(super) fn reconstruct(logits: &mut [f32], bias: &[f32], pixels: &[u8]) -> Errors {
    row(logits, bias, pixels, |p, _| p)
}

/// The lanes' sums of one block of pixels.
///
/// The cross-entropy is `max(z, 0) − z·x + ln(1 + exp(−|z|))`. Its logarithms
/// are not taken pixel by pixel: the factors `1 + exp(−|z|)` are multiplied,
/// and one logarithm of the product is their sum.
struct Lanes {
    linear: [f32; LANES],
    factors: [f32; LANES],
    squares: [f32; LANES],
}

impl Lanes {
    fn new() -> Self {
        Self { linear: [0.0; LANES], factors: [1.0; LANES], squares: [0.0; LANES] }
    }

    #[inline(always)]
    fn pixel(
        &mut self,
        lane: usize,
        logit: f32,
        byte: u8,
        replace: impl Fn(f32, f32) -> f32,
    ) -> f32 {
        let x = f32::from(byte) / 255.0;
        let exp = exp_nonpositive(-logit.abs());
        let of_positive = 1.0 / (1.0 + exp);
        let positive = logit >= 0.0;
        let p = if positive { of_positive } else { exp * of_positive };
        let above_zero = if logit < 0.0 { 0.0 } else { logit };
        self.linear[lane] += above_zero - logit * x;
        self.factors[lane] *= 1.0 + exp;
        self.squares[lane] += (p - x) * (p - x);
        replace(p, x)
    }

    fn sums(&self) -> Errors {
        let wide = |values: &[f32; LANES]| -> f64 { values.iter().map(|&v| f64::from(v)).sum() };
        let logarithms = self.factors.iter().map(|&factor| f64::from(factor).ln());
        Errors { bce: wide(&self.linear) + logarithms.sum::<f64>(), squares: wide(&self.squares) }
    }
}

/// One row, block by block; `replace` makes the new value of `p` and `x`.
#[inline(always)]
fn row(
    logits: &mut [f32],
    bias: &[f32],
    pixels: &[u8],
    replace: impl Fn(f32, f32) -> f32 + Copy,
) -> Errors {
    let mut errors = Errors::default();
    let blocks = logits.chunks_mut(LANES * STEPS).zip(bias.chunks(LANES * STEPS));
    for ((logits, bias), pixels) in blocks.zip(pixels.chunks(LANES * STEPS)) {
        let mut lanes = Lanes::new();
        let (logits, logits_rest) = logits.as_chunks_mut::<LANES>();
        let (bias, bias_rest) = bias.as_chunks::<LANES>();
        let (pixels, pixels_rest) = pixels.as_chunks::<LANES>();
        for ((logits, bias), pixels) in logits.iter_mut().zip(bias).zip(pixels) {
            for lane in 0..LANES {
                let logit = logits[lane] + bias[lane];
                logits[lane] = lanes.pixel(lane, logit, pixels[lane], replace);
            }
        }
        let rest = logits_rest.iter_mut().zip(bias_rest).zip(pixels_rest);
        for (lane, ((logit, bias), &pixel)) in rest.enumerate() {
            *logit = lanes.pixel(lane, *logit + bias, pixel, replace);
        }
        errors.add(lanes.sums());
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of −25 to 25 and pixels of all sizes.
    fn example(width: usize) -> (Vec<f32>, Vec<f32>, Vec<u8>) {
        let logits = (0..width).map(|i| ((i * 37 % 101) as f32 - 50.0) * 0.5);
        let bias = (0..width).map(|i| (i % 5) as f32 * 0.25 - 0.5);
        let pixels = (0..width).map(|i| (i * 59 % 256) as u8);
        (logits.collect(), bias.collect(), pixels.collect())
    }

    fn exact_pixel(logit: f64, x: f64) -> (f64, f64, f64) {
        let p = 1.0 / (1.0 + (-logit).exp());
        let bce = logit.max(0.0) - logit * x + (-logit.abs()).exp().ln_1p();
        (p, bce, (p - x).powi(2))
    }

    #[test]
    fn sums_and_gradients_are_those_of_the_formulas_at_any_width() {
        for width in [1, 15, 16, 17, 783, 784, 1024, 3000] {
            let (logits, bias, pixels) = example(width);
            for loss in [Loss::Bce, Loss::Mse] {
                let mut gradient = logits.clone();
                let found = loss_gradient(loss, &mut gradient, &bias, &pixels, 0.25);
                let mut expected = Errors::default();
                for i in 0..width {
                    let x = f64::from(pixels[i]) / 255.0;
                    let (p, bce, square) = exact_pixel(f64::from(logits[i] + bias[i]), x);
                    expected.add(Errors { bce, squares: square });
                    let slope = match loss {
                        Loss::Bce => p - x,
                        Loss::Mse => 2.0 * (p - x) * p * (1.0 - p),
                    };
                    let difference = f64::from(gradient[i]) - 0.25 * slope;
                    assert!(difference.abs() < 1e-7, "{loss:?} {i}: {difference}");
                }
                // 32-bit factors cannot show a pixel's logarithm below 6e-8.
                let small = 1e-7 * width as f64;
                assert!((found.bce - expected.bce).abs() < 1e-6 * expected.bce + small);
                assert!((found.squares - expected.squares).abs() < 1e-6 * expected.squares);
                assert_eq!(found.of(loss), [found.bce, found.squares][loss as usize]);
            }
        }
    }

    #[test]
    fn the_reconstruction_is_the_sigmoid() {
        let (logits, bias, pixels) = example(33);
        let mut found = logits.clone();
        reconstruct(&mut found, &bias, &pixels);
        for i in 0..33 {
            let (p, ..) = exact_pixel(f64::from(logits[i] + bias[i]), 0.0);
            assert!((f64::from(found[i]) - p).abs() < 1.2e-7);
        }
    }

    #[test]
    fn logits_that_are_not_finite_show_in_the_loss() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [0, 20] {
                let (mut logits, bias, pixels) = example(21);
                logits[place] = bad;
                let errors = loss_gradient(Loss::Bce, &mut logits, &bias, &pixels, 1.0);
                assert!(!errors.bce.is_finite(), "{bad} at {place}: {errors:?}");
            }
        }
    }
}
