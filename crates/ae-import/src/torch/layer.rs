//! The layer that a module is, as its tensors tell.

use std::iter::repeat;

use super::state::{Entry, Module};
use crate::tensor::{Budget, Tensor, finite, finite_pairs};
use crate::{Dense, Function, ImportError, Numbers, Operation, Operator, SourceFormat};

/// What PyTorch adds to a variance where nothing else is said. The file does not hold it.
const EPSILON: f64 = 1e-5;

pub(super) const EXPORT: &str =
    "export the model as ONNX (torch.onnx.export), which says how it works";

/// A layer, and what it is checked by.
pub(super) struct Layer<'m> {
    /// Its number among the modules.
    index: usize,
    /// The module that it is.
    pub(super) module: &'m Module<'m>,
    /// Values that go in.
    pub(super) inputs: usize,
    /// Values that come out.
    pub(super) outputs: usize,
    /// The shape of its weights.
    pub(super) shape: Vec<usize>,
    /// What it does.
    pub(super) operator: Operator,
}

impl Layer<'_> {
    /// What a dense layer gives.
    pub(super) fn dense(&self) -> Option<usize> {
        matches!(self.operator.operation, Operation::Dense(_)).then_some(self.outputs)
    }

    /// A function behind it.
    pub(super) fn function(&self, function: Function) -> Operator {
        Operator {
            name: self.module.name.clone(),
            kind: "Activation".to_owned(),
            operation: Operation::Function(function),
            codes: None,
        }
    }

    /// That it does not fit, and what to do.
    pub(super) fn refuse(&self, reason: String, mend: &str) -> ImportError {
        refusal(self.index, self.module, &self.operator.kind, reason, mend)
    }

    /// Whether the numbers at the ends of the names leave one out.
    pub(super) fn stands_apart(&self, before: &Self) -> bool {
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

/// Reads one module.
pub(super) struct Reader<'m> {
    pub(super) format: SourceFormat,
    pub(super) budget: &'m Budget,
    /// The number of the module.
    pub(super) index: usize,
    pub(super) module: &'m Module<'m>,
}

impl<'m> Reader<'m> {
    /// The layer of the module.
    pub(super) fn layer(&self) -> Result<Layer<'m>, ImportError> {
        let parts = || self.module.entries.iter();
        let has = |start: &str| parts().any(|(part, _)| part.starts_with(start));
        if has("weight_ih") || has("weight_hh") {
            let reason = "an LSTM or GRU is not a layer that this project has";
            let mend = "a model of dense layers and convolutions can be imported";
            return Err(self.refuse("recurrent layer", reason, mend));
        }
        let is_normalisation = self.module.entry("running_mean").is_some();
        let known: &[&str] = if is_normalisation {
            &["weight", "bias", "running_mean", "running_var"]
        } else {
            &["weight", "bias"]
        };
        let other = parts().find(|(part, _)| !known.contains(&part.as_str()));
        if let Some((_, Entry { name, shape, .. })) = other {
            let reason = format!("its tensor `{name}` of shape {shape:?} is not known");
            return Err(self.refuse("module", reason, EXPORT));
        }
        if is_normalisation {
            return self.normalisation();
        }
        let Some(weight) = self.module.entry("weight") else {
            return Err(self.refuse("module", "it has a bias without weights", EXPORT));
        };
        match weight.shape.as_slice() {
            &[outputs, inputs] => {
                let weights = self.real(weight, &[outputs, inputs])?;
                let bias = match self.module.entry("bias") {
                    Some(bias) => self.real(bias, &[outputs])?,
                    None => vec![0.0; outputs],
                };
                let numbers = Numbers::Real { weights, bias };
                let operation = Operation::Dense(Dense { inputs, outputs, numbers });
                let (kind, shape) = ("Linear", weight.shape.clone());
                Ok(self.found(self.module.name.clone(), kind, operation, inputs, outputs, shape))
            }
            [_] => {
                let reason = "it has one weight a value and no running mean, as LayerNorm has, \
                              which is not a layer that this project has";
                Err(self.refuse("module", reason, EXPORT))
            }
            shape => {
                let reason = format!(
                    "its weight of shape {shape:?} is a convolution's, whose strides and padding \
                     are not in the file"
                );
                Err(self.refuse("convolution", reason, EXPORT))
            }
        }
    }

    /// `weight · (x − running_mean) / sqrt(running_var + EPSILON) + bias`.
    fn normalisation(&self) -> Result<Layer<'m>, ImportError> {
        let shape = self.module.entry("running_mean").map(|mean| mean.shape.clone());
        let shape = shape.unwrap_or_default();
        let &[width] = shape.as_slice() else {
            let reason = format!("its `running_mean` has shape {shape:?}; [?] was expected");
            return Err(self.damaged(&reason));
        };
        let column = |part: &str| {
            let entry = self.module.entry(part);
            entry.map(|entry| self.tensor(entry, &[width])).transpose()
        };
        let needed = |part: &str| {
            let missing = || self.damaged(&format!("it has no `{part}`"));
            column(part)?.ok_or_else(missing)
        };
        let (mean, variance) = (needed("running_mean")?, needed("running_var")?);
        let (weight, bias) = (column("weight")?, column("bias")?);
        let weight = weight.into_iter().flat_map(Tensor::numbers).chain(repeat(1.0));
        let bias = bias.into_iter().flat_map(Tensor::numbers).chain(repeat(0.0));
        let channels = mean.numbers().zip(variance.numbers()).zip(weight.zip(bias));
        let channels = channels.map(|((mean, variance), (weight, bias))| {
            let factor = weight / (variance + EPSILON).sqrt();
            (factor, bias - mean * factor)
        });
        let (factor, shift) = finite_pairs(channels).ok_or_else(|| self.infinite("running_var"))?;
        let name = format!("{} (eps 1e-5, PyTorch's default)", self.module.name);
        let operation = Operation::Affine { factor, shift };
        Ok(self.found(name, "BatchNorm1d", operation, width, width, shape))
    }

    fn found(
        &self,
        name: String,
        kind: &str,
        operation: Operation,
        inputs: usize,
        outputs: usize,
        shape: Vec<usize>,
    ) -> Layer<'m> {
        let operator = Operator { name, kind: kind.to_owned(), operation, codes: None };
        Layer { index: self.index, module: self.module, inputs, outputs, shape, operator }
    }

    fn refuse(&self, kind: &str, reason: impl Into<String>, mend: &str) -> ImportError {
        refusal(self.index, self.module, kind, reason.into(), mend)
    }

    fn damaged(&self, reason: &str) -> ImportError {
        ImportError::malformed(self.format, format!("module `{}`", self.module.name), reason)
    }

    fn infinite(&self, name: &str) -> ImportError {
        let reason = format!("a number of `{name}` is not finite");
        let mend = "train it again, with a smaller learning rate if its loss grew";
        self.refuse("module", reason, mend)
    }

    /// A tensor of this shape.
    fn tensor(&self, entry: &'m Entry<'m>, shape: &[usize]) -> Result<&'m Tensor<'m>, ImportError> {
        let Entry { name, shape: found, numbers } = entry;
        let tensor = numbers.as_ref().map_err(|kind| {
            let reason = format!("its tensor `{name}` is of {kind}, and not of real numbers");
            self.refuse("module", reason, "save the model before it is quantised")
        })?;
        if found != shape {
            let reason = format!("`{name}` has shape {found:?}; {shape:?} was expected");
            return Err(self.damaged(&reason));
        }
        if !self.budget.take(tensor.len()) {
            return Err(self.damaged("the file has fewer numbers than it says"));
        }
        Ok(tensor)
    }

    fn real(&self, entry: &'m Entry<'m>, shape: &[usize]) -> Result<Vec<f32>, ImportError> {
        let numbers = self.tensor(entry, shape)?.numbers();
        finite(numbers).ok_or_else(|| self.infinite(&entry.name))
    }
}
