//! Integers: QuantizeLinear and DequantizeLinear.

use crate::graph::{Constant, Element, Quantization, Refusal, Understood};
use crate::{Codes, Operation};

use super::schema::Node;
use super::tensor::Tensor;
use super::{Held, Reader};

/// A constant of integers with what they stand for.
#[derive(Clone, Debug)]
pub(super) struct Quantized<'a> {
    tensor: Tensor<'a>,
    scale: Tensor<'a>,
    zero_point: Option<Tensor<'a>>,
    axis: i64,
}

impl<'a> Quantized<'a> {
    pub(super) fn constant(&self) -> Understood<Constant<'a>> {
        let mut constant = self.tensor.constant()?;
        let scales = self.scale.constant()?.all_reals()?;
        let zero_points = self.zero_point.map(|zeros| zeros.constant()).transpose()?;
        let count = zero_points.as_ref().map_or(scales.len(), Constant::count);
        if count != scales.len() {
            return Err(Refusal::damaged(format!(
                "{} scales and {count} zero points",
                scales.len()
            )));
        }
        let rank = i64::try_from(constant.dims().len()).unwrap_or(i64::MAX);
        let axis = if self.axis < 0 { self.axis.saturating_add(rank) } else { self.axis };
        constant.quantization = Some(Quantization {
            scales,
            zero_points: zero_points
                .map(|zeros| zeros.many_integers())
                .transpose()?
                .unwrap_or_default(),
            axis: usize::try_from(axis).unwrap_or(usize::MAX),
        });
        Ok(constant)
    }
}

const WHOLE: &str = "quantise the whole model statically, with QuantizeLinear and DequantizeLinear \
     around each operator (the QDQ format)";

impl<'a> Reader<'_, 'a> {
    /// Whether an operator gives a constant. If so, it is kept under the name of the output.
    pub(super) fn computes_constant(&mut self, node: &Node<'a>) -> Understood<bool> {
        let Some(output) = node.outputs.first().copied() else { return Ok(false) };
        let tensor = |at: usize| match node.input(at).and_then(|name| self.held.get(name)) {
            Some(Held::Tensor(tensor)) => Some(*tensor),
            _ => None,
        };
        let held = match node.kind.as_str() {
            "Constant" => match node.tensor("value")? {
                Some(tensor) => Held::Tensor(tensor),
                None => self.small(node)?,
            },
            "Identity" => match node.input(0).and_then(|name| self.held.get(name)) {
                Some(held) => held.clone(),
                None => return Ok(false),
            },
            "DequantizeLinear" => match (tensor(0), tensor(1)) {
                (Some(of), Some(scale)) => {
                    let axis = node.i64("axis", 1)?;
                    Held::Quantized(Quantized { tensor: of, scale, zero_point: tensor(2), axis })
                }
                _ => return Ok(false),
            },
            _ => return Ok(false),
        };
        self.held.insert(output, held);
        Ok(true)
    }

    /// A constant that stands in an attribute by itself.
    fn small(&self, node: &Node<'a>) -> Understood<Held<'a>> {
        let numbers = match node.i64s("value_ints")? {
            Some(numbers) => numbers,
            None if node.has("value_int")? => vec![node.i64("value_int", 0)?],
            None => {
                return Err(Refusal::new(
                    "its value is neither a tensor nor whole numbers",
                    "fold the constants of the model, for example with onnxsim",
                ));
            }
        };
        Ok(Held::Shape(numbers.into_iter().map(Some).collect()))
    }

    /// What the integers stand for that an operator makes of real numbers, or the other way round.
    fn codes(&self, node: &Node<'a>) -> Understood<Codes> {
        let scale = self.needs(node, 1, "scale")?.all_reals()?;
        let zero = self.may_have(node, 2, "zero point")?;
        let element = zero.as_ref().map_or(Element::U8, Constant::element);
        let shift = match element {
            Element::I8 => 0,
            Element::U8 => 128,
            other => {
                return Err(Refusal::new(
                    format!("its integers are of {} bits", other.bytes().saturating_mul(8)),
                    "quantise the model to int8 or uint8",
                ));
            }
        };
        let zeros = zero.map_or(Ok(vec![0]), |zero| zero.integers())?;
        let zero_point = match zeros.as_slice() {
            [zero] => zero.checked_sub(shift).and_then(|zero| i8::try_from(zero).ok()),
            _ => None,
        };
        match (scale.as_slice(), zero_point) {
            ([scale], Some(zero_point)) if scale.is_finite() && *scale > 0.0 => {
                Ok(Codes { scale: *scale, zero_point })
            }
            _ => Err(Refusal::new(
                format!("it has {} scales and {} zero points", scale.len(), zeros.len()),
                "quantise activations with one scale above 0 and one zero point",
            )),
        }
    }

    /// The last value becomes integers, or real numbers again.
    pub(super) fn border(&mut self, node: &Node<'a>) -> Understood<()> {
        let codes = self.codes(node)?;
        let back = node.kind == "DequantizeLinear";
        if back && self.chain.codes != Some(codes) {
            return Err(Refusal::new(
                "its integers stand for other numbers than those that come in",
                "give QuantizeLinear and DequantizeLinear the same scale and zero point",
            ));
        }
        let shape = self.chain.shape.clone();
        self.push(node, Operation::Identity, shape)?;
        if let Some(last) = self.chain.operators.last_mut() {
            last.codes = None;
        }
        self.chain.set_codes(Some(codes));
        Ok(())
    }

    /// Checks that either no value is an integer, or all are.
    pub(super) fn all_integers_or_none(&mut self) -> Understood<()> {
        let operators = &self.chain.operators;
        if !operators.iter().any(|operator| operator.codes.is_some()) {
            return Ok(());
        }
        if self.chain.input_codes.is_none() {
            return Err(Refusal::new("its input is not quantised, and what follows is", WHOLE));
        }
        match operators.iter().find(|operator| operator.codes.is_none()) {
            None => Ok(()),
            Some(found) => Err(Refusal::new(
                format!(
                    "`{}` ({}) gives real numbers in a model of integers",
                    found.name, found.kind
                ),
                WHOLE,
            )),
        }
    }
}
