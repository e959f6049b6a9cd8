//! What the fuzzer begins with.

use std::io::Write;

use ae_data::{Dataset, Images, Origin, idx};
use ae_model::{Activation, AutoencoderConfig, Code, Map, Network, Preset, write_weights};
use ae_protocol::frame::LONGEST;
use ae_protocol::{FrameWriter, Identity};
use ae_run::{
    Baselines, Best, Checkpoint, DataConfig, EpochMetrics, Moments, Recipe, RunConfig, Start,
    training_tensors,
};
use ae_testkit::random::SplitMix64;

use crate::arrays::{npy as array, npz};

/// IDX files of each rank, plain and compressed.
#[must_use]
pub fn idx() -> Vec<Vec<u8>> {
    let elements: Vec<u8> = (0..24).collect();
    let mut seeds = Vec::new();
    for dims in [&[24][..], &[4, 6], &[2, 3, 4], &[1, 1, 24]] {
        let file = idx::write(dims, &elements).expect("as many elements as the dimensions say");
        seeds.push([&[0], &idx::gzip(&file)[..]].concat());
        seeds.push([&[1], &file[..]].concat());
        seeds.push([&[0], &file[..]].concat());
    }
    // A header that announces what does not come, and a kilobyte that is a megabyte unpacked.
    seeds.push(vec![0, 0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff, 1]);
    let bomb = [&[0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff][..], &[0; 1 << 20]].concat();
    seeds.push([&[0], &idx::gzip(&bomb)[..]].concat());
    seeds
}

fn model() -> AutoencoderConfig {
    AutoencoderConfig {
        input: 4,
        hidden: vec![3],
        latent: 2,
        activation: Activation::Gelu,
        code: Code::Linear,
        architecture: None,
    }
}

fn dataset() -> Dataset {
    let images = |count: usize| {
        let pixels = (0..4 * count).map(|at| (at * 37) as u8).collect();
        Images::new(pixels, 2, 2).expect("a whole number of images")
    };
    Dataset { name: "fuzz".into(), origin: Origin::Sample, train: images(6), test: images(2) }
}

/// A file of weights.
///
/// # Panics
/// If it cannot be made.
#[must_use]
pub fn weights() -> Vec<u8> {
    let network = Network::initial(&model(), 7).expect("a model");
    write_weights(&model(), &network).expect("weights that are finite")
}

/// Checkpoints before the first epoch and after one, with and without what a recipe may add.
///
/// # Panics
/// If they cannot be made.
#[must_use]
pub fn checkpoints() -> Vec<Vec<u8>> {
    let all = Recipe {
        start: Start::Pca,
        epochs: 2,
        passes: 3,
        batch_size: 2,
        weight_average: Some(0.5),
        keep_best: Some(0.4),
        ..Recipe::default()
    };
    let aside = Recipe { start: Start::Glorot, batch_norm: true, variational: 0.1, ..all.clone() };
    let plain = Recipe { epochs: 2, ..Recipe::article() };
    let both = [plain, all, aside].into_iter().flat_map(|recipe| {
        [0, 1].map(|epochs| checkpoint(&recipe, epochs).to_bytes().expect("a checkpoint"))
    });
    both.collect()
}

/// The state of a training of [`model`] after some epochs of three steps, with numbers that no
/// training gave.
fn checkpoint(recipe: &Recipe, epochs: u32) -> Checkpoint {
    let network = Network::initial(&model(), recipe.seed).expect("a model");
    let layers = network.layers();
    let of_network: Vec<Vec<f32>> =
        layers.flat_map(|layer| [layer.weights.clone(), layer.bias.clone()]).collect();
    let aside = training_tensors(&model(), recipe).into_iter().skip(of_network.len());
    let mut weights = of_network.clone();
    weights.extend(aside.map(|length| vec![0.5; length]));
    let moments = weights.iter().map(|values| {
        let small = |factor: f32| values.iter().map(|value| factor * value * value).collect();
        let average = recipe.weight_average.map(|_| values.clone()).unwrap_or_default();
        Moments { first: small(0.1), second: small(0.01), average }
    });
    let metrics = (1..=epochs).map(|epoch| EpochMetrics {
        epoch,
        train_loss: 0.7,
        test_bce: 0.6,
        test_mse: 0.05,
        kl: recipe.is_variational().then_some(3.0),
        seconds: 0.001,
    });
    let best = Best { epoch: 1, held_out_mse: 0.05 };
    let has_best = recipe.keep_best.is_some() && epochs > 0;
    Checkpoint {
        config: model(),
        recipe: recipe.clone(),
        train_images: 6,
        step: 3 * u64::from(epochs),
        moments: moments.collect(),
        metrics: metrics.collect(),
        best: has_best.then_some((best, of_network)),
        weights,
    }
}

/// Files of tensors as bytes, and edits of them.
#[must_use]
pub fn safetensors() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(4);
    let files = std::iter::once(weights()).chain(checkpoints());
    let mut seeds: Vec<Vec<u8>> = files.map(|file| [&[0], &file[..]].concat()).collect();
    for file in 1..=5 {
        for edits in 0..8 {
            let edits = (0..8 * edits).map(|_| random.bits() as u8);
            seeds.push(std::iter::once(file).chain(edits).collect());
        }
    }
    seeds
}

/// The configuration of a run.
///
/// # Panics
/// If it cannot be written.
#[must_use]
pub fn run_config() -> String {
    run_config_of(model())
}

/// The same of a model of convolutions.
fn run_config_of(model: AutoencoderConfig) -> String {
    let recipe = Recipe { weight_average: Some(0.5), keep_best: Some(0.4), ..Recipe::default() };
    let data = DataConfig::of(&dataset(), "fuzz".into());
    let tool = "fuzz".into();
    let baselines = Baselines::Skip;
    let recipe = recipe.with_epochs(150, 100);
    let config = RunConfig { tool, baselines, data, model, recipe, detect: None };
    toml::to_string_pretty(&config).expect("a configuration")
}

/// The configuration as bytes, and edits of its numbers.
#[must_use]
pub fn config() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(5);
    let architecture = Some(Preset::Separable.architecture(Map::image(2, 2), 2));
    let of_layers = AutoencoderConfig { hidden: Vec::new(), architecture, ..model() };
    let texts = [run_config(), run_config_of(of_layers)];
    let mut seeds = texts.map(|text| [&[0], text.as_bytes()].concat()).to_vec();
    for edits in 0..16 {
        let edits = (0..4 * edits).map(|_| random.bits() as u8);
        seeds.push(std::iter::once(1).chain(edits).collect());
    }
    seeds
}

/// NPY files of both types.
///
/// # Panics
/// If they cannot be written.
#[must_use]
pub fn npy() -> Vec<Vec<u8>> {
    let written = "writing to memory does not fail";
    vec![
        ae_data::npy::write(&[1_i8, -2, 3, -4, 5, -6], 2).expect(written),
        ae_data::npy::write(&[1.5_f32, -2.0, 0.0, f32::INFINITY], 2).expect(written),
        ae_data::npy::write(&[0_u8; 0], 0).expect(written),
    ]
}

/// Signals in each format, whole and made of other bytes; see the target for the first two.
///
/// # Panics
/// If they cannot be written.
#[must_use]
pub fn signal() -> Vec<Vec<u8>> {
    let random = &mut SplitMix64::new(6);
    let csv = "t,x,y,what,who,run\n0,1,-2.5,ok,a,1\n1,2,3e2,ok,a,1\n0,.5,4,\"b,d\",b,2\n";
    let numbers: Vec<u8> = (0..12).flat_map(|n: u8| f32::from(n).to_le_bytes()).collect();
    let words = ["o", "k", "?"].map(|text| [text.as_bytes(), &[0; 3]].concat()).concat();
    let samples = array("<f4", &[6, 2], false, &numbers);
    let packed = npz(&[
        ("samples", samples.clone()),
        ("lengths", array("|i1", &[3], false, &[1, 2, 3])),
        ("channels", array("<U1", &[2], false, &words[..8])),
        ("what", array("<U1", &[3], false, &words)),
    ]);
    let (one, three) = (csv.replace(',', ";"), array("<f4", &[2, 3, 2], true, &numbers));
    let mut seeds = Vec::new();
    for options in [0, 0b1110, 0b11111, 0b100_0000] {
        for file in [csv.as_bytes(), one.as_bytes(), &samples, &three, &packed] {
            seeds.push([&[0, options], file].concat());
            seeds.push([&[1, options], file].concat());
        }
        seeds.push([&[0, options][..], &idx::gzip(csv.as_bytes())].concat());
        for kind in 2..4 {
            let bytes = (0..120).map(|_| random.bits() as u8 % 8);
            seeds.push([kind, options].into_iter().chain(bytes).collect());
        }
    }
    // As loggers write it, in each way to read it.
    let logged = "# of a pump\n// 2024\n\nd;t;x;y;\n;ms;(V);1/min;\n2024-05-01;10:00:00,5;1,5;#N/A;\n\
                  # event\n2024-05-01;10:00:01;-127;2.069,5;\n;;;;\n2024-05-02;10:00:01;-1,5E+03;7;\n";
    let units: Vec<u16> = "\u{feff}".encode_utf16().chain(logged.encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().skip(1).flat_map(|unit| unit.to_be_bytes()).collect();
    let savetxt = "# x y\n# x,y\n1.069,NaN\n\"1,069\",2\n\n,3\nsep=;\n";
    for reading in 0..64 {
        for options in [0, 1, 0b10_0000, 0b10_0001] {
            for file in [logged.as_bytes(), &little, &big, savetxt.as_bytes()] {
                seeds.push([&[reading << 2, options], file].concat());
            }
        }
    }
    // Few bytes that are many recordings.
    let many = "x,who\n1,a\n1,b\n".to_owned() + &"1,a\n1,b\n".repeat(30_000);
    seeds.push([&[0, 0b1000][..], &idx::gzip(many.as_bytes())].concat());
    seeds
}

/// Frames one behind the other, with other bytes between them.
///
/// # Panics
/// If they cannot be written.
#[must_use]
pub fn frame() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for len in [0_usize, 1, 5, 40] {
        let mut line = b"hello ".to_vec();
        for number in 0..2 {
            let payload: Vec<u8> = (0..len).map(|at| 0xae_u8.wrapping_add(at as u8)).collect();
            let mut port = Line(Vec::new());
            let mut frame = FrameWriter::begin(&mut port, 2, number, len as u32).expect("memory");
            frame.put(&payload).expect("memory");
            frame.finish().expect("memory");
            line.write_all(&port.0).expect("memory");
        }
        seeds.push(line);
    }
    // Heads whose payload does not come.
    for announced in [1, 40, LONGEST, LONGEST + 1, u32::MAX] {
        let mut port = Line(Vec::new());
        let _ = FrameWriter::begin(&mut port, 7, 1, announced).expect("memory");
        seeds.push(port.0);
    }
    let identity = Identity {
        board: "mps2",
        core: "Cortex-M4",
        kernel: "dsp",
        bytes: 579,
        checksum: 7,
        model_id: [1; 16],
    };
    let mut buffer = [0; Identity::MAX_LEN];
    seeds.push(identity.to_bytes(&mut buffer).expect("an identity that fits").to_vec());
    seeds
}

/// A line that takes everything.
pub struct Line(pub Vec<u8>);

impl embedded_io::ErrorType for Line {
    type Error = core::convert::Infallible;
}

impl embedded_io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
