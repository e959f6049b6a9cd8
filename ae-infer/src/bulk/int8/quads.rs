//! The prepared weights: quad after quad of outputs.

use core::iter;

use ae_core::{Channel, Int8, Layer, SpatialKind, Taps, Weights};

use super::QUAD;
use crate::arch::TileKernel;
use crate::arch::tile::{CHAIN, Kernel, Quad};
use crate::bulk::chain;

/// Words before the weights of four outputs, four for each of biases, multipliers, constants,
/// shifts, and lengths of the residuals.
const HEAD: usize = 5 * QUAD;
/// Words of an entry of a residual.
const ENTRY: usize = 2;

/// Lines that `width` values take.
pub(super) fn lines(width: usize) -> usize {
    width.div_ceil(QUAD).div_ceil(CHAIN).saturating_mul(CHAIN)
}

/// Values that an output of a layer with so many taps sums, whose channels lie apart: four
/// channels of each tap, of which one counts.
pub(super) fn field_apart(taps: usize) -> usize {
    taps.saturating_mul(QUAD)
}

/// The weights of a layer, as those that its quads have for what they read.
struct Matrix<'a> {
    layer: Layer<'a, Int8<'a>>,
    weights: Weights<'a>,
    /// Of a depthwise convolution, whose quads read four channels at a time.
    taps: Option<Taps<'a>>,
}

impl<'a> Matrix<'a> {
    /// `None` for a layer of which nothing is prepared: one without weights, and a one-hot one, which
    /// is read from the blob.
    fn new(layer: &Layer<'a, Int8<'a>>) -> Option<Self> {
        let kind = layer.spatial().map(|spatial| spatial.kind);
        if layer.arithmetic().is_one_hot() || kind.is_some_and(|kind| !kind.has_weights()) {
            return None;
        }
        let layer = layer.as_dense();
        let taps = (kind == Some(SpatialKind::Depthwise)).then(|| layer.taps());
        let weights =
            taps.map_or_else(|| layer.weights(), |taps| Weights::Rows(*taps.parameters()));
        Some(Self { layer, weights, taps })
    }

    fn inputs(&self) -> usize {
        let inputs = self.layer.inputs();
        if self.taps.is_some() { field_apart(inputs) } else { inputs }
    }

    /// The weights of an output.
    fn row(&self, output: usize) -> impl Iterator<Item = i8> {
        (0..self.inputs()).map(move |input| match &self.taps {
            None => self.weights.at(output, input),
            Some(taps) if input % QUAD == output % QUAD => {
                taps.tap(input / QUAD).get(output).map_or(0, |&weight| weight as i8)
            }
            Some(_) => 0,
        })
    }

    fn channel(&self, output: usize) -> Channel<'a> {
        self.layer.channel(&self.weights, output)
    }
}

/// Words that [`prepare`] fills.
pub(super) fn memory_len<'a>(kernel: TileKernel, layer: &Layer<'a, Int8<'a>>) -> usize {
    let Some(matrix) = Matrix::new(layer) else { return 0 };
    let outputs = matrix.layer.outputs();
    let quad_len = lines(matrix.inputs()).saturating_mul(QUAD).saturating_add(HEAD);
    let mut len = outputs.div_ceil(QUAD).saturating_mul(quad_len);
    for output in 0..outputs {
        parts(kernel, matrix.row(output), |_| (), |_| len = len.saturating_add(ENTRY));
    }
    len
}

/// Of each quad a head, the chains of all four outputs, and their residuals. Outputs that fill up
/// the last quad have zeros. Gives the memory behind them; `None` if there is too little.
pub(super) fn prepare<'a, 'm>(
    kernel: TileKernel,
    layer: &Layer<'a, Int8<'a>>,
    memory: &'m mut [u32],
) -> Option<&'m mut [u32]> {
    let Some(matrix) = Matrix::new(layer) else { return Some(memory) };
    let row_len = lines(matrix.inputs());
    let mut rest = memory;
    for first in (0..matrix.layer.outputs()).step_by(QUAD) {
        let (head, behind) = rest.split_first_chunk_mut::<HEAD>()?;
        let (rows, behind) = behind.split_at_mut_checked(row_len.checked_mul(QUAD)?)?;
        head.fill(0);
        rows.fill(0);
        let mut used = 0_usize;
        let mut entries = behind.as_chunks_mut::<ENTRY>().0.iter_mut();
        let outputs = (first..matrix.layer.outputs()).take(QUAD).enumerate();
        for ((place, output), row) in outputs.zip(rows.chunks_mut(row_len.max(1))) {
            let mut chains = row.as_chunks_mut().0.iter_mut();
            let mut len = 0_usize;
            parts(
                kernel,
                matrix.row(output),
                |chain| chains.by_ref().take(1).for_each(|place| *place = chain),
                |entry| {
                    len = len.saturating_add(1);
                    entries.by_ref().take(1).for_each(|place| *place = entry);
                },
            );
            used = used.checked_add(len.checked_mul(ENTRY)?)?;
            let sum = matrix.row(output).fold(0_i32, |sum, w| sum.wrapping_add(w.into()));
            let Channel { bias, requant, .. } = matrix.channel(output);
            let values = [
                bias.wrapping_sub(sum.wrapping_mul(TileKernel::OFFSET)) as u32,
                requant.multiplier() as u32,
                requant.constant() as u32,
                requant.shift(),
                len as u32,
            ];
            for (values_of_four, value) in head.as_chunks_mut::<QUAD>().0.iter_mut().zip(values) {
                *values_of_four.get_mut(place)? = value;
            }
        }
        rest = behind.get_mut(used..)?;
    }
    Some(rest)
}

/// Shows the chains of a row and the entries of its residual, both in order.
fn parts(
    kernel: TileKernel,
    mut weights: impl Iterator<Item = i8>,
    mut chain: impl FnMut([u32; CHAIN]),
    mut residual: impl FnMut([u32; 2]),
) {
    let word = |dword: [i8; QUAD]| u32::from_le_bytes(dword.map(|weight| weight as u8));
    let mut line = 0_usize;
    while let Some(first) = weights.next() {
        let mut dwords = [[0; QUAD]; CHAIN];
        let places = dwords.as_flattened_mut().iter_mut();
        places.zip(iter::once(first).chain(&mut weights)).for_each(|(place, w)| *place = w);
        chain::split(&mut dwords, kernel.chain_limit(), |dword, weights| {
            residual([line.saturating_add(dword) as u32, word(weights)]);
        });
        chain(dwords.map(word));
        line = line.saturating_add(CHAIN);
    }
}

/// Reads a quad that `prepare` wrote, and gives the memory behind it.
pub(super) fn read<'m>(
    memory: &'m [u32],
    row_len: usize,
    quad: &mut Quad<'m>,
) -> Option<&'m [u32]> {
    let (head, rest) = memory.split_first_chunk::<HEAD>()?;
    let &[biases, multipliers, constants, shifts, lens] = head.as_chunks().0 else { return None };
    (quad.biases, quad.multipliers) = (biases, multipliers);
    (quad.constants, quad.shifts) = (constants, shifts);
    let mut rest = rest;
    for chains in &mut quad.chains {
        let (row, behind) = rest.split_at_checked(row_len)?;
        (*chains, rest) = (row.as_chunks().0, behind);
    }
    for (residual, len) in quad.residuals.iter_mut().zip(lens) {
        let (entries, behind) = rest.split_at_checked((len as usize).checked_mul(ENTRY)?)?;
        (*residual, rest) = (entries.as_chunks().0, behind);
    }
    Some(rest)
}
