//! The layers of a state dict. It has their numbers alone, so the functions between them are asked
//! for, and their order is that of the names.

use super::state::{Entry, Module};
use crate::tensor::{Budget, Tensor, finite};
use crate::{
    Dense, Function, ImportError, Numbers, Operation, Operator, ReadOptions, SourceFormat,
    SourceModel, Value,
};

/// What PyTorch adds to a variance where nothing else is said. The file does not hold it.
const EPSILON: f64 = 1e-5;

const EXPORT: &str = "export the model as ONNX (torch.onnx.export), which says how it works";

/// The model of these modules.
pub(super) fn model(
    modules: &[Module<'_>],
    options: &ReadOptions,
    format: SourceFormat,
    budget: &Budget,
) -> Result<SourceModel, ImportError> {
    let reader = Reader { format, budget };
    let layers = modules.iter().enumerate().map(|(index, module)| reader.layer(index, module));
    let layers = layers.collect::<Result<Vec<_>, _>>()?;
    let widths: Vec<usize> = layers.iter().filter_map(Layer::dense).collect();
    let Some((&outputs, hidden)) = widths.split_last() else {
        let reason = format!("the {format} file holds no dense layer");
        return Err(ImportError::unfit(reason, EXPORT));
    };
    check(&layers)?;
    let latent = latent(hidden, options.latent)?;
    let inputs = layers.first().map_or(0, |layer| layer.inputs);

    // A function stands behind the normalisation of a dense layer, if it has one.
    let is_dense: Vec<bool> = layers.iter().map(|layer| layer.dense().is_some()).collect();
    let mut next_is_dense = is_dense.iter().skip(1).chain([&true]);
    let (mut operators, mut dense) = (Vec::new(), 0);
    for layer in layers {
        dense += usize::from(layer.dense().is_some());
        let function = match next_is_dense.next() {
            Some(true) if dense > hidden.len() => options.output_activation,
            Some(true) if dense > 0 && latent != Some(dense - 1) => {
                Some(options.activation.ok_or_else(unsaid)?)
            }
            _ => None,
        };
        let function = function.map(|function| layer.function(function));
        operators.push(layer.operator);
        operators.extend(function);
    }
    let value = |name: String, width| Value { name, shape: vec![width], codes: None };
    let last = operators.last().map(|last| last.name.clone()).unwrap_or_default();
    let (input, output) = (value(String::new(), inputs), value(last, outputs));
    Ok(SourceModel { format, channels_first: false, input, operators, output })
}

fn unsaid() -> ImportError {
    ImportError::unfit(
        "the file holds weights alone, and does not say what function stands behind a hidden layer",
        "say the `activation`, such as ReLU",
    )
}

/// The number of the hidden layer in the middle: the first of the said width, or the narrowest.
fn latent(hidden: &[usize], said: Option<usize>) -> Result<Option<usize>, ImportError> {
    let Some(width) = said else {
        let narrowest = hidden.iter().enumerate().min_by_key(|&(_, width)| width);
        return Ok(narrowest.map(|(number, _)| number));
    };
    let found = hidden.iter().position(|&found| found == width);
    found.map(Some).ok_or_else(|| {
        ImportError::unfit(
            format!("no hidden layer gives {width} values; they give {hidden:?}"),
            "say one of these as `latent`",
        )
    })
}

/// Refuses layers that do not give what the next one takes.
fn check(layers: &[Layer<'_>]) -> Result<(), ImportError> {
    for pair in layers.windows(2) {
        let [before, layer] = pair else { continue };
        if before.outputs != layer.inputs {
            let reason = format!(
                "it takes {} values (its `weight` has shape {:?}), and `{}` before it gives {} \
                 (shape {:?})",
                layer.inputs, layer.shape, before.module.name, before.outputs, before.shape,
            );
            return Err(layer.refuse(reason, "the layers must follow each other as their names do; else export the model as ONNX"));
        }
        if before.dense().is_some() && layer.dense().is_none() && layer.stands_apart(before) {
            let reason = format!(
                "something without numbers stands between `{}` and it, and the file does not say \
                 what",
                before.module.name
            );
            return Err(layer.refuse(reason, EXPORT));
        }
    }
    Ok(())
}

/// A layer, and what it is checked by.
struct Layer<'m> {
    index: usize,
    module: &'m Module<'m>,
    inputs: usize,
    outputs: usize,
    shape: Vec<usize>,
    operator: Operator,
}

impl Layer<'_> {
    /// What a dense layer gives.
    fn dense(&self) -> Option<usize> {
        matches!(self.operator.operation, Operation::Dense(_)).then_some(self.outputs)
    }

    fn function(&self, function: Function) -> Operator {
        Operator {
            name: self.module.name.clone(),
            kind: "Activation".to_owned(),
            operation: Operation::Function(function),
            codes: None,
        }
    }

    fn refuse(&self, reason: String, mend: &str) -> ImportError {
        refusal(self.index, self.module, &self.operator.kind, reason, mend)
    }

    /// Whether the numbers at the ends of the names leave one out.
    fn stands_apart(&self, before: &Self) -> bool {
        let number = |layer: &Self| {
            let (list, number) =
                layer.module.name.rsplit_once('.').unwrap_or(("", &layer.module.name));
            Some((list.to_owned(), number.parse::<u32>().ok()?))
        };
        let numbers = number(before).zip(number(self));
        numbers.is_some_and(|(before, layer)| {
            before.0 == layer.0 && before.1.checked_add(1).is_some_and(|next| next < layer.1)
        })
    }
}

fn refusal(
    index: usize,
    module: &Module<'_>,
    kind: &str,
    reason: String,
    mend: &str,
) -> ImportError {
    let (name, mend) = (module.name.clone(), mend.to_owned());
    ImportError::Operator { index, name, kind: kind.to_owned(), reason, mend }
}

struct Reader<'b> {
    format: SourceFormat,
    budget: &'b Budget,
}

impl Reader<'_> {
    /// The layer of a module, which its tensors tell.
    fn layer<'m>(&self, index: usize, module: &'m Module<'m>) -> Result<Layer<'m>, ImportError> {
        let refuse = |kind: &str, reason: String| refusal(index, module, kind, reason, EXPORT);
        let has = |start: &str| module.entries.iter().any(|(part, _)| part.starts_with(start));
        if has("weight_ih") || has("weight_hh") {
            let reason = "an LSTM or GRU is not a layer that this project has".to_owned();
            let mend = "a model of dense layers and convolutions can be imported";
            return Err(refusal(index, module, "recurrent layer", reason, mend));
        }
        let is_normalisation = module.entry("running_mean").is_some();
        let known: &[&str] = if is_normalisation {
            &["weight", "bias", "running_mean", "running_var"]
        } else {
            &["weight", "bias"]
        };
        if let Some((_, other)) =
            module.entries.iter().find(|(part, _)| !known.contains(&part.as_str()))
        {
            let reason =
                format!("its tensor `{}` of shape {:?} is not known", other.name, other.shape);
            return Err(refuse("module", reason));
        }
        if is_normalisation {
            return self.normalisation(index, module);
        }
        let Some(weight) = module.entry("weight") else {
            return Err(refuse("module", "it has a bias without weights".to_owned()));
        };
        match weight.shape.as_slice() {
            &[outputs, inputs] => {
                let weights = self.real(index, module, weight, &[outputs, inputs])?;
                let bias = match module.entry("bias") {
                    Some(bias) => self.real(index, module, bias, &[outputs])?,
                    None => vec![0.0; outputs],
                };
                let numbers = Numbers::Real { weights, bias };
                let operation = Operation::Dense(Dense { inputs, outputs, numbers });
                let operator = Operator {
                    name: module.name.clone(),
                    kind: "Linear".to_owned(),
                    operation,
                    codes: None,
                };
                Ok(Layer { index, module, inputs, outputs, shape: weight.shape.clone(), operator })
            }
            [_] => {
                let reason = "it has one weight a value and no running mean, as LayerNorm has, which \
                              is not a layer that this project has";
                Err(refuse("module", reason.to_owned()))
            }
            shape => {
                let reason = format!(
                    "its weight of shape {shape:?} is a convolution's, whose strides and padding \
                     are not in the file"
                );
                Err(refuse("convolution", reason))
            }
        }
    }

    /// `weight · (x − running_mean) / sqrt(running_var + EPSILON) + bias`.
    fn normalisation<'m>(
        &self,
        index: usize,
        module: &'m Module<'m>,
    ) -> Result<Layer<'m>, ImportError> {
        let shape = module.entry("running_mean").map(|mean| mean.shape.clone()).unwrap_or_default();
        let width = match shape.as_slice() {
            &[width] => width,
            shape => {
                let reason =
                    format!("its `running_mean` has shape {shape:?}; one dimension was expected");
                return Err(self.damaged(&module.name, &reason));
            }
        };
        let column = |part: &str, absent: Option<f64>| match (module.entry(part), absent) {
            (Some(entry), _) => {
                self.tensor(index, module, entry, &[width]).map(|tensor| tensor.numbers().collect())
            }
            (None, Some(absent)) => Ok(vec![absent; width]),
            (None, None) => Err(self.damaged(&module.name, &format!("it has no `{part}`"))),
        };
        let columns: [Vec<f64>; 4] = [
            column("running_mean", None)?,
            column("running_var", None)?,
            column("weight", Some(1.0))?,
            column("bias", Some(0.0))?,
        ];
        let [mean, variance, weight, bias] = columns;
        let factors: Vec<f64> = weight
            .iter()
            .zip(&variance)
            .map(|(weight, variance)| weight / (variance + EPSILON).sqrt())
            .collect();
        let shifts = bias.iter().zip(mean.iter().zip(&factors));
        let shifts: Vec<f64> = shifts.map(|(bias, (mean, factor))| bias - mean * factor).collect();
        let infinite = || self.infinite(index, module, "running_var");
        let factor = finite(factors.into_iter()).ok_or_else(infinite)?;
        let shift = finite(shifts.into_iter()).ok_or_else(infinite)?;
        let operator = Operator {
            name: format!("{} (eps 1e-5, PyTorch's default)", module.name),
            kind: "BatchNorm1d".to_owned(),
            operation: Operation::Affine { factor, shift },
            codes: None,
        };
        Ok(Layer { index, module, inputs: width, outputs: width, shape, operator })
    }

    fn damaged(&self, name: &str, reason: &str) -> ImportError {
        ImportError::malformed(self.format, format!("module `{name}`"), reason)
    }

    fn infinite(&self, index: usize, module: &Module<'_>, name: &str) -> ImportError {
        let reason = format!("a number of `{name}` is not finite");
        let mend = "train it again, with a smaller learning rate if its loss grew";
        refusal(index, module, "module", reason, mend)
    }

    /// The numbers of a tensor of this shape.
    fn tensor<'a>(
        &self,
        index: usize,
        module: &Module<'_>,
        entry: &'a Entry<'a>,
        shape: &[usize],
    ) -> Result<&'a Tensor<'a>, ImportError> {
        let tensor = entry.numbers.as_ref().map_err(|kind| {
            let reason =
                format!("its tensor `{}` is of {kind}, and not of real numbers", entry.name);
            refusal(index, module, "module", reason, "save the model before it is quantised")
        })?;
        if entry.shape != shape {
            let found = &entry.shape;
            let reason = format!("`{}` has shape {found:?}; {shape:?} was expected", entry.name);
            return Err(self.damaged(&module.name, &reason));
        }
        if !self.budget.take(tensor.len()) {
            return Err(self.damaged(&module.name, "the file has fewer numbers than it says"));
        }
        Ok(tensor)
    }

    fn real(
        &self,
        index: usize,
        module: &Module<'_>,
        entry: &Entry<'_>,
        shape: &[usize],
    ) -> Result<Vec<f32>, ImportError> {
        let tensor = self.tensor(index, module, entry, shape)?;
        finite(tensor.numbers()).ok_or_else(|| self.infinite(index, module, &entry.name))
    }
}
