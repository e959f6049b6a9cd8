//! Sums and products, and functions that exporters write with them.

use crate::graph::{Arithmetic, Pending, Refusal, Step, Understood, arithmetic, join};
use crate::{Function, Operation};

use super::Reader;
use super::schema::Node;

impl<'a> Reader<'_, 'a> {
    /// Sums and products with a constant.
    pub(super) fn arithmetic(&mut self, node: &Node<'a>, what: Arithmetic) -> Understood<()> {
        let first =
            node.input(0).and_then(|name| self.values.get(name)) != Some(&self.chain.head());
        let constant = self.needs(node, usize::from(!first), "other operand")?;
        if let Some(Pending::Gelu { parts, of }) = self.chain.pending {
            let number = constant.all_reals()?;
            return match (parts, what, number.as_slice()) {
                (1, Arithmetic::Add, [1.0]) => self.gelu_part(node, 2, of),
                (3, Arithmetic::Multiply, [0.5]) => {
                    self.chain.pending = None;
                    let shape = self.chain.shape.clone();
                    self.push(node, Operation::Function(Function::Gelu), shape)
                }
                _ => self.chain.settled(),
            };
        }
        if self.chain.pending == Some(Pending::Softplus(1)) {
            if what == Arithmetic::Add && constant.count() == 1 && constant.all_reals()? == [1.0] {
                return self.softplus_part(node, 2);
            }
            return self.chain.settled();
        }
        let is_one = matches!(what, Arithmetic::Multiply) || what == Arithmetic::Divide && !first;
        if is_one && constant.count() == 1 && constant.all_reals()? == [1.0] {
            return self.same(node);
        }
        let shape = self.chain.shape.clone();
        if what == Arithmetic::Add && shape.len() == 1 && join(&constant, &mut self.chain)? {
            return self.push(node, Operation::Identity, shape);
        }
        let operation = arithmetic(what, first, &constant, &mut self.chain)?;
        self.push(node, operation, shape)
    }

    /// An operator that changes nothing: what it gives is the last value.
    fn same(&mut self, node: &Node<'a>) -> Understood<()> {
        self.chain.settled()?;
        let name = node.outputs.first().copied().unwrap_or_default();
        self.values.insert(name, self.chain.head());
        self.chain.append(Step { name: node.name, kind: &node.kind }, Operation::Identity)?;
        if let Some(last) = self.chain.operators.last_mut() {
            last.codes = self.chain.codes;
        }
        Ok(())
    }

    /// A product of two values of the line, if an operator is that: `x · sigmoid(x)`, or a part of
    /// GELU.
    pub(super) fn gated(&mut self, node: &Node<'a>) -> Understood<bool> {
        let value = |at: usize| node.input(at).and_then(|name| self.values.get(name)).copied();
        let (Some(left), Some(right), "Mul") = (value(0), value(1), node.kind.as_str()) else {
            return Ok(false);
        };
        let head = self.chain.head();
        let of = |value: usize| [left, right] == [value, head] || [left, right] == [head, value];
        if let Some(Pending::Gelu { parts: 2, of: x }) = self.chain.pending
            && of(x)
        {
            self.gelu_part(node, 3, x)?;
            return Ok(true);
        }
        let sigmoid = Operation::Function(Function::Sigmoid);
        let before = self.chain.before().is_some_and(of);
        match self.chain.operators.last_mut() {
            Some(last) if before && last.operation == sigmoid => {
                last.operation = Operation::Identity;
            }
            _ => return Ok(false),
        }
        let shape = self.chain.shape.clone();
        self.push(node, Operation::Function(Function::Silu), shape)?;
        Ok(true)
    }

    /// `erf(x / √2)`, with which GELU begins.
    pub(super) fn erf(&mut self, node: &Node<'a>) -> Understood<()> {
        let of = self.chain.before();
        let scaled = match self.chain.operators.last().map(|last| &last.operation) {
            Some(Operation::Affine { factor, shift }) if shift == &[0.0] => {
                matches!(factor.as_slice(), [one] if (one - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-4)
            }
            _ => false,
        };
        match of.filter(|_| scaled) {
            Some(of) => {
                if let Some(last) = self.chain.operators.last_mut() {
                    last.operation = Operation::Identity;
                }
                self.gelu_part(node, 1, of)
            }
            None => Err(Refusal::new(
                "erf is understood only as a part of GELU",
                "use GELU, and export it with opset 20 or later",
            )),
        }
    }

    fn gelu_part(&mut self, node: &Node<'a>, parts: usize, of: usize) -> Understood<()> {
        let value = self.given(node);
        let shape = self.chain.shape.clone();
        self.chain.advance(value, shape)?;
        self.chain.pending = Some(Pending::Gelu { parts, of });
        Ok(())
    }
}
