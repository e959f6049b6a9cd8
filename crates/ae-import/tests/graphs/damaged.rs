//! No file brings the readers down, whatever is cut off it or changed in it.

use ae_import::{ImportError, Numbers, Operation, ReadOptions, SourceModel, read};

use crate::files::{bytes, load};

const FILES: [&str; 9] = [
    "signal.tflite",
    "maps_int8.tflite",
    "shapes.tflite",
    "dense_wrapped.tflite",
    "upsampling.tflite",
    "integers.onnx",
    "maps.onnx",
    "shapes.onnx",
    "parts.onnx",
];

fn read_all(bytes: &[u8]) -> Result<SourceModel, ImportError> {
    read(bytes, &ReadOptions::default())
}

#[test]
fn a_file_that_is_cut_off_is_refused_or_read_as_it_was() {
    for name in FILES {
        let whole = bytes(name);
        let model = load(name);
        let mut refused = 0;
        for length in 0..whole.len() {
            match read_all(&whole[..length]) {
                Ok(read) => assert_eq!(read, model, "{name} cut to {length} bytes"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > whole.len() / 2, "{name}: {refused} cuts were seen");
    }
}

/// A file that begins like ONNX and ends too early is called damaged, not unknown.
#[test]
fn a_cut_is_said_to_be_one() {
    for name in ["maps.onnx", "maps.tflite"] {
        let whole = bytes(name);
        let error = read_all(&whole[..whole.len() / 2]).expect_err("half a file");
        assert!(matches!(error, ImportError::Malformed { .. }), "{error}");
    }
}

#[test]
fn numbers_that_are_enlarged_are_refused_or_read() {
    for name in ["signal.tflite", "maps_int8.tflite", "integers.onnx", "shapes.onnx"] {
        let whole = bytes(name);
        // FlatBuffers align their words, protobuf has lengths anywhere.
        let step = if name.ends_with(".tflite") { 4 } else { 1 };
        for at in (0..whole.len().saturating_sub(4)).step_by(step) {
            for word in [[0xFF; 4], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x10]] {
                let mut changed = whole.clone();
                changed[at..at + 4].copy_from_slice(&word);
                if let Ok(model) = read_all(&changed) {
                    assert!(numbers(&model) <= whole.len() + (4 << 20), "{name} at {at}");
                }
            }
        }
    }
}

fn numbers(model: &SourceModel) -> usize {
    let of = |numbers: &Numbers| match numbers {
        Numbers::Real { weights, bias } => weights.len() + bias.len(),
        Numbers::Integers { weights, scales, bias } => weights.len() + scales.len() + bias.len(),
    };
    let operators = model.operators.iter().map(|operator| match &operator.operation {
        Operation::Dense(layer) => of(&layer.numbers),
        Operation::Convolution(layer) => of(&layer.numbers),
        Operation::Depthwise(layer) => of(&layer.numbers),
        Operation::Transposed(layer) => of(&layer.numbers),
        Operation::Affine { factor, shift } => factor.len() + shift.len(),
        _ => 0,
    });
    operators.sum()
}

/// A million empty messages of two bytes each are not made into a million operators.
#[test]
fn a_file_of_many_empty_parts_is_refused() {
    for part in [0x0A, 0x2A, 0x5A] {
        let graph = [part, 0x00].repeat(1 << 20);
        let mut file = vec![0x08, 0x08, 0x3A, 0x80, 0x80, 0x80, 0x01];
        assert_eq!(graph.len(), 1 << 21);
        file.extend(&graph);
        let error = read_all(&file).expect_err("no model").to_string();
        assert!(error.contains("at most 20000 are read"), "{error}");
    }
}

/// A million weights that each of many layers names do not become many millions.
#[test]
fn weights_that_are_shared_do_not_outgrow_the_file() {
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut length = content.len();
        let mut bytes = vec![number << 3 | 2];
        while length > 127 {
            bytes.push((length & 127) as u8 | 128);
            length >>= 7;
        }
        bytes.push(length as u8);
        [bytes, content.to_vec()].concat()
    }
    let dims = [8, 0x80, 8, 8, 0x80, 8];
    let weights = [&dims[..], &[16, 1], &field(8, b"w"), &field(9, &vec![0; 4 << 20])].concat();
    let mut graph = field(5, &weights);
    let name = |at: u8| [b'v', at];
    for at in 0..12 {
        let node =
            [field(1, &name(at)), field(1, b"w"), field(2, &name(at + 1)), field(4, b"MatMul")];
        graph.extend(field(1, &node.concat()));
    }
    let shape = [field(1, &[8, 1]), field(1, &[8, 0x80, 8])].concat();
    let tensor = [vec![8, 1], field(2, &shape)].concat();
    graph.extend(field(11, &[field(1, &name(0)), field(2, &field(1, &tensor))].concat()));
    graph.extend(field(12, &field(1, &name(12))));
    let error = read_all(&field(7, &graph)).expect_err("twelve million weights").to_string();
    assert!(error.contains("they outgrow the file"), "{error}");
}

#[test]
fn what_is_no_model_is_unknown() {
    for bytes in [&b""[..], b"PK\x03\x04", b"\x08", b"TFL3TFL3", b"a,b,c\n1,2,3\n", &[0; 64]] {
        let error = read_all(bytes).expect_err("no model");
        let known = bytes == b"TFL3TFL3";
        assert_eq!(matches!(error, ImportError::UnknownFormat { .. }), !known, "{error}");
    }
}
