//! The one walk over a part's layers.

use ae_core::Layer;

use crate::compute::{Compute, Dense, Latent, Value};
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
    A: Compute<'a, Element = E> + Dense<'a, X, E> + Dense<'a, E, Y> + Dense<'a, X, Y>,
    E: Latent,
    Y: Value,
{
    let last = layers.len().saturating_sub(1);
    let mut width = 0;
    for (index, layer) in layers.enumerate() {
        if index == last {
            let (source, _) = ends(scratch, width, 0, index)?;
            if index == 0 {
                A::dense(&layer, input, output);
            } else {
                A::dense(&layer, source, output);
            }
            trace.layer(output);
        } else {
            let (source, hidden) = ends(scratch, width, layer.outputs(), index)?;
            if index == 0 {
                A::dense(&layer, input, hidden);
            } else {
                A::dense(&layer, source, hidden);
            }
            trace.layer(hidden);
        }
        width = layer.outputs();
    }
    Ok(())
}

/// `read` elements at one end of `scratch` and `write` at the other, the ends changing places
/// from layer to layer.
fn ends<E>(
    scratch: &mut [E],
    read: usize,
    write: usize,
    layer: usize,
) -> Result<(&[E], &mut [E]), InferError> {
    let found = scratch.len();
    let needed = read.saturating_add(write);
    let too_small = InferError::Scratch { needed, found };
    let spare = found.checked_sub(needed).ok_or(too_small)?;
    // Even layers read at the front, odd ones at the back.
    let front_len = if layer.is_multiple_of(2) { read } else { write };
    let (front, rest) = scratch.split_at_mut_checked(front_len).ok_or(too_small)?;
    let (_, back) = rest.split_at_mut_checked(spare).ok_or(too_small)?;
    Ok(if layer.is_multiple_of(2) { (front, back) } else { (back, front) })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::ends;
    use crate::error::InferError;

    #[test]
    fn what_a_layer_writes_the_next_one_reads() {
        let mut scratch = [0_u8; 7];
        // Widths 3, 4, 2, 5: the sums of neighbours fit 7.
        let widths = [0, 3, 4, 2, 5];
        for (layer, pair) in widths.windows(2).enumerate() {
            let [read, write] = *pair else { unreachable!() };
            let (source, hidden) = ends(&mut scratch, read, write, layer).unwrap();
            assert_eq!(source, vec![layer as u8; read]);
            assert_eq!(hidden.len(), write);
            hidden.fill(layer as u8 + 1);
        }
        let error = ends(&mut scratch, 4, 4, 1).unwrap_err();
        assert_eq!(error, InferError::Scratch { needed: 8, found: 7 });
    }
}
