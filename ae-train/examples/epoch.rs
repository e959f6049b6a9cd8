//! How long epochs of a convolutional autoencoder take, and what it reaches.
//!
//! ```text
//! cargo run --release -p ae-train --example epoch -- [EPOCHS [DATA [ARCHITECTURE.toml]]]
//! ```
//!
//! Without a table of layers it is the preset for images, with 20 latent values. It prints the
//! seconds and the processor's seconds of each epoch's steps and test, and the machine's load, which
//! the first depend on.

use std::error::Error;
use std::fs;
use std::sync::atomic::AtomicBool;

use ae_model::{Activation, Architecture, AutoencoderConfig, Code, Map, Preset};
use ae_run::Recipe;
use ae_train::train::Trainer;

/// Latent values where a table leaves them open.
const LATENT: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let epochs = arguments.first().map_or(Ok(2), |given| given.parse())?;
    let data = ae_data::load(arguments.get(1).map(String::as_str))?;
    let map = Map::image(data.train.height(), data.train.width());
    let architecture = match arguments.get(2) {
        Some(path) => {
            let table = Architecture::from_toml(&fs::read_to_string(path)?)?;
            let latent = table.leaves_latent_open().then_some(LATENT);
            table.resolve(map, latent)?
        }
        None => Preset::Conv.architecture(map, LATENT),
    };
    let config = AutoencoderConfig {
        input: map.values(),
        hidden: Vec::new(),
        latent: architecture.latent()?,
        activation: Activation::Relu,
        code: Code::Linear,
        architecture: Some(architecture),
    };
    let recipe = Recipe { epochs, batch_size: 128, ..Recipe::default() };
    println!("{} multiply-adds, {} parameters", config.multiply_adds(), config.parameters());
    let mut trainer = Trainer::new(config, recipe, &data)?;
    for _ in 0..epochs {
        let before = processor_seconds();
        trainer.run_epoch(&mut (), &AtomicBool::new(false))?;
        let Some(epoch) = trainer.metrics().last() else { continue };
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        println!(
            "epoch {}: {:.2} s, {:.2} s of processors with the test, loss {:.5}, test MSE {:.6}, load {}",
            epoch.epoch,
            epoch.seconds,
            processor_seconds() - before,
            epoch.train_loss,
            epoch.test_mse,
            load.split(' ').next().unwrap_or_default(),
        );
    }
    Ok(())
}

/// Seconds that all threads of this program have had a processor, in steps of 10 ms; 0 where the
/// system does not say so in Linux's way.
fn processor_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
