//! Operators that move values and compute nothing.

use crate::Operation;
use crate::graph::{
    Extent, Pending, Refusal, Shape, Understood, fitted, in_words, longer_than_one,
    target_in_words, transposed,
};

use super::Reader;
use super::schema::Node;

impl Reader<'_, '_> {
    pub(super) fn reshape(&mut self, node: &Node<'_>) -> Understood<()> {
        let target = self.target(node)?;
        let shape = &self.chain.shape;
        match &self.chain.pending {
            // The places are partly padding, or partly in the batch: only a height of 1 may come or go.
            Some(Pending::Pad { .. } | Pending::Apart { .. }) => {
                let wider = target.len() == shape.len().saturating_add(2);
                if wider && target.get(1) == Some(&Some(1)) {
                    return self.expand_at(node, 0);
                }
            }
            Some(Pending::Read { .. }) => {
                let narrower = target.len() == shape.len();
                if let Some((Some(1), rest)) = shape.split_first().filter(|_| narrower) {
                    let rest = rest.to_vec();
                    return self.arranged(node, rest);
                }
            }
            Some(Pending::Repeated) => {
                let joined = fitted(&target, shape, self.chain.samples)?;
                let joined: Shape = joined.into_iter().map(Some).collect();
                if joined == *shape {
                    self.chain.pending = None;
                    return self.push(node, Operation::Identity, joined, 0);
                }
                // It may make place for the next ones in the same step.
                if longer_than_one(&joined).eq(longer_than_one(shape)) {
                    self.chain.pending = None;
                    return self.arranged(node, joined);
                }
            }
            _ => {}
        }
        self.chain.settled()?;
        let shape = fitted(&target, shape, self.chain.samples)?;
        self.arranged(node, shape.into_iter().map(Some).collect())
    }

    /// The shape that a reshaping asks for.
    fn target(&self, node: &Node<'_>) -> Understood<Vec<Option<i64>>> {
        if node.kind == "RESHAPE" {
            return match node.input(1) {
                Some(_) => self.shape_numbers(node, 1),
                None => Ok(node.i32s(0)?.into_iter().map(Some).collect()),
            };
        }
        let shape = &self.chain.shape;
        let rank = i64::try_from(shape.len().saturating_add(1)).unwrap_or(i64::MAX);
        let named: Vec<i64> = node
            .i32s(0)?
            .iter()
            .map(|dim| if *dim < 0 { dim.saturating_add(rank) } else { *dim })
            .collect();
        let kept = (1i64..).zip(shape).filter(|(at, extent)| {
            **extent != Some(1) || !(named.is_empty() || named.contains(at))
        });
        let kept = kept.map(|(_, extent)| extent.and_then(|extent| i64::try_from(extent).ok()));
        Ok(std::iter::once(None).chain(kept).collect())
    }

    pub(super) fn expand(&mut self, node: &Node<'_>) -> Understood<()> {
        let axis = self.needs(node, 1, "axis")?.integers()?;
        let rank = self.chain.shape.len();
        let at = match axis.as_slice() {
            // The batch is dimension 0, and −1 stands behind all.
            [axis] if *axis > 0 => usize::try_from(*axis).ok().and_then(|axis| axis.checked_sub(1)),
            [axis] if *axis < 0 => usize::try_from(axis.unsigned_abs())
                .ok()
                .and_then(|back| rank.checked_add(1)?.checked_sub(back)),
            _ => None,
        };
        match at.filter(|at| *at <= rank) {
            Some(at) => self.expand_at(node, at),
            None => Err(Refusal::new(
                format!("it puts a dimension at {axis:?}, before the batch"),
                "the first dimension must stay the batch",
            )),
        }
    }

    /// Puts a dimension of 1 at a place of the shape without the batch.
    fn expand_at(&mut self, node: &Node<'_>, at: usize) -> Understood<()> {
        let mut shape = self.chain.shape.clone();
        if shape.len() > 7 || at > shape.len() {
            return Err(Refusal::damaged("a value of more than 8 dimensions"));
        }
        shape.insert(at, Some(1));
        self.arranged(node, shape)
    }

    /// Puts a reshaping at the end. What waits for an operator goes on to wait.
    fn arranged(&mut self, node: &Node<'_>, shape: Shape) -> Understood<()> {
        let Some(known) = shape.iter().copied().collect::<Option<Vec<usize>>>() else {
            return Err(Refusal::new(
                "the shape that it gives cannot be told from the file",
                "convert the model with a fixed shape of its input",
            ));
        };
        let pending = self.chain.pending.take();
        self.push(node, Operation::Reshape(known), shape, 0)?;
        self.chain.pending = pending;
        Ok(())
    }

    /// Values repeated along a dimension of 1, which the next reshaping joins to the one before it.
    pub(super) fn repeat(&mut self, node: &Node<'_>) -> Understood<()> {
        self.chain.settled()?;
        let times = self.needs(node, 1, "multiples")?.integers()?;
        let mut shape = self.chain.shape.clone();
        let more: Vec<_> = times.iter().enumerate().filter(|(_, times)| **times != 1).collect();
        let [(at, times)] = more.as_slice() else {
            return Err(not_upsampling(&times));
        };
        let sizes = at.checked_sub(1).zip(at.checked_sub(2)).zip(usize::try_from(**times).ok());
        let ((new, joined), factor) = sizes.ok_or_else(|| not_upsampling(&[**times]))?;
        let places = shape.len().saturating_sub(2);
        if shape.get(new) != Some(&Some(1)) || joined >= places || factor == 0 {
            return Err(not_upsampling(&[**times]));
        }
        let factors = if places == 2 && joined == 0 { [factor, 1] } else { [1, factor] };
        shape.remove(new);
        if let Some(extent) = shape.get_mut(joined) {
            *extent = extent.and_then(|extent| extent.checked_mul(factor));
        }
        match self.chain.operators.last_mut() {
            Some(last) if matches!(last.operation, Operation::Reshape(_)) => {
                last.operation = Operation::Identity;
            }
            _ => return Err(not_upsampling(&[**times])),
        }
        self.push(node, Operation::Upsampling(factors), shape, 0)?;
        self.chain.pending = Some(Pending::Repeated);
        Ok(())
    }

    pub(super) fn resize(&mut self, node: &Node<'_>) -> Understood<()> {
        let ([height, width], channels) = self.chain.map()?;
        let size = self.shape_numbers(node, 1)?;
        let factor = |from: Extent, to: Option<i64>| -> Option<usize> {
            let (from, to) = (from?, usize::try_from(to?).ok()?);
            (to.checked_rem(from)? == 0 && to > 0).then(|| to.checked_div(from))?
        };
        let factors = match size.as_slice() {
            [h, w] => factor(height, *h).zip(factor(width, *w)),
            _ => None,
        };
        let Some((vertical, horizontal)) = factors else {
            return Err(Refusal::new(
                format!(
                    "a map of {} places is not enlarged to {} by whole factors",
                    in_words(&[height, width]),
                    target_in_words(&size)
                ),
                "enlarge maps by whole factors",
            ));
        };
        if node.bool(0)? {
            return Err(Refusal::new(
                "with align_corners it does not repeat each value equally often",
                "convert the model without align_corners",
            ));
        }
        let places = [height, width].into_iter().zip([vertical, horizontal]);
        let mut places = places.map(|(extent, factor)| extent?.checked_mul(factor));
        let places = [places.next().flatten(), places.next().flatten()];
        let shape = self.chain.map_shape(places, channels);
        self.push(node, Operation::Upsampling([vertical, horizontal]), shape, 0)
    }

    pub(super) fn mean(&mut self, node: &Node<'_>) -> Understood<()> {
        let (_, channels) = self.chain.map()?;
        let rank = i64::try_from(self.chain.shape.len()).unwrap_or(i64::MAX);
        let axes = self.needs(node, 1, "axes")?.integers()?;
        let mut places: Vec<i64> = axes
            .iter()
            .map(|axis| if *axis < 0 { axis.saturating_add(rank).saturating_add(1) } else { *axis })
            .collect();
        places.sort_unstable();
        if !places.iter().copied().eq(1..rank) {
            return Err(Refusal::new(
                format!("it takes the mean over the dimensions {axes:?}"),
                "only the mean over all places of a map can be imported",
            ));
        }
        let shape = match node.bool(0)? {
            true => self.chain.map_shape([Some(1), Some(1)], channels),
            false => vec![channels],
        };
        self.push(node, Operation::GlobalAverage, shape, 0)
    }

    pub(super) fn transpose(&mut self, node: &Node<'_>) -> Understood<()> {
        let order = self.needs(node, 1, "order")?.integers()?;
        let order: Vec<usize> =
            order.iter().map(|at| usize::try_from(*at).unwrap_or(usize::MAX)).collect();
        let (operation, shape) = transposed(&order, &mut self.chain)?;
        let first = match operation {
            Operation::ChannelsFirst => true,
            Operation::ChannelsLast => false,
            _ => self.chain.channels_first,
        };
        self.push(node, operation, shape, 0)?;
        self.chain.channels_first = first;
        Ok(())
    }
}

fn not_upsampling(times: &[i64]) -> Refusal {
    Refusal::new(
        format!("it repeats values {times:?} times, and not each of a map's places"),
        "only upsampling by repeated places can be imported",
    )
}
