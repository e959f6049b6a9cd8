//! A model's layers in the order in which they work.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::config::{Layer, Place, shortened, size};
use super::nodes::{self, Node};
use crate::{ImportError, SourceFormat};

/// A model whose layers each take what the one before gives.
#[derive(Default)]
pub(super) struct Chain<'a> {
    /// The name of what goes in.
    pub(super) input: String,
    /// Its dimensions without the batch, as far as the file says them.
    pub(super) shape: Option<Vec<Option<usize>>>,
    /// The layers, without those that stand for an input.
    pub(super) layers: Vec<Layer<'a>>,
}

/// What is not there.
static NOTHING: Value = Value::Null;

const ONE_CHAIN: &str = "a model whose layers each take what the one before gives can be imported";

/// The chain of a model's configuration, with the models inside it opened.
pub(super) fn chain(model: &Value, format: SourceFormat) -> Result<Chain<'_>, ImportError> {
    let mut reading = Reading { format, chain: Chain::default() };
    reading.model(model, &Place::default())?;
    let chain = reading.chain;
    if chain.shape.is_none() {
        return Err(ImportError::unfit(
            "the model was saved before its input's shape was known",
            "begin it with `keras.Input(shape=…)`, or call it once, and save it again",
        ));
    }
    Ok(chain)
}

struct Reading<'a> {
    format: SourceFormat,
    chain: Chain<'a>,
}

/// Whether layers of this class are models.
fn is_model(class: &str) -> bool {
    matches!(class, "Sequential" | "Functional" | "Model")
}

impl<'a> Reading<'a> {
    fn damaged(&self, place: &Place, reason: impl Into<String>) -> ImportError {
        let name = place.names.join("/");
        let place = if name.is_empty() { "the model".to_owned() } else { format!("`{name}`") };
        ImportError::malformed(self.format, format!("the configuration of {place}"), reason)
    }

    /// Appends the layers of a model. JSON is not nested deeper than its reader allows, and so is
    /// this.
    fn model(&mut self, model: &'a Value, place: &Place) -> Result<(), ImportError> {
        let class = model.get("class_name").and_then(Value::as_str).unwrap_or_default();
        let config = model.get("config").unwrap_or(&NOTHING);
        // The first files of Keras 2 had the layers of a Sequential where its configuration is now.
        let layers = config.get("layers").unwrap_or(config).as_array();
        let Some(layers) = layers.filter(|_| is_model(class)) else {
            return Err(ImportError::unfit(
                format!(
                    "the model is of a class `{class}` of its own, whose layers are in its code"
                ),
                "build it with `keras.Sequential`, or with `keras.Model(inputs, outputs)`, \
                 give that the weights, and save it again",
            ));
        };
        let layers = self.numbered(layers, place)?;
        if class == "Sequential" {
            let built =
                [config.get("build_input_shape"), model.pointer("/build_config/input_shape")];
            if let Some(first) = layers.first().filter(|first| first.class != "InputLayer") {
                let of_first = first.config.get("batch_input_shape");
                let shape = of_first.into_iter().chain(built.into_iter().flatten());
                self.input(&first.name, shape.into_iter().find_map(dimensions));
            }
            return layers.into_iter().try_for_each(|layer| self.layer(layer));
        }
        let config = config.as_object().ok_or_else(|| self.damaged(place, "it has no layers"))?;
        self.along(config, layers, place)?.into_iter().try_for_each(|layer| self.layer(layer))
    }

    /// The layers of a list, with their places.
    fn numbered(&self, layers: &'a [Value], around: &Place) -> Result<Vec<Entry<'a>>, ImportError> {
        let mut of_class: BTreeMap<String, usize> = BTreeMap::new();
        let entry = |(index, value): (usize, &'a Value)| {
            let class = value.get("class_name").and_then(Value::as_str);
            let config = value.get("config");
            let name = config.and_then(|config| config.get("name")).or_else(|| value.get("name"));
            let missing = |what| self.damaged(around, format!("layer {index} has no {what}"));
            let class = class.ok_or_else(|| missing("class_name"))?;
            let name = name.and_then(Value::as_str).unwrap_or(class);
            let before = of_class.entry(snake_case(class)).or_default();
            let numbered = match *before {
                0 => snake_case(class),
                before => format!("{}_{before}", snake_case(class)),
            };
            *before += 1;
            let mut place = around.clone();
            place.names.push(name.to_owned());
            place.numbered.push(numbered);
            let config = config.ok_or_else(|| missing("config"))?;
            Ok(Entry { index, name: name.to_owned(), class, place, value, config })
        };
        layers.iter().enumerate().map(entry).collect()
    }

    /// Of the layers of a graph those from the input to the output. All must be on this way.
    fn along(
        &self,
        config: &Map<String, Value>,
        layers: Vec<Entry<'a>>,
        place: &Place,
    ) -> Result<Vec<Entry<'a>>, ImportError> {
        let input = self.end(config, "input_layers", place)?;
        let output = self.end(config, "output_layers", place)?;
        let mut by_name = BTreeMap::new();
        for layer in layers {
            if let Some(other) = by_name.insert(layer.name.clone(), layer) {
                return Err(self.damaged(&other.place, "another layer has the same name"));
            }
        }
        let (mut way, mut name) = (Vec::new(), output);
        loop {
            let missing = || {
                self.damaged(place, format!("no layer `{name}` is left for what takes its values"))
            };
            let layer = by_name.remove(&name).ok_or_else(missing)?;
            let node = nodes::node(layer.value.get("inbound_nodes"));
            let at_input = layer.name == input;
            way.push(layer);
            let Some(layer) = way.last() else { break };
            if at_input {
                break;
            }
            name = match node {
                Node::One { trains: true, .. } => {
                    let reason = "it is called with training=True, and works by chance";
                    return Err(self.refuse(layer, reason, "leave that out and save it again"));
                }
                Node::One { from, .. } if from.len() == 1 => from.concat(),
                Node::One { from, .. } => {
                    let from: BTreeSet<String> =
                        from.into_iter().map(|name| format!("`{name}`")).collect();
                    let from = from.into_iter().collect::<Vec<_>>().join(" and ");
                    let reason = format!("it takes the values of {from}");
                    return Err(self.refuse(layer, &reason, ONE_CHAIN));
                }
                Node::Shared(times) => {
                    let reason = format!("it is used {times} times");
                    return Err(self.refuse(layer, &reason, ONE_CHAIN));
                }
                Node::Unknown => {
                    return Err(self.damaged(&layer.place, "it does not say what it takes"));
                }
            };
        }
        if let Some(layer) = by_name.into_values().min_by_key(|layer| layer.index) {
            let reason = "it stands beside the way from the model's input to its output";
            return Err(self.refuse(&layer, reason, ONE_CHAIN));
        }
        way.reverse();
        Ok(way)
    }

    /// The layer that a graph begins or ends with.
    fn end(
        &self,
        config: &Map<String, Value>,
        key: &str,
        place: &Place,
    ) -> Result<String, ImportError> {
        let ends = config.get(key).and_then(nodes::ends);
        let ends = ends.ok_or_else(|| {
            let found = shortened(config.get(key).unwrap_or(&Value::Null));
            self.damaged(place, format!("its `{key}` is {found}; the name of a layer was expected"))
        })?;
        let names: Vec<String> = ends.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        match <[String; 1]>::try_from(ends) {
            Ok([name]) => Ok(name),
            Err(ends) => {
                let (count, what) = (ends.len(), key.trim_end_matches("_layers"));
                let reason = format!("the model has {count} {what}s: {names}");
                Err(ImportError::unfit(reason, "save a model of one input and one output"))
            }
        }
    }

    fn refuse(&self, layer: &Entry<'_>, reason: &str, mend: &str) -> ImportError {
        let place = layer.place.clone();
        Layer::new(layer.index, layer.class, place, self.format, &Map::new()).refuse(reason, mend)
    }

    fn layer(&mut self, layer: Entry<'a>) -> Result<(), ImportError> {
        if is_model(layer.class) {
            return self.model(layer.value, &layer.place);
        }
        if layer.class == "InputLayer" {
            let shape = ["batch_shape", "batch_input_shape"];
            let shape = shape.iter().find_map(|key| layer.config.get(key));
            self.input(&layer.name, shape.and_then(dimensions));
            return Ok(());
        }
        let config = layer.config.as_object();
        let config = config.ok_or_else(|| self.damaged(&layer.place, "it is no object"))?;
        let index = self.chain.layers.len();
        self.chain.layers.push(Layer::new(index, layer.class, layer.place, self.format, config));
        Ok(())
    }

    /// Keeps the shape of what goes into the first layer. Models inside have inputs of their own.
    fn input(&mut self, name: &str, shape: Option<Vec<Option<usize>>>) {
        if self.chain.layers.is_empty() && self.chain.shape.is_none() && shape.is_some() {
            self.chain.input = name.to_owned();
            self.chain.shape = shape;
        }
    }
}

/// A layer in a list of layers.
struct Entry<'a> {
    index: usize,
    name: String,
    class: &'a str,
    place: Place,
    value: &'a Value,
    config: &'a Value,
}

/// A shape without the batch.
fn dimensions(shape: &Value) -> Option<Vec<Option<usize>>> {
    Some(shape.as_array()?.iter().skip(1).map(size).collect())
}

/// How Keras writes a class's name in small letters.
fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let mut name = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let begins = |letter: Option<&char>| letter.is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase()
            && before.is_some()
            && (begins(before) || begins(letters.get(index + 1)))
        {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
