//! Padding, and places taken apart into the batch: both are parts of a convolution.

use crate::graph::{Pending, Refusal, Understood};
use crate::{Operation, Padding};

use super::Reader;
use super::schema::Node;

impl Reader<'_, '_> {
    pub(super) fn pad(&mut self, node: &Node<'_>) -> Understood<()> {
        self.chain.settled()?;
        let zeros = self.needs(node, 1, "padding")?;
        let (before, after) = around(&zeros.integers()?, self.chain.shape.len().saturating_add(1))?;
        let shape = self.chain.shape.clone();
        self.chain.advance(node.output, shape)?;
        self.chain.pending = Some(Pending::Pad { before, after });
        Ok(())
    }

    /// Places taken apart into the batch.
    pub(super) fn apart(&mut self, node: &Node<'_>) -> Understood<()> {
        let (mut before, mut after) = match self.chain.pending.take() {
            Some(Pending::Pad { before, after }) => (before, after),
            pending => {
                self.chain.pending = pending;
                self.chain.settled()?;
                ([0, 0], [0, 0])
            }
        };
        let dilation = block(&self.needs(node, 1, "block")?.integers()?)?;
        let (above, below) = around_places(&self.needs(node, 2, "padding")?.integers()?)?;
        for (sum, more) in [(&mut before, above), (&mut after, below)] {
            for (sum, more) in sum.iter_mut().zip(more) {
                *sum = sum.saturating_add(more);
            }
        }
        let shape = self.chain.shape.clone();
        self.chain.advance(node.output, shape)?;
        self.chain.pending = Some(Pending::Apart { dilation, before, after });
        Ok(())
    }

    /// Places taken back from the batch, of which some are cut off.
    pub(super) fn together(&mut self, node: &Node<'_>) -> Understood<()> {
        let dilation = block(&self.needs(node, 1, "block")?.integers()?)?;
        let (above, below) = around_places(&self.needs(node, 2, "crops")?.integers()?)?;
        if self.chain.pending != Some(Pending::Read { dilation }) {
            return Err(Refusal::new(
                "it takes places from the batch that no convolution has read apart",
                "use the dilation of a convolution alone",
            ));
        }
        self.chain.pending = None;
        let layer = self.chain.operators.iter_mut().rev().find_map(|operator| match &mut operator
            .operation
        {
            Operation::Convolution(layer) => Some((layer.stride, &mut layer.padding)),
            Operation::Depthwise(layer) => Some((layer.stride, &mut layer.padding)),
            _ => None,
        });
        let Some(([1, 1], Padding::Explicit { before, after })) = layer else {
            return Err(Refusal::new(
                "the convolution before it has a stride and a dilation",
                "use a stride or a dilation, not both",
            ));
        };
        for (padding, crops) in [(before, above), (after, below)] {
            for (padding, crop) in padding.iter_mut().zip(crops) {
                *padding = padding.checked_sub(crop).ok_or_else(|| {
                    Refusal::new("it cuts off more than was padded", "use a cropping of its own")
                })?;
            }
        }
        let cuts = [0, 1].map(|axis| {
            above.get(axis).zip(below.get(axis)).and_then(|(a, b)| a.checked_add(*b)).unwrap_or(0)
        });
        let mut shape = self.chain.shape.clone();
        let places = shape.len().saturating_sub(1);
        for (extent, cut) in shape.iter_mut().take(places).rev().zip(cuts.iter().rev()) {
            *extent = extent.and_then(|extent| extent.checked_sub(*cut));
        }
        self.chain.advance(node.output, shape)
    }
}

/// Before and behind height and width, from numbers for all of `rank` dimensions.
fn around(numbers: &[i64], rank: usize) -> Understood<([usize; 2], [usize; 2])> {
    let inner = match numbers {
        [0, 0, places @ .., 0, 0] if numbers.len() == rank.saturating_mul(2) => places,
        _ => {
            return Err(Refusal::new(
                format!("it pads {numbers:?} of {rank} dimensions, not a map's places"),
                "pad the height and the width of a map alone",
            ));
        }
    };
    around_places(inner)
}

fn around_places(numbers: &[i64]) -> Understood<([usize; 2], [usize; 2])> {
    let size = |number: &i64| usize::try_from(*number).ok();
    let sizes: Option<Vec<usize>> = numbers.iter().map(size).collect();
    match sizes.as_deref() {
        Some([top, bottom, left, right]) => Ok(([*top, *left], [*bottom, *right])),
        Some([left, right]) => Ok(([0, *left], [0, *right])),
        _ => Err(Refusal::damaged(format!("padding of {numbers:?} places"))),
    }
}

fn block(numbers: &[i64]) -> Understood<[usize; 2]> {
    let size = |number: i64| usize::try_from(number).ok().filter(|size| *size > 0);
    let sizes = match numbers {
        [height, width] => size(*height).zip(size(*width)),
        [width] => Some(1).zip(size(*width)),
        _ => None,
    };
    let (height, width) =
        sizes.ok_or_else(|| Refusal::damaged(format!("blocks of {numbers:?} places")))?;
    Ok([height, width])
}
