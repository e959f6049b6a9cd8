//! Convolutions in row pairs on Arm cores with DSP instructions: two outputs of two positions at a
//! time. It has the items of the [portable](crate::arch::all::convolution) kernel.
//!
//! The sums are those of [`dsp`]: `SMLAD` of a word of weights adds `256·Σodd + Σeven`, and after
//! `SXTB16` it adds `Σeven`. A word of weights, once loaded, serves two positions, so twelve
//! instructions make sixteen products. Sums are not split: a convolution whose positions read more
//! than [`MAX_INPUTS`] values is left to the dense kernel, position by position.

mod fields;
mod gather;
mod single;
mod sums;

use ae_core::{Int8, Layer, RowPairs};

use super::dsp;
use crate::arch::all::convolution::{self as portable, Rows};

use fields::{Fields, Filling};

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

pub(crate) fn name(layer: &Layer<'_, Int8<'_>>) -> &'static str {
    if takes(layer) { dsp::NAME } else { portable::name(layer) }
}

/// See [`portable::Positions`], which takes what this kernel does not.
pub(crate) enum Positions<'l, 'a, 'x> {
    Wide(Fields<'l, 'a, 'x>),
    Portable(portable::Positions<'l, 'a, 'x>),
}

impl<'l, 'a, 'x> Positions<'l, 'a, 'x> {
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        if takes(layer) {
            Self::Wide(Fields::new(layer, room))
        } else {
            Self::Portable(portable::Positions::new(layer, room))
        }
    }

    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        match self {
            Self::Wide(fields) => fields.pack(number, rows, x),
            Self::Portable(portable) => portable.pack(number, rows, x),
        }
    }

    pub(crate) fn prepare(&mut self, rows: &Rows, advance: usize, x: &[u8]) -> Pairs {
        match self {
            Self::Wide(fields) => Pairs::Wide(fields.prepare(rows, advance, x)),
            Self::Portable(portable) => Pairs::Portable(portable.prepare(rows, advance, x)),
        }
    }

    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, pairs: &Pairs, x: &'x [u8]) {
        match (self, pairs) {
            (Self::Wide(fields), Pairs::Wide(pairs)) => fields.pack_pair(pairs, x),
            (Self::Portable(portable), Pairs::Portable(pairs)) => portable.pack_pair(pairs, x),
            _ => {}
        }
    }

    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        match self {
            Self::Wide(fields) => fields.fill(number, at, count, value),
            Self::Portable(portable) => portable.fill(number, at, count, value),
        }
    }

    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        match self {
            Self::Wide(fields) => fields.outputs(first, y),
            Self::Portable(portable) => portable.outputs(first, y),
        }
    }
}

/// What is the same at all pairs of a line.
pub(crate) enum Pairs {
    Wide(Filling),
    Portable(portable::Pairs),
}
