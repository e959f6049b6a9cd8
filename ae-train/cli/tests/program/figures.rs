//! What `evaluate`, `reconstruct`, `encode` and `decode` give agrees, and can be checked by others.

use std::fs;

use crate::npy_bytes;
use crate::workshop::{PIXELS, TEST_IMAGES, Workshop};

const BLOBS: [&str; 2] = ["run/model.int8.aeb", "run/model.f32.aeb"];

/// Pixels of the test images in `data`.
fn originals(workshop: &Workshop) -> Vec<u8> {
    workshop.read("data/t10k-images-idx3-ubyte")[16..].to_vec()
}

/// What `reconstruct` writes as an array.
fn reconstructions(workshop: &Workshop, blob: &str) -> Vec<u8> {
    workshop.ok(&format!("reconstruct {blob} --data data --out images.npy"));
    let file = workshop.read("images.npy");
    let (header, pixels) = npy_bytes::split(&file);
    for part in ["'descr': '|u1'", "'fortran_order': False", "'shape': (12, 20"] {
        assert!(header.contains(part), "{part}: {header}");
    }
    assert_eq!(pixels.len(), TEST_IMAGES * PIXELS);
    pixels.to_vec()
}

#[test]
fn evaluate_gives_the_error_of_the_reconstructions() {
    let workshop = Workshop::with_run();
    let originals = originals(&workshop);
    for (blob, tolerance) in BLOBS.into_iter().zip([1e-12, 1e-3]) {
        let figures = workshop.ok(&format!("evaluate {blob} --data data --json")).json();
        let pairs: Vec<_> = originals.iter().zip(reconstructions(&workshop, blob)).collect();
        let sum: u32 = pairs.iter().map(|&(&x, y)| u32::from(x.abs_diff(y)).pow(2)).sum();
        let mse = f64::from(sum) / (255.0 * 255.0) / pairs.len() as f64;
        assert_eq!(figures["mse"].as_f64(), Some(mse), "{blob}");
        assert_eq!(figures["psnr_db"].as_f64(), Some(-10.0 * mse.log10()), "{blob}");
        assert_eq!(figures["samples"], TEST_IMAGES);
        assert_eq!(
            figures["bytes"].as_u64(),
            Some(fs::metadata(workshop.path(blob)).unwrap().len())
        );
        // An int8 model's entropy is of its pixels, none of which is near 0 or 255 here. An f32
        // model's is of its logits; its pixels are rounded, after a sigmoid that is an approximation.
        let bce = pairs.iter().map(|&(&x, y)| {
            let (x, y) = (f64::from(x) / 255.0, f64::from(y) / 255.0);
            -(x * y.ln() + (1.0 - x) * (1.0 - y).ln())
        });
        let bce = bce.sum::<f64>() / pairs.len() as f64;
        let found = figures["bce"].as_f64().unwrap();
        assert!((found - bce).abs() < tolerance, "{blob}: {found}, expected {bce}");
    }
}

#[test]
fn a_blob_in_a_run_folder_is_given_the_data_of_its_run() {
    let workshop = Workshop::with_run();
    let named = workshop.ok("evaluate run/model.int8.aeb --data data --json");
    let own = workshop.ok("evaluate run/model.int8.aeb --json");
    assert_eq!(own.json(), named.json());
    assert!(own.stderr.contains("12 test images from the folder"), "{}", own.stderr);
}

#[test]
fn evaluate_prints_the_same_figures_for_people() {
    let workshop = Workshop::with_run();
    let figures = workshop.ok("evaluate run/model.int8.aeb --data data --json").json();
    let page = workshop.ok("evaluate run/model.int8.aeb --data data");
    for (name, digits) in [("bce", 5), ("mse", 6)] {
        let figure = format!("{:.*}", digits, figures[name].as_f64().unwrap());
        let line = page.text().lines().find(|line| line.starts_with(name)).unwrap();
        assert_eq!(line.split_whitespace().nth(1), Some(&figure[..]));
    }
}

#[test]
fn to_latents_and_back_is_the_reconstruction() {
    let workshop = Workshop::with_run();
    for (blob, descr, element) in [(BLOBS[0], "'|i1'", 1), (BLOBS[1], "'<f4'", 4)] {
        workshop.ok(&format!("encode {blob} --data data --out latents.npy"));
        let file = workshop.read("latents.npy");
        let (header, latents) = npy_bytes::split(&file);
        assert!(header.contains(descr) && header.contains("(12, 3"), "{header}");
        assert_eq!(latents.len(), TEST_IMAGES * 3 * element);
        let mut different: Vec<_> = latents.chunks(3 * element).collect();
        different.sort_unstable();
        different.dedup();
        assert!(different.len() > 6, "the latents hardly depend on the image");

        workshop.ok(&format!("decode {blob} --in latents.npy --out decoded.npy"));
        reconstructions(&workshop, blob);
        assert!(workshop.read("decoded.npy") == workshop.read("images.npy"), "{blob}");
    }
}

#[test]
fn the_picture_shows_the_reconstructions_beside_the_originals() {
    let workshop = Workshop::with_run();
    let originals = originals(&workshop);
    for blob in BLOBS {
        let pixels = reconstructions(&workshop, blob);
        let said = workshop.ok(&format!("reconstruct {blob} --data data --out picture.png"));
        assert_eq!(said.text().trim(), "picture.png");
        let picture = image::load_from_memory(&workshop.read("picture.png")).unwrap().into_luma8();
        // The labels are wider than these images, and 20 pixels high.
        assert_eq!(picture.dimensions(), (2 * 126 + 4, 50 + 20));
        let images = originals.chunks(PIXELS).zip(pixels.chunks(PIXELS));
        for (index, (original, reconstruction)) in images.enumerate() {
            for (left, expected) in [(0, original), (130, reconstruction)] {
                let (x, y) = (left + 4 * (index as u32 / 10), 20 + 5 * (index as u32 % 10));
                let tile = image::imageops::crop_imm(&picture, x, y, 4, 5).to_image();
                assert_eq!(tile.into_raw(), expected, "{blob}, image {index}");
            }
        }
    }
}

#[test]
fn the_blob_of_principal_components_runs_as_the_others_do() {
    let workshop = Workshop::new();
    let line = "train --data data --out run --epochs 1 --hidden 6 --latent 3 --json";
    let summary = workshop.ok(line).json();
    let baselines = summary["baselines"].as_array().unwrap();
    let pca = baselines.iter().find(|report| report["name"] == "PCA").unwrap();
    let exact = pca["test_mse_clipped"].as_f64().unwrap();
    for (blob, tolerance) in [("run/pca.f32.aeb", 1e-4), ("run/pca.int8.aeb", 5e-3)] {
        let figures = workshop.ok(&format!("evaluate {blob} --data data --json")).json();
        let found = figures["mse"].as_f64().unwrap();
        // Pixels are rounded; the int8 latents and outputs are too.
        assert!((found - exact).abs() < tolerance, "{blob}: {found}, exact {exact}");
    }
    let info = workshop.ok("info run/pca.int8.aeb --json").json();
    assert_eq!(info["layers"].as_array().unwrap().len(), 2);
}
