//! Models of other tools become blobs, which are compared with what their own runtime computes.

use std::fs;
use std::path::Path;

use ae_data::npy;
use serde_json::Value;

use crate::npy_bytes::join;
use crate::workshop::Workshop;

/// A file of the readers' own tests.
fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/ae-import/tests/import");
    fs::read(folder.join(name)).unwrap()
}

/// A model among them, and the two lines of numbers beside it: inputs and outputs.
pub(crate) fn model(workshop: &Workshop, name: &str, ending: &str) -> [Vec<f32>; 2] {
    workshop.write(&format!("{name}.{ending}"), &file(&format!("{name}.{ending}")));
    let text = String::from_utf8(file(&format!("{name}.{ending}.txt"))).unwrap();
    let numbers = |line: &str| line.split_whitespace().map(|it| it.parse().unwrap()).collect();
    let mut lines = text.lines().map(numbers);
    [lines.next().unwrap(), lines.next().unwrap()]
}

fn write_i8(workshop: &Workshop, name: &str, values: &[f32]) {
    let codes: Vec<i8> = values.iter().map(|&value| value as i8).collect();
    workshop.write(name, &npy::write(&codes, 1).unwrap());
}

/// A model of integers, and its inputs and outputs as arrays.
pub(crate) fn integers(workshop: &Workshop) {
    let [inputs, outputs] = model(workshop, "dense_int8", "tflite");
    write_i8(workshop, "in.npy", &inputs);
    write_i8(workshop, "out.npy", &outputs);
}

#[test]
fn a_model_of_integers_gives_its_runtimes_bytes() {
    let workshop = Workshop::new();
    integers(&workshop);
    let said = workshop.ok("import dense_int8.tflite");
    for words in [
        "dense_int8.tflite: TensorFlow Lite",
        "FULLY_CONNECTED",
        "layer 0: dense, 4 →",
        "LiteRT's, each sum rounded once",
        "dense_int8.int8.aeb  ",
    ] {
        assert!(said.text().contains(words), "{words}: {}", said.text());
    }
    let compare = "verify dense_int8.int8.aeb --data in.npy --against";
    let equal = workshop.ok(&format!("{compare} out.npy"));
    assert_eq!(equal.text().trim(), "equal: all 4 bytes of 1 samples");

    // A single step beside it is found, wherever it is.
    for place in 0..4 {
        let (mut codes, _) = npy::read::<i8>(&workshop.read("out.npy")).unwrap();
        codes[place] = codes[place].wrapping_add(1);
        workshop.write("off.npy", &npy::write(&codes, 1).unwrap());
        let finished = workshop.run(&format!("{compare} off.npy"));
        assert_eq!(finished.code, Some(1));
        let expected = format!(
            "DIFFERENT: 1 of 4 bytes, by at most 1; the first is value {place} of sample 0"
        );
        assert_eq!(finished.text().trim(), expected);
    }

    // The same bytes come out where they are wanted, and the blob says where it is from.
    workshop.ok("import dense_int8.tflite --output runtime --out raw");
    workshop.ok("reconstruct raw/dense_int8.int8.aeb --data in.npy --out pixels.npy");
    let (pixels, _) = npy::read::<u8>(&workshop.read("pixels.npy")).unwrap();
    let (codes, _) = npy::read::<i8>(&workshop.read("out.npy")).unwrap();
    assert!(pixels.iter().zip(codes).all(|(&pixel, code)| pixel == code as u8 ^ 0x80));
    let info = workshop.ok("info dense_int8.int8.aeb --json").json();
    let imported = &info["provenance"]["imported"];
    assert_eq!(imported["format"], "TensorFlow Lite");
    assert_eq!(imported["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(imported["pixels"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_works_with_a_run_works_with_an_imported_blob() {
    let workshop = Workshop::new();
    integers(&workshop);
    let report = workshop.ok("import dense_int8.tflite --json").json();
    assert_eq!(report["blobs"][0]["path"], "dense_int8.int8.aeb");
    let said = workshop.ok("quantize dense_int8.int8.aeb --for cortex-m4");
    assert!(said.text().starts_with("dense_int8.cortex-m4.int8.aeb  "), "{}", said.text());
    workshop.ok("verify dense_int8.cortex-m4.int8.aeb --data in.npy --against out.npy");
    workshop.ok("quantize dense_int8.int8.aeb --part encoder");
    for (blob, out) in [("dense_int8", "a"), ("dense_int8.encoder", "b")] {
        workshop.ok(&format!("encode {blob}.int8.aeb --data in.npy --out {out}.npy"));
    }
    assert!(workshop.read("a.npy") == workshop.read("b.npy"));
    workshop.refused("quantize dense_int8.int8.aeb", &["is a blob already", "--for"]);
    workshop.refused("quantize dense_int8.int8.aeb --data data --out x.aeb", &["leave out --data"]);
}

#[test]
fn a_model_of_real_numbers_is_quantised_on_the_users_data() {
    let workshop = Workshop::new();
    let [inputs, outputs] = model(&workshop, "maps", "tflite");
    let array = |values: &[f32], rows: usize| npy::write(values, rows).unwrap();
    workshop.write("in.npy", &array(&inputs, 1));
    workshop.write("out.npy", &array(&outputs, 1));
    let said = workshop.ok("import maps.tflite");
    assert!(said.text().contains("--calibrate DATA makes one"), "{}", said.text());
    assert!(!workshop.exists("maps.int8.aeb"));
    let report = workshop.ok("verify maps.f32.aeb --data in.npy --against out.npy --json").json();
    assert_eq!(report["equal"], true);
    assert!(report["largest"].as_f64().unwrap() < 1e-5);
    let mut far = outputs.clone();
    far[3] += 0.01;
    workshop.write("far.npy", &array(&far, 1));
    let finished = workshop.run("verify maps.f32.aeb --data in.npy --against far.npy");
    assert_eq!(finished.code, Some(1));

    // Many inputs around the one.
    let shifted = |shift: usize| {
        let values = inputs.iter().enumerate();
        values.map(move |(at, value)| value + ((at * 7 + shift * 13) % 29) as f32 / 29.0)
    };
    let many: Vec<f32> = (0..64).flat_map(shifted).collect();
    workshop.write("many.npy", &array(&many, 64));
    let report = workshop.ok("import maps.tflite --calibrate many.npy --json").json();
    assert_eq!(report["blobs"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["quantised"]["samples"], 64);
    let rise = report["quantised"]["rise_percent"].as_f64().unwrap();
    // Pixels end where the inputs do, which the float model's outputs do not.
    assert!(rise < 1.0, "{rise}");
}

#[test]
fn a_given_model_becomes_a_detector_without_training() {
    let workshop = Workshop::new();
    integers(&workshop);
    workshop.ok("import dense_int8.tflite");
    let mut csv = "a,b\n".to_owned();
    for at in 0..400 {
        let phase = f64::from(at) * 0.7;
        csv += &format!("{:.4},{:.4}\n", 0.3 * phase.sin(), 0.3 * phase.cos());
    }
    workshop.write("normal.csv", csv.as_bytes());
    let report = workshop
        .ok("detect --model dense_int8.int8.aeb --data normal.csv --alpha 0.05 --json")
        .json();
    assert_eq!((&report["window"], &report["threshold"]["scores"]), (&2.into(), &200.into()));
    assert_eq!(report["path"], "dense_int8.detector.int8.aeb");
    let info = workshop.ok("info dense_int8.detector.int8.aeb --json").json();
    assert_eq!(info["detector"]["threshold"], report["threshold"]["threshold"]);
    workshop.ok("monitor dense_int8.detector.int8.aeb --data normal.csv");
    let line = "detect --model dense_int8.int8.aeb";
    workshop.refused(line, &["needs --data"]);
    workshop.refused(&format!("{line} --data normal.csv --columns a,b --epochs 3"), &["--epochs"]);
    workshop.refused(&format!("{line} --data normal.csv --alpha 0.001"), &["999"]);
}

#[test]
fn what_is_not_understood_is_named_and_nothing_is_written() {
    let workshop = Workshop::new();
    integers(&workshop);
    workshop.ok("import dense_int8.tflite");
    workshop.write("text.tflite", b"not a model at all");
    workshop.write("refused_softmax.tflite", &file("refused_softmax.tflite"));
    let before: Vec<String> = workshop.names(".");
    for (line, words) in [
        ("import nothing.tflite", &["nothing.tflite"][..]),
        ("import text.tflite", &["text.tflite", "no model file that is known", "ONNX"]),
        ("import data", &["data"]),
        ("import refused_softmax.tflite", &["SOFTMAX"]),
        (
            "import dense_int8.tflite --calibrate in.npy",
            &["integers are kept", "leave --calibrate out"],
        ),
        ("import dense_int8.tflite --latent-layer nothing", &["`nothing`", "--latent-layer"]),
        ("import dense_int8.tflite --channels 2", &["--calibrate"]),
        ("verify dense_int8.int8.aeb --against out.npy", &["--data"]),
        ("verify dense_int8.int8.aeb --data in.npy --against text.tflite", &["text.tflite", "NPY"]),
    ] {
        workshop.refused(line, words);
    }
    workshop.write("wide.npy", &join("|i1", false, "(1, 5)", &[0; 5]));
    workshop.refused(
        "verify dense_int8.int8.aeb --data wide.npy --against out.npy",
        &["the data has 5 values in a sample, expected 4"],
    );
    workshop.write("two.npy", &join("|i1", false, "(2, 4)", &[0; 8]));
    workshop.refused(
        "verify dense_int8.int8.aeb --data two.npy --against out.npy",
        &["2 samples of inputs and 1 of outputs"],
    );
    workshop.write("long.npy", &join("<i8", false, "(1, 4)", &[0; 32]));
    workshop.refused(
        "verify dense_int8.int8.aeb --data long.npy --against out.npy",
        &["long.npy", "int64"],
    );
    let after: Vec<String> = workshop.names(".");
    let new: Vec<_> = after.into_iter().filter(|name| !before.contains(name)).collect();
    assert_eq!(new, ["long.npy", "two.npy", "wide.npy"]);
}

#[test]
fn a_state_dict_needs_to_be_told_its_functions() {
    let workshop = Workshop::new();
    workshop.write("model.pt", &file("autoencoder.pt"));
    workshop.refused("import model.pt", &["weights alone", "--activation", "relu", "softplus"]);
    workshop.refused("import model.pt --activation relu --latent 3", &["no hidden layer gives 3"]);
    let report: Value = workshop.ok("import model.pt --activation tanh --json").json();
    assert_eq!(report["format"], "PyTorch");
    let became: Vec<&str> = report["operators"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["became"].as_str())
        .collect();
    assert!(became.contains(&"the tanh of layer 0"), "{became:?}");
    assert!(workshop.exists("model.f32.aeb"));
}
