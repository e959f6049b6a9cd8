use super::*;

/// Images of unrelated pixels, by a linear congruential generator.
fn noise(count: usize, height: usize, width: usize) -> Images {
    let mut state = 1u32;
    let pixels = (0..count * height * width).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    Images::new(pixels.collect(), height, width).unwrap()
}

fn quick(epochs: usize) -> LogisticPcaConfig {
    LogisticPcaConfig { epochs, batch: 32, ..LogisticPcaConfig::default() }
}

/// The log-odds model is `z = x₀ + x₁ − 1`, logits `(2z, 1 − z)`.
fn by_hand() -> LogisticPca {
    LogisticPca {
        mean: vec![0.5, 0.5],
        encoder_weights: DMatrix::from_row_slice(1, 2, &[1.0, 1.0]),
        decoder_weights: DMatrix::from_row_slice(2, 1, &[2.0, -1.0]),
        bias: vec![0.0, 1.0],
        losses: vec![],
    }
}

#[test]
fn figures_by_hand() {
    // White: z = 1, logits (2, 0), reconstruction (.880797, .5).
    let white = Images::new(vec![255, 255], 1, 2).unwrap();
    let model = by_hand();
    assert_eq!(model.reconstruct_pixels(&white).unwrap(), [225, 128]);
    // (ln(1 + e⁻²) + ln 2) / 2 = (.126928 + .693147) / 2.
    assert!((model.test_bce(&white).unwrap() - 0.410_038).abs() < 1e-6);
    // ((1 − .880797)² + .25) / 2.
    let error = model.test_mse(&white).unwrap();
    assert!((error.unclipped - 0.132_104_7).abs() < 1e-7);
    assert_eq!(error.unclipped, error.clipped);
}

#[test]
fn exported_layers_by_hand() {
    let model = by_hand();
    let encoder = DenseF32 { inputs: 2, outputs: 1, weights: vec![1.0, 1.0], bias: vec![-1.0] };
    assert_eq!(model.encoder(), encoder);
    let decoder =
        DenseF32 { inputs: 1, outputs: 2, weights: vec![2.0, -1.0], bias: vec![0.0, 1.0] };
    assert_eq!(model.decoder(), decoder);
}

#[test]
fn reaches_the_entropy_where_one_latent_suffices() {
    // Two kinds of image, (.2, .8) and (.8, .2): the floor is their entropy, .5004024 nats.
    let images = Images::new([51, 204, 204, 51].repeat(200), 1, 2).unwrap();
    let model = LogisticPca::fit(&images, 1, &quick(30)).unwrap();
    let bce = model.test_bce(&images).unwrap();
    assert!((0.500_402..0.500_412).contains(&bce), "{bce}");
    assert_eq!(model.reconstruct_pixels(&images).unwrap(), images.pixels());
}

#[test]
fn beats_pca_where_pixels_are_black_or_white() {
    // A bar of random length: PCA overshoots at its end, the sigmoid does not.
    let lengths = noise(600, 1, 1);
    let bars = lengths.pixels().iter().flat_map(|&length| {
        (0..16u8).map(move |column| if column < length % 17 { 255 } else { 0 })
    });
    let images = Images::new(bars.collect(), 1, 16).unwrap();
    let pca = Pca::fit(&images, 2).unwrap();
    let model = LogisticPca::fit_from_pca(&images, &pca, &quick(30)).unwrap();
    let (linear, logistic) = (pca.test_mse(&images).unwrap(), model.test_mse(&images).unwrap());
    assert!(logistic.clipped < 0.7 * linear.clipped, "{linear:?} {logistic:?}");
    assert_eq!(model.losses.len(), 30);
    assert!(model.losses[29] < 0.6 * model.losses[0], "{:?}", model.losses);
}

#[test]
fn any_latent_size_and_any_number_of_pixels() {
    for (count, height, width, latent) in
        [(1, 1, 1, 1), (3, 1, 13, 3), (70, 3, 7, 13), (9, 1, 1, 1)]
    {
        let images = noise(count, height, width);
        let model = LogisticPca::fit(&images, latent, &quick(2)).unwrap();
        assert_eq!((model.latent(), model.features()), (latent, height * width));
        assert!(model.test_bce(&images).unwrap().is_finite());
        assert_eq!(model.reconstruct_pixels(&images).unwrap().len(), images.pixels().len());
    }
}

#[test]
fn pixels_that_never_change_are_kept() {
    let images = Images::new([0, 255, 90].repeat(40), 1, 3).unwrap();
    let model = LogisticPca::fit(&images, 1, &quick(60)).unwrap();
    let reconstruction = model.reconstruct_pixels(&images).unwrap();
    for (found, expected) in reconstruction.iter().zip(images.pixels()) {
        assert!(found.abs_diff(*expected) <= 1, "{found} {expected}");
    }
}

#[test]
fn seed_decides_and_threads_do_not() {
    let images = noise(300, 4, 5);
    let config = LogisticPcaConfig { batch: 150, ..quick(3) };
    let model = LogisticPca::fit(&images, 4, &config).unwrap();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| LogisticPca::fit(&images, 4, &config)).unwrap(), model);
    }
    let other = LogisticPca::fit(&images, 4, &LogisticPcaConfig { seed: 1, ..config }).unwrap();
    assert_ne!(other.decoder_weights, model.decoder_weights);
}

#[test]
fn impossible_requests_are_named() {
    let images = noise(5, 1, 4);
    let fit = |config| LogisticPca::fit(&images, 2, &config).unwrap_err();
    for config in [
        quick(0),
        LogisticPcaConfig { batch: 0, ..quick(1) },
        LogisticPcaConfig { learning_rate: 0.0, ..quick(1) },
        LogisticPcaConfig { learning_rate: -1.0, ..quick(1) },
        LogisticPcaConfig { learning_rate: f64::NAN, ..quick(1) },
        LogisticPcaConfig { learning_rate: f64::INFINITY, ..quick(1) },
    ] {
        let error = fit(config);
        assert!(matches!(error, BaselineError::FitOptions { .. }), "{config:?}: {error}");
    }
    let too_fast = fit(LogisticPcaConfig { learning_rate: 1e30, ..quick(9) });
    assert!(matches!(too_fast, BaselineError::LossNotFinite { epoch: 2..=9 }), "{too_fast}");
    assert_eq!(
        LogisticPca::fit(&images, 5, &quick(1)),
        Err(BaselineError::LatentTooLarge { latent: 5, images: 5, features: 4 })
    );
    let model = LogisticPca::fit(&images, 2, &quick(1)).unwrap();
    let wide = noise(1, 1, 5);
    let expected = BaselineError::Features { expected: 4, found: 5 };
    assert_eq!(model.test_bce(&wide), Err(expected));
    assert_eq!(model.reconstruct_pixels(&wide), Err(expected));
    let none = Images::new(vec![], 1, 4).unwrap();
    assert_eq!(model.test_mse(&none), Err(BaselineError::NoImages));
}
