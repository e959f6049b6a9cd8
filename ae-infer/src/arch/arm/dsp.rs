//! Row pairs on Arm cores with DSP instructions: Cortex-M4, M7, M33.
//!
//! A 16-bit lane holds `256·odd + even`, the weights of two outputs for one input, and a word two
//! inputs. `SMLAD` of a word and two inputs adds `256·Σodd + Σeven` of both to a sum; `SXTB16`
//! keeps the even weights, and a second `SMLAD` adds `Σeven` alone. The difference of the two sums
//! is `256·Σodd`: exact in 32 bits as long as `Σodd` fits 24. With weights of at most 127 and
//! inputs of at most 128 in magnitude that holds for up to 516 inputs, so the sums are split every
//! 512.
//!
//! Words are read on word boundaries alone: inputs that lie on none are read byte by byte. So it runs
//! where a program has set `CCR.UNALIGN_TRP`, and on Device memory.

#![allow(unsafe_code, reason = "memory as words")]

use ae_core::{Int8, Layer, Layout, RowPairs};

use super::dsp_blocks::Job;
use super::dsp_widen::widen;
use crate::arch::Input;

/// Its name.
pub(crate) const NAME: &str = "dsp";

/// Inputs that are handled together: a block's weights for them are 16 bytes.
pub(super) const QUAD: usize = 4;

/// Whether the layer is in row pairs, and its data, which is as long as its shape says, on a
/// boundary of 4 bytes.
pub(crate) fn takes(layer: &Layer<'_, Int8<'_>>) -> bool {
    let (inputs, data) = (layer.inputs(), layer.data());
    layer.arithmetic().layout() == Layout::RowPairs
        && inputs > 0
        && data.len() == RowPairs::data_len(inputs, layer.outputs())
        && data.as_ptr().addr().is_multiple_of(4)
}

/// Computes a layer that the kernel [`takes`]. Gives `false`, and computes nothing, where `x` or `y`
/// has another length than the layer, or `room` is too small.
#[inline(never)]
pub(crate) fn whole_layer(
    layer: &Layer<'_, Int8<'_>>,
    x: Input<'_>,
    y: &mut [u8],
    room: &mut [i8],
) -> bool {
    let quads = layer.inputs().div_ceil(QUAD);
    // SAFETY: every bit pattern is a number, in both types.
    let (_, words, _) = unsafe { room.align_to_mut::<[u32; 2]>() };
    let Some(words) = words.get_mut(..quads) else { return false };
    let fits = x.bytes().0.len() == layer.inputs() && y.len() == layer.outputs();
    if !takes(layer) || !fits {
        return false;
    }
    widen(x, words);

    let mut job = Job::new(layer, words);
    let (tables, span) = (layer.arithmetic().tables(), layer.table_span());
    // Where tables change within blocks, they come after the sums.
    let is_split = tables.len() > 1 && !span.is_multiple_of(RowPairs::BLOCK);
    let (fused, after) = if is_split { (&[][..], tables) } else { (tables, &[][..]) };
    let mut fused = fused.iter();
    let step = if is_split { y.len() } else { span };
    for outputs in y.chunks_mut(step.max(1)) {
        job.compute(outputs, fused.next());
    }
    for (outputs, table) in y.chunks_mut(span.max(1)).zip(after) {
        for output in outputs {
            *output = *table.get(usize::from(*output ^ 0x80)).unwrap_or(output);
        }
    }
    true
}
