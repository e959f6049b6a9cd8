//! Blobs of the files beside this test give what the files' own runtimes gave: LiteRT, ONNX Runtime,
//! Keras and PyTorch, by the scripts there.

mod common;

use std::fs;
use std::path::PathBuf;

use ae_core::Rounding;
use ae_data::npy::{Numbers, Values};
use ae_import::{
    Agreement, Difference, Function, Imported, OutputPixels, ReadOptions, Runner, Settings, import,
    read,
};
use ae_quantize::unwatched;
use common::forward::codes::in_reals;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(name)
}

/// Inputs and outputs of the runtime.
fn recorded(name: &str) -> [Vec<f32>; 2] {
    let text = fs::read_to_string(path(&format!("{name}.txt"))).unwrap();
    let numbers = |line: &str| line.split(' ').map(|number| number.parse().unwrap()).collect();
    let mut lines = text.lines().map(numbers);
    [lines.next().unwrap(), lines.next().unwrap()]
}

fn options() -> ReadOptions {
    // Of state dicts, which do not say it.
    ReadOptions { activation: Some(Function::Relu), ..ReadOptions::default() }
}

fn settings() -> Settings<'static> {
    Settings {
        tool: "test",
        read: options(),
        latent_layer: None,
        channels: None,
        rounding: Rounding::Once,
        output: OutputPixels::OfInput,
    }
}

fn imported(name: &str) -> Imported {
    let bytes = fs::read(path(name)).unwrap();
    import(&bytes, &settings(), None, &mut unwatched)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn one(values: Values, len: usize) -> Numbers {
    Numbers { samples: 1, shape: vec![len], values }
}

#[test]
fn f32_blobs_give_what_the_runtimes_gave() {
    for name in [
        "dense.tflite",
        "dense_f16.tflite",
        "dense.onnx",
        "dense.keras",
        "dense.h5",
        "autoencoder.pt",
        "autoencoder.safetensors",
    ] {
        let [inputs, outputs] = recorded(name);
        let len = inputs.len();
        let blob = imported(name).float.unwrap();
        let (given, got) = (one(Values::F32(inputs), len), one(Values::F32(outputs.clone()), len));
        let runner = Runner::new(&blob).unwrap();
        match runner.compare(&given, &got).unwrap() {
            Agreement::Real { values, largest, .. } => {
                assert_eq!(values, len);
                assert!(largest <= 1e-5, "{name}: {largest}");
            }
            other => panic!("{name}: {other:?}"),
        }
        // One output that is another is seen.
        let mut off = outputs;
        off[len / 2] *= 1.001;
        let got = one(Values::F32(off), len);
        match runner.compare(&given, &got).unwrap() {
            Agreement::Real { largest, .. } => assert!(largest > 1e-5, "{name}: {largest}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn int8_blobs_give_the_runtimes_bytes() {
    for (name, is_unsigned) in [
        ("dense_int8.tflite", false),
        ("dense_unsigned.tflite", true),
        ("means_int8.tflite", false),
        ("silu_int8.tflite", false),
        ("gelu_tanh_int8.tflite", false),
        ("hard_swish_int8.tflite", false),
        ("elu_int8.tflite", false),
    ] {
        let [inputs, outputs] = recorded(name);
        let len = inputs.len();
        let blob = imported(name).int8.unwrap();
        let codes = |values: &[f32]| {
            let values = values.iter().copied();
            let codes = match is_unsigned {
                true => Values::U8(values.map(|value| value as u8).collect()),
                false => Values::I8(values.map(|value| value as i8).collect()),
            };
            one(codes, len)
        };
        let runner = Runner::new(&blob).unwrap();
        let agreement = runner.compare(&codes(&inputs), &codes(&outputs)).unwrap();
        assert!(
            matches!(agreement, Agreement::Integers { differ: 0, bytes, .. } if bytes == len),
            "{name}: {agreement:?}"
        );
        for place in (0..len).step_by(1 + len / 8) {
            let mut off = outputs.clone();
            off[place] += if off[place] < 0.0 { 1.0 } else { -1.0 };
            let agreement = runner.compare(&codes(&inputs), &codes(&off)).unwrap();
            let expected =
                Agreement::Integers { bytes: len, differ: 1, largest: 1, first: Some((0, place)) };
            assert_eq!(agreement, expected, "{name}");
        }
    }
}

/// What int8 costs is told layer by layer, each by its name; the last loses what the whole model does.
#[test]
fn each_layer_loses_a_little_by_int8() {
    let [inputs, _] = recorded("dense.onnx");
    let width = inputs.len();
    let near = |at: usize| {
        let values = inputs.iter().enumerate();
        values.map(move |(place, value)| value + ((place * 7 + at * 13) % 29) as f32 / 29.0)
    };
    let values = Values::F32((0..64).flat_map(near).collect());
    let data = Numbers { samples: 64, shape: vec![width], values };
    let bytes = fs::read(path("dense.onnx")).unwrap();
    let made = import(&bytes, &settings(), Some(&data), &mut unwatched).unwrap();
    let quantised = made.quantised.unwrap();
    let blob = made.float.unwrap();
    let names = Runner::new(&blob).unwrap().layers().unwrap();
    // Pixels end where the data does, which a layer behind all of the file sees to.
    let [.., last] = &quantised.layers[..] else { panic!("layers") };
    assert_eq!((quantised.layers.len(), &*last.name), (names.len() + 1, ""));
    // It loses what the whole model does.
    let Agreement::Real { largest, .. } = quantised.agreement else { panic!("integers") };
    assert!((last.difference.largest / largest - 1.0).abs() < 1e-4, "{last:?}, {largest}");
    for (loss, name) in quantised.layers.iter().zip(&names) {
        assert_eq!(loss.name, name.name);
        assert!(!loss.name.is_empty());
        let Difference { mean, largest, values, .. } = loss.difference;
        assert!(0.0 < mean && mean < 0.05 && mean < largest && largest < 0.5, "{loss:?}");
        assert!(values >= 64, "{loss:?}");
    }
    // A blob that was quantised here has codes of its own.
    let int8 = made.int8.unwrap();
    assert!(Runner::new(&int8).unwrap().layers().is_err());
}

/// Of models that are no autoencoders, what was read.
#[test]
fn keras_models_over_maps_give_what_keras_gave() {
    for name in ["maps.keras", "signal.keras", "groups.keras"] {
        let model = read(&fs::read(path(name)).unwrap(), &options()).unwrap();
        let [inputs, outputs] = recorded(name);
        let inputs: Vec<f64> = inputs.into_iter().map(f64::from).collect();
        let found = in_reals(&model, &inputs);
        assert_eq!(found.len(), outputs.len(), "{name}");
        let largest = outputs.iter().fold(0_f32, |largest, value| largest.max(value.abs()));
        for (found, wanted) in found.iter().zip(&outputs) {
            let differs = (found - f64::from(*wanted)).abs();
            assert!(differs <= 1e-5 * f64::from(largest), "{name}: {found}, not {wanted}");
        }
    }
}
