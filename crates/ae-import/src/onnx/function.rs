//! Functions of each value.

use crate::Function;
use crate::graph::{Refusal, Understood};

use super::Reader;
use super::schema::Node;

/// Operators that stand for integers in a way that is not the one of this reader.
const OTHER_INTEGERS: [&str; 6] = [
    "QLinearConv",
    "QLinearMatMul",
    "DynamicQuantizeLinear",
    "ConvInteger",
    "MatMulInteger",
    "QGemm",
];

impl<'a> Reader<'_, 'a> {
    /// Checks what can be said of an operator by its kind alone.
    pub(super) fn known(&self, node: &Node<'a>) -> Understood<()> {
        let kind = node.kind.as_str();
        let bare = kind.rsplit('.').next().unwrap_or(kind);
        if OTHER_INTEGERS.contains(&bare) || bare.starts_with("QLinear") {
            return Err(Refusal::new(
                format!("{bare} works on integers that it scales by itself"),
                "quantise the model statically in the QDQ format, to int8",
            ));
        }
        Ok(())
    }

    pub(super) fn function(&self, node: &Node<'a>) -> Understood<Function> {
        Ok(match node.kind.as_str() {
            "Relu" => Function::Relu,
            "LeakyRelu" => Function::LeakyRelu(node.f32("alpha", 0.01)?),
            "PRelu" => match self.needs(node, 1, "slope")?.all_reals()?.as_slice() {
                [slope] => Function::LeakyRelu(*slope),
                slopes => {
                    return Err(Refusal::new(
                        format!("it has {} slopes", slopes.len()),
                        "use a leaky ReLU, or a PReLU with one slope",
                    ));
                }
            },
            "Elu" => Function::Elu(node.f32("alpha", 1.0)?),
            "Sigmoid" => Function::Sigmoid,
            "Tanh" => Function::Tanh,
            "Softplus" => Function::Softplus,
            "Swish" if node.f32("alpha", 1.0)? == 1.0 => Function::Silu,
            "Gelu" if matches!(node.text("approximate")?, "" | "none") => Function::Gelu,
            "Gelu" => {
                return Err(Refusal::new(
                    "GELU by its approximation with tanh differs from the one that this project has",
                    "use GELU without approximation",
                ));
            }
            "Clip" => self.clip(node)?,
            "HardSigmoid" | "HardSwish" | "Selu" | "Celu" | "Mish" | "Softmax" | "LogSoftmax"
            | "Softsign" | "ThresholdedRelu" | "Abs" | "Sqrt" | "Pow" | "Neg" | "Swish"
            | "Hardmax" | "Min" | "Max" => return Err(unknown(&node.kind)),
            kind => {
                return Err(Refusal::new(
                    format!("{kind} is not a layer that this project has"),
                    "a model of dense layers, convolutions, pools, upsampling and activations can \
                     be imported",
                ));
            }
        })
    }

    fn clip(&self, node: &Node<'a>) -> Understood<Function> {
        let limit = |at: usize, name: &str, none: f32| -> Understood<f32> {
            match self.may_have(node, at, name)? {
                Some(limit) => Ok(limit.all_reals()?.first().copied().unwrap_or(none)),
                None => node.f32(name, none),
            }
        };
        let (low, high) = (limit(1, "min", f32::MIN)?, limit(2, "max", f32::MAX)?);
        match (low, high) {
            (0.0, 6.0) => Ok(Function::Relu6),
            (0.0, f32::MAX..) => Ok(Function::Relu),
            _ => Err(unknown(&format!("a limit to {low} … {high}"))),
        }
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::new(
        format!("{name} is not an activation that this project has"),
        "use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    )
}
