//! Convolutions in rows on cores with Helium (MVE): four outputs of two positions at a time.
//!
//! Four loads of sixteen bytes serve four multiply-adds of sixteen products: of rows 0 and 2 of a block,
//! and then of rows 1 and 3, as two lanes of a vector are filled together. The last of a row, fewer than
//! sixteen, are masked by the loop itself, and the last of a block's outputs by a predicate, so nothing
//! behind a row or an array is read.

mod copy;
mod fields;
mod single;
mod sums;

use ae_core::{Int8, Layer, Layout};

use super::{convolution as own, mve};
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
    if takes(layer) { mve::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`].
pub(crate) type Positions<'l, 'a, 'x> = own::Positions<'l, 'a, 'x, Fields<'l, 'a, 'x>>;
