//! Tiles of samples on their way through the layers.

use ae_core::{Arithmetic, Layer, Model, Part, Spatial, SpatialKind};
use bytemuck::Pod;

use super::convolution;
use crate::arch::TileKernel;
use crate::arch::line::{Line, SAMPLES};
use crate::compute::Compute;

/// An arithmetic that can be computed in tiles of [`SAMPLES`] samples.
pub trait Tiles<'a>: Compute<'a> + Carry<<Self as Arithmetic<'a>>::Element> {
    /// Lines that `width` values of a tile take.
    fn lines(width: usize) -> usize;

    /// Copies values from their places in some lines to places in others.
    fn copy(x: &[Line], from: usize, y: &mut [Line], to: usize, count: usize);

    /// Fills places with what a convolution reads beside its map.
    fn pad(layer: &Layer<'a, Self>, y: &mut [Line], to: usize, count: usize);

    /// Words that the layer's prepared weights take.
    fn memory_len(kernel: TileKernel, layer: &Layer<'a, Self>) -> usize;

    /// Writes the prepared weights to the front of the memory, and gives what is behind them;
    /// `None` if there is too little.
    fn prepare<'m>(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &'m mut [u32],
    ) -> Option<&'m mut [u32]>;

    /// Computes every output of a tile of a dense layer.
    fn tile(
        kernel: TileKernel,
        layer: &Layer<'a, Self>,
        memory: &[u32],
        x: &[Line],
        y: &mut [Line],
    );

    /// Lines of room that [`tile_apart`](Self::tile_apart) needs.
    fn room_apart(spatial: &Spatial) -> usize;

    /// Computes every output of a tile of a layer that keeps its channels apart, which is given as its
    /// [weights](Layer::as_dense).
    fn tile_apart(
        kernel: TileKernel,
        layer: (&Layer<'a, Self>, &Spatial),
        memory: &[u32],
        x: &[Line],
        y: &mut [Line],
        room: &mut [Line],
    );
}

/// An arithmetic whose tiles are made from values `V` that lie sample after sample, and give such.
pub trait Carry<V> {
    /// Lines from up to [`SAMPLES`] samples of `width` values.
    fn take(kernel: TileKernel, samples: &[V], width: usize, lines: &mut [Line]);

    /// As many samples from lines.
    fn give(kernel: TileKernel, lines: &[Line], samples: &mut [V], width: usize);
}

/// Words in front of a layer's memory: one, that says how many follow.
const HEAD: usize = 1;

/// Words that the prepared weights of a part take.
pub(super) fn memory_len<'a, A: Tiles<'a>>(kernel: TileKernel, part: &Part<'a, A>) -> usize {
    part.layers()
        .map(|layer| A::memory_len(kernel, &layer))
        .fold(0, |sum, len| sum.saturating_add(HEAD).saturating_add(len))
}

/// The prepared weights of a part, and the memory behind them; `None` if there is too little.
pub(super) fn prepare<'a, 'm, A: Tiles<'a>>(
    kernel: TileKernel,
    part: Option<&Part<'a, A>>,
    memory: &'m mut [u32],
) -> Option<(&'m [u32], &'m mut [u32])> {
    let total = memory.len();
    let mut rest = &mut *memory;
    for layer in part.into_iter().flat_map(Part::layers) {
        let (head, words) = rest.split_first_mut()?;
        let before = words.len();
        rest = A::prepare(kernel, &layer, words)?;
        *head = u32::try_from(before.checked_sub(rest.len())?).ok()?;
    }
    let used = total.checked_sub(rest.len())?;
    let (own, behind) = memory.split_at_mut_checked(used)?;
    Some((own, behind))
}

/// Elements of scratch for a walk through any part of the model.
pub(super) fn scratch_len<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> usize {
    let widest = layers(model).map(|layer| A::lines(layer.inputs()).max(A::lines(layer.outputs())));
    let lines = widest.max().unwrap_or_default().saturating_mul(2);
    Line::elements::<A::Element>(lines.saturating_add(room(model)))
}

/// Lines that the layers need beside their inputs and outputs.
fn room<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> usize {
    let spatial = layers(model).filter_map(|layer| layer.spatial());
    let rooms = spatial.map(|spatial| match spatial.kind {
        SpatialKind::Convolution => convolution::room::<A>(&spatial),
        _ => A::room_apart(&spatial),
    });
    rooms.max().unwrap_or_default()
}

fn layers<'a, A: Tiles<'a>>(model: &Model<'a, A>) -> impl Iterator<Item = Layer<'a, A>> {
    [model.encoder(), model.decoder()].into_iter().flatten().flat_map(Part::layers)
}

/// A tile between two layers.
pub(super) struct Walk<'s> {
    kernel: TileKernel,
    /// The tile.
    x: &'s mut [Line],
    /// Where the next layer puts its output.
    y: &'s mut [Line],
    /// See [`room`].
    room: &'s mut [Line],
}

impl<'s> Walk<'s> {
    /// For the model's layers, in a scratch of [`scratch_len`].
    pub(super) fn new<'a, A: Tiles<'a, Element: Pod>>(
        kernel: TileKernel,
        model: &Model<'a, A>,
        scratch: &'s mut [A::Element],
    ) -> Self {
        let lines = Line::within(scratch);
        let (room, rest) = lines.split_at_mut_checked(room(model)).unwrap_or_default();
        let (x, y) = rest.split_at_mut_checked(rest.len() / 2).unwrap_or_default();
        Self { kernel, x, y, room }
    }

    /// Up to [`SAMPLES`] samples of `width` values.
    pub(super) fn take<A: Carry<V>, V>(&mut self, samples: &[V], width: usize) {
        A::take(self.kernel, samples, width, self.x);
    }

    /// Runs the layers, whose weights are in `memory`.
    pub(super) fn through<'a, A: Tiles<'a>>(
        &mut self,
        layers: impl Iterator<Item = Layer<'a, A>>,
        mut memory: &[u32],
    ) {
        for layer in layers {
            let Some((&len, rest)) = memory.split_first() else { return };
            let Some((words, rest)) = rest.split_at_checked(len as usize) else { return };
            let x = self.x.get(..A::lines(layer.inputs())).unwrap_or_default();
            let y = self.y.get_mut(..A::lines(layer.outputs())).unwrap_or_default();
            match layer.spatial() {
                None => A::tile(self.kernel, &layer, words, x, y),
                Some(spatial) => {
                    let layer = (&layer.as_dense(), &spatial);
                    let tile = match spatial.kind {
                        SpatialKind::Convolution => convolution::tile,
                        _ => A::tile_apart,
                    };
                    tile(self.kernel, layer, words, x, y, self.room);
                }
            }
            core::mem::swap(&mut self.x, &mut self.y);
            memory = rest;
        }
    }

    /// The tile's samples, as many as there is room for.
    pub(super) fn give<A: Carry<V>, V>(&self, samples: &mut [V], width: usize) {
        A::give(self.kernel, self.x, samples, width);
    }
}

/// Values of a whole tile.
pub(super) fn tile_len(width: usize) -> usize {
    width.max(1).saturating_mul(SAMPLES)
}
