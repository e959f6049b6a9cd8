//! A run of layers over maps, computed strip by strip, so that the maps between them are never whole.

use core::cell::Cell;

use ae_core::{Layer, MAX_RUN, Map, Run, Spatial, Strip};
use bytemuck::Pod;

use crate::compute::Compute;
use crate::trace::{Trace, show};
use crate::values::{Sink, Source};

/// Where a layer stands, and the window of the map that it reads. Lines are counted from the map's first
/// one; no map has more of them, or of positions, than 16 bits count.
#[derive(Clone, Copy, Default)]
struct Stage {
    /// The first position of the next strip.
    position: u16,
    /// The first line that it reads, and the one behind the last.
    keep: u16,
    needed: u16,
    /// The first line in the window, and the one behind the last.
    first: u16,
    end: u16,
    is_done: bool,
    /// Where the window begins among all windows.
    window: usize,
}

impl Stage {
    /// Goes to the strip that begins with a position, and reads these lines.
    fn go_to(&mut self, position: usize, [keep, needed]: [usize; 2]) {
        (self.position, self.keep, self.needed) = (position as u16, keep as u16, needed as u16);
        // Behind the last strip there is nothing to read.
        self.is_done = keep >= needed;
    }

    /// Whether the window has what the strip reads.
    fn is_ready(&self) -> bool {
        !self.is_done && self.end >= self.needed
    }

    /// Gives up lines that are read no more, so that others have room.
    #[inline(never)]
    fn move_up<E: Pod>(&mut self, window: &mut [E], line: usize) {
        let keep = self.keep.min(self.end);
        let values = |lines: u16| usize::from(lines.wrapping_sub(self.first)).wrapping_mul(line);
        let (from, to) = (values(keep), values(self.end));
        self.first = keep;
        if from == 0 {
            return;
        }
        // Words where values lie on them.
        let [first, end] = [from, to].map(|values| values.wrapping_mul(size_of::<E>()));
        if (first | end).is_multiple_of(WORD)
            && let Some(window) = window.get_mut(..to)
            && let Ok(words) = bytemuck::try_cast_slice_mut::<E, u32>(window)
        {
            return to_front(words, first / WORD, end / WORD);
        }
        to_front(window, from, to);
    }

    /// Where lines begin and end, from the window's first value on.
    fn places(&self, lines: [usize; 2], line: usize) -> [usize; 2] {
        lines.map(|number| number.wrapping_sub(self.first.into()).wrapping_mul(line))
    }
}

/// Bytes of a word.
const WORD: usize = 4;

/// Moves values to the front, the first one first.
#[inline(always)]
fn to_front<T: Copy>(values: &mut [T], from: usize, to: usize) {
    let places = Cell::from_mut(values).as_slice_of_cells();
    let moved = places.get(from..to).unwrap_or_default();
    places.iter().zip(moved).for_each(|(place, value)| place.set(value.get()));
}

/// A run that is computed in strips.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) layers: usize,
    /// Values that the last layer gives.
    pub(crate) outputs: usize,
    /// Elements that lie between inputs and outputs: all windows, and those and the room of layers.
    windows: usize,
    pub(crate) room: usize,
}

impl Plan {
    /// The run that begins with the first of `layers`, `input` of whose values lie in the scratch; if it is
    /// not computed in strips, how many layers it has.
    #[inline(never)]
    pub(crate) fn of<'a, A: Compute<'a>>(
        mut layers: impl Iterator<Item = Layer<'a, A>>,
        input: usize,
    ) -> Result<Self, usize> {
        let first = layers.next().ok_or(0_usize)?;
        let mut run = Run::new(first.geometry(), first.arithmetic().storage(), input);
        // What the part's last layer gives lies elsewhere.
        let mut output = 0;
        for next in layers {
            if !run.push(next.geometry(), next.arithmetic().storage()) {
                output = run.outputs();
                break;
            }
        }
        if run.is_in_strips(output) {
            let (layers, outputs) = (run.layers(), run.outputs());
            Ok(Self { layers, outputs, windows: run.windows(), room: run.room() })
        } else {
            Err(run.layers())
        }
    }
}

/// Computes the run of a plan strip by strip, from the first of its two ends to the second. It is always
/// the last layer that has what it needs which goes on, so that little waits between layers. `layers` are
/// those from the run's first one on, and `index` is its number in the part.
///
/// It is no part of who calls it, so that a dense layer takes no stack for it.
#[inline(never)]
pub(crate) fn strips<'a, A, L>(
    plan: &Plan,
    layers: &L,
    index: usize,
    ends: (Source<'_, A::Element>, Sink<'_, A::Element>),
    room: &mut [A::Element],
    trace: &mut impl Trace,
) where
    A: Compute<'a>,
    L: Iterator<Item = Layer<'a, A>> + Clone,
{
    // It ends with `None`, when no strip is left.
    let _ = until_none(plan, layers, index, ends, room, trace);
}

#[inline(always)]
fn until_none<'a, A, L>(
    plan: &Plan,
    layers: &L,
    index: usize,
    (input, mut output): (Source<'_, A::Element>, Sink<'_, A::Element>),
    room: &mut [A::Element],
    trace: &mut impl Trace,
) -> Option<()>
where
    A: Compute<'a>,
    L: Iterator<Item = Layer<'a, A>> + Clone,
{
    let last = plan.layers.checked_sub(1)?;
    let (windows, room) = room.split_at_mut_checked(plan.windows)?;
    // The window behind the last layer is the output.
    let mut stages = [Stage::default(); MAX_RUN + 1];
    prepare(&mut stages, layers.clone(), last)?;
    // The layer that was computed last, and those behind it.
    let mut behind = layers.clone();
    let mut layer = behind.next()?;
    let (mut spatial, mut found, mut at) = (layer.spatial()?, 0, last);
    loop {
        while !stages.get(at)?.is_ready() {
            at = at.checked_sub(1)?;
        }
        if found != at {
            // Behind a layer comes the next one, or one in front of it.
            if at < found {
                behind = layers.clone();
            }
            layer = behind.nth(if at < found { at } else { 0 })?;
            (spatial, found) = (layer.spatial()?, at);
        }
        let [stage, next] = stages.get_mut(at..)?.first_chunk_mut()?;
        let strip = strip_of(&spatial, stage.position.into());
        let [from, to] = stage.places(strip.reads, spatial.line_in());
        let place = stage.window;
        stage.go_to(strip.next, strip.next_reads);
        let (front, window) = windows.split_at_mut_checked(next.window)?;
        let (x, mut y) = (input, output.all());
        let x = if at == 0 { x } else { Source::Elements(front.get(place..)?) };
        if at < last {
            next.move_up(window, spatial.line_out());
            y = Sink::Elements(window);
        }
        let [start, end] = next.places(strip.writes, spatial.line_out());
        next.end = next.end.max(strip.writes[1] as u16);
        let mut y = y.some(start, end);
        A::strip(&layer, &strip.spatial, x.some(from, to), y.all(), room);
        show(trace, index.saturating_add(at), y.written());
        at = at.saturating_add(1).min(last);
    }
}

/// Once for all callers.
#[inline(never)]
fn strip_of(layer: &Spatial, position: usize) -> Strip {
    layer.strip(position)
}

/// Every layer before its first strip.
#[inline(never)]
fn prepare<'a, A: Compute<'a>>(
    stages: &mut [Stage],
    layers: impl Iterator<Item = Layer<'a, A>>,
    last: usize,
) -> Option<()> {
    let (mut front, mut place) = (None::<Map>, 0_usize);
    for (stage, layer) in stages.iter_mut().zip(layers).take(last.saturating_add(1)) {
        let spatial = layer.spatial()?;
        stage.go_to(0, strip_of(&spatial, 0).reads);
        stage.window = place;
        match &front {
            // The input is there as a whole.
            None => stage.end = u16::MAX,
            Some(front) => place = place.wrapping_add(front.window(&spatial)),
        }
        front = Some(Map::of(&spatial));
    }
    stages.get_mut(last.saturating_add(1))?.window = place;
    Some(())
}
