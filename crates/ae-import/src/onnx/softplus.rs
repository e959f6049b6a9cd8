//! Softplus as exporters write it in parts: `ln(1 + exp(x))`, and where x is large x itself.

use crate::graph::{Pending, Refusal, Understood};
use crate::{Function, Operation};

use super::schema::Node;
use super::{Held, Reader};

/// From here on an f32 holds no difference between x and softplus(x).
const LARGE: f32 = 17.0;

impl<'a> Reader<'_, 'a> {
    /// `exp(x)`, with which it begins.
    pub(super) fn exp(&mut self, node: &Node<'a>) -> Understood<()> {
        self.chain.settled()?;
        self.begins_softplus();
        self.softplus_part(node, 1)
    }

    /// Keeps what the function is of.
    pub(super) fn begins_softplus(&mut self) {
        self.softplus_of = Some([Some(self.chain.head()), self.chain.before()]);
    }

    pub(super) fn softplus_part(&mut self, node: &Node<'a>, part: usize) -> Understood<()> {
        let value = self.given(node);
        let shape = self.chain.shape.clone();
        self.chain.advance(value, shape)?;
        self.chain.pending = Some(Pending::Softplus(part));
        Ok(())
    }

    /// `ln`, with which it ends.
    pub(super) fn log(&mut self, node: &Node<'a>) -> Understood<()> {
        if self.chain.pending != Some(Pending::Softplus(2)) {
            return Err(Refusal::new(
                "exp and ln are understood only as parts of ln(1 + exp(x))",
                "use softplus, or another activation",
            ));
        }
        self.chain.pending = None;
        let shape = self.chain.shape.clone();
        self.push(node, Operation::Function(Function::Softplus), shape)
    }

    /// Which values are large, or the choice between them and their softplus, if an operator is that.
    pub(super) fn chooses(&mut self, node: &Node<'a>) -> Understood<bool> {
        let value = |at: usize| node.input(at).and_then(|name| self.values.get(name)).copied();
        match node.kind.as_str() {
            "Greater" => {
                let (Some(of), Some(limit)) = (value(0), self.number(node, 1)?) else {
                    return Ok(false);
                };
                if let Some(name) = node.outputs.first() {
                    self.held.insert(name, Held::Above { of, limit });
                }
                Ok(true)
            }
            "Where" => {
                let mask = node.input(0).and_then(|name| self.held.get(name));
                let Some(&Held::Above { of, limit }) = mask else { return Ok(false) };
                let [of_it, before] = self.softplus_of.unwrap_or_default();
                let x = if self.is_scaled_softplus() { before } else { of_it };
                let is_its = of_it == Some(of)
                    && value(1).is_some_and(|value| Some(value) == x)
                    && value(2) == Some(self.chain.head());
                let is_softplus = self.is_softplus() || self.is_scaled_softplus();
                if !(is_softplus && is_its && limit >= LARGE) {
                    return Err(Refusal::new(
                        "it chooses between two values, and that is understood only of softplus",
                        "use an activation that this project has",
                    ));
                }
                let shape = self.chain.shape.clone();
                self.push(node, Operation::Identity, shape)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_softplus(&self) -> bool {
        let last = self.chain.operators.last();
        last.is_some_and(|last| last.operation == Operation::Function(Function::Softplus))
    }

    /// Whether the last operators are softplus between a product with a number and a quotient by it.
    fn is_scaled_softplus(&self) -> bool {
        let factor = |operation: &Operation| match operation {
            Operation::Affine { factor, shift } if shift.as_slice() == [0.0] => {
                factor.first().copied()
            }
            _ => None,
        };
        let [.., first, middle, last] = self.chain.operators.as_slice() else { return false };
        let product = factor(&first.operation).zip(factor(&last.operation)).map(|(a, b)| a * b);
        middle.operation == Operation::Function(Function::Softplus)
            && product.is_some_and(|product| (product - 1.0).abs() < 1e-6)
    }

    /// A constant that is one number.
    fn number(&self, node: &Node<'a>, at: usize) -> Understood<Option<f32>> {
        let constant = node.input(at).map(|name| self.constant(name)).transpose()?.flatten();
        let Some(constant) = constant.filter(|constant| constant.count() == 1) else {
            return Ok(None);
        };
        Ok(constant.all_reals()?.first().copied())
    }
}
