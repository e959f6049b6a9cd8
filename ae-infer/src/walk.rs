//! The one walk over a part's layers.

use ae_core::Layer;

use crate::compute::{Compute, ComputeLayer, Latent, Value};
use crate::error::InferError;
use crate::trace::Trace;

/// Runs `layers` from `input` to `output`. Activations between layers lie at the two ends of
/// `scratch` in turn, so a layer reads at one end and writes at the other.
///
/// # Errors
/// The scratch is too small.
pub(crate) fn walk<'a, A, X, E, Y>(
    layers: impl ExactSizeIterator<Item = Layer<'a, A>>,
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
    let last = layers.len().saturating_sub(1);
    let mut width = 0;
    for (index, layer) in layers.enumerate() {
        if index == last {
            let Ends { read, room, .. } = ends(scratch, width, layer.room(), 0, index)?;
            if index == 0 {
                A::compute(&layer, input, output, room);
            } else {
                A::compute(&layer, read, output, room);
            }
            trace.layer(output);
        } else {
            let Ends { read, room, write } =
                ends(scratch, width, layer.room(), layer.outputs(), index)?;
            if index == 0 {
                A::compute(&layer, input, write, room);
            } else {
                A::compute(&layer, read, write, room);
            }
            trace.layer(write);
        }
        width = layer.outputs();
    }
    Ok(())
}

/// What a layer gets of the scratch.
struct Ends<'s, E> {
    /// The output of the layer before.
    read: &'s [E],
    /// What lies between both ends.
    room: &'s mut [E],
    /// The layer's own output.
    write: &'s mut [E],
}

/// `read` elements at one end of `scratch` and `write` at the other, the ends changing places
/// from layer to layer; at least `room` between them.
fn ends<E>(
    scratch: &mut [E],
    read: usize,
    room: usize,
    write: usize,
    layer: usize,
) -> Result<Ends<'_, E>, InferError> {
    let found = scratch.len();
    let needed = read.saturating_add(room).saturating_add(write);
    let too_small = InferError::Scratch { needed, found };
    let spare = found.checked_sub(needed).ok_or(too_small)?.saturating_add(room);
    // Even layers read at the front, odd ones at the back.
    let reads_front = layer.is_multiple_of(2);
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
