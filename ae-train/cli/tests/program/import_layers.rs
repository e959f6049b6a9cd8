//! Imported blobs are compared with their runtimes layer by layer, and calibrated on signals.

use std::fs;

use ae_data::npy;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use crate::import::{integers, model};
use crate::workshop::Workshop;

/// An NPZ file, as numpy.savez writes it.
fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut file);
    for (name, array) in arrays {
        let name = format!("{name}.npy");
        let (mut entry, config) =
            archive.new_file(&name).compression_method(CompressionMethod::STORE).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        std::io::Write::write_all(&mut writer, array).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    file
}

#[test]
fn the_first_layer_that_differs_is_named() {
    let workshop = Workshop::new();
    integers(&workshop);
    workshop.ok("import dense_int8.tflite");
    // The latent is what the second layer gives: `t10` in the file, behind its function.
    workshop.ok("encode dense_int8.int8.aeb --data in.npy --out latent.npy");
    let (latent, last) = (workshop.read("latent.npy"), workshop.read("out.npy"));
    let line = "verify dense_int8.int8.aeb --data in.npy --against layers.npz";
    let arrays = |latent: Vec<u8>| {
        npz(&[("t10", latent), ("weights/t2", last.clone()), ("joined;t13", last.clone())])
    };
    workshop.write("layers.npz", &arrays(latent.clone()));
    let equal = workshop.ok(line);
    for words in [
        "layer 1  t10  equal: all 2 bytes",
        "layer 2  t11  not compared: there is no array of it",
        "layer 3  t13  equal: all 4 bytes",
        "equal: 2 of 4 layers were compared on 1 samples",
        "arrays that are of no layer: `weights/t2`",
    ] {
        assert!(equal.text().contains(words), "{words}: {}", equal.text());
    }

    let (mut codes, _) = npy::read::<i8>(&latent).unwrap();
    codes[1] = codes[1].wrapping_add(1);
    workshop.write("layers.npz", &arrays(npy::write(&codes, 1).unwrap()));
    let finished = workshop.run(line);
    assert_eq!(finished.code, Some(1));
    for words in [
        "layer 1  t10  DIFFERENT: 1 of 2 bytes, by at most 1; the first is value 1 of sample 0",
        "DIFFERENT: layer 1 is the first that differs",
    ] {
        assert!(finished.text().contains(words), "{words}: {}", finished.text());
    }
    let finished = workshop.run(&format!("{line} --json"));
    assert_eq!(finished.code, Some(1));
    let report = finished.json();
    assert_eq!(report["equal"], false);
    assert_eq!(report["layers"][1]["differ"], 1);
    assert_eq!(report["layers"][2]["equal"], serde_json::Value::Null);
    assert_eq!(report["layers"][3]["equal"], true);
    assert_eq!(report["others"][0], "weights/t2");

    // A folder of arrays is the same, by the numbers of layers too.
    fs::create_dir(workshop.path("layers")).unwrap();
    workshop.write("layers/layer 1.npy", &latent);
    workshop.write("layers/layer 3.npy", &last);
    let line = "verify dense_int8.int8.aeb --data in.npy --against layers";
    assert!(workshop.ok(line).text().contains("equal: 2 of 4 layers"));
    workshop.write("layers/layer 1.npy", &last);
    workshop.refused(line, &["layer 1 gives 2 values", "has 4"]);
    fs::remove_file(workshop.path("layers/layer 1.npy")).unwrap();
    fs::rename(workshop.path("layers/layer 3.npy"), workshop.path("layers/x.npy")).unwrap();
    workshop.refused(line, &["no array in layers", "`t8`", "`t13`"]);
}

#[test]
fn an_f32_blob_has_the_layers_and_int8_says_what_each_loses() {
    let workshop = Workshop::new();
    let [inputs, outputs] = model(&workshop, "dense", "onnx");
    workshop.write("in.npy", &npy::write(&inputs, 1).unwrap());
    let near = |at: usize| {
        let values = inputs.iter().enumerate();
        values.map(move |(place, value)| value + ((place * 7 + at * 13) % 29) as f32 / 29.0)
    };
    let many: Vec<f32> = (0..64).flat_map(near).collect();
    workshop.write("many.npy", &npy::write(&many, 64).unwrap());
    let said = workshop.ok("import dense.onnx --calibrate many.npy");
    let report = workshop.ok("import dense.onnx --calibrate many.npy --json").json();
    let layers = report["quantised"]["layers"].as_array().unwrap();
    let names: Vec<_> = layers.iter().map(|layer| layer["name"].as_str()).collect();
    // Pixels end where the data does, which no operator of the file knows.
    assert_eq!(names, [Some("n1"), Some("n5"), Some("n14"), None]);
    for layer in layers {
        let [mean, largest] = ["mean", "largest"].map(|it| layer[it].as_f64().unwrap());
        assert!(0.0 < mean && mean <= largest && largest < 2.0, "{layer}");
        let name = layer["name"].as_str().unwrap_or_default();
        assert!(said.text().contains(&format!("{name:<3}  mean {mean:.4}")), "{}", said.text());
    }

    workshop.write("layers.npz", &npz(&[("n14", npy::write(&outputs, 1).unwrap())]));
    let line = "verify dense.f32.aeb --data in.npy --against layers.npz";
    assert!(workshop.ok(line).text().contains("equal: 4 values differ by at most"));
    let off: Vec<f32> = outputs.iter().map(|value| value + 0.001).collect();
    workshop.write("layers.npz", &npz(&[("n14", npy::write(&off, 1).unwrap())]));
    assert_eq!(workshop.run(line).code, Some(1));
    let line = "verify dense.int8.aeb --data in.npy --against layers.npz";
    workshop.refused(line, &["does not say where its file has the layers", "quantised here"]);
}

#[test]
fn signals_calibrate_as_the_same_windows_do() {
    let workshop = Workshop::new();
    model(&workshop, "dense", "onnx");
    let value = |at: usize| (((at * 37) % 101) as f32 / 101.0 * 1000.0).round() / 1000.0;
    let values: Vec<f32> = (0..256).map(value).collect();
    let csv = |channels: usize| {
        let names: Vec<String> = (0..channels).map(|channel| format!("c{channel}")).collect();
        let rows = values
            .chunks_exact(channels)
            .map(|row| row.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(","));
        [names.join(",")].into_iter().chain(rows).collect::<Vec<_>>().join("\n") + "\n"
    };
    workshop.write("windows.npy", &npy::write(&values, 64).unwrap());
    for (channels, option) in [(4, ""), (2, "--channels 2")] {
        workshop.write("signal.csv", csv(channels).as_bytes());
        workshop.ok(&format!("import dense.onnx --calibrate windows.npy {option} --out a"));
        workshop.ok("import dense.onnx --calibrate signal.csv --out b");
        let [a, b] = ["a", "b"].map(|folder| workshop.read(&format!("{folder}/dense.int8.aeb")));
        assert!(a == b, "{channels} channels");
    }
    // An NPY file may be a signal.
    workshop.write("signal.npy", &npy::write(&values, 128).unwrap());
    workshop.ok("import dense.onnx --calibrate signal.npy --out c");
    assert!(workshop.read("b/dense.int8.aeb") == workshop.read("c/dense.int8.aeb"));
    workshop.ok("import dense.onnx --calibrate signal.csv --stride 1 --out d");
    assert!(workshop.read("b/dense.int8.aeb") != workshop.read("d/dense.int8.aeb"));

    workshop.write("three.csv", b"a,b,c\n1,2,3\n4,5,6\n");
    for (line, words) in [
        (
            "import dense.onnx --calibrate three.csv",
            &["windows of 4 values", "3 channels", "--columns"][..],
        ),
        ("import dense.onnx --calibrate three.csv --columns a,x", &["`x`", "--columns"]),
        ("import dense.onnx --columns a", &["--columns is for signals", "--calibrate"]),
        ("import dense.onnx --calibrate windows.npy --stride 2", &["--stride is for signals"]),
        ("import dense.onnx --calibrate data --normal ok", &["--normal is for signals"]),
        ("import dense.onnx --stride 2", &["--calibrate"]),
    ] {
        workshop.refused(line, words);
    }
    workshop.ok("import dense.onnx --calibrate three.csv --columns a,b --out e");
}
