//! Shapes that operators compute while the model runs, because the batch is open.

use crate::graph::{Refusal, Understood, concatenated, sliced};

use super::Reader;
use super::schema::Node;

impl Reader<'_, '_> {
    /// Whether an operator computes a shape, not a value of the line. If so, its numbers are kept.
    pub(super) fn computes_shape(&mut self, node: &Node<'_>) -> Understood<bool> {
        if node.kind == "SHAPE" {
            let shape = node.input(0).and_then(|value| self.chain.shape_of(value));
            let Some(shape) = shape else { return Ok(false) };
            let extents = shape.iter().map(|dim| dim.and_then(|dim| i64::try_from(dim).ok()));
            let numbers = std::iter::once(None).chain(extents).collect();
            self.computed.insert(node.output, numbers);
            return Ok(true);
        }
        let computed = node.inputs.iter().flatten().any(|value| self.computed.contains_key(value));
        let values =
            node.inputs.iter().flatten().any(|value| self.chain.shape_of(*value).is_some());
        if values || !computed {
            return Ok(false);
        }
        let numbers = match node.kind {
            "STRIDED_SLICE" => self.slice(node)?,
            "PACK" | "CONCATENATION" => {
                let parts = 0..node.inputs.len();
                concatenated(
                    parts.map(|at| self.shape_numbers(node, at)).collect::<Result<_, _>>()?,
                )?
            }
            "RESHAPE" | "CAST" | "SQUEEZE" | "EXPAND_DIMS" => self.shape_numbers(node, 0)?,
            "MUL" => {
                let (left, right) = (self.shape_numbers(node, 0)?, self.shape_numbers(node, 1)?);
                let times = |at: usize| -> Option<i64> {
                    let side = |numbers: &[Option<i64>]| match numbers {
                        [one] => *one,
                        each => each.get(at).copied().flatten(),
                    };
                    side(&left)?.checked_mul(side(&right)?)
                };
                (0..left.len().max(right.len())).map(times).collect()
            }
            _ => {
                return Err(Refusal::new(
                    "it computes with a shape",
                    "convert the model with a fixed shape of its input",
                ));
            }
        };
        self.computed.insert(node.output, concatenated(vec![numbers])?);
        Ok(true)
    }

    /// The numbers of a shape that an operator takes; none stands for the batch.
    pub(super) fn shape_numbers(&self, node: &Node<'_>, at: usize) -> Understood<Vec<Option<i64>>> {
        match node.input(at).and_then(|value| self.computed.get(&value)) {
            Some(numbers) => Ok(numbers.clone()),
            None => {
                let constant = self.needs(node, at, "shape")?;
                Ok(constant.integers()?.into_iter().map(Some).collect())
            }
        }
    }

    fn slice(&self, node: &Node<'_>) -> Understood<Vec<Option<i64>>> {
        let numbers = self.shape_numbers(node, 0)?;
        let bound = |at, what| -> Understood<i64> {
            let found = self.needs(node, at, what)?.integers()?;
            match found.as_slice() {
                [one] => Ok(*one),
                _ => Err(Refusal::damaged(format!("its {what} has {} numbers", found.len()))),
            }
        };
        let (from, to, step) = (bound(1, "begin")?, bound(2, "end")?, bound(3, "stride")?);
        let masks = [node.i32(0, 0)?, node.i32(1, 0)?, node.i32(4, 0)?].map(|mask| mask & 1 == 1);
        let [from_first, to_last, one] = masks;
        if step != 1 && !one {
            return Err(Refusal::new(
                format!("it takes every {step}th number of a shape"),
                "convert the model with a fixed shape of its input",
            ));
        }
        let from = if from_first && !one { 0 } else { from };
        Ok(match (one, to_last) {
            (true, _) => sliced(
                &numbers,
                from,
                from.checked_add(1).filter(|to| *to != 0).unwrap_or(i64::MAX),
            ),
            (false, true) => sliced(&numbers, from, i64::MAX),
            (false, false) => sliced(&numbers, from, to),
        })
    }
}
