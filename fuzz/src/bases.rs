//! The models that hostile blobs are made from: small, and with every kind of field in them.

use ae_core::{Activation, Layout};

use crate::fields::Parsed;
use crate::made::{Parts, Weights, float, integer};
use crate::random::Random;

/// All bases, the same every time.
#[must_use]
pub fn all() -> Vec<Parsed> {
    let random = &mut Random::new(1);
    let mut blobs = Vec::new();
    for layout in [Layout::Rows, Layout::RowPairs] {
        for parts in [Parts::Both, Parts::Encoder, Parts::Decoder] {
            let widths: &[usize] = if parts == Parts::Both { &[6, 4, 2] } else { &[9, 5, 3, 2] };
            blobs.push(integer(widths, parts, layout, Weights::Any, &[0], random));
        }
        blobs.push(integer(&[12, 7, 3], Parts::Both, layout, Weights::Any, &[1, 0, 3, 2], random));
        blobs.push(integer(&[5, 1], Parts::Both, layout, Weights::Extreme, &[0, 3], random));
        blobs.push(integer(&[4, 4, 4, 4], Parts::Both, layout, Weights::Small, &[0], random));
    }
    use Activation::{Gelu, Identity, Relu, Sigmoid, Silu};
    for (parts, activations) in [
        (Parts::Both, &[Gelu, Identity, Silu, Sigmoid][..]),
        (Parts::Encoder, &[Silu, Relu]),
        (Parts::Decoder, &[Relu, Gelu, Sigmoid]),
    ] {
        blobs.push(float(&[7, 4, 2], parts, activations, random));
    }
    blobs.push(float(&[12, 7, 3], Parts::Both, &[Relu, Identity, Relu, Sigmoid], random));
    blobs.push(float(&[3, 3, 3], Parts::Both, &[Identity], random));
    blobs.into_iter().map(Parsed::of).collect()
}
