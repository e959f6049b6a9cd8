//! Integers in a model, and the borders between them and real numbers.

use crate::graph::{Refusal, Understood};
use crate::{Codes, Function, Operation, Operator};

use super::Reader;
use super::schema::{Kind, Node};

/// Real numbers between integers: a function that a converter knows no integers for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Island {
    /// The codes of the integers in front.
    from: Option<Codes>,
    /// Operators in front of it.
    at: usize,
}

const NO_ISLAND: &str = "quantise the whole model to int8, to its output, or not at all";

impl Island {
    /// Checks that an operator is a part of a function, or the way back.
    pub(super) fn takes(self, node: &Node<'_>) -> Understood<()> {
        match node.kind {
            "QUANTIZE" | "ELU" | "GELU" | "LOGISTIC" | "TANH" | "EXP" | "LOG" | "ADD" | "MUL" => {
                Ok(())
            }
            _ => Err(Refusal::new("it takes real numbers behind integers", NO_ISLAND)),
        }
    }

    /// Gives the one function there the codes of the integers behind it.
    fn becomes(self, operators: &mut [Operator], codes: Codes) -> Understood<()> {
        let between = operators.get_mut(self.at..).unwrap_or_default();
        let mut function = None;
        for operator in between {
            match operator.operation {
                Operation::Identity => operator.codes = self.from,
                Operation::Function(it) if function.is_none() && is_tabulated(it) => {
                    function = Some(it);
                    operator.codes = Some(codes);
                }
                _ => {
                    return Err(Refusal::new(
                        format!(
                            "{} works on real numbers between integers, and a single activation can",
                            operator.kind
                        ),
                        NO_ISLAND,
                    ));
                }
            }
        }
        match function {
            Some(_) => Ok(()),
            None => Err(Refusal::new(
                "integers become real numbers, and nothing is done with them",
                NO_ISLAND,
            )),
        }
    }

    /// Checks that the model ends where the real numbers begin.
    pub(super) fn ends(self, operators: &[Operator]) -> Understood<()> {
        match operators.get(self.at) {
            None => Ok(()),
            Some(operator) => Err(Refusal::new(
                format!(
                    "`{}` ({}) works on real numbers behind integers",
                    operator.name, operator.kind
                ),
                NO_ISLAND,
            )),
        }
    }
}

/// Whether a function of real numbers is the table of integers that this project makes of it.
fn is_tabulated(function: Function) -> bool {
    matches!(
        function,
        Function::Elu(_)
            | Function::Gelu
            | Function::Silu
            | Function::Sigmoid
            | Function::Softplus
            | Function::Tanh
    )
}

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
        if self.island.is_some() && codes.is_none() {
            return Ok(());
        }
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
        if let (Some(island), Some(codes)) = (self.island, codes) {
            self.chain.settled()?;
            island.becomes(&mut self.chain.operators, codes)?;
            self.island = None;
        }
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
        self.island = codes
            .is_none()
            .then_some(Island { from: self.chain.codes, at: self.chain.operators.len() });
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
