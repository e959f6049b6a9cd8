//! Shapes that operators compute while the model runs, because the batch is open.

use crate::graph::{Refusal, Understood, concatenated, sliced};

use super::schema::Node;
use super::{Held, Reader};

impl<'a> Reader<'_, 'a> {
    /// Whether an operator computes a shape, not a value of the line. If so, its numbers are kept.
    pub(super) fn computes_shape(&mut self, node: &Node<'a>) -> Understood<bool> {
        let Some(output) = node.outputs.first().copied() else { return Ok(false) };
        let value =
            |name: &&str| self.values.get(*name).and_then(|value| self.chain.shape_of(*value));
        let numbers = if node.kind == "Shape" {
            let Some(shape) = node.inputs.first().and_then(value) else { return Ok(false) };
            let extents = shape.iter().map(|dim| dim.and_then(|dim| i64::try_from(dim).ok()));
            let all: Vec<_> = std::iter::once(None).chain(extents).collect();
            sliced(&all, node.i64("start", 0)?, node.i64("end", i64::MAX)?)
        } else {
            let shape = |name: &&str| matches!(self.held.get(*name), Some(Held::Shape(_)));
            let values = node.inputs.iter().any(|name| value(name).is_some());
            let filled = node.kind == "ConstantOfShape";
            if values || !(filled || node.inputs.iter().any(shape)) {
                return Ok(false);
            }
            self.compute(node)?
        };
        self.held.insert(output, Held::Shape(concatenated(vec![numbers])?));
        Ok(true)
    }

    fn compute(&self, node: &Node<'a>) -> Understood<Vec<Option<i64>>> {
        let first = self.shape_numbers(node, 0)?;
        match node.kind.as_str() {
            "Gather" => {
                let length = i64::try_from(first.len()).unwrap_or(i64::MAX);
                let places = self.whole_numbers(node, 1)?.into_iter().map(|at| {
                    let at = if at < 0 { at.saturating_add(length) } else { at };
                    usize::try_from(at).ok().and_then(|at| first.get(at).copied())
                });
                let numbers: Option<Vec<_>> = places.collect();
                numbers
                    .ok_or_else(|| Refusal::damaged("it takes a number that a shape does not have"))
            }
            "Concat" => {
                let parts = 0..node.inputs.len();
                concatenated(
                    parts.map(|at| self.shape_numbers(node, at)).collect::<Result<_, _>>()?,
                )
            }
            "Slice" => {
                let bounds = match (node.i64s("starts")?, node.i64s("ends")?) {
                    (Some(from), Some(to)) => (from, to),
                    _ => (self.whole_numbers(node, 1)?, self.whole_numbers(node, 2)?),
                };
                let step = node.input(4).map(|_| self.whole_numbers(node, 4)).transpose()?;
                match (bounds.0.as_slice(), bounds.1.as_slice()) {
                    ([from], [to]) if step.is_none_or(|step| step == [1]) => {
                        Ok(sliced(&first, *from, *to))
                    }
                    _ => Err(fixed()),
                }
            }
            "Unsqueeze" | "Squeeze" | "Cast" | "Reshape" => Ok(first),
            "ConstantOfShape" => match first.as_slice() {
                [Some(count @ 0..=64)] => {
                    let value =
                        node.tensor("value")?.map(|tensor| tensor.constant()).transpose()?;
                    let value = value.map_or(Ok(vec![0]), |value| value.integers())?;
                    let count = usize::try_from(*count).unwrap_or_default();
                    Ok(vec![value.first().copied(); count])
                }
                _ => Err(fixed()),
            },
            // A choice between the numbers of two shapes, by 1 and 0.
            "Where" => {
                let sides = [self.shape_numbers(node, 1)?, self.shape_numbers(node, 2)?];
                let chosen = |(at, first): (usize, &Option<i64>)| {
                    let side = if (*first)? != 0 { &sides[0] } else { &sides[1] };
                    match side.as_slice() {
                        [one] => *one,
                        each => each.get(at).copied().flatten(),
                    }
                };
                Ok(first.iter().enumerate().map(chosen).collect())
            }
            "Mul" | "Add" | "Sub" | "Div" | "Equal" => {
                let second = self.shape_numbers(node, 1)?;
                let side = |numbers: &[Option<i64>], at: usize| match numbers {
                    [one] => *one,
                    each => each.get(at).copied().flatten(),
                };
                let compute = |at: usize| {
                    let (left, right) = (side(&first, at)?, side(&second, at)?);
                    match node.kind.as_str() {
                        "Mul" => left.checked_mul(right),
                        "Equal" => Some(i64::from(left == right)),
                        "Add" => left.checked_add(right),
                        "Sub" => left.checked_sub(right),
                        _ => left.checked_div(right),
                    }
                };
                Ok((0..first.len().max(second.len())).map(compute).collect())
            }
            _ => Err(fixed()),
        }
    }

    /// The numbers of a shape that an operator takes; none stands for the batch.
    pub(super) fn shape_numbers(&self, node: &Node<'a>, at: usize) -> Understood<Vec<Option<i64>>> {
        match node.input(at).and_then(|name| self.held.get(name)) {
            Some(Held::Shape(numbers)) => Ok(numbers.clone()),
            _ => {
                let numbers = self.needs(node, at, "shape")?.integers()?;
                Ok(numbers.into_iter().map(Some).collect())
            }
        }
    }

    /// Whole numbers that an operator takes.
    pub(super) fn whole_numbers(&self, node: &Node<'a>, at: usize) -> Understood<Vec<i64>> {
        self.shape_numbers(node, at)?.into_iter().collect::<Option<_>>().ok_or_else(fixed)
    }

    /// Whole numbers that are an attribute in old files and an input in new ones.
    pub(super) fn attribute_or_input(
        &self,
        node: &Node<'a>,
        name: &str,
        at: usize,
    ) -> Understood<Option<Vec<i64>>> {
        match node.i64s(name)? {
            Some(numbers) => Ok(Some(numbers)),
            None => node.input(at).map(|_| self.whole_numbers(node, at)).transpose(),
        }
    }
}

fn fixed() -> Refusal {
    Refusal::new("it computes with a shape", "export the model with a fixed shape of its input")
}
