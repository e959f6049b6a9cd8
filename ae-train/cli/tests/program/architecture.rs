//! Layers beside dense ones: from `--architecture` to blobs that verify.

use crate::machines::{csv, normal};
use crate::workshop::Workshop;

/// A table with every kind of layer, for images of 6 × 5 pixels.
const TABLE: &str = r#"
[input]
height = 6
width = 5

[[encoder]]
kind = "convolution"
channels = 4
kernel = 3
activation = "silu"

[[encoder]]
kind = "maximum"
kernel = 2

[[encoder]]
kind = "depthwise"
kernel = [3, 2]

[[encoder]]
kind = "average"
kernel = [1, 2]
stride = 1

[[encoder]]
kind = "dense"
outputs = "latent"

[[decoder]]
kind = "dense"
outputs = 18

[[decoder]]
kind = "reshape"
height = 3
width = 3
channels = 2

[[decoder]]
kind = "transposed"
channels = 3
kernel = 4
stride = 2
size = [6, 5]

[[decoder]]
kind = "upsampling"
factor = [1, 2]

[[decoder]]
kind = "convolution"
channels = 1
kernel = 1
stride = [1, 2]
"#;

/// Trains in `workshop` on its `images` with `options`, and checks that both blobs have the layers of
/// these kinds and are what the run makes again.
fn goes_the_whole_way(workshop: &Workshop, options: &str, kinds: &[&str]) {
    let line = format!("train --data images --out run --epochs 2 --json {options}");
    let summary = workshop.ok(&line).json();
    assert_eq!(summary["agreement"]["holds"], true, "{line}");
    for contract in ["int8", "f32"] {
        let blob = format!("run/model.{contract}.aeb");
        let info = workshop.ok(&format!("info {blob} --json")).json();
        let layers = info["layers"].as_array().unwrap();
        let found: Vec<_> = layers.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        assert_eq!(found, kinds, "{line}");
        let report = workshop.ok(&format!("verify {blob} --json")).json();
        assert_eq!(report["equal"], true, "{line}");
    }
}

#[test]
fn every_preset_goes_the_whole_way() {
    for (name, kinds) in [
        (
            "conv",
            &[
                "convolution 3×3, stride 2",
                "convolution 3×3, stride 2",
                // 2 × 2 values are too few for a stride.
                "convolution 3×3",
                "dense",
                "dense",
                "convolution 3×3",
                "transposed convolution 2×2, stride 2",
                "transposed convolution 6×6, stride 2",
            ][..],
        ),
        (
            // Eight rows are samples.
            "conv1d",
            &["convolution 9, stride 2", "dense", "dense", "transposed convolution 2, stride 2"],
        ),
        (
            "separable",
            &[
                "convolution 3×3, stride 2",
                "maximum pooling 2×2, stride 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
                "dense",
                "dense",
                "convolution 1×1",
                "upsampling by 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
                "upsampling by 2",
                "depthwise convolution 3×3",
                "convolution 1×1",
            ],
        ),
    ] {
        let workshop = Workshop::new();
        workshop.write_data("images", 40, 12, 8, 7);
        let options = format!("--architecture {name} --latent 3 --no-baseline");
        goes_the_whole_way(&workshop, &options, kinds);
        // The architecture is in the configuration, so a run goes on without being told.
        workshop.ok("train --resume run --data images --epochs 3");
    }
}

#[test]
fn a_table_of_layers_goes_the_whole_way() {
    let workshop = Workshop::new();
    workshop.write_data("images", 40, 12, 6, 5);
    workshop.write("layers.toml", TABLE.as_bytes());
    let kinds = [
        "convolution 3×3",
        "maximum pooling 2×2, stride 2",
        "depthwise convolution 3×2",
        "average pooling 1×2",
        "dense",
        "dense",
        "transposed convolution 4×4, stride 2",
        "upsampling by 1×2",
        "convolution 1×1, stride 1×2",
    ];
    let options = "--architecture layers.toml --latent 3 --activation gelu --no-baseline";
    goes_the_whole_way(&workshop, options, &kinds);
    let text = workshop.ok("info run/model.int8.aeb").text().to_owned();
    for words in
        ["RAM             ", "encoder.1       maximum pooling 2×2, stride 2, 6×5×4 → 3×3×4"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The run's name says what the file is called.
    let named = workshop
        .ok("train --data images --architecture layers.toml --epochs 1 --latent 2 --no-baseline");
    assert!(workshop.exists("runs/images-layers-2-relu"), "{}", named.stderr);
    assert!(named.stderr.contains("transposed convolution"), "{}", named.stderr);
}

#[test]
fn a_detector_of_convolutions_is_chosen_and_reported() {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    let line = "detect --data normal.csv --window 16 --alpha 0.05 --architecture conv1d --epochs 2";
    let report = workshop.ok(&format!("{line} --out chosen --json")).json();
    let tried = report["choice"]["candidates"].as_array().unwrap();
    let latents: Vec<_> = tried.iter().map(|it| it["latent"].as_u64().unwrap()).collect();
    assert_eq!(latents, [4, 8, 16]);
    let of_one = workshop.ok(&format!("{line} --latent 4 --out run --json")).json();
    assert_eq!(of_one["network"], "1×16×2-1×4×16-4-64-1×16×2");
    assert_eq!(of_one["choice"], serde_json::Value::Null);
    workshop.ok("verify run/model.int8.aeb");
}

#[test]
fn layers_that_cannot_be_are_told_before_anything_is_written() {
    let workshop = Workshop::new();
    workshop.write_data("images", 40, 12, 6, 5);
    let refused = |options: &str, words: &[&str]| {
        workshop.refused(&format!("train --data images --out run {options}"), words);
        assert!(!workshop.exists("run"), "{options}: a run folder was made");
    };
    refused("--architecture convv", &["--architecture", "dense, conv, conv1d, separable"]);
    refused("--architecture nowhere.toml", &["nowhere.toml", "No such file"]);
    refused("--architecture conv --hidden 3", &["--hidden is for dense layers"]);
    refused("--architecture conv --start pca", &["table of layers", "--start glorot"]);
    refused("--architecture conv --latent 0", &["--latent 1"]);
    refused("--architecture conv --latent 70000", &["encoder.3", "70000", "--latent"]);
    for (from, to, words) in [
        ("kernel = 3\n", "kernel = 3\nkernels = 3\n", &["line 10", "unknown field `kernels`"][..]),
        ("height = 6\n", "height = 7\n", &["height = 7, the data has 6 (6×5×1)", "[input]"]),
        ("outputs = 18", "outputs = 19", &["decoder.1 (reshape)", "19 values", "has 18"]),
        ("kernel = 4\n", "kernel = 3\n", &["decoder.1 (transposed)", "a multiple of the stride 2"]),
        ("size = [6, 5]", "size = [6, 4]", &["size = 4, expected 5 to 6"]),
        (
            "stride = [1, 2]",
            "stride = 1",
            &["the decoder ends in 6×10×1, expected the input, 6×5×1"],
        ),
        ("\"latent\"", "5", &["ends in 5 values, expected a latent of 3", "leave --latent out"]),
    ] {
        assert!(TABLE.contains(from), "{from}");
        workshop.write("layers.toml", TABLE.replacen(from, to, 1).as_bytes());
        refused("--architecture layers.toml --latent 3", words);
    }
    let line = "detect --data normal.csv --window 16 --architecture conv1d --out run";
    workshop.write("normal.csv", &csv(&normal()));
    workshop.refused(&format!("{line} --prototypes 3"), &["cannot be used with"]);
    workshop.refused(&format!("{line} --start pca"), &["--start pca is for dense layers"]);
    workshop.refused(&format!("{line} --hidden 3"), &["--hidden is for dense layers"]);
    assert!(!workshop.exists("run"));
}
