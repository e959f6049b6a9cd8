//! The blobs kept in `golden`, and what they must give for ever.

mod features;
mod spatial;

use ae_core::{
    Calibration, CountMap, Debounce, Detection, F32, GroupThresholds, Int8, Layout, Model,
    PartSelection, SampleKind, SampleMap, ValueMap, arrange, with_detection,
};
use ae_infer::{Autoencoder, Digests};
use ae_model::Activation;
use ae_quantize::{ContractFamily, F32Contract, Int8Contract};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::int8::{self, Channel};
use ae_testkit::places::{self, Parameters};
use ae_testkit::random::SplitMix64;
use ae_testkit::signal::Verdict;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::integers::integer_blob;
use crate::models::{self, Output};
use crate::signals::around_zero;
use crate::watch::{watch, watch_by_groups};

/// Decides the golden models and the images they are run on.
pub const SEED: u64 = 4;
/// Images in the manifest, for each model.
const CASES: usize = 8;
/// Values of the signal in the manifest, for each model that speaks to a detector.
const SIGNAL: usize = 128;
/// Shares of groups that may need a higher threshold: one of five to four of them.
const GROUP_PPM: [u32; 4] = [200_000, 400_000, 600_000, 800_000];
/// The command that rewrites the folder.
pub const COMMAND: &str = "cargo run --release -p ae-tests --bin golden";

/// `golden/manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The command that rewrites the folder.
    pub generator: String,
    /// See [`SEED`].
    pub seed: u64,
    /// One entry a blob.
    pub models: Vec<Entry>,
}

/// A golden blob and its results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Name in the folder.
    pub file: String,
    /// Length.
    pub bytes: usize,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Results for some images.
    pub cases: Vec<Case>,
    /// What a detector says of a signal, where the blob speaks to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
}

/// A signal and what a detector says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Values of all channels, sample after sample, little-endian.
    pub signal: Vec<u8>,
    /// Of every window.
    pub verdicts: Vec<Verdict>,
    /// The same with a threshold of the maker's groups, where the blob says any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_groups: Vec<ByGroups>,
}

/// What a detector says of a signal with the threshold for a group beyond the maker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByGroups {
    /// The share of groups that may need a higher one, in parts per million.
    pub group_ppm: u32,
    /// The threshold.
    pub threshold: u64,
    /// Samples up to the end of each window that is an alarm.
    pub alarms: Vec<usize>,
}

/// What a model gives for one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The image.
    pub pixels: Vec<u8>,
    /// CRC-32C of every layer's output, encoder first.
    pub digests: Vec<u32>,
    /// The latent's bytes: i8, or f32 little-endian.
    pub latent: Vec<u8>,
    /// The reconstruction.
    pub reconstruction: Vec<u8>,
    /// Its squared error.
    pub score: u64,
}

/// The golden blobs by name, made anew.
#[must_use]
///
/// # Panics
/// If a blob cannot be arranged.
pub fn make() -> [(&'static str, Vec<u8>); 14] {
    let (rows, float) = (tiny_int8(), tiny_f32());
    let row_pairs = arrange(&rows, Layout::RowPairs).expect("a valid blob");
    let spatial = spatial::int8();
    let spatial_pairs = arrange(&spatial, Layout::RowPairs).expect("a valid blob");
    let counts = with_detection(&rows, &counts()).expect("a valid blob");
    let values = with_detection(&float, &values()).expect("a valid blob");
    let [of_counts, of_values] = curves();
    let count_curves = Detection { samples: SampleMap::CountCurves(&of_counts), ..self::counts() };
    let count_curves = with_detection(&rows, &count_curves).expect("a valid blob");
    let value_curves = Detection { samples: SampleMap::ValueCurves(&of_values), ..self::values() };
    let value_curves = with_detection(&float, &value_curves).expect("a valid blob");
    let of_features = features::Bytes::new();
    let of_features = with_detection(&rows, &of_features.detection()).expect("a valid blob");
    let of_groups = [900_000_u64, 1_000_000, 1_100_000, 1_500_000].map(u64::to_le_bytes).concat();
    let of_groups = Detection { groups: GroupThresholds(&of_groups), ..self::counts() };
    let of_groups = with_detection(&rows, &of_groups).expect("a valid blob");
    [
        ("tiny.int8.aeb", rows),
        ("tiny.row-pairs.int8.aeb", row_pairs),
        ("tiny.f32.aeb", float),
        ("tiny.counts.int8.aeb", counts),
        ("tiny.values.f32.aeb", values),
        ("tiny.count-curves.int8.aeb", count_curves),
        ("tiny.value-curves.f32.aeb", value_curves),
        ("tiny.features.int8.aeb", of_features),
        ("tiny.groups.int8.aeb", of_groups),
        ("tiny.prototypes.int8.aeb", prototypes_int8()),
        ("tiny.prototypes.f32.aeb", prototypes_f32()),
        ("tiny.spatial.int8.aeb", spatial),
        ("tiny.spatial.row-pairs.int8.aeb", spatial_pairs),
        ("tiny.spatial.f32.aeb", spatial::float()),
    ]
}

/// The SHA-256 of no score: nothing was calibrated here.
const NO_SCORES: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Windows of two samples of two channels: i16 counts of 16 and 8 a step around 100 and −30.
fn counts() -> Detection<'static> {
    const MAPS: [u8; 18] = [
        0x00, 0x9c, 0xff, 0xff, 0x00, 0x00, 0x00, 0x40, 10, //
        0x00, 0x1e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 9,
    ];
    Detection {
        samples: SampleMap::Counts(&MAPS),
        window: 2,
        stride: 1,
        weights: &[3, 1, 255, 2],
        threshold: 1_000_000,
        calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &NO_SCORES },
        debounce: Debounce { hits: 2, of: 3 },
        smoothing: 0,
        features: None,
        groups: GroupThresholds::NONE,
    }
}

/// Windows of one sample of four channels: f32 values, each window an alarm of its own.
fn values() -> Detection<'static> {
    // Offsets of 0, 1, 9.81 and −2; scales of 16, 0.5, 3.25 and 100.
    const MAPS: [u8; 32] = [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x41, //
        0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0x3f, //
        0xc3, 0xf5, 0x1c, 0x41, 0x00, 0x00, 0x50, 0x40, //
        0x00, 0x00, 0x00, 0xc0, 0x00, 0x00, 0xc8, 0x42,
    ];
    Detection {
        samples: SampleMap::Values(&MAPS),
        window: 1,
        stride: 3,
        weights: &[],
        threshold: 20_000,
        calibration: Calibration { alarm_ppm: 50_000, scores: 400, digest: &NO_SCORES },
        debounce: Debounce::NONE,
        smoothing: 0,
        features: None,
        groups: GroupThresholds::NONE,
    }
}

/// Maps in segments: of the two channels of [`counts`], and of the four of [`values`]. Lines are
/// steep, flat and steep again, and meet at the bounds; channels between have one.
fn curves() -> [Vec<u8>; 2] {
    let line = |bias, shift| CountMap { bias, multiplier: 1 << 30, shift }.to_bytes();
    let counts = [
        &[3][..],
        &[(-1000_i16).to_le_bytes(), 1000_i16.to_le_bytes()].concat(),
        &[line(256 * 980, 8), line(-256 * 400, 14), line(-256 * 992, 8)].concat(),
        &[1],
        &line(7680, 9),
    ];
    let line = |offset, scale| ValueMap { offset, scale }.to_bytes();
    let values = [
        &[2][..],
        &0.5_f32.to_le_bytes(),
        &[line(0.0, 16.0), line(-3.5, 2.0)].concat(),
        &[1],
        &line(1.0, 0.5),
        &[1],
        &line(9.81, 3.25),
        &[3],
        &[(-2.0_f32).to_le_bytes(), 2.0_f32.to_le_bytes()].concat(),
        &[line(-1.5, 40.0), line(8.0, 2.0), line(2.25, 48.0)].concat(),
    ];
    [counts.concat(), values.concat()]
}

/// What the folder says of blobs.
///
/// # Panics
/// If a blob is not valid.
#[must_use]
pub fn manifest(blobs: &[(&str, Vec<u8>)]) -> Manifest {
    let entries = blobs.iter().map(|(file, blob)| Entry {
        file: (*file).into(),
        bytes: blob.len(),
        sha256: Sha256::digest(blob).iter().map(|byte| format!("{byte:02x}")).collect(),
        cases: cases(blob),
        watched: watched(blob),
    });
    Manifest { generator: COMMAND.into(), seed: SEED, models: entries.collect() }
}

/// Runs a golden blob, whatever its contract, on the images of the seed.
///
/// # Panics
/// If the blob is not valid.
#[must_use]
pub fn cases(blob: &[u8]) -> Vec<Case> {
    let mut random = SplitMix64::new(SEED);
    let features = ae_core::features(blob).expect("a blob");
    let images = (0..CASES).map(|_| random.pixels(features));
    let is_f32 = Autoencoder::<F32>::load(blob).is_ok();
    images
        .map(|pixels| {
            if is_f32 {
                case::<F32Contract>(blob, pixels)
            } else {
                case::<Int8Contract>(blob, pixels)
            }
        })
        .collect()
}

/// What a detector says of the signal of the seed, if the blob speaks to one.
///
/// # Panics
/// If the blob is not valid.
#[must_use]
pub fn watched(blob: &[u8]) -> Option<Watched> {
    let detection = match Model::<F32>::parse(blob) {
        Ok(model) => model.detection(),
        Err(_) => Model::<Int8<'_>>::parse(blob).expect("a valid blob").detection(),
    };
    let kind = detection.expect("a valid section")?.kind();
    let reach = if kind == SampleKind::Counts { 3000.0 } else { 12.0 };
    let signal = around_zero(kind, SIGNAL, reach, &mut SplitMix64::new(SEED));
    let by_groups = GROUP_PPM.into_iter().filter_map(|group_ppm| {
        let (threshold, verdicts) = watch_by_groups(blob, &signal, group_ppm)?;
        let alarms = verdicts.iter().filter(|it| it.alarm).map(|it| it.samples).collect();
        Some(ByGroups { group_ppm, threshold, alarms })
    });
    let (verdicts, by_groups) = (watch(blob, &signal), by_groups.collect());
    Some(Watched { signal: signal.to_bytes(), verdicts, by_groups })
}

fn case<C: ContractFamily>(blob: &[u8], pixels: Vec<u8>) -> Case {
    let model = Autoencoder::<C::Arithmetic<'_>>::load(blob).expect("a valid blob");
    let header = model.model().header();
    let mut scratch = vec![C::Element::default(); header.scratch_len()];
    let mut reconstruction = vec![0; pixels.len()];
    let mut digests = Digests::default();
    let infer = "buffers of the header's sizes";
    model
        .reconstruct_traced(&pixels, &mut reconstruction, &mut scratch, &mut digests)
        .expect(infer);
    let latent = C::latent_bytes(&scratch[..header.latent as usize]);
    let score = model.score(&pixels, &mut reconstruction, &mut scratch).expect(infer);
    Case { pixels, digests: digests.as_slice().to_vec(), latent, reconstruction, score }
}

/// A 4→3→2→3→4 int8 model with ReLU, written down as integers: no rounding of a float decides any
/// of its bytes.
fn tiny_int8() -> Vec<u8> {
    let random = &mut SplitMix64::new(SEED);
    // A zero point of −128 saturates where ReLU does.
    let encoder = vec![layer(4, 3, -128, &[], random), layer(3, 2, 0, &[], random)];
    let decoder = vec![layer(2, 3, -128, &[], random), layer(3, 4, 0, &sigmoid(), random)];
    integer_blob(&[encoder, decoder], &random.pixels(4), PartSelection::Both)
}

/// Three prototypes of 4 pixels, written down as integers.
fn prototypes_int8() -> Vec<u8> {
    let random = &mut SplitMix64::new(SEED);
    let encoder = vec![layer(4, 3, 0, &[], random).into_one_hot()];
    let decoder = vec![layer(3, 4, 0, &sigmoid(), random)];
    integer_blob(&[encoder, decoder], &random.pixels(4), PartSelection::Both)
}

/// A layer of any integers, in rows.
fn layer(
    inputs: usize,
    outputs: usize,
    zero_point: i8,
    tables: &[u8],
    random: &mut SplitMix64,
) -> int8::Int8 {
    let channels = (0..outputs).map(|_| Channel {
        weights: (0..inputs).map(|_| random.between(-127, 127) as i8).collect(),
        parameters: Parameters {
            bias: random.between(-4000, 4000) as i32,
            multiplier: random.between(1 << 30, i64::from(i32::MAX)) as i32,
            shift: random.between(5, 6) as u8,
        },
    });
    let channels = channels.collect();
    let (layout, tables) = (places::Layout::Rows, tables.to_vec());
    int8::Int8 { layout, is_rounded_twice: false, zero_point, padding: 0, tables, channels }
}

/// A step of the requantised value is a 24th of a unit of the logit.
fn sigmoid() -> [u8; 256] {
    std::array::from_fn(|index| {
        let logit = (index as f64 - 128.0) / 24.0;
        (255.0 / (1.0 + libm::exp(-logit))).round() as u8
    })
}

/// A 4→3→2→3→4 f32 model with GELU.
fn tiny_f32() -> Vec<u8> {
    let network = models::network(&[4, 3, 2], Activation::Gelu, Output::Sigmoid, SEED);
    models::float(&network, &models::noise(4, 1, SEED), PartSelection::Both)
}

/// Three prototypes of 4 pixels in f32.
fn prototypes_f32() -> Vec<u8> {
    let mut network = models::network(&[4, 3], Activation::Relu, Output::Sigmoid, SEED);
    network.encoder[0].activation = ae_core::Activation::OneHot;
    models::float(&network, &models::noise(4, 1, SEED), PartSelection::Both)
}
