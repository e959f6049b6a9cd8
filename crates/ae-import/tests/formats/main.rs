//! Files of each format are read as what their scripts in `tests/import` put into them, or are
//! refused in so many words.

mod keras;
mod keras_older;
mod keras_refused;
mod keras_stored;
mod keras_written;
mod pattern;
mod torch;
mod torch_refused;

use std::fs;
use std::path::Path;

use ae_import::{ImportError, Operation, Operator, ReadOptions, SourceModel, read};

/// A file that a script wrote.
fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_file(name: &str) -> SourceModel {
    read(&file(name), &ReadOptions::default()).unwrap()
}

/// The words with which bytes are refused.
fn refusal(bytes: &[u8]) -> String {
    refusal_with(bytes, &ReadOptions::default())
}

fn refusal_with(bytes: &[u8], options: &ReadOptions) -> String {
    read(bytes, options).expect_err("a refusal").to_string()
}

/// Compares operators one by one, so that a difference is seen where it is.
fn assert_operators(found: &[Operator], expected: &[(&str, &str, Operation)]) {
    for (found, (name, kind, operation)) in found.iter().zip(expected) {
        let expected = Operator {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            operation: operation.clone(),
            codes: None,
        };
        assert_eq!(*found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn what_is_no_model_file_is_named() {
    let unknown = "this is no model file that is known: it begins with \\x01\\x02no. TensorFlow Lite, \
                   ONNX, Keras (.h5, .keras), safetensors and PyTorch's .pt are read";
    assert_eq!(refusal(b"\x01\x02no"), unknown);
    assert!(refusal(b"").starts_with("this is no model file that is known"));
    let zip = keras_written::archive(&[("arrays/x.npy", b"1".to_vec()), ("notes", vec![])]);
    let holds = "the zip archive holds no model that is known, but `arrays/x.npy`, `notes`; give the \
                 model's own file";
    assert_eq!(refusal(&zip), holds);
    let damaged = refusal(b"PK\x03\x04 and no more");
    assert!(damaged.starts_with("the zip archive is damaged: "), "{damaged}");
}

#[test]
fn errors_are_values() {
    let error = read(b"", &ReadOptions::default()).unwrap_err();
    assert_eq!(error, ImportError::UnknownFormat { found: String::new() });
}
