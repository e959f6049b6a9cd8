//! The numbers of a layer with weights, real ones or integers.

use crate::{Codes, Numbers, Operation};

use super::{Chain, Constant, Element, Refusal, Understood};

/// What can be done about a graph that is no line.
pub(crate) const ONE_LINE: &str = "only a model whose operators follow each other in one line, each \
     with one input and one output, can be imported";

/// A layer's constants.
pub(crate) struct Layer<'c, 'a> {
    pub(crate) weights: &'c Constant<'a>,
    /// The order of the weights' dimensions that the operation asks for.
    pub(crate) order: &'c [usize],
    pub(crate) bias: Option<&'c Constant<'a>>,
    /// Outputs, or channels out.
    pub(crate) outputs: usize,
    /// The weights' dimension that the outputs are, and how many outputs an index of it has.
    pub(crate) axis: usize,
}

/// Reads them: integers where `integers` says so, else real numbers.
pub(crate) fn numbers(
    layer: &Layer<'_, '_>,
    chain: &mut Chain,
    integers: bool,
) -> Understood<Numbers> {
    let outputs = layer.outputs;
    if layer.weights.count() == 0 {
        return Err(Refusal::damaged("it has no weights"));
    }
    if let Some(bias) = layer.bias.filter(|bias| bias.count() != outputs) {
        let found = bias.count();
        return Err(Refusal::new(
            format!("it has {found} biases for {outputs} outputs"),
            "give it one bias for each output",
        ));
    }
    chain.limits.take(layer.weights.count().saturating_add(outputs))?;
    if !integers {
        let weights = layer.weights.reals(layer.order)?;
        let bias = layer.bias.map_or_else(|| Ok(vec![0.0; outputs]), Constant::all_reals)?;
        return Ok(Numbers::Real { weights, bias });
    }
    let Some(input) = chain.codes else {
        return Err(Refusal::new(
            "its weights are integers, and what comes in are real numbers",
            "quantise the whole model to int8, with its activations, or not at all",
        ));
    };
    let scales = scales(layer)?;
    let weights = layer.weights.codes(layer.order)?;
    let bias =
        layer.bias.map_or_else(|| Ok(vec![0; outputs]), |bias| biases(bias, &scales, input))?;
    Ok(Numbers::Integers { weights, scales, bias })
}

/// Makes a constant that is added behind a matrix product the bias of it, if that is what it is.
pub(crate) fn join(constant: &Constant<'_>, chain: &mut Chain) -> Understood<bool> {
    let input = chain.codes_before;
    let Some(last) = chain.operators.last_mut().filter(|last| last.kind == "MatMul") else {
        return Ok(false);
    };
    let Operation::Dense(dense) = &mut last.operation else { return Ok(false) };
    if constant.count() != dense.outputs {
        return Ok(false);
    }
    match (&mut dense.numbers, input) {
        (Numbers::Real { bias, .. }, _) => *bias = constant.all_reals()?,
        (Numbers::Integers { bias, scales, .. }, Some(input)) => {
            *bias = biases(constant, scales, input)?;
        }
        (Numbers::Integers { .. }, None) => return Ok(false),
    }
    Ok(true)
}

/// The weights' scales, one or one for each output.
fn scales(layer: &Layer<'_, '_>) -> Understood<Vec<f32>> {
    let Some(quantization) = &layer.weights.quantization else {
        return Err(Refusal::new(
            "its weights are real numbers, and what it gives are integers",
            "quantise the whole model to int8, with its weights",
        ));
    };
    let scales = quantization.scales.clone();
    if let Some(scale) = scales.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
        return Err(Refusal::damaged(format!("a scale of weights is {scale}")));
    }
    if scales.len() != 1 && (scales.len() != layer.outputs || quantization.axis != layer.axis) {
        return Err(Refusal::new(
            format!(
                "its weights have {} scales along dimension {}, and {} outputs along dimension {}",
                scales.len(),
                quantization.axis,
                layer.outputs,
                layer.axis
            ),
            "quantise the weights with one scale, or one for each output",
        ));
    }
    Ok(scales)
}

/// How far the scale of biases may be from that of the products, which is rounded in some files.
const SCALES_DIFFER: f64 = 1e-3;

/// The biases in steps of the products. Real ones are rounded to them.
fn biases(bias: &Constant<'_>, scales: &[f32], input: Codes) -> Understood<Vec<i32>> {
    let step = |output: usize| {
        let scale = scales.get(output).or(scales.first()).copied().unwrap_or(1.0);
        f64::from(scale) * f64::from(input.scale)
    };
    if bias.element() != Element::I32 {
        let reals = bias.all_reals()?;
        let rounded = reals.iter().enumerate().map(|(output, real)| {
            let steps = (f64::from(*real) / step(output)).round();
            (steps.abs() <= f64::from(i32::MAX)).then_some(steps as i32)
        });
        return rounded.collect::<Option<_>>().ok_or_else(|| {
            Refusal::new("a bias is too large for its layer's scales", "train or quantise it again")
        });
    }
    let own = bias.quantization.iter().flat_map(|q| &q.scales).copied();
    for (output, own) in own.enumerate() {
        let step = step(output);
        if (f64::from(own) - step).abs() > SCALES_DIFFER * step {
            return Err(Refusal::new(
                format!("its biases have steps of {own}, and its products steps of {step}"),
                "quantise the biases with the product of the scales of input and weights",
            ));
        }
    }
    if bias.quantization.iter().flat_map(|q| &q.zero_points).any(|zero| *zero != 0) {
        return Err(Refusal::damaged("biases with a zero point"));
    }
    bias.biases()
}
