//! Layers that are computed together, so that the maps between them are never whole.

use super::buffers::larger;
use super::{Direction, Geometry, Spatial, SpatialKind, Storage};

/// Layers of a run at most: so many know where they are, on the stack of who computes them.
pub const MAX_RUN: usize = 12;

/// Elements that strips must save, and they must save a third: they take some stack of their own, and more
/// time.
const LEAST_SAVED: usize = 1024;

/// Some layers of a part, one after the other, and the scratch that computing them takes.
///
/// Layers over maps that follow each other make a run. It is computed in [strips](super::Strip): the
/// last layer that can go on does. Of the map between two layers a *window* is held, the lines that
/// the second still needs and those that the first gives at once. Where windows would save less than a
/// third or 1,024 elements, maps are whole and layers are computed one after the other.
///
/// ```
/// use ae_core::{Axis, Geometry, Layout, Run, Spatial, SpatialKind, Storage};
///
/// let convolution = |axis, channels_in, channels_out| {
///     let kind = SpatialKind::Convolution;
///     Geometry::Spatial(Spatial { kind, channels_in, channels_out, height: axis, width: axis })
/// };
/// // From 14 × 14 × 16 in the scratch by way of 28 × 28 × 8 to 28 × 28 × 1.
/// let up = convolution(Axis::transposed(14, 2, 2), 16, 8);
/// let last = convolution(Axis::same(28, 3, 1), 8, 1);
/// let storage = Storage::Int8(Layout::Rows);
/// let mut run = Run::new(up, storage, 14 * 14 * 16);
/// assert!(run.push(last, storage));
/// // A strip of the last layer needs 4 rows of 28 × 8. While 3 wait, the first one adds 4.
/// assert_eq!((run.layers(), run.windows()), (2, 7 * 28 * 8));
/// assert!(run.is_in_strips(0));
/// let room = up.room(storage).max(last.room(storage));
/// assert_eq!(run.scratch(0), 14 * 14 * 16 + 7 * 28 * 8 + room);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    layers: usize,
    /// The map that the last layer gives; none if it is dense.
    map: Option<Map>,
    outputs: usize,
    /// Elements in the scratch that the first layer reads, and the last one if maps are whole.
    input: usize,
    last_input: usize,
    /// The largest room, and that of the last layer.
    room: usize,
    last_room: usize,
    windows: usize,
    /// Most elements that are held at once before the last layer, if maps are whole.
    whole: usize,
}

impl Run {
    /// A run of one layer, which reads so many elements of the scratch: its inputs, or none if they are
    /// the part's input.
    #[must_use]
    pub const fn new(layer: Geometry, storage: Storage, input: usize) -> Self {
        let room = layer.room(storage);
        Self {
            layers: 1,
            map: match layer {
                // Where no such kind is built, compilers leave out what would follow.
                Geometry::Spatial(spatial) if SpatialKind::ANY => Some(Map::of(&spatial)),
                _ => None,
            },
            outputs: layer.outputs(),
            input,
            last_input: input,
            room,
            last_room: room,
            windows: 0,
            whole: 0,
        }
    }

    /// Adds a layer behind the others, if it goes on with their map.
    #[must_use]
    pub const fn push(&mut self, layer: Geometry, storage: Storage) -> bool {
        let (Some(map), Geometry::Spatial(next)) = (self.map, layer) else { return false };
        if self.layers >= MAX_RUN || !map.is_read_by(&next) {
            return false;
        }
        let room = layer.room(storage);
        self.whole = self.whole(self.outputs);
        self.windows = self.windows.saturating_add(map.window(&next));
        self.layers = self.layers.saturating_add(1);
        self.map = Some(Map::of(&next));
        self.last_input = self.outputs;
        self.outputs = layer.outputs();
        self.last_room = room;
        self.room = larger(room, self.room);
        true
    }

    /// Most elements that are held at once if maps are whole; `output` of the last one lie in the
    /// scratch.
    const fn whole(&self, output: usize) -> usize {
        let of_last = self.last_input.saturating_add(self.last_room).saturating_add(output);
        larger(of_last, self.whole)
    }

    /// The same in strips.
    const fn in_strips(&self, output: usize) -> usize {
        self.input.saturating_add(self.windows).saturating_add(self.room).saturating_add(output)
    }

    /// Layers.
    #[must_use]
    pub const fn layers(&self) -> usize {
        self.layers
    }

    /// Values that the last layer gives.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.outputs
    }

    /// Elements of all windows.
    #[must_use]
    pub const fn windows(&self) -> usize {
        self.windows
    }

    /// Elements of all windows, and of the largest room of a layer.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.windows.saturating_add(self.room)
    }

    /// Whether it is computed in strips; `output` elements of what the last layer gives lie in the
    /// scratch: all, or none if they are the part's output.
    #[must_use]
    pub const fn is_in_strips(&self, output: usize) -> bool {
        if !SpatialKind::ANY || self.layers == 1 {
            return false;
        }
        let (whole, strips) = (self.whole(output), self.in_strips(output));
        let saved = whole.saturating_sub(strips);
        saved >= LEAST_SAVED && saved >= whole.div_ceil(3)
    }

    /// Elements of scratch that computing it takes.
    #[must_use]
    pub const fn scratch(&self, output: usize) -> usize {
        if self.is_in_strips(output) { self.in_strips(output) } else { self.whole(output) }
    }
}

/// The map that a layer gives, as far as the next layer needs to know. No layer that is valid has more
/// lines than 16 bits count; one that is not may say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Map {
    height: u16,
    width: u16,
    channels: u16,
    cut: Direction,
    /// Most lines that a strip gives, and lines of the first one that are left out.
    added: u16,
    crop: u16,
}

impl Map {
    /// Of the layer that gives it.
    #[must_use]
    pub const fn of(layer: &Spatial) -> Self {
        let added = layer.most_written();
        Self {
            height: layer.height.outputs,
            width: layer.width.outputs,
            channels: layer.channels_out,
            cut: layer.cut(),
            added: if added < u16::MAX as usize { added as u16 } else { u16::MAX },
            crop: layer.crop_along(),
        }
    }

    /// Whether a layer reads it, line by line as it is written.
    const fn is_read_by(&self, next: &Spatial) -> bool {
        self.height == next.height.inputs
            && self.width == next.width.inputs
            && self.channels == next.channels_in
            && matches!(self.cut, Direction::Height) == matches!(next.cut(), Direction::Height)
    }

    /// Elements that are held of it before a layer: a multiple of four, so that every window begins on a
    /// word if the first one does.
    ///
    /// While that layer has not all the lines that a strip needs, those of a strip are added.
    #[must_use]
    pub const fn window(&self, next: &Spatial) -> usize {
        let waiting = next.most_waiting(self.added, self.crop);
        let lines = waiting.saturating_add(self.added as usize);
        let all = match self.cut {
            Direction::Height => self.height as usize,
            Direction::Width => self.width as usize,
        };
        let lines = if lines < all { lines } else { all };
        lines.saturating_mul(next.line_in()).saturating_add(3) & !3
    }
}

#[cfg(test)]
mod tests;
