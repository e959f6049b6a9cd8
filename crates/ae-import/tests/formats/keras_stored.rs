//! Numbers that are stored in a way that Keras does not choose.

use hdf5_pure::{DatasetBuilder, FileBuilder};
use serde_json::json;

use super::keras_written::{archive, layer, sequential};
use super::{file, refusal};

/// How a model of one dense layer is refused whose kernel is stored like this.
fn refused(store: impl FnOnce(&mut DatasetBuilder)) -> String {
    let mut file = FileBuilder::new();
    let mut layers = file.create_group("layers");
    let mut dense = layers.create_group("dense");
    let mut vars = dense.create_group("vars");
    store(vars.create_dataset("0"));
    dense.add_group(vars.finish());
    layers.add_group(dense.finish());
    file.add_group(layers.finish());
    let model = sequential(&[2], &[layer("Dense", "it", json!({"units": 2, "use_bias": false}))]);
    let config = model.to_string().into_bytes();
    refusal(&archive(&[("config.json", config), ("model.weights.h5", file.finish().unwrap())]))
}

#[test]
fn numbers_in_chunks() {
    let expected = "`layers/dense/vars/0` is stored in chunks, or its numbers are not there; save the \
                    model again with Keras, which stores numbers in one piece";
    let chunks = |dataset: &mut DatasetBuilder| {
        dataset.with_f32_data(&[0.5; 4]).with_shape(&[2, 2]).with_chunks(&[1, 2]);
    };
    assert_eq!(refused(chunks), expected);
}

#[test]
fn numbers_that_are_integers() {
    let expected = "the numbers of `layers/dense/vars/0` are no little-endian real numbers; save the \
                    model of float32, as it is before it is quantised";
    let integers = |dataset: &mut DatasetBuilder| {
        dataset.with_i8_data(&[1; 4]).with_shape(&[2, 2]);
    };
    assert_eq!(refused(integers), expected);
}

#[test]
fn archives_that_are_compressed() {
    let mut bytes = file("float16.keras");
    // The method of compression of the first file, in the directory at the end: deflate.
    let record = bytes.windows(4).position(|word| word == b"PK\x01\x02").unwrap();
    for at in bytes.clone().windows(4).enumerate().filter(|(_, word)| word == b"PK\x01\x02") {
        bytes[at.0 + 10] = 8;
    }
    assert_eq!(bytes[record + 10], 8);
    let expected = "`config.json` is compressed in this Keras file; write the file with the tool \
                    itself, which compresses nothing";
    assert_eq!(refusal(&bytes), expected);
}
