//! A model trained for a moment on real images.

use std::sync::atomic::AtomicBool;

use ae_core::PartSelection;
use ae_data as data;
use ae_data::{Half, Images};
use ae_model::{Activation, AutoencoderConfig, Code, Network};
use ae_run::Recipe;
use ae_train::train::Trainer;

use crate::models;

/// Training images that the quantiser sees.
const CALIBRATION: usize = 1000;

/// A 784→256→128→20 autoencoder trained on the built-in sample, and what to test it with.
pub struct Trained {
    /// The configuration.
    pub config: AutoencoderConfig,
    /// The weights.
    pub network: Network,
    /// Images never trained on: Fashion-MNIST's 10,000 where they are found, else the sample's
    /// 1,000.
    pub test: Images,
    /// Some of the training images.
    pub calibration: Images,
}

impl Trained {
    /// Trains for some epochs. The same model every time on one machine.
    ///
    /// # Panics
    /// If the training diverges, or images that are found are damaged.
    #[must_use]
    pub fn on_the_sample(activation: Activation, epochs: u32) -> Self {
        let dataset = data::load(Some("fashion-mnist-sample")).expect("the built-in sample");
        let config = AutoencoderConfig {
            input: 784,
            hidden: vec![256, 128],
            latent: 20,
            activation,
            code: Code::Linear,
            architecture: None,
        };
        let recipe = Recipe { epochs, warmup_steps: 20, seed: 7, ..Recipe::default() };
        let mut trainer = Trainer::new(config.clone(), recipe, &dataset).expect("a valid recipe");
        while !trainer.is_finished() {
            trainer.run_epoch(&mut (), &AtomicBool::new(false)).expect("a training that converges");
        }
        let network = trainer.result_network().expect("finite weights");
        let (test, _) = data::load_half(None, Half::Test).expect("test images");
        let train = &dataset.train;
        let pixels = train.pixels()[..CALIBRATION * train.features()].to_vec();
        let calibration = Images::new(pixels, train.height(), train.width()).expect("whole images");
        Self { config, network, test, calibration }
    }

    /// Its int8 blob.
    #[must_use]
    pub fn int8(&self) -> Vec<u8> {
        models::quantised(&self.network, &self.calibration, PartSelection::Both)
    }

    /// Its f32 blob.
    #[must_use]
    pub fn float(&self) -> Vec<u8> {
        models::float(&self.network, &self.calibration, PartSelection::Both)
    }
}
