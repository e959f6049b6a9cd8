//! Convolutions in row pairs on Arm cores with DSP instructions: two outputs of two positions at a
//! time. It has the items of the [portable](crate::arch::all::convolution) kernel.
//!
//! The sums are those of [`dsp`]: `SMLAD` of a word of weights adds `256·Σodd + Σeven`, and after
//! `SXTB16` it adds `Σeven`. A word of weights, once loaded, serves two positions, so twelve
//! instructions make sixteen products. Sums are not split: a convolution whose positions read more
//! than [`MAX_INPUTS`] values is left to the dense kernel, position by position.
//!
//! What both positions read is widened first. A layer with one output, and positions that read eight values,
//! are computed a [`line`] at a time from bytes in the map.

mod fields;
mod gather;
mod line;
mod short;
mod single;
mod sums;

use ae_core::{Int8, Layer, RowPairs};

use super::{convolution as own, dsp};
use crate::arch::Own;
use crate::arch::all::convolution as portable;

use fields::Fields;
use single::single;

/// Inputs that are handled together.
const QUAD: usize = 4;
/// Most inputs whose sums fit 24 bits; see [`dsp`].
const MAX_INPUTS: usize = 512;

pub(crate) const POSITIONS: usize = 2;

pub(crate) const BLOCK: usize = RowPairs::BLOCK;
// There the portable kernel can begin as well.
const _: () = assert!(BLOCK.is_multiple_of(portable::BLOCK));

fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    dsp::takes(layer) && layer.inputs() <= MAX_INPUTS && layer.outputs() > 0
}

/// The block of a layer that holds an output.
fn block(layer: &Layer<'_, Int8<'_>>, output: usize) -> *const u8 {
    let len = RowPairs::data_len(layer.inputs(), 1);
    layer.data().as_ptr().wrapping_add((output / BLOCK).wrapping_mul(len))
}

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if Own::Convolution.rounds(layer.arithmetic().rounding()) && takes(layer) {
        dsp::NAME
    } else {
        portable::name(layer)
    }
}

/// See [`portable::Positions`].
pub(crate) type Positions<'l, 'a, 'x> = own::Positions<'l, 'a, 'x, Fields<'l, 'a>>;
