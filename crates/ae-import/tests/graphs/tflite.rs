//! TensorFlow Lite files are read as they are, and what they compute is what LiteRT computes.

use crate::files::{agrees, integers_agree};

/// LiteRT computes in f32, and adds up in an order of its own.
const FLOATS: f64 = 1e-5;

#[test]
fn what_is_read_computes_what_litert_does() {
    for name in [
        "dense",
        "dense_f16",
        "maps",
        "pads",
        "dilated",
        "signal",
        "upsampling",
        "nearest",
        "shapes",
        "turned",
    ] {
        agrees(&format!("{name}.tflite"), FLOATS);
    }
}

/// LiteRT rounds what comes into a layer with weights of 8 bits, to 8 bits that fit the sample. The
/// model does not say so.
#[test]
fn weights_of_8_bits_are_real_numbers_where_activations_are() {
    agrees("dynamic_range.tflite", 5e-3);
}

/// A step of what comes out: real numbers are rounded where integers are, but for ties.
#[test]
fn integers_are_what_litert_has() {
    agrees("dense_wrapped.tflite", 1.01 / 255.0);
    for name in ["dense_int8.tflite", "maps_int8.tflite"] {
        integers_agree(name);
    }
}
