//! Values repeated by Tile and Expand, where that enlarges a map.

use crate::Operation;
use crate::graph::{Extent, Pending, Refusal, Shape, Understood, in_words};

use super::Reader;
use super::schema::Node;

impl<'a> Reader<'_, 'a> {
    /// A place becomes several along a dimension of 1: the map's own, or one that was put behind the
    /// places and that the next reshaping joins to them.
    pub(super) fn repeat(&mut self, node: &Node<'a>) -> Understood<()> {
        self.chain.settled()?;
        let times = self.times(node)?;
        let shape = self.chain.shape.clone();
        if times.iter().all(|times| *times == 1) {
            return self.push(node, Operation::Identity, shape);
        }
        let of_ones =
            shape.iter().zip(&times).all(|(extent, times)| *times == 1 || *extent == Some(1));
        if !of_ones {
            return Err(refused(node, &times));
        }
        if let ([1, places @ ..], 2 | 3) = (times.as_slice(), shape.len()) {
            self.chain.map()?;
            let factors = pair(places).ok_or_else(|| refused(node, &times))?;
            let shape = shape.iter().zip(&times).map(|(extent, times)| {
                extent.map(|_| *times).filter(|times| *times > 1).or(*extent)
            });
            let shape = shape.collect();
            return self.push(node, Operation::Upsampling(factors), shape);
        }
        self.joined(node, &shape, &times)
    }

    /// Places repeated along dimensions that are not the map's: the reshaping before made them.
    fn joined(&mut self, node: &Node<'a>, shape: &Shape, times: &[usize]) -> Understood<()> {
        let mut places: Vec<(Extent, usize)> = Vec::new();
        for (extent, times) in shape.iter().zip(times) {
            match places.last_mut() {
                Some((_, factor)) if *times > 1 => *factor = factor.saturating_mul(*times),
                None if *times > 1 => return Err(refused(node, &[*times])),
                _ => places.push((*extent, 1)),
            }
        }
        let map: Option<Vec<usize>> = places.iter().map(|(extent, _)| *extent).collect();
        let factors: Vec<usize> = places.iter().skip(1).map(|(_, factor)| *factor).collect();
        let of_channels = places.first().is_none_or(|(_, factor)| *factor > 1);
        let (Some(map), Some(factors), false) = (map, pair(&factors), of_channels) else {
            return Err(refused(node, times));
        };
        // The reshapings before it are one: they see the map as it was.
        let mut before = self.chain.operators.iter_mut().rev();
        match before.next() {
            Some(last) if matches!(last.operation, Operation::Reshape(_)) => {
                last.operation = Operation::Reshape(map.clone());
            }
            _ => return Err(refused(node, times)),
        }
        for earlier in before.take_while(|it| matches!(it.operation, Operation::Reshape(_))) {
            earlier.operation = Operation::Identity;
        }
        self.chain.shape = map.into_iter().map(Some).collect();
        self.chain.map()?;
        let enlarged = places
            .iter()
            .map(|(extent, factor)| extent.and_then(|extent| extent.checked_mul(*factor)));
        let enlarged = enlarged.collect();
        self.push(node, Operation::Upsampling(factors), enlarged)?;
        // Shapes that are computed of it see it as it is before the reshaping.
        let apart = shape.iter().zip(times);
        let apart =
            apart.map(|(extent, times)| extent.and_then(|extent| extent.checked_mul(*times)));
        self.chain.seen_as(apart.collect());
        self.chain.pending = Some(Pending::Repeated);
        Ok(())
    }

    /// How often values are repeated along each dimension behind the batch.
    fn times(&self, node: &Node<'a>) -> Understood<Vec<usize>> {
        let numbers = self.shape_numbers(node, 1)?;
        let shape = &self.chain.shape;
        let unclear = || {
            Refusal::new(
                format!(
                    "how often it repeats values of {} cannot be told from the file",
                    in_words(shape)
                ),
                "enlarge maps with Resize in the mode `nearest`",
            )
        };
        let Some((batch, inner)) =
            numbers.split_first().filter(|(_, inner)| inner.len() == shape.len())
        else {
            return Err(unclear());
        };
        let samples = i64::try_from(self.chain.samples).ok();
        let is_tile = node.kind == "Tile";
        let keeps_batch = batch.is_none()
            || *batch == Some(1)
            || !is_tile && (*batch == samples || *batch == Some(-1));
        let times = |(to, extent): (&Option<i64>, &Extent)| {
            let to = match (*to, extent) {
                // Of a shape that is computed, the dimension itself.
                (None, _) if !is_tile => return Some(1),
                (to, _) => to?,
            };
            let size = usize::try_from(to).ok().filter(|size| *size > 0);
            match (is_tile, *extent) {
                (true, _) => size,
                _ if to == -1 || to == 1 || size == *extent => Some(1),
                (false, Some(1)) => size,
                _ => None,
            }
        };
        let times: Option<Vec<usize>> = inner.iter().zip(shape).map(times).collect();
        times.filter(|_| keeps_batch).ok_or_else(unclear)
    }
}

/// The factors of height and width.
fn pair(places: &[usize]) -> Option<[usize; 2]> {
    match *places {
        [height, width] => Some([height, width]),
        [width] => Some([1, width]),
        _ => None,
    }
}

fn refused(node: &Node<'_>, times: &[usize]) -> Refusal {
    Refusal::new(
        format!("{} repeats values {times:?} times, and not each of a map's places", node.kind),
        "enlarge maps with Resize in the mode `nearest`",
    )
}
