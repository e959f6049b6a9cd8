//! The one walk over a part's layers.

use ae_core::Layer;

use crate::compute::{Compute, ComputeLayer, Latent, Value};
use crate::error::InferError;
use crate::strips::{Plan, strips};
use crate::trace::Trace;

/// Runs `layers` from `input` to `output`, layer by layer, but for runs that are computed `in_strips`.
/// What lies between them is at the two ends of `scratch` in turn: it is read at one end, and written
/// at the other.
///
/// # Errors
/// The scratch is too small.
pub(crate) fn walk<'a, A, X, E, Y>(
    mut layers: impl ExactSizeIterator<Item = Layer<'a, A>> + Clone,
    in_strips: bool,
    input: &[X],
    output: &mut [Y],
    scratch: &mut [E],
    trace: &mut impl Trace,
) -> Result<(), InferError>
where
    A: Compute<'a, Element = E>
        + ComputeLayer<'a, X, E>
        + ComputeLayer<'a, E, Y>
        + ComputeLayer<'a, X, Y>,
    E: Latent,
    Y: Value,
{
    let count = layers.len();
    trace.part(count);
    let (mut width, mut turn, mut alone) = (0, 0, 0_usize);
    loop {
        let ahead = layers.clone();
        let Some(layer) = layers.next() else { return Ok(()) };
        let index = count.saturating_sub(ahead.len());
        let (mut room, mut outputs) = (layer.room(), layer.outputs());
        let mut plan = None;
        // Layers of a run that is not computed in strips come one by one.
        if alone > 0 {
            alone = alone.saturating_sub(1);
        } else if layer.is_spatial() && in_strips {
            match Plan::of(ahead.clone(), width) {
                Ok(found) => {
                    (room, outputs) = (found.room, found.outputs);
                    for _ in 1..found.layers {
                        layers.next();
                    }
                    plan = Some(found);
                }
                Err(run) => alone = run.saturating_sub(1),
            }
        }
        let is_last = layers.len() == 0;
        let written = if is_last { 0 } else { outputs };
        let Ends { read, room, write } = ends(scratch, width, room, written, turn)?;
        let step = Step { layer: &layer, plan, ahead: &ahead, index };
        match (index == 0, is_last) {
            (true, true) => step.compute(input, output, room, trace),
            (true, false) => step.compute(input, write, room, trace),
            (false, true) => step.compute(read, output, room, trace),
            (false, false) => step.compute(read, write, room, trace),
        }
        width = outputs;
        turn = usize::from(turn == 0);
    }
}

/// A layer, or a run of them in strips.
struct Step<'s, 'a, A, L> {
    layer: &'s Layer<'a, A>,
    /// The layers from this one on, and its number in the part.
    ahead: &'s L,
    index: usize,
    plan: Option<Plan>,
}

impl<'a, A: Compute<'a>, L: Iterator<Item = Layer<'a, A>> + Clone> Step<'_, 'a, A, L> {
    #[inline(always)]
    fn compute<X, Y: Value>(
        self,
        x: &[X],
        y: &mut [Y],
        room: &mut [A::Element],
        trace: &mut impl Trace,
    ) where
        A: ComputeLayer<'a, X, Y>,
    {
        let Some(plan) = self.plan else {
            A::compute(self.layer, x, y, room);
            return trace.values(self.index, y);
        };
        let ends = (A::source(x), A::sink(y));
        strips(&plan, self.ahead, self.index, ends, room, trace);
    }
}

/// What a step gets of the scratch.
struct Ends<'s, E> {
    /// The output of the step before.
    read: &'s [E],
    /// What lies between both ends.
    room: &'s mut [E],
    /// The step's own output.
    write: &'s mut [E],
}

/// `read` elements at one end of `scratch` and `write` at the other, the ends changing places
/// from turn to turn; at least `room` between them.
fn ends<E>(
    scratch: &mut [E],
    read: usize,
    room: usize,
    write: usize,
    turn: usize,
) -> Result<Ends<'_, E>, InferError> {
    let found = scratch.len();
    let needed = read.saturating_add(room).saturating_add(write);
    let too_small = InferError::Scratch { needed, found };
    let spare = found.checked_sub(needed).ok_or(too_small)?.saturating_add(room);
    // Even turns read at the front, odd ones at the back.
    let reads_front = turn.is_multiple_of(2);
    let front_len = if reads_front { read } else { write };
    let (front, rest) = scratch.split_at_mut_checked(front_len).ok_or(too_small)?;
    let (room, back) = rest.split_at_mut_checked(spare).ok_or(too_small)?;
    let (read, write) = if reads_front { (front, back) } else { (back, front) };
    Ok(Ends { read, room, write })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::ends;
    use crate::error::InferError;

    #[test]
    fn what_a_layer_writes_the_next_one_reads() {
        let mut scratch = [0_u8; 8];
        // Widths 3, 4, 2, 5: the sums of neighbours fit 7, and there is room for one more.
        let widths = [0, 3, 4, 2, 5];
        for (layer, pair) in widths.windows(2).enumerate() {
            let [read, write] = *pair else { unreachable!() };
            let ends = ends(&mut scratch, read, 1, write, layer).unwrap();
            assert_eq!(ends.read, vec![layer as u8; read]);
            assert_eq!((ends.room.len(), ends.write.len()), (8 - read - write, write));
            ends.room.fill(99);
            ends.write.fill(layer as u8 + 1);
        }
        let error = ends(&mut scratch, 4, 1, 4, 1).map(|_| ()).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed: 9, found: 8 });
    }
}
