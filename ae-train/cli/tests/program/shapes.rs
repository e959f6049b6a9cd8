//! Sizes that are multiples of nothing go the whole way: training, both blobs, proof.

use crate::workshop::Workshop;

/// Trains with `options` on images of `height` × `width`, and checks what comes out against the
/// `widths` of encoder and decoder layers.
fn goes_the_whole_way(height: usize, width: usize, options: &str, widths: &[usize]) {
    let workshop = Workshop::new();
    workshop.write_data("images", 40, 12, height, width);
    let line = format!("train --data images --out run --epochs 2 --json {options}");
    let summary = workshop.ok(&line).json();
    assert_eq!(summary["agreement"]["holds"], true, "{line}");

    let back = widths.iter().rev().skip(1);
    let chain: Vec<usize> = widths.iter().chain(back).copied().collect();
    for contract in ["int8", "f32"] {
        let blob = format!("run/model.{contract}.aeb");
        let info = workshop.ok(&format!("info {blob} --json")).json();
        let layers = info["layers"].as_array().unwrap();
        let shapes: Vec<_> = layers.iter().map(|l| [&l["inputs"], &l["outputs"]]).collect();
        assert_eq!(shapes.len(), chain.len() - 1, "{line}");
        for (shape, pair) in shapes.iter().zip(chain.windows(2)) {
            assert_eq!(*shape, pair, "{line}");
        }
        let figures = workshop.ok(&format!("evaluate {blob} --data images --json")).json();
        let named = &summary[format!("{contract}_blob")];
        assert_eq!(figures["mse"], named["mse"], "{line}");
        assert!(figures["mse"].as_f64().unwrap() > 0.0, "{line}");
        // Verifying quantises once more, which for a wide layer takes long.
        if contract == "f32" || widths.iter().all(|&width| width < 1_000) {
            let report = workshop.ok(&format!("verify {blob} --json")).json();
            assert_eq!(report["equal"], true, "{line}");
        }
    }
}

#[test]
fn one_latent_value() {
    goes_the_whole_way(5, 4, "--latent 1 --hidden 9", &[20, 9, 1]);
}

#[test]
fn thirteen_latent_values() {
    goes_the_whole_way(5, 4, "--latent 13 --hidden 17,7", &[20, 17, 7, 13]);
}

#[test]
fn no_hidden_layer() {
    goes_the_whole_way(5, 4, "--latent 3 --hidden none", &[20, 3]);
}

#[test]
fn many_hidden_layers() {
    let widths = [20, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    goes_the_whole_way(5, 4, "--latent 2 --hidden 11,10,9,8,7,6,5,4,3", &widths);
}

#[test]
fn a_layer_of_3000_columns() {
    goes_the_whole_way(5, 4, "--latent 3 --hidden 3000 --no-baseline", &[20, 3000, 3]);
}

#[test]
fn inputs_783() {
    goes_the_whole_way(27, 29, "--latent 13 --hidden 31 --no-baseline", &[783, 31, 13]);
}

#[test]
fn one_pixel() {
    goes_the_whole_way(1, 1, "--latent 1 --hidden 1", &[1, 1, 1]);
}

#[test]
fn a_latent_larger_than_the_image() {
    // PCA has no such number of components; the run goes on without baselines.
    goes_the_whole_way(2, 3, "--latent 11 --hidden 5", &[6, 5, 11]);
}

#[test]
fn every_way_to_train() {
    for options in [
        "--loss mse",
        "--keep-best 0.2",
        "--weight-average 0.99",
        "--keep-best 0.2 --weight-average 0.9 --loss mse",
        "--activation silu",
        "--activation relu",
        "--activation gelu",
        "--recipe article",
        "--batch-size 1",
        "--batch-size 7 --schedule constant",
        "--batch-size 1000",
    ] {
        let options = format!("--latent 3 --hidden 8,6 --no-baseline {options}");
        goes_the_whole_way(5, 4, &options, &[20, 8, 6, 3]);
    }
}
