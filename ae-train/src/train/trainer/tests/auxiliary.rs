//! What training alone has: normalised layers, and latents that are drawn.

use super::*;

/// Mean and deviation of the latents of the test images, over images and values.
fn spread(trainer: &Trainer<'_>, images: &Images) -> (f32, f32) {
    let model = Autoencoder::from_network(&trainer.last_network().unwrap());
    let latents = model.latents_of(images);
    let count = latents.len() as f32;
    let mean = latents.iter().sum::<f32>() / count;
    let squares = latents.iter().map(|latent| (latent - mean).powi(2)).sum::<f32>();
    (mean, (squares / count).sqrt())
}

#[test]
fn normalised_networks_learn_and_come_out_folded() {
    let data = data();
    for config in [config(), convolutional()] {
        let recipe = Recipe { batch_norm: true, epochs: 30, weight_average: None, ..recipe() };
        let mut trainer = Trainer::new(config.clone(), recipe, &data).unwrap();
        let before = trainer.evaluate_result().mse;
        run(&mut trainer, 30);
        let after = trainer.evaluate_result().mse;
        assert!(after < 0.3 * before, "{before} {after}");
        // The network that comes out is the one that was tested, and Burn reconstructs as it does.
        let network = trainer.last_network().unwrap();
        let parameters = Parameters::from_network(&network);
        let all: Vec<u32> = (0..40).collect();
        let test = evaluate_with(&parameters, &data.test, &all, &Workers::new(1));
        assert_eq!(test.mse, trainer.metrics()[29].test_mse);
        let burn = Autoencoder::from_network(&network).reconstruct_pixels(&data.test);
        let pixels = burn.iter().zip(data.test.pixels());
        let squares: f64 =
            pixels.map(|(&a, &b)| ((f64::from(a) - f64::from(b)) / 255.0).powi(2)).sum();
        assert!((squares / burn.len() as f64 - test.mse).abs() < 1e-4);
        // Folding is no part of what goes on.
        let checkpoint = trainer.checkpoint();
        assert_ne!(checkpoint.weights[0], parameters.to_vecs()[0]);
        let (_, best) = checkpoint.best.unwrap();
        assert_eq!(best.len(), parameters.to_vecs().len());
    }
}

#[test]
fn a_last_batch_of_one_image_breaks_nothing_and_leaves_running_statistics() {
    let data = data();
    // 135 images are trained on: 67, 67 and 1.
    let recipe = Recipe { batch_norm: true, batch_size: 67, epochs: 30, ..recipe() };
    let trained_on = |threads| {
        let trainer = Trainer::new(config(), recipe.clone(), &data).unwrap();
        let mut trainer = trainer.with_threads(threads);
        assert_eq!(trainer.steps_per_epoch(), 3);
        let before = trainer.evaluate_result().mse;
        run(&mut trainer, 30);
        assert!(trainer.evaluate_result().mse < 0.8 * before);
        fingerprint(&trainer)
    };
    assert_eq!(trained_on(1), trained_on(2));

    // A training on one image alone never has a batch to take statistics from.
    let one = Dataset { train: images(1, 0), ..data.clone() };
    let recipe = Recipe { keep_best: None, ..recipe };
    let mut trainer = Trainer::new(config(), recipe, &one).unwrap();
    let of_training_alone = |trainer: &Trainer<'_>| trainer.checkpoint().weights[12..].to_vec();
    let before = of_training_alone(&trainer);
    run(&mut trainer, 2);
    let after = of_training_alone(&trainer);
    for (tensor, (before, after)) in before.iter().zip(&after).enumerate() {
        // Scale, mean, variance.
        assert_eq!(before == after, tensor % 3 > 0, "{tensor}");
    }
}

#[test]
fn the_divergence_is_told_and_a_heavy_one_makes_latents_standard_normal() {
    let data = data();
    let with = |variational| {
        let recipe =
            Recipe { variational, epochs: 40, keep_best: None, weight_average: None, ..recipe() };
        let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
        run(&mut trainer, 40);
        let kl: Vec<Option<f64>> = trainer.metrics().iter().map(|epoch| epoch.kl).collect();
        let (mean, deviation) = spread(&trainer, &data.test);
        (kl, trainer.evaluate_result().mse, mean, deviation)
    };
    let (plain, light, heavy, most) = (with(0.0), with(0.01), with(0.2), with(100.0));
    assert!(plain.0.iter().all(Option::is_none));
    let last = |kl: &[Option<f64>]| kl.last().copied().flatten().unwrap();
    assert!(last(&light.0) > 2.0 * last(&heavy.0), "{light:?} {heavy:?}");
    assert!(light.1 < heavy.1, "{light:?} {heavy:?}");
    // Means of the images and variances of each together are N(0, 1), so means alone are less.
    assert!(heavy.2.abs() < 0.3 && (0.6..1.2).contains(&heavy.3), "{heavy:?}");
    // Where nothing else counts, no image differs from another.
    assert!(last(&most.0) < 0.01 && most.3 < 0.1, "{most:?}");
}

#[test]
fn what_does_not_go_together_is_refused_before_the_training() {
    let data = data();
    let refused = |config: &AutoencoderConfig, recipe: &Recipe| {
        let checked = Trainer::check(config, recipe, &data).unwrap_err().to_string();
        let error = Trainer::new(config.clone(), recipe.clone(), &data).err().unwrap();
        assert_eq!(error.to_string(), checked);
        error
    };
    let normal = Recipe { batch_norm: true, ..recipe() };
    let tied = Recipe { tied: true, ..normal.clone() };
    assert!(matches!(refused(&config(), &tied), TrainError::Recipe(_)));
    let linear = AutoencoderConfig { hidden: Vec::new(), ..config() };
    assert!(matches!(refused(&linear, &normal), TrainError::NothingToNormalise));
    let architecture = Architecture::from_toml(
        r#"
        encoder = [
            { kind = "convolution", channels = 3, kernel = 3 },
            { kind = "global-average" },
        ]
        decoder = [{ kind = "dense", outputs = 35 }]"#,
    );
    let architecture = architecture.unwrap().resolve(Map::image(5, 7), None).unwrap();
    let pooled = AutoencoderConfig { architecture: Some(architecture), ..linear };
    let variational = Recipe { variational: 1.0, ..recipe() };
    assert!(matches!(refused(&pooled, &variational), TrainError::NoMeanOfLatent));
    // The convolution is no latent, and its channels can be normalised.
    Trainer::check(&pooled, &normal, &data).unwrap();
}

#[test]
fn tied_weights_and_drawn_latents_go_together() {
    let data = data();
    let recipe = Recipe { tied: true, variational: 0.05, ..recipe() };
    let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
    run(&mut trainer, 3);
    let network = trainer.last_network().unwrap();
    for (one, other) in network.encoder.iter().rev().zip(&network.decoder) {
        assert_eq!(tie::transposed(&one.weights, one.inputs()), other.weights);
    }
}
