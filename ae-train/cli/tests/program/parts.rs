//! Blobs made again, whole or in parts, belong together and verify.

use serde_json::Value;

use crate::workshop::{TEST_IMAGES, Workshop};

fn info(workshop: &Workshop, blob: &str) -> Value {
    workshop.ok(&format!("info {blob} --json")).json()
}

#[test]
fn the_parts_of_a_model_do_what_the_whole_does() {
    let workshop = Workshop::with_run();
    for contract in ["int8", "f32"] {
        let whole = format!("run/model.{contract}.aeb");
        for part in ["encoder", "decoder"] {
            let said = workshop.ok(&format!("quantize run --contract {contract} --part {part}"));
            let blob = format!("run/model.{part}.{contract}.aeb");
            let bytes = workshop.read(&blob).len();
            assert_eq!(said.text().trim(), format!("{blob}  {bytes} bytes"));
            assert!(bytes < workshop.read(&whole).len());
            let (of_part, of_whole) = (info(&workshop, &blob), info(&workshop, &whole));
            assert_eq!(of_part["model_id"], of_whole["model_id"]);
            let layers = |info: &Value| -> Vec<Value> {
                let layers = info["layers"].as_array().unwrap().iter();
                let of_part = |l: &&Value| l["layer"].as_str().unwrap().starts_with(part);
                layers.filter(of_part).cloned().collect()
            };
            assert_eq!(layers(&of_part).len(), 3);
            assert_eq!(layers(&of_part), layers(&of_whole));
            assert_eq!(of_part["layers"].as_array().unwrap().len(), 3);
            let report = workshop.ok(&format!("verify {blob} --json")).json();
            assert_eq!(report["equal"], true, "{blob}");
        }
        for (blob, out) in [(&whole, "a"), (&format!("run/model.encoder.{contract}.aeb"), "b")] {
            workshop.ok(&format!("encode {blob} --data data --out {out}.npy"));
        }
        assert!(workshop.read("a.npy") == workshop.read("b.npy"), "{contract}");
        for (blob, out) in [(&whole, "c"), (&format!("run/model.decoder.{contract}.aeb"), "d")] {
            workshop.ok(&format!("decode {blob} --in a.npy --out {out}.npy"));
        }
        assert!(workshop.read("c.npy") == workshop.read("d.npy"), "{contract}");
    }
}

#[test]
fn a_blob_for_a_core_is_the_same_model_in_another_order() {
    let workshop = Workshop::with_run();
    let said = workshop.ok("quantize run --for Cortex-M4");
    let blob = "run/model.cortex-m4.int8.aeb";
    let bytes = workshop.read(blob).len();
    assert_eq!(said.text().trim(), format!("{blob}  {bytes} bytes, row-pairs"));
    assert!(workshop.read(blob) != workshop.read("run/model.int8.aeb"));
    // A board's name is that of its core's layout.
    workshop.ok("quantize run --for netduinoplus2 --part encoder --out encoder.aeb");
    assert_eq!(info(&workshop, "encoder.aeb")["layers"][0]["layout"], "row-pairs");

    let (own, rows) = (info(&workshop, blob), info(&workshop, "run/model.int8.aeb"));
    assert_eq!(own["model_id"], rows["model_id"]);
    for (blob, out) in [(blob, "a"), ("run/model.int8.aeb", "b")] {
        workshop.ok(&format!("reconstruct {blob} --data data --out {out}.npy"));
    }
    assert!(workshop.read("a.npy") == workshop.read("b.npy"));
    assert_eq!(workshop.ok(&format!("verify {blob} --json")).json()["equal"], true);

    workshop.ok("quantize run --for microbit --out plain.aeb");
    assert!(workshop.read("plain.aeb") == workshop.read("run/model.int8.aeb"));
    // The blob that is there is rearranged: that takes neither data nor weights.
    let weights = workshop.read("run/weights.safetensors");
    for name in ["data", "run/weights.safetensors"] {
        std::fs::rename(workshop.path(name), workshop.path("away")).unwrap();
        workshop.ok("quantize run --for cortex-m4 --out again.aeb");
        assert!(workshop.read("again.aeb") == workshop.read(blob));
        std::fs::rename(workshop.path("away"), workshop.path(name)).unwrap();
    }
    assert!(workshop.read("run/weights.safetensors") == weights);
    let whole = workshop.read("run/model.int8.aeb");
    workshop.write("run/model.int8.aeb", &whole[..whole.len() - 1]);
    workshop
        .refused("quantize run --for cortex-m4", &["cannot be read", "`ae-train quantize run`"]);
    std::fs::remove_file(workshop.path("run/model.int8.aeb")).unwrap();
    workshop.ok("quantize run --for cortex-m4 --out again.aeb");
    assert!(workshop.read("again.aeb") == workshop.read(blob));
    workshop.refused("quantize run --for z80", &["z80", "cortex-m0", "cortex-m55", "stm32f405"]);
    workshop.refused("quantize run --contract f32 --for cortex-m4", &["f32", "leave --for out"]);
}

#[test]
fn a_blob_made_again_is_the_same_and_one_calibrated_otherwise_is_not() {
    let workshop = Workshop::with_run();
    for contract in ["int8", "f32"] {
        let line = format!("quantize run --contract {contract} --out again.aeb");
        workshop.ok(&line);
        let made_by_train = workshop.read(&format!("run/model.{contract}.aeb"));
        assert!(workshop.read("again.aeb") == made_by_train, "{contract}");
    }
    let said = workshop.ok("quantize run --calibration 1 --out other.aeb --json");
    assert!(said.stderr.contains("MB of memory"), "{}", said.stderr);
    assert!(said.stderr.contains("on the test images: MSE"), "{}", said.stderr);
    let cost = said.json();
    let [int8, float, rise] =
        ["test_mse", "float_test_mse", "rise_percent"].map(|name| cost[name].as_f64().unwrap());
    assert!((rise - 100.0 * (int8 / float - 1.0)).abs() < 1e-9, "{cost}");
    let warned = said.stderr.contains("warning: int8 has");
    assert_eq!((warned, warned), (rise > 2.0, cost["warning"].is_string()), "{cost}");
    let (own, other) = (info(&workshop, "run/model.int8.aeb"), info(&workshop, "other.aeb"));
    assert_ne!(own["model_id"], other["model_id"]);
    let finished = workshop.run("verify other.aeb --run run --json");
    assert_eq!(finished.code, Some(1));
    let report = finished.json();
    assert_eq!([&report["equal"], &report["same_settings"]], [&Value::from(false); 2]);
    let page = workshop.run("verify other.aeb --run run");
    assert!(page.text().contains("--calibration"), "{}", page.text());
    let report = workshop.ok("verify other.aeb --run run --calibration 1 --json").json();
    assert_eq!([&report["equal"], &report["same_settings"]], [&Value::from(true); 2]);
    workshop.refused("quantize run --calibration 0", &["--calibration", "at least 1"]);
}

#[test]
fn verify_says_equal_of_what_train_made() {
    let workshop = Workshop::with_run();
    for blob in ["model.int8.aeb", "model.f32.aeb"] {
        let report = workshop.ok(&format!("verify run/{blob} --json")).json();
        assert_eq!(report["equal"], true);
        assert_eq!(report["same_settings"], true);
        assert_eq!(report["first_divergence"], Value::Null);
        assert!(report.as_object().unwrap().contains_key("first_divergence"));
        assert_eq!(report["samples"], TEST_IMAGES);
        // From within the run folder, by the bare name.
        let mut command = workshop.command(&format!("verify {blob}"));
        let output = command.current_dir(workshop.path("run")).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("equal:") && text.contains("from ., for all 12"), "{text}");
    }
    workshop.write_data("other", 1, 5, 5, 4);
    let report = workshop.ok("verify run/model.int8.aeb --data other --json").json();
    assert_eq!((&report["equal"], &report["samples"]), (&true.into(), &5.into()));
}

#[test]
fn the_blobs_of_principal_components_verify_too() {
    let workshop = Workshop::new();
    workshop.ok("train --data data --out run --epochs 1 --hidden none --latent 3");
    for blob in ["run/pca.int8.aeb", "run/pca.f32.aeb"] {
        let report = workshop.ok(&format!("verify {blob} --json")).json();
        assert_eq!([&report["equal"], &report["same_settings"]], [&Value::from(true); 2], "{blob}");
    }
}

#[test]
fn verify_names_a_model_of_other_layers() {
    let workshop = Workshop::with_run();
    workshop.ok("train --data data --out other --epochs 1 --hidden 5 --latent 3 --no-baseline");
    let finished = workshop.run("verify other/model.int8.aeb --run run --json");
    assert_eq!(finished.code, Some(1));
    assert_eq!(finished.json()["first_divergence"]["part"], "shape");
    let finished = workshop.run("verify other/model.int8.aeb --run run");
    assert_eq!(finished.code, Some(1));
    assert!(finished.text().contains("other layers"), "{}", finished.text());
}

#[test]
fn info_tells_sizes_layers_contract_and_buffers() {
    let workshop = Workshop::with_run();
    for (contract, element) in [("int8", 1), ("f32", 4)] {
        let blob = format!("run/model.{contract}.aeb");
        let bytes = workshop.read(&blob);
        let info = info(&workshop, &blob);
        assert_eq!(info["contract"], contract);
        assert_eq!(info["format_version"], 4);
        assert_eq!(info["bytes"], bytes.len());
        let checksum = ae_core::crc32c(&bytes[20..]);
        assert_eq!(info["checksum"], format!("{checksum:08x}"));
        assert_eq!(info["model_id"].as_str().unwrap().len(), 32);
        assert_eq!((&info["features"], &info["latent"]), (&20.into(), &3.into()));
        // 20-12-6-3 and back.
        let multiply_adds = 2 * (20 * 12 + 12 * 6 + 6 * 3);
        assert_eq!(info["multiply_adds"], multiply_adds);
        assert_eq!(info["parameters"], multiply_adds + 12 + 6 + 3 + 6 + 12 + 20);
        let names = info["layers"].as_array().unwrap().iter();
        let names: Vec<_> = names.map(|layer| layer["layer"].as_str().unwrap()).collect();
        let parts = ["encoder", "decoder"];
        let expected = parts.iter().flat_map(|part| (0..3).map(move |i| format!("{part}.{i}")));
        assert_eq!(names, expected.collect::<Vec<_>>());
        let buffers = &info["buffers"];
        assert_eq!(buffers["element_bytes"], element);
        assert_eq!(buffers["pixels"], 20);
        assert_eq!(buffers["latent_bytes"], 3 * element);
        assert_eq!(buffers["encode_scratch_bytes"], (12 + 6) * element);
        assert_eq!(buffers["decode_scratch_bytes"], (12 + 6) * element);
        assert_eq!(buffers["scratch_bytes"], (12 + 6 + 3) * element);

        let page = workshop.ok(&format!("info {blob}"));
        let said = [contract, info["model_id"].as_str().unwrap(), "20 → 12", "scratch"];
        for word in said {
            assert!(page.text().contains(word), "{word}: {}", page.text());
        }
        assert!(page.text().contains(&format!("{} bytes", bytes.len())), "{}", page.text());
    }
}

/// In strips a model takes less scratch and gives the same; one that gains nothing is told so.
#[test]
fn quantize_computes_layers_over_maps_in_strips() {
    let workshop = Workshop::new();
    workshop.write_data("images", 40, 12, 28, 28);
    let train = "train --data images --epochs 1 --no-baseline";
    workshop.ok(&format!("{train} --architecture separable --out run"));
    let said = workshop.ok("quantize run --in-strips");
    assert!(said.stderr.contains("bytes in strips"), "{}", said.stderr);
    let blobs = ["run/model.int8.aeb", "run/model.in-strips.int8.aeb"];
    let [whole, strips] = blobs.map(|blob| workshop.ok(&format!("info {blob} --json")).json());
    assert_eq!([&whole["in_strips"], &strips["in_strips"]], [false, true]);
    assert_eq!(whole["model_id"], strips["model_id"]);
    let bytes = |info: &serde_json::Value| info["buffers"]["scratch_bytes"].as_u64().unwrap();
    assert!(3 * bytes(&strips) < 2 * bytes(&whole), "{whole}, {strips}");
    for (blob, out) in blobs.into_iter().zip(["whole", "strips"]) {
        workshop.ok(&format!("reconstruct {blob} --data images --out {out}.npy"));
    }
    assert!(workshop.read("whole.npy") == workshop.read("strips.npy"));
    assert_eq!(workshop.ok(&format!("verify {} --json", blobs[1])).json()["equal"], true);

    workshop.ok(&format!("{train} --hidden 9 --latent 3 --out dense"));
    let said = workshop.ok("quantize dense --in-strips");
    assert!(said.stderr.contains("leave --in-strips out"), "{}", said.stderr);
}
