//! Integers in a model, and the borders between them and real numbers.

use crate::Operation;
use crate::graph::{Refusal, Understood};

use super::Reader;
use super::schema::{Kind, Node};

impl Reader<'_, '_> {
    /// Whether what an operator gives are integers.
    pub(super) fn gives_integers(&self, node: &Node<'_>) -> Understood<bool> {
        Ok(self.model.tensor(node.output)?.kind != Kind::F32)
    }

    /// Says what the integers that an operator gives stand for.
    pub(super) fn give_codes(&mut self, node: &Node<'_>) -> Understood<()> {
        let tensor = self.model.tensor(node.output)?;
        if tensor.kind == Kind::U8 {
            return Err(tensor.kind.refused());
        }
        let codes = tensor.codes()?;
        if codes.is_some() != self.chain.codes.is_some() {
            let words = |integers| if integers { "integers" } else { "real numbers" };
            return Err(Refusal::new(
                format!(
                    "it takes {} and gives {}",
                    words(self.chain.codes.is_some()),
                    words(codes.is_some())
                ),
                "quantise the whole model to int8 or not at all",
            ));
        }
        self.chain.set_codes(codes);
        Ok(())
    }

    /// Real numbers become integers in front of all, integers become real ones behind all, or
    /// integers become others.
    pub(super) fn border(&mut self, node: &Node<'_>) -> Understood<()> {
        let codes = self.model.tensor(node.output)?.codes()?;
        let first = self.chain.operators.iter().all(|before| before.operation.keeps_codes());
        if self.chain.codes.is_none() && !first {
            return Err(Refusal::new(
                "real numbers become integers in the middle of the model",
                "quantise the whole model to int8 or not at all",
            ));
        }
        self.chain.settled()?;
        let shape = self.chain.shape.clone();
        let step = crate::graph::Step { name: node.name, kind: node.kind };
        self.chain.push(step, Operation::Identity, node.output, shape)?;
        // Behind real numbers the codes are those of the integers on the other side.
        self.ended = codes.is_none();
        let codes = codes.or(self.chain.codes);
        self.chain.set_codes(codes);
        Ok(())
    }

    /// A constant that an operator turns into real numbers: whoever takes them takes the constant.
    pub(super) fn computes_constant(&mut self, node: &Node<'_>) -> Understood<bool> {
        let Some(value) = node.input(0).filter(|_| node.kind == "DEQUANTIZE") else {
            return Ok(false);
        };
        let constant = self.is_constant(value)?;
        if constant {
            let value = self.aliases.get(&value).copied().unwrap_or(value);
            self.aliases.insert(node.output, value);
        }
        Ok(constant)
    }
}
