//! Functions of each value, and enlarging.

use crate::graph::{Extent, Refusal, Understood, in_words, target_in_words};
use crate::{Function, Operation};

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
            | "Softsign" | "ThresholdedRelu" | "Exp" | "Log" | "Abs" | "Sqrt" | "Pow" | "Neg"
            | "Swish" | "Hardmax" | "Min" | "Max" => return Err(unknown(&node.kind)),
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

    pub(super) fn resize(&mut self, node: &Node<'a>) -> Understood<()> {
        let ([height, width], channels) = self.chain.map()?;
        let mode = node.text("mode")?;
        if !matches!(mode, "" | "nearest") {
            return Err(Refusal::new(
                format!("it enlarges in the mode `{mode}`"),
                "enlarge maps in the mode `nearest`",
            ));
        }
        let signal = self.chain.shape.len() == 2;
        let factors = self.factors(node, if signal { vec![width] } else { vec![height, width] })?;
        let factors = match factors.as_slice() {
            [vertical, horizontal] => [*vertical, *horizontal],
            [horizontal] => [1, *horizontal],
            other => return Err(Refusal::damaged(format!("{} factors", other.len()))),
        };
        if !repeats(node, factors)? {
            return Err(Refusal::new(
                format!(
                    "with the coordinates `{}` and the rounding `{}` it does not repeat each value \
                     equally often",
                    or(node.text("coordinate_transformation_mode")?, "half_pixel"),
                    or(node.text("nearest_mode")?, "round_prefer_floor")
                ),
                "export it with `asymmetric` coordinates and `floor`",
            ));
        }
        let [vertical, horizontal] = factors;
        let times = |extent: Extent, factor: usize| extent?.checked_mul(factor);
        let places = [times(height, vertical), times(width, horizontal)];
        let shape = self.chain.map_shape(places, channels);
        self.push(node, Operation::Upsampling(factors), shape)
    }

    /// Whole factors of the places, from scales or sizes.
    fn factors(&self, node: &Node<'a>, places: Vec<Extent>) -> Understood<Vec<usize>> {
        let not_whole = |what: String| {
            Refusal::new(
                format!("it enlarges {} places by {what}", in_words(&places)),
                "enlarge a map's height and width by whole factors",
            )
        };
        // Without regions of interest, which later versions put between, scales come second.
        let at = if node.inputs.len() == 2 { 1 } else { 2 };
        let scales = match node.f32s("scales")? {
            Some(scales) => scales,
            None => match self.may_have(node, at, "scales")? {
                Some(scales) => scales.all_reals()?,
                None => Vec::new(),
            },
        };
        let whole = |scale: &f32| -> Option<usize> {
            (scale.fract() == 0.0 && (1.0..=1e6).contains(scale)).then_some(*scale as usize)
        };
        if let [1.0, 1.0, scales @ ..] = scales.as_slice() {
            let factors: Option<Vec<usize>> = scales.iter().map(whole).collect();
            return factors.ok_or_else(|| not_whole(format!("{scales:?}")));
        }
        if !scales.is_empty() || node.input(3).is_none() {
            return Err(not_whole(format!("{scales:?}, batch and channels among them")));
        }
        let sizes = self.shape_numbers(node, 3)?;
        let factor = |(from, to): (&Extent, &Option<i64>)| -> Option<usize> {
            let (from, to) = ((*from)?, usize::try_from((*to)?).ok().filter(|to| *to > 0)?);
            (to.checked_rem(from)? == 0).then(|| to.checked_div(from))?
        };
        let inner = sizes.get(2..).unwrap_or_default();
        let factors: Option<Vec<usize>> = places.iter().zip(inner).map(factor).collect();
        let factors = factors.filter(|factors| factors.len() == inner.len());
        factors.ok_or_else(|| not_whole(format!("a size of {}", target_in_words(&sizes))))
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

/// Whether rounded coordinates repeat each value as often as the factor says.
fn repeats(node: &Node<'_>, factors: [usize; 2]) -> Understood<bool> {
    let largest = factors.into_iter().max().unwrap_or(1);
    // Versions before these attributes round down.
    let old = node.kind == "Upsample" || node.inputs.len() == 2;
    let coordinates = or(node.text("coordinate_transformation_mode")?, "half_pixel");
    let rounding = or(node.text("nearest_mode")?, "round_prefer_floor");
    Ok(match (coordinates, rounding) {
        _ if old || largest == 1 => true,
        ("asymmetric" | "tf_half_pixel_for_nn", "floor") => true,
        ("asymmetric", "round_prefer_floor") => largest == 2,
        ("half_pixel" | "pytorch_half_pixel" | "half_pixel_symmetric", rounding) => {
            matches!(rounding, "round_prefer_floor" | "round_prefer_ceil")
        }
        _ => false,
    })
}

fn unknown(name: &str) -> Refusal {
    Refusal::new(
        format!("{name} is not an activation that this project has"),
        "use ReLU, ReLU6, leaky ReLU, ELU, sigmoid, tanh, GELU, SiLU or softplus",
    )
}
