//! The f32 contract: one sum after the other.

use ae_core::{Activation, F32, Layer};

/// A layer's outputs for `x`, after its activation.
pub fn layer(layer: &Layer<'_, F32>, x: &[f32], y: &mut Vec<f32>) {
    assert_eq!(x.len(), layer.inputs(), "values that go in");
    let (data, outputs) = (layer.data(), layer.outputs());
    let number = |index: usize| {
        let at = 4 * index;
        f32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]])
    };
    y.clear();
    for output in 0..outputs {
        let mut sum = number(layer.inputs() * outputs + output);
        for (input, x) in x.iter().enumerate() {
            sum += number(input * outputs + output) * x;
        }
        y.push(activate(layer.arithmetic().activation(), sum));
    }
}

fn activate(activation: Activation, a: f32) -> f32 {
    let value = match activation {
        Activation::Identity => a,
        Activation::Relu => {
            if a > 0.0 {
                a
            } else {
                0.0
            }
        }
        Activation::Gelu => ae_infer::gelu(a),
        Activation::Silu => ae_infer::silu(a),
        Activation::Sigmoid => ae_infer::sigmoid(a),
    };
    if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
}

/// `⌊a · 255 + 1/2⌋`, clipped to a pixel; 0 for what is not a number.
pub fn pixel(a: f32) -> u8 {
    (a * 255.0 + 0.5).floor().clamp(0.0, 255.0) as u8
}
