//! What a kernel does with a tile of samples.

use ae_core::{Activation, Rounding};

use super::line::{Line, SAMPLES};

/// Dwords of an int8 chain: four weights each. See `bulk/chain.rs`.
pub(crate) const CHAIN: usize = 6;
/// Outputs of an f32 panel: with two registers of samples each, as many as 16 registers hold.
pub(crate) const PANEL: usize = 6;

/// Quads of an int8 layer that are computed together: their sums are as many as it takes to keep the
/// multipliers of current processors busy.
pub(crate) const QUADS: usize = 2;
/// Words of a sample that are put into lines together.
pub(crate) const ROW: usize = 8;

/// Four outputs of an int8 layer: what becomes a line of the next one's input.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(not(ae_kernel = "host"), allow(dead_code, reason = "no kernel reads it"))]
pub(crate) struct Quad<'m> {
    /// What the sums of products with inputs plus [`Kernel::OFFSET`] start from.
    pub(crate) biases: [u32; 4],
    /// Of [`Requant`](ae_core::Requant).
    pub(crate) multipliers: [u32; 4],
    pub(crate) constants: [u32; 4],
    pub(crate) shifts: [u32; 4],
    pub(crate) rounding: Rounding,
    /// Weights, four i8 a word.
    pub(crate) chains: [&'m [[u32; CHAIN]]; 4],
    /// What is to be added to them: a line's index and four i8.
    pub(crate) residuals: [&'m [[u32; 2]]; 4],
}

/// The arithmetic of a tile. Every result is exactly that of the portable code.
pub(crate) trait Kernel: Copy {
    /// What is added to the int8 contract's inputs before they are multiplied, 128 or 0: taken
    /// back by the [biases](Quad::biases).
    const OFFSET: i32;

    /// The kernel, if this processor has its instructions.
    fn detect() -> Option<Self>;

    /// As the user sees it.
    fn name(self) -> &'static str;

    /// The most that weights of one sign may sum up to in a lane of a chain.
    fn chain_limit(self) -> i32;

    /// Four outputs of the int8 contract for each line of `y`, before their tables: each byte is the
    /// requantised value plus 128. `x` has [`CHAIN`] lines for each chain, and all quads have as many
    /// chains. `y` has as many lines as there are quads, or fewer.
    fn outputs(self, quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]);

    /// Every byte becomes `table[byte]` plus 128.
    fn look_up(self, bytes: &mut Line, table: &[u8; 256]);

    /// `sums + weights · x`, the f32 products added in index order, none fused.
    fn panel(self, weights: &[[u32; PANEL]], x: &[Line], sums: &mut [Line; PANEL]);

    /// As many rounds as are asked for of f32 that are multiplied and added in registers alone, and not
    /// fused, each as fast as the processor can. Gives the number of both together; `None` where that is not
    /// known.
    fn peak(self, rounds: u32) -> Option<u64>;

    /// The activation of every f32.
    fn activate(self, activation: Activation, lines: &mut [Line]);

    /// Some words of each sample with some bits `changed`, put into lines.
    fn to_lines(self, rows: &[[u32; ROW]; SAMPLES], changed: u32, lines: &mut [Line; ROW]);

    /// The words of lines with some bits `changed`, put together by sample.
    fn to_rows(self, lines: &[Line; ROW], changed: u32, rows: &mut [[u32; ROW]; SAMPLES]);

    /// The numbers of 0 to 1 that four pixels of each sample stand for.
    fn to_reals(self, bytes: &Line, reals: &mut [Line; 4]);

    /// The pixels that four numbers of each sample are.
    fn to_pixels(self, reals: &[Line; 4], bytes: &mut Line);
}

#[cfg(all(test, ae_kernel = "host"))]
mod tests;
