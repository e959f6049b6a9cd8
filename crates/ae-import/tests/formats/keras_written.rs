//! Keras files that a test puts together, to say what Keras itself would not.

use std::io::Write;

use hdf5_pure::{AttrValue, FileBuilder};
use rawzip::{CompressionMethod, ZipArchiveWriter};
use serde_json::{Value, json};

/// An archive of these files, stored as they are.
pub(super) fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut zip = ZipArchiveWriter::new(&mut bytes);
    for (name, file) in files {
        let method = CompressionMethod::STORE;
        let (mut entry, config) = zip.new_file(*name).compression_method(method).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(file).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap();
    bytes
}

/// A weight: its shape and its numbers.
pub(super) type Weight<'a> = (&'a [u64], &'a [f32]);

/// A `.keras` file of this model, with these weights of its first dense layer.
pub(super) fn keras(model: &Value, weights: &[Weight<'_>]) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let mut layers = file.create_group("layers");
    let mut dense = layers.create_group("dense");
    let mut vars = dense.create_group("vars");
    for (number, (shape, numbers)) in weights.iter().enumerate() {
        vars.create_dataset(&number.to_string()).with_f32_data(numbers).with_shape(shape);
    }
    dense.add_group(vars.finish());
    layers.add_group(dense.finish());
    file.add_group(layers.finish());
    let weights = file.finish().unwrap();
    archive(&[("config.json", model.to_string().into_bytes()), ("model.weights.h5", weights)])
}

/// An HDF5 file of this model, with a kernel of 0.5 and a bias of 0.25 for its one dense layer `it`
/// of one input and output. The names of the weights are in so many parts.
pub(super) fn hdf5(model: &Value, parts: usize) -> Vec<u8> {
    let mut file = FileBuilder::new();
    file.set_attr("model_config", AttrValue::String(model.to_string()));
    let mut weights = file.create_group("model_weights");
    let mut layer = weights.create_group("it");
    let names = ["kernel:0".to_owned(), "bias:0".to_owned()];
    if parts == 1 {
        layer.set_attr("weight_names", AttrValue::StringArray(names.to_vec()));
    } else {
        for (part, name) in names.iter().enumerate() {
            let name = AttrValue::StringArray(vec![name.clone()]);
            layer.set_attr(&format!("weight_names{part}"), name);
        }
    }
    layer.create_dataset("kernel:0").with_f32_data(&[0.5]).with_shape(&[1, 1]);
    layer.create_dataset("bias:0").with_f32_data(&[0.25]).with_shape(&[1]);
    weights.add_group(layer.finish());
    file.add_group(weights.finish());
    file.finish().unwrap()
}

/// A model of layers one behind the other, given values of this shape.
pub(super) fn sequential(shape: &[usize], layers: &[Value]) -> Value {
    let batch: Vec<Value> =
        std::iter::once(Value::Null).chain(shape.iter().map(|&n| json!(n))).collect();
    let mut all = vec![layer("InputLayer", "input", json!({"batch_shape": batch}))];
    all.extend_from_slice(layers);
    json!({"class_name": "Sequential", "config": {"name": "model", "layers": all}})
}

/// A layer of a configuration.
pub(super) fn layer(class: &str, name: &str, mut config: Value) -> Value {
    config["name"] = json!(name);
    json!({"class_name": class, "config": config})
}
