//! Convolutions in rows on cores with Helium (MVE): four outputs of two positions at a time.
//!
//! Fields of up to 32 values are held in registers, for a whole run of positions. Longer ones are copied
//! side by side, and read together with the rows of weights: four loads of sixteen bytes serve four
//! multiply-adds of sixteen products. The only output of a layer is computed for four positions at a time.
//! Tables are looked up behind all of it.

mod copy;
mod dense;
mod fields;
mod lanes;
mod runs;
mod short;
mod single;
mod sums;

use ae_core::{Int8, Layer, Layout};

use super::{convolution as own, mve};
use crate::arch::Own;
use crate::arch::all::convolution as portable;

use fields::Fields;

pub(crate) use crate::arch::all::convolution::{BLOCK, POSITIONS};

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    layer.arithmetic().layout() == Layout::Rows
        && layer.inputs() > 0
        // Biases and multipliers are read by words, which are read on boundaries alone.
        && layer.data().as_ptr().addr().is_multiple_of(4)
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if Own::Convolution.rounds(layer.arithmetic().rounding()) && takes(layer) {
        mve::NAME
    } else {
        portable::name(layer)
    }
}

/// See [`portable::Positions`].
pub(crate) type Positions<'l, 'a, 'x> = own::Positions<'l, 'a, 'x, Fields<'l, 'a, 'x>>;
