use ae_testkit::random::SplitMix64;

use super::*;

/// Five images of two pixels on the line (20, 40)·k: mean (40, 80), direction (1, 2)/√5.
fn on_a_line() -> Images {
    let pixels = (0..5).flat_map(|k| [20 * k, 40 * k]).collect();
    Images::new(pixels, 1, 2).unwrap()
}

/// Images of unrelated pixels.
fn noise(count: usize, height: usize, width: usize) -> Images {
    let pixels = SplitMix64::new(1).bytes(count * height * width);
    Images::new(pixels, height, width).unwrap()
}

fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn line_by_hand() {
    let pca = Pca::fit(&on_a_line(), 1).unwrap();
    assert_eq!(pca.mean, [40.0 / 255.0, 80.0 / 255.0]);
    let root5 = 5f64.sqrt();
    assert_close(pca.components[(0, 0)], 1.0 / root5, 1e-14);
    assert_close(pca.components[(0, 1)], 2.0 / root5, 1e-14);
    // (20² + 40²) times the variance 2 of k.
    assert_close(pca.explained[0], 4000.0 / (255.0 * 255.0), 1e-14);
    // Rank one, so one component gives every image back.
    assert_eq!(pca.reconstruct_pixels(&on_a_line()).unwrap(), on_a_line().pixels());
    assert!(pca.test_mse(&on_a_line()).unwrap().unclipped < 1e-30);
}

#[test]
fn entry_of_largest_magnitude_is_positive() {
    // The line (1, −2): the second entry decides.
    let pixels = (0..5).flat_map(|k| [20 * k, 200 - 40 * k]).collect();
    let pca = Pca::fit(&Images::new(pixels, 1, 2).unwrap(), 1).unwrap();
    assert_close(pca.components[(0, 0)], -1.0 / 5f64.sqrt(), 1e-14);
    assert_close(pca.components[(0, 1)], 2.0 / 5f64.sqrt(), 1e-14);
}

#[test]
fn second_axis_falls_to_its_mean() {
    let images = Images::new(vec![60, 90, 140, 90, 60, 110, 140, 110], 1, 2).unwrap();
    let pca = Pca::fit(&images, 1).unwrap();
    assert_eq!(pca.reconstruct_pixels(&images).unwrap(), [60, 100, 140, 100, 60, 100, 140, 100]);
    // One pixel of two is off by 10.
    let error = pca.test_mse(&images).unwrap();
    assert_close(error.unclipped, 50.0 / (255.0 * 255.0), 1e-16);
    assert_eq!(error.unclipped, error.clipped);
}

#[test]
fn clipping_by_hand() {
    // (255, 255) projects to (153, 306) on the line; 306 is clipped to 255.
    let pca = Pca::fit(&on_a_line(), 1).unwrap();
    let white = Images::new(vec![255, 255], 1, 2).unwrap();
    let error = pca.test_mse(&white).unwrap();
    assert_close(error.unclipped, (0.4f64.powi(2) + 0.2f64.powi(2)) / 2.0, 1e-14);
    assert_close(error.clipped, 0.4f64.powi(2) / 2.0, 1e-14);
    assert_eq!(pca.reconstruct_pixels(&white).unwrap(), [153, 255]);
}

#[test]
fn components_are_orthonormal_and_ordered() {
    let pca = Pca::fit(&noise(200, 3, 5), 11).unwrap();
    let gram = &pca.components * pca.components.transpose();
    assert!((gram - DMatrix::identity(11, 11)).amax() < 1e-13);
    assert!(pca.explained.is_sorted_by(|a, b| a >= b) && pca.explained[10] > 0.0);
}

#[test]
fn training_error_is_the_variance_left_out() {
    let images = noise(300, 4, 4);
    let total: f64 = Pca::fit(&images, 16).unwrap().explained.iter().sum();
    for latent in [1, 7, 15] {
        let pca = Pca::fit(&images, latent).unwrap();
        let left_out = total - pca.explained.iter().sum::<f64>();
        let mse = pca.test_mse(&images).unwrap().unclipped;
        assert_close(mse, left_out / 16.0, 1e-14);
    }
}

#[test]
fn all_components_give_every_image_back() {
    let images = noise(40, 3, 3);
    let pca = Pca::fit(&images, 9).unwrap();
    assert_eq!(pca.reconstruct_pixels(&images).unwrap(), images.pixels());
    // Another image too: the components span everything.
    let other = Images::new(vec![0, 255, 3, 77, 0, 0, 255, 255, 128], 3, 3).unwrap();
    assert_eq!(pca.reconstruct_pixels(&other).unwrap(), other.pixels());
}

#[test]
fn fewer_images_than_pixels() {
    let images = noise(4, 7, 7);
    let pca = Pca::fit(&images, 4).unwrap();
    assert_eq!(pca.reconstruct_pixels(&images).unwrap(), images.pixels());
    // Four points have three directions; the fourth component has no variance.
    assert!(pca.explained[2] > 1e-3 && pca.explained[3] < 1e-12);
}

#[test]
fn equal_images_have_no_variance() {
    let images = Images::new([9, 0, 255].repeat(6), 1, 3).unwrap();
    let pca = Pca::fit(&images, 2).unwrap();
    assert_eq!(pca.explained, [0.0, 0.0]);
    assert_eq!(pca.reconstruct_pixels(&images).unwrap(), images.pixels());
}

#[test]
fn order_of_images_and_threads_do_not_matter() {
    let images = noise(700, 3, 4);
    let backward: Vec<u8> = images.pixels().chunks(12).rev().flatten().copied().collect();
    let backward = Images::new(backward, 3, 4).unwrap();
    let pca = Pca::fit(&images, 5).unwrap();
    assert_eq!(Pca::fit(&backward, 5).unwrap(), pca);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| Pca::fit(&images, 5)).unwrap(), pca);
    let error = pca.test_mse(&images).unwrap();
    assert_eq!(alone.install(|| pca.test_mse(&images)).unwrap(), error);
}

#[test]
fn exported_layers_compute_the_same() {
    let images = noise(50, 2, 5);
    let pca = Pca::fit(&images, 3).unwrap();
    let (encoder, decoder) = (pca.encoder(), pca.decoder());
    assert_eq!((encoder.inputs(), encoder.outputs()), (10, 3));
    assert_eq!((decoder.inputs(), decoder.outputs()), (3, 10));
    let apply = |layer: &LayerF32, x: &[f64]| -> Vec<f64> {
        let rows = layer.weights.chunks(layer.inputs()).zip(&layer.bias);
        rows.map(|(row, &bias)| {
            let products = row.iter().zip(x).map(|(&w, x)| f64::from(w) * x);
            f64::from(bias) + products.sum::<f64>()
        })
        .collect()
    };
    let x: Vec<f64> = images.image(7).iter().map(|&p| f64::from(p) / 255.0).collect();
    let z = pca.transform(DMatrix::from_column_slice(10, 1, &x));
    let y = pca.inverse(&z);
    // Weights and biases are rounded to f32: 6e-8 of each of eleven terms below 1.
    for (found, expected) in apply(&encoder, &x).iter().zip(z.iter()) {
        assert_close(*found, *expected, 1e-6);
    }
    for (found, expected) in apply(&decoder, z.as_slice()).iter().zip(y.iter()) {
        assert_close(*found, *expected, 1e-6);
    }
}

#[test]
fn impossible_requests_are_named() {
    let images = on_a_line();
    let none = Images::new(vec![], 1, 2).unwrap();
    assert!(matches!(Pca::fit(&none, 1), Err(PcaError::NoImages)));
    assert!(matches!(Pca::fit(&images, 0), Err(PcaError::LatentZero)));
    let error = Pca::fit(&images, 3).unwrap_err();
    assert!(matches!(error, PcaError::LatentTooLarge { latent: 3, images: 5, features: 2 }));
    assert!(error.to_string().contains("at most 2"));
    let pca = Pca::fit(&images, 1).unwrap();
    let wide = noise(1, 1, 3);
    let is_size = |error| matches!(error, PcaError::Features { expected: 2, found: 3 });
    assert!(pca.reconstruct_pixels(&wide).is_err_and(is_size));
    assert!(pca.test_mse(&wide).is_err_and(is_size));
    assert!(matches!(pca.test_mse(&none), Err(PcaError::NoImages)));
    assert!(pca.reconstruct_pixels(&none).is_ok_and(|pixels| pixels.is_empty()));
}

#[test]
fn report_holds_the_figures() {
    let pca = Pca::fit(&on_a_line(), 1).unwrap();
    let white = Images::new(vec![255, 255], 1, 2).unwrap();
    let report = pca.report(&white, 1.5).unwrap();
    assert_eq!((report.latent, report.test_bce, report.seconds), (1, None, 1.5));
    assert_close(report.test_mse, 0.1, 1e-14);
    assert_close(report.test_mse_clipped, 0.08, 1e-14);
}
