//! Transposed convolutions.

use crate::graph::{Extent, Layer, Refusal, Understood, in_words, numbers, target_in_words};
use crate::{Operation, Padding, Transposed};

use super::Reader;
use super::layer::{not_of, padding};
use super::schema::Node;

impl Reader<'_, '_> {
    /// Its inputs are the shape of what comes out, the weights, the map and perhaps the bias.
    pub(super) fn transposed(&mut self, node: &Node<'_>) -> Understood<()> {
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 3, "bias")?;
        let &[channels_out, height, width, channels_in] = weights.dims() else {
            return Err(not_of(weights.dims(), "outputs, height, width, inputs"));
        };
        self.chain.settled()?;
        let (map, _) = self.chain.map()?;
        let kernel = [height, width];
        let stride = [node.size(2, 0, "stride")?, node.size(1, 0, "stride")?];
        let same = padding(node)? == Padding::Same;
        let wanted = self.shape_numbers(node, 0)?;
        let is_size_computed =
            node.input(0).is_some_and(|value| self.computed.contains_key(&value));
        let extent = |axis: usize| -> Extent {
            usize::try_from(wanted.get(axis.checked_add(1)?).copied()??).ok()
        };
        let cuts = [0, 1].map(|axis| {
            let side = |sizes: [usize; 2]| sizes.get(axis).copied().unwrap_or(1);
            cut(*map.get(axis)?, side(kernel), side(stride), extent(axis), same)
        });
        let [Some(vertical), Some(horizontal)] = cuts else {
            return Err(Refusal::new(
                format!(
                    "a map of {} places does not become one of {}",
                    in_words(&map),
                    target_in_words(&wanted)
                ),
                "convert the model with a fixed shape of its input",
            ));
        };
        let padding = if same && vertical.whole && horizontal.whole {
            Padding::Same
        } else if [vertical, horizontal].iter().all(|cut| cut.before + cut.after == 0) {
            Padding::Valid
        } else {
            Padding::Explicit {
                before: [vertical.before, horizontal.before],
                after: [vertical.after, horizontal.after],
            }
        };
        let output_padding = match padding {
            Padding::Same => [0, 0],
            _ => [vertical.behind, horizontal.behind],
        };
        let shape =
            self.chain.map_shape([vertical.out, horizontal.out].map(Some), Some(channels_out));
        let integers = self.gives_integers(node)?;
        let layer = Layer {
            weights: &weights,
            order: &[0, 1, 2, 3],
            bias: bias.as_ref(),
            outputs: channels_out,
            axis: 0,
        };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let operation = Operation::Transposed(Transposed {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            output_padding,
            is_size_computed,
            numbers,
        });
        self.push(node, operation, shape, node.i8(3)?)
    }
}

/// What a transposed convolution cuts off along one dimension.
#[derive(Clone, Copy)]
struct Cut {
    before: usize,
    after: usize,
    /// Outputs behind the last one that a value reaches.
    behind: usize,
    out: usize,
    /// Whether a stride is left of each place.
    whole: bool,
}

/// None where the sizes do not fit each other.
fn cut(input: Extent, kernel: usize, stride: usize, wanted: Extent, same: bool) -> Option<Cut> {
    let input = input?;
    let full = input.checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)?;
    let strides = input.checked_mul(stride)?;
    let out = wanted.unwrap_or(if same { strides } else { full.max(strides) });
    let over = full.saturating_sub(out);
    let before = if same { over / 2 } else { 0 };
    let behind = out.saturating_sub(full);
    (out.div_ceil(stride) == input || !same).then_some(Cut {
        before,
        after: over.checked_sub(before)?,
        behind,
        out,
        whole: out == strides,
    })
}
