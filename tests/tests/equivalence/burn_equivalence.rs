//! A model trained on real images: Burn's forward pass against the f32 blob and the int8 blob in
//! the engine, over the whole test set.

use std::sync::OnceLock;

use ae_infer::{F32Autoencoder, Int8Autoencoder};
use ae_model::Activation;
use ae_testkit::fields::Fields;
use ae_tests::compare::{Largest, within};
use ae_tests::trained::Trained;
use ae_train::model::Autoencoder;
use rayon::prelude::*;

/// Of a logit, and of a latent value. The engine adds products in the order of inputs and Burn in
/// that of its matrix kernel, so the sums of up to 784 f32 differ in their last bits.
const TOLERANCE: f64 = 1e-3;
/// What int8 may add to the test MSE of the float model, as a share. Eight bits an activation add
/// about a thousandth here, since rounding errors of pixels hardly ever point the same way.
const MSE_SHARE: f64 = 0.01;
/// Most that one pixel of the int8 reconstruction may differ from the float one, of 255. The worst
/// is one of eight million, where a range was cut because that is the better bargain.
const WORST_PIXEL: f64 = 64.0;

const EPOCHS: u32 = 3;
/// Images that are enough to show that a changed weight is noticed.
const FEW: usize = 200;

/// A trained model and what Burn makes of the test images.
struct Reference {
    trained: Trained,
    float_blob: Vec<u8>,
    int8_blob: Vec<u8>,
    /// Images × 20.
    latents: Vec<f32>,
    /// Images × 784.
    logits: Vec<f32>,
}

fn reference(activation: Activation) -> &'static Reference {
    static GELU: OnceLock<Reference> = OnceLock::new();
    static RELU: OnceLock<Reference> = OnceLock::new();
    let cell = if activation == Activation::Gelu { &GELU } else { &RELU };
    cell.get_or_init(|| {
        let trained = Trained::on_the_sample(activation, EPOCHS);
        let (latents, logits) = burn_forward(&trained);
        let (float_blob, int8_blob) = (trained.float(), trained.int8());
        Reference { trained, float_blob, int8_blob, latents, logits }
    })
}

fn burn_forward(trained: &Trained) -> (Vec<f32>, Vec<f32>) {
    let model = Autoencoder::from_network(&trained.network);
    (model.latents_of(&trained.test), model.logits_of(&trained.test))
}

/// The f32 blob's latents and logits for the first `count` test images.
fn engine_forward(blob: &[u8], reference: &Reference, count: usize) -> (Vec<f32>, Vec<f32>) {
    let model = F32Autoencoder::load(blob).expect("a valid f32 blob");
    let header = model.model().header();
    let (features, latent) = (header.features as usize, header.latent as usize);
    let mut latents = vec![0.0; count * latent];
    let mut logits = vec![0.0; count * features];
    let rows = latents.par_chunks_mut(latent).zip(logits.par_chunks_mut(features));
    rows.enumerate().for_each_init(
        || vec![0.0; header.scratch_len()],
        |scratch, (index, (latent, logits))| {
            let infer = "buffers of the header's sizes";
            model.encode(reference.trained.test.image(index), latent, scratch).expect(infer);
            model.decode_logits(latent, logits, scratch).expect(infer);
        },
    );
    (latents, logits)
}

/// The f32 blob against Burn: the largest difference of a latent value and of a logit.
///
/// # Errors
/// What differs by the tolerance or more.
fn check_float(
    blob: &[u8],
    reference: &Reference,
    count: usize,
) -> Result<[Largest; 2], (&'static str, Largest)> {
    let (latents, logits) = engine_forward(blob, reference, count);
    let latent = within(TOLERANCE, &latents, &reference.latents[..latents.len()]);
    let logit = within(TOLERANCE, &logits, &reference.logits[..logits.len()]);
    Ok([
        latent.map_err(|largest| ("latent", largest))?,
        logit.map_err(|largest| ("logit", largest))?,
    ])
}

/// How the int8 blob's pixels compare with Burn's.
#[derive(Debug, Clone, Copy)]
struct Int8Figures {
    float_mse: f64,
    int8_mse: f64,
    /// Largest difference of one pixel, of 255.
    worst_pixel: f64,
}

impl Int8Figures {
    fn share(self) -> f64 {
        self.int8_mse / self.float_mse - 1.0
    }

    fn are_good(self) -> bool {
        self.share() <= MSE_SHARE && self.worst_pixel <= WORST_PIXEL
    }
}

/// Runs the int8 blob on the first `count` test images.
fn int8_figures(blob: &[u8], reference: &Reference, count: usize) -> Int8Figures {
    let model = Int8Autoencoder::load(blob).expect("a valid int8 blob");
    let test = &reference.trained.test;
    let features = test.features();
    let rows = reference.logits.par_chunks(features).take(count).enumerate();
    let sums = rows.map_init(
        || (vec![0; model.model().header().scratch_len()], vec![0_u8; features]),
        |(scratch, pixels), (index, logits)| {
            let image = test.image(index);
            let score = model.score(image, pixels, scratch).expect("buffers of the header's sizes");
            let (mut squares, mut worst) = (0.0, 0.0_f64);
            for ((&logit, &pixel), &original) in logits.iter().zip(pixels.iter()).zip(image) {
                let exact = 255.0 / (1.0 + (-f64::from(logit)).exp());
                squares += (exact - f64::from(original)).powi(2);
                worst = worst.max((exact - f64::from(pixel)).abs());
            }
            (squares, score as f64, worst)
        },
    );
    let none = || (0.0, 0.0, 0.0_f64);
    let (float, int8, worst_pixel) = sums.reduce(none, |a, b| (a.0 + b.0, a.1 + b.1, a.2.max(b.2)));
    let scale = 255.0 * 255.0 * (count * features) as f64;
    Int8Figures { float_mse: float / scale, int8_mse: int8 / scale, worst_pixel }
}

#[test]
fn the_f32_blob_gives_burns_latents_and_logits() {
    for activation in [Activation::Gelu, Activation::Relu] {
        let reference = reference(activation);
        let count = reference.trained.test.len();
        let [latent, logit] = check_float(&reference.float_blob, reference, count)
            .unwrap_or_else(|(what, largest)| panic!("{activation}: {what} {largest:?}"));
        println!(
            "{activation}, {count} images: largest difference of a latent value {:.2e}, of a \
             logit {:.2e}",
            latent.difference, logit.difference
        );
    }
}

#[test]
fn the_int8_blob_reconstructs_nearly_as_well() {
    for activation in [Activation::Gelu, Activation::Relu] {
        let reference = reference(activation);
        let count = reference.trained.test.len();
        let figures = int8_figures(&reference.int8_blob, reference, count);
        println!(
            "{activation}, {count} images: test MSE {:.6} float, {:.6} int8 ({:+.2} %), worst \
             pixel {:.1} of 255",
            figures.float_mse,
            figures.int8_mse,
            100.0 * figures.share(),
            figures.worst_pixel
        );
        assert!(figures.are_good(), "{figures:?}");
    }
}

/// The fields of a layer's weights with the largest weight first.
fn by_size(fields: &Fields, layer: &str, bytes_a_weight: usize) -> Vec<(String, usize)> {
    let prefix = format!("{layer}.weights[");
    let mut weights = Vec::new();
    for field in fields.as_slice().iter().filter(|field| field.name.starts_with(&prefix)) {
        for (index, bytes) in field.bytes.chunks(bytes_a_weight).enumerate() {
            let size = match *bytes {
                [a, b, c, d] => f32::from_le_bytes([a, b, c, d]).abs(),
                _ => f32::from((bytes[0] as i8).unsigned_abs()),
            };
            weights.push((size, field.name.clone(), index * bytes_a_weight));
        }
    }
    weights.sort_by(|a, b| b.0.total_cmp(&a.0));
    weights.into_iter().map(|(_, name, at)| (name, at)).collect()
}

const LAYERS: [&str; 6] =
    ["encoder.0", "encoder.1", "encoder.2", "decoder.0", "decoder.1", "decoder.2"];

#[test]
fn one_weight_of_other_sign_is_noticed_in_the_f32_blob() {
    let reference = reference(Activation::Gelu);
    let fields = Fields::of(&reference.float_blob);
    for layer in LAYERS {
        let mut fields = fields.clone();
        let (name, at) = by_size(&fields, layer, 4).swap_remove(0);
        fields.bytes(&name)[at + 3] ^= 0x80;
        let found = check_float(&fields.sealed(), reference, FEW);
        let (what, largest) = found.expect_err("a weight of other sign");
        println!("{name} of other sign: a {what} differs by {:.3}", largest.difference);
    }
    assert!(check_float(&reference.float_blob, reference, FEW).is_ok());
}

/// The reconstruction error cannot show every single weight: most weigh less than what eight bits
/// lose anyway, and `int8_oracle.rs` compares those exactly. It shows a weight of the latent's.
#[test]
fn one_weight_of_other_sign_is_noticed_in_the_int8_latent() {
    let reference = reference(Activation::Gelu);
    let fields = Fields::of(&reference.int8_blob);
    let noticed = by_size(&fields, "encoder.2", 1).into_iter().take(24).find_map(|(name, at)| {
        let mut fields = fields.clone();
        let weight = &mut fields.bytes(&name)[at];
        *weight = weight.wrapping_neg();
        let figures = int8_figures(&fields.sealed(), reference, FEW);
        (!figures.are_good()).then_some((name, figures))
    });
    let (name, figures) = noticed.expect("one of the 24 largest weights");
    println!("{name} of other sign: {:+.1} %", 100.0 * figures.share());
}

#[test]
fn one_bit_of_a_bias_is_noticed_in_every_int8_layer() {
    let reference = reference(Activation::Gelu);
    assert!(int8_figures(&reference.int8_blob, reference, FEW).are_good());
    let fields = Fields::of(&reference.int8_blob);
    for (layer, outputs) in LAYERS.into_iter().zip([256, 128, 20, 128, 256, 784]) {
        // Some channels matter more than others; a few from the middle on are enough to find one.
        let mut flips = (outputs / 2..outputs).flat_map(|channel| [(channel, 16), (channel, 20)]);
        let noticed = flips.by_ref().take(24).find_map(|(channel, bit)| {
            let mut fields = fields.clone();
            let name = format!("{layer}.bias[{channel}]");
            fields.bytes(&name)[bit / 8] ^= 1 << (bit % 8);
            let figures = int8_figures(&fields.sealed(), reference, FEW);
            (!figures.are_good()).then_some((name, bit, figures))
        });
        let (name, bit, figures) = noticed.unwrap_or_else(|| panic!("{layer}: nothing noticed"));
        println!(
            "bit {bit} of {name} flipped: {:+.1} %, worst pixel {:.0}",
            100.0 * figures.share(),
            figures.worst_pixel
        );
    }
}
