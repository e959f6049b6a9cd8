//! Tiles of samples on their way through the layers.

use ae_core::{Arithmetic, Layer, Model, Part};
use bytemuck::Pod;

use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::compute::{Compute, ComputeLayer};

/// An arithmetic that can be computed in tiles of [`SAMPLES`] samples.
pub trait Tiles<'a>: Compute<'a> + Carry<<Self as Arithmetic<'a>>::Element> {
    /// Lines that `width` values of a tile take.
    fn lines(width: usize) -> usize;

    /// Words that the layer's prepared weights take.
    fn memory_len(layer: &Layer<'a, Self>) -> usize;

    /// Writes the prepared weights to the front of the memory, and gives what is behind them;
    /// `None` if there is too little.
    fn prepare<'m>(layer: &Layer<'a, Self>, memory: &'m mut [u32]) -> Option<&'m mut [u32]>;

    /// Computes every output of a tile.
    fn tile(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &[u32],
        x: &[Line],
        y: &mut [Line],
    );
}

/// An arithmetic whose tiles are made from values `V` that lie sample after sample, and give such.
pub trait Carry<V> {
    /// Lines from up to [`SAMPLES`] samples of `width` values.
    fn take(samples: &[V], width: usize, lines: &mut [Line]);

    /// As many samples from lines.
    fn give(lines: &[Line], samples: &mut [V], width: usize);
}

/// Words in front of a layer's memory: one, that says how many follow.
const HEAD: usize = 1;

/// Words that the prepared weights of a part take.
pub(super) fn memory_len<'a, A: Tiles<'a>>(part: &Part<'a, A>) -> usize {
    part.layers()
        .map(|layer| if layer.is_spatial() { 0 } else { A::memory_len(&layer) })
        .fold(0, |sum, len| sum.saturating_add(HEAD).saturating_add(len))
}

/// The prepared weights of a part, and the memory behind them; `None` if there is too little.
pub(super) fn prepare<'a, 'm, A: Tiles<'a>>(
    part: Option<&Part<'a, A>>,
    memory: &'m mut [u32],
) -> Option<(&'m [u32], &'m mut [u32])> {
    let total = memory.len();
    let mut rest = &mut *memory;
    for layer in part.into_iter().flat_map(Part::layers) {
        let (head, words) = rest.split_first_mut()?;
        let before = words.len();
        rest = if layer.is_spatial() { words } else { A::prepare(&layer, words)? };
        *head = u32::try_from(before.checked_sub(rest.len())?).ok()?;
    }
    let used = total.checked_sub(rest.len())?;
    let (own, behind) = memory.split_at_mut_checked(used)?;
    Some((own, behind))
}

/// Elements of scratch for a walk through any part of the model.
pub(super) fn scratch_len<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> usize {
    let widest =
        layers(model).map(|layer| A::lines(layer.inputs()).max(A::lines(layer.outputs()))).max();
    let lines = Line::elements::<A::Element>(widest.unwrap_or_default().saturating_mul(2));
    lines.saturating_add(samples_len(model))
}

fn layers<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> impl Iterator<Item = Layer<'a, A>> {
    [model.encoder(), model.decoder()].into_iter().flatten().flat_map(Part::layers)
}

/// Elements for the samples of a tile one after the other, as layers that work position by position
/// take and give them.
fn samples_len<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> usize {
    let spatial = layers(model).filter(Layer::is_spatial);
    let most = spatial.map(|layer| {
        let samples = tile_len(layer.inputs()).saturating_add(tile_len(layer.outputs()));
        samples.saturating_add(layer.room())
    });
    most.max().unwrap_or_default()
}

/// A tile between two layers.
pub(super) struct Walk<'s, E> {
    kernel: TileKernel,
    /// The tile.
    x: &'s mut [Line],
    /// Where the next layer puts its output.
    y: &'s mut [Line],
    /// See [`samples_len`].
    samples: &'s mut [E],
}

impl<'s, E: Pod> Walk<'s, E> {
    /// For the model's layers, in a scratch of [`scratch_len`].
    pub(super) fn new<'a, A: Tiles<'a, Element = E>>(
        kernel: TileKernel,
        model: &Model<'a, A>,
        scratch: &'s mut [E],
    ) -> Self {
        let (samples, rest) = scratch.split_at_mut_checked(samples_len(model)).unwrap_or_default();
        let lines = Line::within(rest);
        let (x, y) = lines.split_at_mut_checked(lines.len() / 2).unwrap_or_default();
        Self { kernel, x, y, samples }
    }

    /// Up to [`SAMPLES`] samples of `width` values.
    pub(super) fn take<A: Carry<V>, V>(&mut self, samples: &[V], width: usize) {
        A::take(samples, width, self.x);
    }

    /// Runs the layers, whose weights are in `memory`.
    pub(super) fn through<'a, A: Tiles<'a, Element = E>>(
        &mut self,
        layers: impl Iterator<Item = Layer<'a, A>>,
        mut memory: &[u32],
    ) {
        for layer in layers {
            let Some((&len, rest)) = memory.split_first() else { return };
            let Some((words, rest)) = rest.split_at_checked(len as usize) else { return };
            let x = self.x.get(..A::lines(layer.inputs())).unwrap_or_default();
            let y = self.y.get_mut(..A::lines(layer.outputs())).unwrap_or_default();
            if layer.is_spatial() {
                one_by_one(&layer, x, y, self.samples);
            } else {
                A::tile(self.kernel, &layer, words, x, y);
            }
            core::mem::swap(&mut self.x, &mut self.y);
            memory = rest;
        }
    }

    /// The tile's samples, as many as there is room for.
    pub(super) fn give<A: Carry<V>, V>(&self, samples: &mut [V], width: usize) {
        A::give(self.x, samples, width);
    }
}

/// Computes a layer for one sample after the other. A pixel and the element that it stands for are the
/// same in a line, so elements go in and come out.
fn one_by_one<'a, A: Tiles<'a>>(
    layer: &Layer<'a, A>,
    x: &[Line],
    y: &mut [Line],
    samples: &mut [A::Element],
) {
    let (inputs, outputs) = (layer.inputs(), layer.outputs());
    let (before, rest) = samples.split_at_mut_checked(tile_len(inputs)).unwrap_or_default();
    let (behind, room) = rest.split_at_mut_checked(tile_len(outputs)).unwrap_or_default();
    let room = room.get_mut(..layer.room()).unwrap_or_default();
    A::give(x, before, inputs);
    for (x, y) in before.chunks(inputs.max(1)).zip(behind.chunks_mut(outputs.max(1))) {
        <A as ComputeLayer<'a, A::Element, A::Element>>::compute(layer, x, y, room);
    }
    A::take(behind, outputs, y);
}

/// Values of a whole tile.
pub(super) fn tile_len(width: usize) -> usize {
    width.max(1).saturating_mul(SAMPLES)
}
