//! Positions of convolutions that a kernel of the core's own takes, or else the portable one.

#![allow(unsafe_code, reason = "kernels write to pointers")]

use core::ops::Range;

use ae_core::{Int8, Layer};

use crate::arch::Own;
use crate::arch::all::convolution::{self as portable, POSITIONS, Rows, Run};
use crate::arch::all::int8::look_up_from;

/// A kernel: the fields of two positions, and what it computes from them. Its functions are those of
/// [`portable::Positions`].
pub(crate) trait Kernel<'l, 'a, 'x>: Sized {
    /// What is the same at all pairs of a line.
    type Pairs;

    /// Gives the room back where the kernel does not take the layer.
    fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Result<Self, &'l mut [u8]>;
    fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]);

    /// Whether this takes runs.
    const TAKES_RUNS: bool = false;

    #[inline(always)]
    fn run(&mut self, _run: &Run, _x: &'x [u8], _y: &mut [u8]) -> bool {
        false
    }

    #[inline(always)]
    fn finish(&self, _y: &mut [u8]) {}

    #[inline(always)]
    fn line(&self, _rows: &Rows, _advance: usize, _x: &[u8], _y: &mut [u8]) -> bool {
        false
    }

    fn prepare(&mut self, rows: &Rows, advance: usize, x: *const u8) -> Self::Pairs;
    fn pack_pair(&mut self, pairs: &Self::Pairs, x: &'x [u8]);
    fn fill(&mut self, number: usize, at: usize, count: usize, value: u8);

    /// The layer, and whether its channels have different tables.
    fn layer(&self) -> (&Layer<'a, Int8<'a>>, bool);

    /// Computes `left` outputs of each position, from output `first` on, but for different tables. Gives
    /// `false`, and writes nothing, where the layer has fewer.
    ///
    /// # Safety
    /// There is room for as many at both places of `out`, which may be the same.
    unsafe fn compute(&self, first: usize, left: usize, out: [*mut u8; POSITIONS]) -> bool;

    #[inline(never)]
    fn outputs(&self, first: usize, [one, other]: [&mut [u8]; POSITIONS]) {
        let (left, out) = (one.len(), one.as_mut_ptr());
        // Without a second position its outputs go where those of the first are written later.
        let second = if other.is_empty() { out } else { other.as_mut_ptr() };
        let fits = other.is_empty() || other.len() == left;
        // SAFETY: there is so much room at both places.
        if fits && unsafe { self.compute(first, left, [out, second]) } {
            self.look_up(first, [one, other]);
        }
    }

    #[inline(never)]
    fn outputs_of_pair(&self, first: usize, y: &mut [u8]) {
        let (one, other) = y.split_at_mut_checked(y.len() / POSITIONS).unwrap_or_default();
        let out = [one.as_mut_ptr(), other.as_mut_ptr()];
        // SAFETY: there is so much room at both places: of an odd number the last one is the second's.
        if unsafe { self.compute(first, one.len(), out) } {
            self.look_up(first, [one, other]);
        }
    }

    /// Puts outputs of both positions through the layer's tables, if there are several.
    #[inline(always)]
    fn look_up(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        let (layer, has_tables) = self.layer();
        if has_tables {
            y.into_iter().for_each(|y| look_up_from(layer, first, y));
        }
    }
}

/// See [`portable::Positions`].
pub(crate) enum Positions<'l, 'a, 'x, K> {
    Own(K),
    Portable(portable::Positions<'l, 'a, 'x>),
}

/// See [`portable::Pairs`].
pub(crate) enum Pairs<P> {
    Own(P),
    Portable(portable::Pairs),
}

impl<'l, 'a, 'x, K: Kernel<'l, 'a, 'x>> Positions<'l, 'a, 'x, K> {
    pub(crate) const TAKES_RUNS: bool = K::TAKES_RUNS;

    #[inline(always)]
    pub(crate) fn new(layer: &'l Layer<'a, Int8<'a>>, room: &'l mut [u8]) -> Self {
        if !Own::Convolution.rounds(layer.arithmetic().rounding()) {
            return Self::Portable(portable::Positions::new(layer, room));
        }
        match K::new(layer, room) {
            Ok(own) => Self::Own(own),
            Err(room) => Self::Portable(portable::Positions::new(layer, room)),
        }
    }

    pub(crate) fn pack(&mut self, number: usize, rows: &Rows, x: &'x [u8]) {
        match self {
            Self::Own(own) => own.pack(number, rows, x),
            Self::Portable(portable) => portable.pack(number, rows, x),
        }
    }

    pub(crate) fn line(
        &self,
        rows: &Rows,
        advance: usize,
        x: &[u8],
        outputs: Range<usize>,
        y: &mut [u8],
    ) -> bool {
        match self {
            Self::Own(own) => {
                let (layer, _) = own.layer();
                outputs.len() == layer.outputs() && own.line(rows, advance, x, y)
            }
            Self::Portable(portable) => portable.line(rows, advance, x, outputs, y),
        }
    }

    #[inline(always)]
    pub(crate) fn run(&mut self, run: &Run, x: &'x [u8], y: &mut [u8]) -> bool {
        match self {
            Self::Own(own) => own.run(run, x, y),
            Self::Portable(portable) => portable.run(run, x, y),
        }
    }

    #[inline(always)]
    pub(crate) fn finish(&self, y: &mut [u8]) {
        match self {
            Self::Own(own) => own.finish(y),
            Self::Portable(portable) => portable.finish(y),
        }
    }

    #[inline(never)]
    pub(crate) fn prepare(&mut self, rows: &Rows, advance: usize, x: *const u8) -> Pairs<K::Pairs> {
        match self {
            Self::Own(own) => Pairs::Own(own.prepare(rows, advance, x)),
            Self::Portable(portable) => Pairs::Portable(portable.prepare(rows, advance, x)),
        }
    }

    #[inline(always)]
    pub(crate) fn pack_pair(&mut self, pairs: &Pairs<K::Pairs>, x: &'x [u8]) {
        match (self, pairs) {
            (Self::Own(own), Pairs::Own(pairs)) => own.pack_pair(pairs, x),
            (Self::Portable(portable), Pairs::Portable(pairs)) => portable.pack_pair(pairs, x),
            _ => {}
        }
    }

    pub(crate) fn fill(&mut self, number: usize, at: usize, count: usize, value: u8) {
        match self {
            Self::Own(own) => own.fill(number, at, count, value),
            Self::Portable(portable) => portable.fill(number, at, count, value),
        }
    }

    #[inline(always)]
    pub(crate) fn outputs(&self, first: usize, y: [&mut [u8]; POSITIONS]) {
        match self {
            Self::Own(own) => own.outputs(first, y),
            Self::Portable(portable) => portable.outputs(first, y),
        }
    }

    #[inline(always)]
    pub(crate) fn outputs_of_pair(&self, first: usize, y: &mut [u8]) {
        match self {
            Self::Own(own) => own.outputs_of_pair(first, y),
            Self::Portable(portable) => portable.outputs_of_pair(first, y),
        }
    }
}
