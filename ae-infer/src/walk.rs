//! The one walk over a part's layers.

use ae_core::Layer;

use crate::compute::Compute;
use crate::error::InferError;
use crate::strips::{Plan, strips};
use crate::trace::{Trace, show};
use crate::values::{Sink, Source};

/// Runs `layers` from the first of two ends to the second, layer by layer, but for runs that are computed
/// `in_strips`. What lies between them is at the two ends of `scratch` in turn: it is read at one end, and
/// written at the other.
///
/// # Errors
/// The scratch is too small.
#[inline(never)]
pub(crate) fn walk<'a, A: Compute<'a>>(
    mut layers: impl ExactSizeIterator<Item = Layer<'a, A>> + Clone,
    in_strips: bool,
    (input, mut output): (Source<'_, A::Element>, Sink<'_, A::Element>),
    scratch: &mut [A::Element],
    trace: &mut impl Trace,
) -> Result<(), InferError> {
    let count = layers.len();
    trace.part(count);
    let (mut width, mut turn, mut alone) = (0, 0, 0_usize);
    loop {
        let ahead = layers.clone();
        let Some(layer) = &layers.next() else { return Ok(()) };
        let index = count.saturating_sub(ahead.len());
        let (mut room, mut outputs) = (layer.room(), layer.outputs());
        // Layers of a run that is not computed in strips come one by one.
        let plan = if alone == 0 && in_strips && layer.is_spatial() {
            &Plan::of(ahead.clone(), width)
        } else {
            &Err(alone)
        };
        match plan {
            Ok(plan) => {
                (room, outputs) = (plan.room, plan.outputs);
                for _ in 1..plan.layers {
                    layers.next();
                }
            }
            Err(run) => alone = run.saturating_sub(1),
        }
        let is_last = layers.len() == 0;
        let written = if is_last { 0 } else { outputs };
        let Ends { read, room, write } = ends(scratch, width, room, written, turn)?;
        let x = if index == 0 { input } else { Source::Elements(read) };
        let mut y = if is_last { output.all() } else { Sink::Elements(write) };
        if let Ok(plan) = plan {
            strips(plan, &ahead, index, (x, y), room, trace);
        } else {
            A::layer(layer, x, y.all(), room);
            show(trace, index, y.written());
        }
        width = outputs;
        turn = usize::from(turn == 0);
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
