//! Transposed convolutions.

use crate::graph::{Extent, Layer, Refusal, Understood, in_words, numbers};
use crate::{Operation, Padding, Transposed};

use super::Reader;
use super::layer::{kernel, not_of_a_map};
use super::schema::Node;
use super::window::pair;

impl<'a> Reader<'_, 'a> {
    pub(super) fn transposed(&mut self, node: &Node<'a>) -> Understood<()> {
        self.chain.settled()?;
        let weights = self.needs(node, 1, "weights")?;
        let bias = self.may_have(node, 2, "bias")?;
        let (channels_in, channels_out, taps) = match *weights.dims() {
            [inputs, outputs, height, width] => (inputs, outputs, vec![height, width]),
            [inputs, outputs, width] => (inputs, outputs, vec![width]),
            _ => return Err(not_of_a_map(&weights)),
        };
        self.of_a_map(taps.len())?;
        let kernel = kernel(&taps)?;
        let ones = vec![1; taps.len()];
        let stride = pair(&node.i64s("strides")?.unwrap_or(ones), 1, "strides")?;
        let dilated = node.i64s("dilations")?.is_some_and(|all| all.iter().any(|one| *one != 1));
        if node.i64("group", 1)? != 1 || dilated || stride.contains(&0) {
            return Err(Refusal::new(
                "it has groups or dilations",
                "use a transposed convolution over all channels, without dilations",
            ));
        }
        let (map, found) = self.chain.map()?;
        if let Some(found) = found.filter(|found| *found != channels_in) {
            return Err(Refusal::damaged(format!(
                "its weights are for {channels_in} channels, and {found} come in"
            )));
        }
        let (padding, output_padding) = self.cuts(node, map, kernel, stride)?;
        let places = [0, 1].map(|axis| {
            let at = |sizes: [usize; 2]| sizes.get(axis).copied();
            let input = map.get(axis).copied()??;
            let (before, after) = match padding {
                Padding::Same => return input.checked_mul(at(stride)?),
                Padding::Valid => (0, 0),
                Padding::Explicit { before, after } => (at(before)?, at(after)?),
            };
            let full = full(input, at(kernel)?, at(stride)?)?;
            full.checked_sub(before)?.checked_sub(after)?.checked_add(at(output_padding)?)
        });
        let shape = self.chain.map_shape(places, Some(channels_out));
        let integers = self.integers(&weights)?;
        let order: &[usize] = if taps.len() == 1 { &[1, 2, 0] } else { &[1, 2, 3, 0] };
        let layer =
            Layer { weights: &weights, order, bias: bias.as_ref(), outputs: channels_out, axis: 1 };
        let numbers = numbers(&layer, &mut self.chain, integers)?;
        let operation = Operation::Transposed(Transposed {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            output_padding,
            is_size_computed: false,
            numbers,
        });
        self.push(node, operation, shape)
    }

    /// What is cut off in front and behind, and what is put behind the last outputs. The file's
    /// output padding cuts off less behind, as far as something is cut off there.
    fn cuts(
        &self,
        node: &Node<'a>,
        map: [Extent; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
    ) -> Understood<(Padding, [usize; 2])> {
        let more = node.i64s("output_padding")?.filter(|more| !more.is_empty());
        let more = more.map_or(Ok([0, 0]), |more| pair(&more, 0, "output_padding"))?;
        let automatic = node.text("auto_pad")?;
        let (mut before, mut after) = match (automatic, node.i64s("output_shape")?) {
            ("SAME_UPPER", None) if more == [0, 0] => return Ok((Padding::Same, [0, 0])),
            ("" | "NOTSET" | "VALID", None) => {
                let pads = node.i64s("pads")?.filter(|_| automatic != "VALID").unwrap_or_default();
                match super::window::explicit(&pads)? {
                    Padding::Explicit { before, after } => (before, after),
                    _ => ([0, 0], [0, 0]),
                }
            }
            ("" | "NOTSET" | "SAME_UPPER", Some(wanted)) => {
                let wanted = pair(&wanted, 1, "output_shape")?;
                let (mut before, mut after) = ([0, 0], [0, 0]);
                let sides = before.iter_mut().zip(&mut after).zip(map).zip(wanted);
                for (axis, (((before, after), input), wanted)) in sides.enumerate() {
                    let at = |sizes: [usize; 2]| sizes.get(axis).copied();
                    let over = || {
                        let full = full(input?, at(kernel)?, at(stride)?)?;
                        full.checked_add(at(more)?)?.checked_sub(wanted)
                    };
                    let over = over().ok_or_else(|| {
                        Refusal::new(
                            format!(
                                "its output_shape has {wanted} places for {}",
                                in_words(&[input])
                            ),
                            "export it with pads instead",
                        )
                    })?;
                    let half = over / 2;
                    let rest = over.saturating_sub(half);
                    (*before, *after) =
                        if automatic == "SAME_UPPER" { (half, rest) } else { (rest, half) };
                }
                (before, after)
            }
            (other, _) => {
                return Err(Refusal::new(
                    format!("its auto_pad is {other} with an output_padding of {more:?}"),
                    "export it with pads instead",
                ));
            }
        };
        let mut behind = [0, 0];
        for ((behind, after), more) in behind.iter_mut().zip(&mut after).zip(more) {
            let less = more.min(*after);
            *after = after.saturating_sub(less);
            *behind = more.saturating_sub(less);
        }
        // A signal has no height.
        if self.chain.shape.len() == 2 {
            for height in [&mut before, &mut after, &mut behind] {
                if let Some(height) = height.first_mut() {
                    *height = 0;
                }
            }
        }
        match (before, after) {
            ([0, 0], [0, 0]) => Ok((Padding::Valid, behind)),
            _ => Ok((Padding::Explicit { before, after }, behind)),
        }
    }
}

/// Outputs that some value reaches.
fn full(input: usize, kernel: usize, stride: usize) -> Option<usize> {
    input.checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)
}
