//! What a layer of a graph takes.

use serde_json::Value;

/// The calls of a layer.
pub(super) enum Node {
    /// It is called once.
    One {
        /// The layers whose values it takes.
        from: Vec<String>,
        /// Whether it is called as in training.
        trains: bool,
    },
    /// It is called so often.
    Shared(usize),
    /// Written in no way that is known.
    Unknown,
}

/// What a layer's `inbound_nodes` say.
pub(super) fn node(nodes: Option<&Value>) -> Node {
    match nodes.and_then(Value::as_array).map(Vec::as_slice) {
        Some([node]) => one(node).unwrap_or(Node::Unknown),
        Some([]) | None => Node::Unknown,
        Some(nodes) => Node::Shared(nodes.len()),
    }
}

fn one(node: &Value) -> Option<Node> {
    if let Some(arguments) = node.get("args") {
        // Keras 3: the call's arguments, with tensors in them.
        let (mut from, by_name) = (Vec::new(), node.get("kwargs").unwrap_or(&Value::Null));
        tensors(arguments, &mut from);
        tensors(by_name, &mut from);
        return Some(Node::One { from, trains: trains(by_name) });
    }
    // Keras 2: for each tensor the layer, its call, its output, and the call's other arguments.
    let inputs = node.as_array()?;
    let name = |input: &Value| Some(input.get(0)?.as_str()?.to_owned());
    let from = inputs.iter().map(name).collect::<Option<Vec<_>>>()?;
    Some(Node::One { from, trains: inputs.iter().filter_map(|input| input.get(3)).any(trains) })
}

fn trains(arguments: &Value) -> bool {
    arguments.get("training").and_then(Value::as_bool) == Some(true)
}

/// The layers of the tensors in a call's arguments.
fn tensors(value: &Value, from: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| tensors(value, from)),
        Value::Object(object) => {
            let is_tensor = object.get("class_name").and_then(Value::as_str);
            if is_tensor == Some("__keras_tensor__") {
                let history = value.pointer("/config/keras_history/0");
                from.extend(history.and_then(Value::as_str).map(str::to_owned));
            } else {
                object.values().for_each(|value| tensors(value, from));
            }
        }
        _ => {}
    }
}

/// The layers that a graph's `input_layers` or `output_layers` name.
pub(super) fn ends(value: &Value) -> Option<Vec<String>> {
    let ends = value.as_array()?;
    if let Some(name) = ends.first().and_then(Value::as_str) {
        // One end alone, as Keras 3 writes it.
        return Some(vec![name.to_owned()]);
    }
    ends.iter().map(|end| Some(end.get(0)?.as_str()?.to_owned())).collect()
}
