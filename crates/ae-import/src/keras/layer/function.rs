//! Functions of one value.

use serde_json::Value;

use super::{Layer, Translation};
use crate::keras::config::shortened;
use crate::{Function, ImportError, Operation};

/// The slope of `leaky_relu` where it is a word alone.
const LEAKY: f32 = 0.2;

impl Translation<'_> {
    /// A layer that is the function of its `activation`.
    pub(super) fn activation(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let function = of_activation(layer)?;
        self.push(layer.operator(function.map_or(Operation::Identity, Operation::Function)));
        Ok(())
    }

    /// A layer whose class is a function.
    pub(super) fn function(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let function = of_class(layer)?;
        self.push(layer.operator(Operation::Function(function)));
        Ok(())
    }
}

/// The function of a layer's `activation`; none where it is `linear`.
pub(super) fn of_activation(layer: &Layer<'_>) -> Result<Option<Function>, ImportError> {
    let Some(activation) = layer.get("activation") else { return Ok(None) };
    // A word, an object around it, or a layer as an activation.
    let class = activation.get("class_name").and_then(Value::as_str);
    let config = activation.get("config");
    let word = activation.as_str().or_else(|| config.and_then(Value::as_str));
    if let Some(word) = word {
        return of_word(layer, word);
    }
    if let (Some(class @ ("ReLU" | "LeakyReLU" | "ELU")), Some(Value::Object(config))) =
        (class, config)
    {
        let place = layer.place.clone();
        let inner = Layer::new(layer.index, class, place, layer.format, config);
        return of_class(&inner).map(Some);
    }
    Err(unknown(layer, &shortened(activation)))
}

fn of_word(layer: &Layer<'_>, word: &str) -> Result<Option<Function>, ImportError> {
    Ok(Some(match word {
        "linear" => return Ok(None),
        "relu" => Function::Relu,
        "relu6" => Function::Relu6,
        "leaky_relu" => Function::LeakyRelu(LEAKY),
        "elu" => Function::Elu(1.0),
        "sigmoid" => Function::Sigmoid,
        "tanh" => Function::Tanh,
        "gelu" => Function::Gelu,
        "silu" | "swish" => Function::Silu,
        "softplus" => Function::Softplus,
        "softmax" => return Err(softmax(layer)),
        other => return Err(unknown(layer, other)),
    }))
}

fn of_class(layer: &Layer<'_>) -> Result<Function, ImportError> {
    let real = |key, absent| layer.real(key, absent).map(|number| number as f32);
    match layer.class.as_str() {
        "LeakyReLU" => {
            // Keras 2 calls it alpha.
            let key = if layer.get("alpha").is_some() { "alpha" } else { "negative_slope" };
            Ok(Function::LeakyRelu(real(key, 0.3)?))
        }
        "ELU" => Ok(Function::Elu(real("alpha", 1.0)?)),
        _ => {
            let slope = real("negative_slope", 0.0)?;
            let threshold = real("threshold", 0.0)?;
            let most = layer.get("max_value").map(|_| real("max_value", 0.0)).transpose()?;
            match (most, slope, threshold) {
                (None, 0.0, 0.0) => Ok(Function::Relu),
                (None, slope, 0.0) => Ok(Function::LeakyRelu(slope)),
                (Some(6.0), 0.0, 0.0) => Ok(Function::Relu6),
                (most, slope, threshold) => {
                    let most = most.map_or("none".to_owned(), |most| most.to_string());
                    let reason = format!(
                        "a ReLU of max_value {most}, negative_slope {slope} and threshold \
                         {threshold} cannot be computed here"
                    );
                    Err(layer.refuse(reason, "use ReLU, ReLU(6) or LeakyReLU"))
                }
            }
        }
    }
}

pub(super) fn softmax(layer: &Layer<'_>) -> ImportError {
    let reason = "softmax needs all values for each one, and is not computed here";
    layer.refuse(reason, "leave it out; an autoencoder's output is sigmoid, tanh or linear")
}

fn unknown(layer: &Layer<'_>, activation: &str) -> ImportError {
    let reason = format!("its activation `{activation}` is not known");
    layer.refuse(
        reason,
        "linear, relu, relu6, leaky_relu, elu, sigmoid, tanh, gelu, silu and softplus are known",
    )
}
