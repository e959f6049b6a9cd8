//! Operators that move values and compute nothing.

use crate::Operation;
use crate::graph::{
    Pending, Refusal, Shape, Understood, elements, fitted, longer_than_one, transposed,
};

use super::Reader;
use super::schema::Node;
use super::window::explicit;

const FIXED: &str = "export the model with a fixed shape of its input";

impl<'a> Reader<'_, 'a> {
    pub(super) fn flatten(&mut self, node: &Node<'a>) -> Understood<()> {
        let axis = node.i64("axis", 1)?;
        let rank = i64::try_from(self.chain.shape.len()).unwrap_or(i64::MAX);
        if axis != 1 && axis.checked_add(rank) != Some(0) {
            return Err(Refusal::new(
                format!("it makes one dimension of all before dimension {axis}"),
                "flatten each sample by itself, with an axis of 1",
            ));
        }
        let Some(values) = elements(&self.chain.shape) else {
            return Err(Refusal::new("how many values come in is not in the file", FIXED));
        };
        self.arranged(node, vec![Some(values)])
    }

    pub(super) fn reshape(&mut self, node: &Node<'a>) -> Understood<()> {
        let mut target = match node.i64s("shape")? {
            Some(shape) => shape.into_iter().map(Some).collect(),
            None => self.shape_numbers(node, 1)?,
        };
        if node.i64("allowzero", 0)? == 0 {
            // A zero is the dimension that comes in.
            let from = std::iter::once(None).chain(self.chain.shape.iter().copied());
            for (to, from) in target.iter_mut().zip(from) {
                if *to == Some(0) {
                    *to = from.and_then(|from| i64::try_from(from).ok());
                }
            }
        }
        let shape: Shape =
            fitted(&target, &self.chain.shape, self.chain.samples)?.into_iter().map(Some).collect();
        if self.chain.pending == Some(Pending::Repeated) {
            if shape == self.chain.shape {
                self.chain.pending = None;
                return self.push(node, Operation::Identity, shape);
            }
            // It may make place for the next ones in the same step.
            if longer_than_one(&shape).eq(longer_than_one(&self.chain.shape)) {
                self.chain.pending = None;
            }
        }
        self.arranged(node, shape)
    }

    pub(super) fn squeeze(&mut self, node: &Node<'a>) -> Understood<()> {
        let rank = self.chain.shape.len().saturating_add(1);
        let axes = self.attribute_or_input(node, "axes", 1)?;
        let axes = axes.map(|axes| places(&axes, rank)).transpose()?;
        let shape = self.chain.shape.iter().enumerate().filter(|(at, extent)| match &axes {
            Some(axes) => !axes.contains(&at.saturating_add(1)),
            None => **extent != Some(1),
        });
        let left: Shape = shape.map(|(_, extent)| *extent).collect();
        if axes.is_some_and(|axes| axes.contains(&0))
            || elements(&left) != elements(&self.chain.shape)
        {
            return Err(Refusal::new(
                "it takes away a dimension that is not 1, or the batch",
                "squeeze dimensions of 1 behind the batch",
            ));
        }
        self.arranged(node, left)
    }

    pub(super) fn unsqueeze(&mut self, node: &Node<'a>) -> Understood<()> {
        let axes = self.attribute_or_input(node, "axes", 1)?.unwrap_or_default();
        let rank = self.chain.shape.len().saturating_add(1).saturating_add(axes.len());
        let mut axes = places(&axes, rank)?;
        axes.sort_unstable();
        let mut shape = self.chain.shape.clone();
        // A signal that is padded gets a height of 1, between the batch and channels and its width.
        let padded = match self.chain.pending {
            Some(Pending::Pad { .. }) if axes == [2] && shape.len() == 2 => {
                self.chain.pending.take()
            }
            _ => None,
        };
        for axis in axes {
            match axis.checked_sub(1).filter(|at| *at <= shape.len() && shape.len() < 8) {
                Some(at) => shape.insert(at, Some(1)),
                None => {
                    return Err(Refusal::new(
                        "it puts a dimension before the batch",
                        "the first dimension must stay the batch",
                    ));
                }
            }
        }
        self.arranged(node, shape)?;
        if padded.is_some() {
            self.chain.pending = padded;
        }
        Ok(())
    }

    fn arranged(&mut self, node: &Node<'a>, shape: Shape) -> Understood<()> {
        let Some(known) = shape.iter().copied().collect::<Option<Vec<usize>>>() else {
            return Err(Refusal::new(
                "the shape that it gives cannot be told from the file",
                FIXED,
            ));
        };
        self.push(node, Operation::Reshape(known), shape)
    }

    pub(super) fn transpose(&mut self, node: &Node<'a>) -> Understood<()> {
        let rank = self.chain.shape.len().saturating_add(1);
        let order = match node.i64s("perm")? {
            Some(order) => places(&order, rank)?,
            None => (0..rank).rev().collect(),
        };
        let (operation, shape) = transposed(&order, &mut self.chain)?;
        let first = match operation {
            Operation::ChannelsFirst => true,
            Operation::ChannelsLast => false,
            _ => self.chain.channels_first,
        };
        self.push(node, operation, shape)?;
        self.chain.channels_first = first;
        Ok(())
    }

    /// Real numbers stay real numbers.
    pub(super) fn cast(&mut self, node: &Node<'a>) -> Understood<()> {
        let to = node.i64("to", 0)?;
        if !matches!(to, 1 | 11) {
            return Err(Refusal::new(
                format!("it makes numbers of the kind {}", super::tensor::kind(to)),
                "only real numbers can be imported; leave the cast out of the model",
            ));
        }
        let shape = self.chain.shape.clone();
        self.push(node, Operation::Identity, shape)
    }

    pub(super) fn mean(&mut self, node: &Node<'a>) -> Understood<()> {
        let (_, channels) = self.chain.map()?;
        let rank = self.chain.shape.len().saturating_add(1);
        if node.kind == "ReduceMean" {
            let axes = self.attribute_or_input(node, "axes", 1)?.unwrap_or_default();
            let mut places = places(&axes, rank)?;
            places.sort_unstable();
            if !places.into_iter().eq(2..rank) {
                return Err(Refusal::new(
                    format!("it takes the mean over the dimensions {axes:?}"),
                    "only the mean over all places of a map can be imported",
                ));
            }
        }
        let keeps = node.kind != "ReduceMean" || node.i64("keepdims", 1)? != 0;
        let shape = match keeps {
            true => self.chain.map_shape([Some(1), Some(1)], channels),
            false => vec![channels],
        };
        self.push(node, Operation::GlobalAverage, shape)
    }

    /// Zeros around a map, which the next convolution takes as its padding.
    pub(super) fn pad(&mut self, node: &Node<'a>) -> Understood<()> {
        self.chain.settled()?;
        // It must be the layers' side, on which the channels are.
        self.chain.map()?;
        let mode = node.text("mode")?;
        let value = match self.may_have(node, 2, "value")? {
            Some(value) => value.all_reals()?,
            None => vec![node.f32("value", 0.0)?],
        };
        let pads = self.attribute_or_input(node, "pads", 1)?.unwrap_or_default();
        let rank = self.chain.shape.len().saturating_add(1);
        let (front, back) = pads.split_at_checked(rank).unwrap_or_default();
        let zeros = matches!(mode, "" | "constant") && value == [0.0] && node.input(3).is_none();
        let (Some(([0, 0], front)), Some(([0, 0], back)), true) =
            (front.split_first_chunk(), back.split_first_chunk(), zeros && back.len() == rank)
        else {
            return Err(Refusal::new(
                format!("it pads {pads:?} in the mode `{mode}` with {value:?}"),
                "pad the height and the width of a map with zeros",
            ));
        };
        let (before, after) = match explicit(&[front, back].concat())? {
            crate::Padding::Explicit { before, after } => (before, after),
            _ => ([0, 0], [0, 0]),
        };
        let shape = self.chain.shape.clone();
        let value = self.given(node);
        self.chain.advance(value, shape)?;
        self.chain.pending = Some(Pending::Pad { before, after });
        Ok(())
    }
}

/// Dimensions by their number; negative ones count from the end.
fn places(axes: &[i64], rank: usize) -> Understood<Vec<usize>> {
    let back = i64::try_from(rank).unwrap_or(i64::MAX);
    let place = |axis: &i64| {
        let axis = if *axis < 0 { axis.saturating_add(back) } else { *axis };
        usize::try_from(axis).ok().filter(|axis| *axis < rank)
    };
    let places: Option<Vec<usize>> = axes.iter().map(place).collect();
    places.ok_or_else(|| Refusal::damaged(format!("the dimensions {axes:?} of {rank}")))
}
