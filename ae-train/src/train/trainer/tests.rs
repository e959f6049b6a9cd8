//! Whole trainings on a small set.

mod auxiliary;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use ae_data::{Images, Origin};
use ae_model::{Activation, Architecture, Code, Map};
use ae_run::{CheckpointError, Loss, Schedule};
use safetensors::SafeTensors;

use super::*;
use crate::model::Autoencoder;
use crate::train::evaluate::evaluate_with;
use crate::train::parameters::Parameters;
use crate::train::{EpochOutcome, Observer};

/// Images of 5 × 7 pixels that three numbers decide, so that there is
/// something to learn.
fn images(count: usize, salt: usize) -> Images {
    let mut pixels = Vec::new();
    for image in 0..count {
        let [row, column, bright] = [3, 5, 7_usize].map(|factor| (image + salt) * factor % 11);
        for place in 0..35_usize {
            let distance = (place / 7).abs_diff(row % 5) + (place % 7).abs_diff(column % 7);
            let value = (255 - 20 * bright).saturating_sub(60 * distance);
            pixels.push(value as u8);
        }
    }
    Images::new(pixels, 5, 7).unwrap()
}

fn data() -> Dataset {
    Dataset {
        name: "small".into(),
        origin: Origin::Sample,
        train: images(150, 0),
        test: images(40, 1000),
    }
}

fn config() -> AutoencoderConfig {
    AutoencoderConfig {
        input: 35,
        hidden: vec![16, 9],
        latent: 3,
        activation: Activation::Gelu,
        code: Code::Linear,
        architecture: None,
    }
}

/// Every kind of state in use: warm-up, schedule, average, held-out images,
/// and a last batch that is not full and of odd length.
fn recipe() -> Recipe {
    Recipe {
        epochs: 6,
        batch_size: 32,
        learning_rate: 1e-2,
        warmup_steps: 5,
        schedule: Schedule::Cosine,
        weight_average: Some(0.9),
        keep_best: Some(0.1),
        seed: 9,
        log_every: 4,
        ..Recipe::default()
    }
}

/// Layers of every kind over maps of 5 × 7 pixels.
fn convolutional() -> AutoencoderConfig {
    let architecture = Architecture::from_toml(
        r#"
        encoder = [
            { kind = "convolution", channels = 6, kernel = 3, stride = 2 },
            { kind = "depthwise", kernel = 3 },
            { kind = "maximum", kernel = 2, stride = 1, padding = "same" },
            { kind = "dense", outputs = "latent" },
        ]
        decoder = [
            { kind = "dense", outputs = 48 },
            { kind = "reshape", height = 3, width = 4, channels = 4 },
            { kind = "transposed", channels = 3, kernel = 2, stride = 2, size = [5, 7] },
            { kind = "average", kernel = 2, stride = 1, padding = "same" },
            { kind = "convolution", channels = 1, kernel = 3 },
        ]"#,
    );
    let architecture = architecture.unwrap().resolve(Map::image(5, 7), Some(3)).unwrap();
    AutoencoderConfig { hidden: Vec::new(), architecture: Some(architecture), ..config() }
}

static GO: AtomicBool = AtomicBool::new(false);

fn run(trainer: &mut Trainer<'_>, epochs: usize) {
    for _ in 0..epochs {
        let outcome = trainer.run_epoch(&mut (), &GO).unwrap();
        assert!(matches!(outcome, EpochOutcome::Finished(_)));
    }
}

/// All of the state but the seconds.
fn fingerprint(trainer: &Trainer<'_>) -> Vec<u8> {
    let mut checkpoint = trainer.checkpoint();
    checkpoint.metrics.iter_mut().for_each(|metrics| metrics.seconds = 0.0);
    checkpoint.to_bytes().unwrap()
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let data = data();
    let noisy = Recipe { noise: 0.2, latent_l1: 0.01, ..recipe() };
    let both = Recipe { batch_norm: true, variational: 0.1, ..noisy.clone() };
    for (config, recipe) in [
        (config(), recipe()),
        (config(), both.clone()),
        (convolutional(), recipe()),
        (convolutional(), noisy),
        (convolutional(), both),
    ] {
        let with = |threads| {
            let trainer = Trainer::new(config.clone(), recipe.clone(), &data).unwrap();
            let mut trainer = trainer.with_threads(threads);
            run(&mut trainer, 6);
            fingerprint(&trainer)
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(3));
    }
}

#[test]
fn the_pool_that_the_trainer_is_called_in_does_not_matter() {
    let data = data();
    let within = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut trainer = Trainer::new(config(), recipe(), &data).unwrap();
            run(&mut trainer, 2);
            fingerprint(&trainer)
        })
    };
    assert_eq!(within(1), within(2));
}

#[test]
fn a_training_resumed_from_bytes_is_the_same_to_the_bit() {
    let data = data();
    let noisy = Recipe { noise: 0.2, latent_l1: 0.01, ..recipe() };
    let both = Recipe { batch_norm: true, variational: 0.1, ..noisy.clone() };
    let all = [(config(), recipe()), (convolutional(), noisy), (convolutional(), both)];
    for ((config, recipe), epochs) in all.iter().flat_map(|one| (0..6).map(move |at| (one, at))) {
        let mut whole = Trainer::new(config.clone(), recipe.clone(), &data).unwrap();
        run(&mut whole, 6);
        let mut first = Trainer::new(config.clone(), recipe.clone(), &data).unwrap();
        run(&mut first, epochs);
        let bytes = first.checkpoint().to_bytes().unwrap();
        let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
        assert_eq!(checkpoint.to_bytes().unwrap(), bytes);
        assert_eq!(checkpoint.metrics, first.metrics());
        let mut second = Trainer::resume(checkpoint, &data).unwrap();
        run(&mut second, 6 - epochs);
        assert!(second.is_finished());
        assert_eq!(fingerprint(&second), fingerprint(&whole), "cut after {epochs}");
    }
}

#[test]
fn layers_of_every_kind_learn_and_burn_reconstructs_as_they_do() {
    let data = data();
    let recipe = Recipe { epochs: 30, keep_best: None, ..recipe() };
    let mut trainer = Trainer::new(convolutional(), recipe, &data).unwrap();
    let before = trainer.evaluate_result().mse;
    run(&mut trainer, 30);
    let after = trainer.evaluate_result().mse;
    assert!(after < 0.3 * before, "{before} {after}");
    let network = trainer.last_network().unwrap();
    let burn = Autoencoder::from_network(&network).reconstruct_pixels(&data.test);
    let squares: f64 = burn
        .iter()
        .zip(data.test.pixels())
        .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2) / (255.0 * 255.0))
        .sum();
    // Burn's are rounded to pixels.
    assert!((squares / burn.len() as f64 - after).abs() < 1e-4, "{squares}, {after}");
}

#[test]
fn a_pull_makes_latent_values_small_and_noise_changes_the_training_alone() {
    let data = data();
    let with = |noise, latent_l1| {
        let recipe = Recipe { noise, latent_l1, keep_best: None, ..recipe() };
        let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
        let start = trainer.evaluate_result().mse;
        run(&mut trainer, 6);
        let latents = Autoencoder::from_network(&trainer.last_network().unwrap());
        let latents = latents.latents_of(&data.test);
        let size = latents.iter().map(|value| value.abs()).sum::<f32>() / latents.len() as f32;
        (start, trainer.evaluate_result().mse, size)
    };
    let (plain, noisy, pulled) = (with(0.0, 0.0), with(0.3, 0.0), with(0.0, 1.0));
    assert_eq!(plain.0, noisy.0);
    assert_ne!(plain.1, noisy.1);
    assert!(pulled.2 < 0.2 * plain.2, "{plain:?} {pulled:?}");
}

#[test]
fn tied_weights_stay_equal_to_the_bit_and_learn() {
    let data = data();
    let recipe = Recipe { tied: true, ..recipe() };
    let mut trainer = Trainer::new(config(), recipe.clone(), &data).unwrap();
    let before = trainer.evaluate_result().mse;
    run(&mut trainer, 3);
    let checkpoint = Checkpoint::from_bytes(&trainer.checkpoint().to_bytes().unwrap()).unwrap();
    let mut resumed = Trainer::resume(checkpoint, &data).unwrap().with_threads(1);
    run(&mut trainer, 3);
    run(&mut resumed, 3);
    assert_eq!(fingerprint(&trainer), fingerprint(&resumed));
    assert!(trainer.evaluate_result().mse < 0.8 * before);
    for network in [trainer.last_network().unwrap(), trainer.result_network().unwrap()] {
        for (one, other) in network.encoder.iter().rev().zip(&network.decoder) {
            assert_eq!(tie::transposed(&one.weights, one.inputs()), other.weights);
        }
    }
    // Without it they part at the start already.
    let free = Recipe { tied: false, ..recipe.clone() };
    let free = Trainer::new(config(), free, &data).unwrap().last_network().unwrap();
    assert_ne!(tie::transposed(&free.encoder[2].weights, 9), free.decoder[0].weights);
    let error = Trainer::new(convolutional(), recipe, &data).err().unwrap();
    assert!(matches!(error, TrainError::NothingToTie));
}

#[test]
fn an_epoch_of_passes_is_so_many_epochs_of_one() {
    let data = data();
    let plain = Recipe { keep_best: None, schedule: Schedule::Constant, ..recipe() };
    let by_pass = Recipe { epochs: 3, passes: 2, ..plain.clone() };
    let mut trainers =
        [plain, by_pass].map(|recipe| Trainer::new(config(), recipe, &data).unwrap());
    assert_eq!(trainers.each_ref().map(Trainer::steps_per_epoch), [5, 10]);
    run(&mut trainers[0], 4);
    run(&mut trainers[1], 2);
    let [one, two] = trainers.each_ref().map(|trainer| trainer.last_network().unwrap());
    assert!(one == two);
}

#[test]
fn prototypes_are_the_centres_of_k_means_after_any_training() {
    let data = data();
    let config = AutoencoderConfig { hidden: vec![], latent: 6, code: Code::OneHot, ..config() };
    let recipe = Recipe { start: Start::KMeans, ..recipe() };
    let mut trainer = Trainer::new(config.clone(), recipe.clone(), &data).unwrap();
    let expected = ae_pca::prototypes(&config, &data.train, recipe.seed).unwrap();
    run(&mut trainer, 3);
    assert_eq!(trainer.last_network().unwrap(), expected);
    let mut resumed = Trainer::resume(trainer.checkpoint(), &data).unwrap().with_threads(1);
    run(&mut resumed, 3);
    assert_eq!(resumed.result_network().unwrap(), expected);
    // The forward pass of the training, and Burn's: as near as the nearest of six images is.
    let mse = resumed.evaluate_result().mse;
    let burn = Autoencoder::from_network(&expected).reconstruct_pixels(&data.test);
    let squares: f64 = burn
        .iter()
        .zip(data.test.pixels())
        .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2) / (255.0 * 255.0))
        .sum();
    assert!((squares / burn.len() as f64 - mse).abs() < 1e-4, "{squares}, {mse}");
    let mut kinds: Vec<&[u8]> = burn.chunks_exact(35).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert!((2..=6).contains(&kinds.len()), "{}", kinds.len());

    // Other starts leave the choice of the nearest as it is, and train the decoder.
    let random = Recipe { start: Start::Glorot, keep_best: None, ..recipe.clone() };
    let mut trainer = Trainer::new(config.clone(), random, &data).unwrap();
    run(&mut trainer, 2);
    let (before, after) = (Network::initial(&config, 9).unwrap(), trainer.last_network().unwrap());
    assert_eq!(before.encoder, after.encoder);
    assert_ne!(before.decoder, after.decoder);
    let linear = AutoencoderConfig { code: Code::Linear, ..config };
    assert!(matches!(Trainer::new(linear, recipe, &data), Err(TrainError::Start(_))));
}

#[test]
fn a_training_from_principal_components_begins_where_they_end() {
    let data = data();
    let of = |start| {
        let recipe = Recipe { start, keep_best: None, weight_average: None, ..recipe() };
        let trainer = Trainer::new(config(), recipe, &data).unwrap();
        trainer.evaluate_result().mse
    };
    let pca = ae_pca::Pca::fit(&data.train, 3).unwrap().test_mse(&data.test).unwrap();
    let [random, started] = [Start::Glorot, Start::Pca].map(of);
    // The sigmoid bends what is far from the mean image, as most pixels of these are.
    assert!(started < 4.0 * pca.clipped && started < 0.2 * random, "{pca:?}, {started}, {random}");
}

#[test]
fn the_seed_decides() {
    let data = data();
    let with = |seed| {
        let mut trainer = Trainer::new(config(), Recipe { seed, ..recipe() }, &data).unwrap();
        run(&mut trainer, 1);
        trainer.last_network().unwrap()
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1), with(2));
}

/// Puts the stop flag up after a number of steps.
struct StopAfter<'a> {
    steps: u64,
    stop: &'a AtomicBool,
}

impl Observer for StopAfter<'_> {
    fn on_step(&mut self, _: u32, done: u64, _: u64) {
        if done == self.steps {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_stop_leaves_the_state_of_the_last_epoch_and_nothing_is_lost_by_it() {
    let data = data();
    let mut trainer = Trainer::new(config(), recipe(), &data).unwrap();
    run(&mut trainer, 2);
    let before = fingerprint(&trainer);
    let stop = AtomicBool::new(false);
    let mut observer = StopAfter { steps: 3, stop: &stop };
    let outcome = trainer.run_epoch(&mut observer, &stop).unwrap();
    assert_eq!(outcome, EpochOutcome::Stopped);
    assert_eq!(fingerprint(&trainer), before);
    run(&mut trainer, 4);

    let mut whole = Trainer::new(config(), recipe(), &data).unwrap();
    run(&mut whole, 6);
    assert_eq!(fingerprint(&trainer), fingerprint(&whole));
    let error = whole.run_epoch(&mut (), &GO).unwrap_err();
    assert!(matches!(error, TrainError::Finished { epochs: 6 }));
}

/// Writes down what it is told.
#[derive(Default)]
struct Record {
    steps: Vec<(u32, u64, u64)>,
    logged: Vec<(u32, u64)>,
    epochs: Vec<EpochMetrics>,
}

impl Observer for Record {
    fn on_step(&mut self, epoch: u32, done: u64, of: u64) {
        self.steps.push((epoch, done, of));
    }

    fn on_step_logged(&mut self, epoch: u32, step: u64, loss: f64) {
        assert!(loss > 0.0 && loss < 1.0);
        self.logged.push((epoch, step));
    }

    fn on_epoch(&mut self, metrics: &EpochMetrics) {
        self.epochs.push(*metrics);
    }
}

#[test]
fn the_observer_is_told_every_step_and_the_loss_falls() {
    let data = data();
    for loss in [Loss::Bce, Loss::Mse] {
        let recipe = Recipe { loss, ..recipe() };
        let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
        let mut record = Record::default();
        for _ in 0..6 {
            trainer.run_epoch(&mut record, &GO).unwrap();
        }
        // 135 images are trained on, 32 at a time.
        assert_eq!(trainer.steps_per_epoch(), 5);
        assert_eq!(record.steps.len(), 30);
        assert_eq!(record.steps[29], (6, 5, 5));
        assert_eq!(record.logged, [(1, 4), (2, 8), (3, 12), (4, 16), (4, 20), (5, 24), (6, 28)]);
        assert_eq!(record.epochs, trainer.metrics());
        let (first, last) = (record.epochs[0], record.epochs[5]);
        assert!(last.train_loss < 0.8 * first.train_loss, "{first:?} {last:?}");
        assert!(last.test_mse < 0.8 * first.test_mse, "{first:?} {last:?}");
    }
}

#[test]
fn the_best_epoch_by_held_out_images_is_the_result() {
    let data = data();
    // A rate so high that it does not get better every epoch.
    let recipe = Recipe {
        epochs: 12,
        learning_rate: 0.3,
        weight_average: None,
        keep_best: Some(0.2),
        ..recipe()
    };
    let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
    assert_eq!(trainer.held_out().len(), 30);
    let mut least = (0, f64::INFINITY);
    for epoch in 1..=12 {
        run(&mut trainer, 1);
        let network = trainer.last_network().unwrap();
        let parameters = Parameters::from_network(&network);
        let found =
            evaluate_with(&parameters, &data.train, trainer.held_out(), &Workers::new(1)).mse;
        if found < least.1 {
            least = (epoch, found);
        }
        let best = trainer.best().unwrap();
        assert_eq!((best.epoch, best.held_out_mse), least);
    }
    let test = trainer.evaluate_result();
    let of_best = trainer.metrics()[least.0 as usize - 1];
    assert_eq!((test.bce, test.mse), (of_best.test_bce, of_best.test_mse));
}

#[test]
fn a_diverging_training_stops_with_the_step_and_what_to_try() {
    let data = data();
    let recipe = Recipe { learning_rate: 1e30, warmup_steps: 0, ..recipe() };
    let mut trainer = Trainer::new(config(), recipe, &data).unwrap();
    let before = fingerprint(&trainer);
    let error = trainer.run_epoch(&mut (), &GO).unwrap_err();
    let TrainError::NonFiniteLoss { epoch: 1, step, loss } = error else {
        panic!("{error}");
    };
    assert!((2..=5).contains(&step) && !loss.is_finite());
    assert!(error.to_string().contains("a tenth of the learning rate"));
    assert_eq!(fingerprint(&trainer), before);
}

#[test]
fn images_that_do_not_fit_are_refused() {
    let data = data();
    let wide = AutoencoderConfig { input: 36, ..config() };
    let error = Trainer::new(wide, recipe(), &data).err().unwrap();
    assert!(matches!(error, TrainError::Features { expected: 36, found: 35, .. }));

    let empty = Dataset { test: images(0, 0), ..data.clone() };
    let error = Trainer::new(config(), recipe(), &empty).err().unwrap();
    assert!(matches!(error, TrainError::NoImages { part: "test" }));

    let checkpoint = Trainer::new(config(), recipe(), &data).unwrap().checkpoint();
    let more = Dataset { train: images(151, 0), ..data.clone() };
    let error = Trainer::resume(checkpoint, &more).err().unwrap();
    assert!(matches!(error, TrainError::OtherData { expected: 150, found: 151 }));
}

#[test]
fn damaged_checkpoints_are_refused() {
    let data = data();
    let mut trainer = Trainer::new(config(), recipe(), &data).unwrap();
    run(&mut trainer, 1);
    let bytes = trainer.checkpoint().to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(97) {
        let error = Checkpoint::from_bytes(&bytes[..length]).err().unwrap();
        assert!(matches!(error, CheckpointError::Malformed { .. }), "{length}: {error}");
    }
    // The weights alone are no checkpoint.
    let network = trainer.last_network().unwrap();
    let weights = ae_model::write_weights(&config(), &network).unwrap();
    let error = Checkpoint::from_bytes(&weights).err().unwrap();
    assert!(error.to_string().contains("no header"), "{error}");
}

/// The bytes of a checkpoint, as programs wrote them that put no digest into it.
fn without_digest(bytes: &[u8]) -> Vec<u8> {
    let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
    let (key, text) = header.metadata().as_ref().unwrap().iter().next().unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    assert!(first.starts_with("sha256 = "), "{text}");
    let metadata = HashMap::from([(key.clone(), rest.to_owned())]);
    let file = SafeTensors::deserialize(bytes).unwrap();
    safetensors::serialize(file.tensors(), Some(metadata)).unwrap()
}

#[test]
fn a_flipped_bit_in_a_checkpoint_is_found() {
    let data = data();
    let mut trainer = Trainer::new(config(), recipe(), &data).unwrap();
    run(&mut trainer, 1);
    let whole = trainer.checkpoint().to_bytes().unwrap();
    let flipped = |bytes: &[u8], bit: usize| {
        let mut bytes = bytes.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Checkpoint::from_bytes(&bytes).err()
    };
    for bit in (0..8 * whole.len()).step_by(61) {
        assert!(flipped(&whole, bit).is_some(), "bit {bit}");
    }
    let in_a_weight = 8 * whole.len() - 8 * 3;
    assert!(matches!(flipped(&whole, in_a_weight), Some(CheckpointError::Damaged { .. })));

    // A checkpoint of an older program goes on; damage to it cannot be seen.
    let old = without_digest(&whole);
    let checkpoint = Checkpoint::from_bytes(&old).unwrap();
    assert_eq!(checkpoint.to_bytes().unwrap(), whole);
    assert!(flipped(&old, 8 * old.len() - 8 * 3).is_none());
}
