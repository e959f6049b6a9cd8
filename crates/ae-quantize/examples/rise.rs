//! By how much int8 raises the error of a trained network on test images, and the bytes of its blob:
//!
//! ```text
//! cargo run --release -p ae-quantize --example rise -- RUN/weights.safetensors [IMAGES [DATA]]
//! ```
//!
//! It calibrates on so many training images, spread over all of them: without a number on 10,000, as
//! `train` does.

use std::error::Error;
use std::fs;

use ae_core::{PartSelection, Provenance};
use ae_data::Images;
use ae_infer::{F32Autoencoder, Int8Autoencoder};
use ae_model::read_weights;
use ae_quantize::{Seal, float_blob, int8_blob, unwatched};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let weights = arguments.first().ok_or("which weights.safetensors?")?;
    let calibration = arguments.get(1).map_or(Ok(10_000), |given| given.parse())?;
    let data = ae_data::load(arguments.get(2).map(String::as_str))?;
    let (_, network) = read_weights(&fs::read(weights)?)?;
    let seal = Seal {
        parts: PartSelection::Both,
        latent_map: &[],
        provenance: Provenance { tool: "rise", config: &[], data: &[] },
        test_image: data.train.image(0),
    };
    let float = float_blob(&network, &seal)?;
    let int8 = int8_blob(&network, &data.train.spread(calibration), &seal, &mut unwatched)?.bytes;
    let of_float = {
        let model = F32Autoencoder::load(&float)?;
        let scratch = model.model().header().scratch_len();
        mse(&data.test, |image, pixels| {
            model.reconstruct(image, pixels, &mut vec![0.0; scratch]).is_ok()
        })
    };
    let of_int8 = {
        let model = Int8Autoencoder::load(&int8)?;
        let scratch = model.model().header().scratch_len();
        mse(&data.test, |image, pixels| {
            model.reconstruct(image, pixels, &mut vec![0; scratch]).is_ok()
        })
    };
    println!(
        "{} bytes, MSE float {of_float:.6}, int8 {of_int8:.6}: {:+.2} %",
        int8.len(),
        100.0 * (of_int8 / of_float - 1.0)
    );
    Ok(())
}

/// The mean squared error of a pixel in 0…1, where the model runs on all images.
fn mse(images: &Images, reconstruct: impl Fn(&[u8], &mut [u8]) -> bool + Sync) -> f64 {
    let all: Vec<&[u8]> = images.iter().collect();
    let errors = all.par_iter().map(|image| {
        let mut pixels = vec![0; image.len()];
        assert!(reconstruct(image, &mut pixels), "the buffers fit the model");
        let pairs = image.iter().zip(&pixels);
        pairs.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum::<u64>()
    });
    let steps = (255 * 255 * images.pixels().len()) as f64;
    errors.sum::<u64>() as f64 / steps
}
