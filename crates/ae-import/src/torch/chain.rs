//! The layers of a state dict one behind the other. It has their numbers alone, so the functions
//! between them are asked for.

use super::layer::{EXPORT, Layer, Reader};
use super::state::Module;
use crate::tensor::Budget;
use crate::{ImportError, ReadOptions, SourceFormat, SourceModel, Value};

/// The model of these modules.
pub(super) fn model(
    modules: &[Module<'_>],
    options: &ReadOptions,
    format: SourceFormat,
    budget: &Budget,
) -> Result<SourceModel, ImportError> {
    let readers = modules.iter().enumerate();
    let layers = readers.map(|(index, module)| Reader { format, budget, index, module }.layer());
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
                Some(options.activation.ok_or(ImportError::NoActivations)?)
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
            let mend = "the layers must follow each other as their names do; else export the model \
                        as ONNX";
            return Err(layer.refuse(reason, mend));
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
