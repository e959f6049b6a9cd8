//! The detector says of random signals what an oracle says that keeps the whole signal: of counts,
//! values and pixels, in both contracts, for every way that windows can follow one another.

use ae_core::{
    Calibration, CountMap, Debounce, Detection, GroupThresholds, Int8, Int8Model, Layout, Model,
    PartKind, PartSelection, SampleKind, SampleMap, ValueMap, arrange, select_parts,
    with_detection,
};
use ae_infer::{Autoencoder, Decision, Detector, DetectorError, InferError};
use ae_model::Activation;
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::Weights;
use ae_testkit::fields::Fields;
use ae_testkit::oracle::detector::verdicts;
use ae_testkit::random::SplitMix64;
use ae_testkit::section::Section;
use ae_testkit::signal::{Signal, Verdict};
use ae_testkit::varint::varint;
use ae_testkit::{float, int8};
use ae_tests::integers::{integer_blob, random_layers};
use ae_tests::models::{self, Output};
use ae_tests::signals::around_zero;
use ae_tests::watch::watch;

/// The type of the values, and whether channels have several segments.
const FORMS: [(SampleKind, bool); 5] = [
    (SampleKind::Pixels, false),
    (SampleKind::Counts, false),
    (SampleKind::Values, false),
    (SampleKind::Counts, true),
    (SampleKind::Values, true),
];
const FEATURES: usize = 12;
const COUNTS: &[u8] = include_bytes!("../../golden/tiny.counts.int8.aeb");
const VALUES: &[u8] = include_bytes!("../../golden/tiny.values.f32.aeb");

/// A model without a detection section.
struct Subject {
    blob: Vec<u8>,
    is_f32: bool,
}

impl Subject {
    fn int8(random: &mut SplitMix64) -> Self {
        let layers = random_layers(&[FEATURES, 7, 3], Weights::Any, random);
        let blob = integer_blob(&layers, &random.pixels(FEATURES), PartSelection::Both);
        Self { blob, is_f32: false }
    }

    fn f32(random: &mut SplitMix64) -> Self {
        let widths = [FEATURES, 7, 3];
        let network = models::network(&widths, Activation::Relu, Output::Sigmoid, random.bits());
        let blob = models::float(&network, &models::noise(FEATURES, 1, 1), PartSelection::Both);
        Self { blob, is_f32: true }
    }

    /// What the oracle says of a signal. `blob` is the model with a section.
    fn expected(&self, blob: &[u8], signal: &Signal) -> Vec<Verdict> {
        if self.is_f32 {
            expected_by::<float::F32>(blob, signal)
        } else {
            expected_by::<int8::Int8>(blob, signal)
        }
    }
}

fn expected_by<A: Arithmetic>(blob: &[u8], signal: &Signal) -> Vec<Verdict> {
    let model = Blob::<A>::read(blob);
    let section = Section::read(&model.detection);
    verdicts(&section, model.sizes().features, signal, |window| model.reconstruct(window))
}

/// The bytes that a section borrows.
#[derive(Default)]
struct Bytes {
    map: Vec<u8>,
    weights: Vec<u8>,
}

fn count_map(random: &mut SplitMix64) -> CountMap {
    const BOUND: i32 = i32::MAX - (1 << 23);
    match random.below(8) {
        0 => CountMap {
            bias: random.one_of(&[BOUND, -BOUND, 0]),
            multiplier: random.one_of(&[0, 1, i32::MAX]),
            shift: random.one_of(&[1, 22]),
        },
        _ => CountMap {
            bias: random.between(-256 * 3000, 256 * 3000) as i32,
            multiplier: random.between(1 << 30, i64::from(i32::MAX)) as i32,
            shift: random.between(6, 14) as u8,
        },
    }
}

fn value_map(random: &mut SplitMix64) -> ValueMap {
    match random.below(12) {
        0 => ValueMap { offset: f32::MAX, scale: random.one_of(&[f32::MAX, f32::from_bits(1)]) },
        _ => ValueMap {
            offset: 1000.0 * random.signed_unit(),
            scale: 0.01 + (random.signed_unit() + 1.0) / 4.0,
        },
    }
}

/// Segments of a channel: of the first at least two.
fn segments(channel: usize, random: &mut SplitMix64) -> u8 {
    if channel == 0 { random.between(2, 30) as u8 } else { random.one_of(&[1, 2, 5]) }
}

/// Bounds that rise, some of them by as little as they can; so are some of the signal's values.
fn count_curve(channel: usize, random: &mut SplitMix64) -> Vec<u8> {
    let segments = segments(channel, random);
    let mut bound = random.one_of(&[i64::from(i16::MIN), -3000, -40]);
    let bounds = (1..segments).flat_map(|_| {
        bound += random.one_of(&[1, 2, 100, 700]);
        (bound as i16).to_le_bytes()
    });
    let bounds: Vec<u8> = bounds.collect();
    let maps = (0..segments).flat_map(|_| count_map(random).to_bytes());
    [segments].into_iter().chain(bounds).chain(maps).collect()
}

fn value_curve(channel: usize, random: &mut SplitMix64) -> Vec<u8> {
    let segments = segments(channel, random);
    let mut bound = random.one_of(&[f32::MIN, -3000.0, -1e-38, 0.0]);
    let bounds = (1..segments).flat_map(|_| {
        bound = (bound + random.one_of(&[0.0, 1e-3, 100.0, 1000.0])).next_up();
        bound.to_le_bytes()
    });
    let bounds: Vec<u8> = bounds.collect();
    let maps = (0..segments).flat_map(|_| value_map(random).to_bytes());
    [segments].into_iter().chain(bounds).chain(maps).collect()
}

/// Any section for a model of [`FEATURES`].
fn section<'b>(
    form: (SampleKind, bool),
    bytes: &'b mut Bytes,
    random: &mut SplitMix64,
) -> Detection<'b> {
    let window = random.one_of(&[1, 2, 3, 4, 6, 12]);
    let channels = FEATURES / window as usize;
    let channels = 0..channels;
    bytes.map = match form {
        (SampleKind::Pixels, _) => Vec::new(),
        (SampleKind::Counts, false) => {
            channels.flat_map(|_| count_map(random).to_bytes()).collect()
        }
        (SampleKind::Values, false) => {
            channels.flat_map(|_| value_map(random).to_bytes()).collect()
        }
        (SampleKind::Counts, true) => channels.flat_map(|at| count_curve(at, random)).collect(),
        (SampleKind::Values, true) => channels.flat_map(|at| value_curve(at, random)).collect(),
    };
    bytes.weights = match random.below(3) {
        0 => Vec::new(),
        1 => vec![255; FEATURES],
        _ => (0..FEATURES).map(|_| random.between(1, 255) as u8).collect(),
    };
    let of = random.one_of(&[1, 2, 3, 5, 31, 32]);
    Detection {
        samples: match form {
            (SampleKind::Pixels, _) => SampleMap::Pixels,
            (SampleKind::Counts, false) => SampleMap::Counts(&bytes.map),
            (SampleKind::Values, false) => SampleMap::Values(&bytes.map),
            (SampleKind::Counts, true) => SampleMap::CountCurves(&bytes.map),
            (SampleKind::Values, true) => SampleMap::ValueCurves(&bytes.map),
        },
        window,
        stride: random.one_of(&[1, 2, 3, 4, 5, 7, 12, 13, 40, u32::MAX]),
        weights: &bytes.weights,
        threshold: 0,
        calibration: Calibration { alarm_ppm: 10_000, scores: 99, digest: &[7; 32] },
        debounce: Debounce { hits: random.between(1, i64::from(of)) as u8, of },
        smoothing: random.below(4) as u8,
        features: None,
        groups: GroupThresholds::NONE,
    }
}

/// A blob, a signal, and what the oracle says. The threshold is one of the signal's own scores: the
/// window that has it must not exceed it.
fn case(
    subject: &Subject,
    form: (SampleKind, bool),
    random: &mut SplitMix64,
) -> (Vec<u8>, Signal, Vec<Verdict>) {
    let mut bytes = Bytes::default();
    let mut section = section(form, &mut bytes, random);
    let samples = random.between(0, 120) as usize;
    let channels = FEATURES / section.window as usize;
    let signal = around_zero(form.0, samples * channels, 3000.0, random);
    let blob = with_detection(&subject.blob, &section).expect("a section to follow");
    let first = subject.expected(&blob, &signal);
    if !first.is_empty() {
        section.threshold = random.one_of(&first).score;
    }
    let blob = with_detection(&subject.blob, &section).expect("a section to follow");
    let expected = subject.expected(&blob, &signal);
    (blob, signal, expected)
}

fn compare(subject: fn(&mut SplitMix64) -> Subject, cases: usize) {
    let random = &mut SplitMix64::new(21);
    for form in FORMS {
        let (mut windows, mut alarms) = (0, 0);
        for index in 0..cases {
            let subject = subject(random);
            let (blob, signal, expected) = case(&subject, form, random);
            assert_eq!(watch(&blob, &signal), expected, "{form:?} {index}");
            windows += expected.len();
            alarms += expected.iter().filter(|verdict| verdict.alarm).count();
        }
        assert!(windows > 20 * cases / 2, "{windows} windows of {form:?}");
        assert!(alarms > windows / 10 && alarms < windows * 9 / 10, "{alarms} of {windows}");
    }
}

#[test]
fn int8_models_are_watched_as_the_oracle_does() {
    compare(Subject::int8, 200);
}

#[test]
fn f32_models_are_watched_as_the_oracle_does() {
    compare(Subject::f32, 200);
}

#[test]
fn the_layout_changes_no_decision() {
    let random = &mut SplitMix64::new(22);
    for form in FORMS {
        let (blob, signal, expected) = case(&Subject::int8(random), form, random);
        let pairs = arrange(&blob, Layout::RowPairs).expect("a valid blob");
        assert_ne!(pairs, blob);
        assert_eq!(watch(&pairs, &signal), expected);
    }
}

#[test]
fn a_perturbed_section_is_noticed() {
    let random = &mut SplitMix64::new(23);
    let forms = [
        (SampleKind::Counts, "counts[0].bias"),
        (SampleKind::Counts, "counts[0].shift"),
        (SampleKind::Values, "values[0].offset"),
        (SampleKind::Values, "values[0].scale"),
        (SampleKind::Counts, "count_curves[0].bounds[0]"),
        (SampleKind::Counts, "count_curves[0].maps[0].bias"),
        (SampleKind::Values, "value_curves[0].bounds[0]"),
        (SampleKind::Values, "value_curves[0].maps[0].offset"),
        (SampleKind::Pixels, "weights"),
        (SampleKind::Pixels, "stride"),
        (SampleKind::Pixels, "threshold"),
        (SampleKind::Pixels, "debounce.hits"),
    ];
    for (kind, field) in forms {
        let form = (kind, field.contains("curves"));
        let mut noticed = 0;
        for _ in 0..40 {
            let (blob, signal, expected) = case(&Subject::int8(random), form, random);
            let name = format!("detection.{field}");
            let mut fields = Fields::of(&blob);
            let old = fields.bytes(&name).clone();
            let changed = match field {
                // 16 counts more, half as many steps, another sign, an eighth more.
                "counts[0].bias" => vec![old[0], old[1].wrapping_add(16), old[2], old[3]],
                "counts[0].shift" => vec![old[0] % 22 + 1],
                "count_curves[0].maps[0].bias" => {
                    vec![old[0], old[1].wrapping_add(64), old[2], old[3]]
                }
                // Lower, by much: where it lies below the values, others that follow must be above it.
                "count_curves[0].bounds[0]" => i16::MIN.to_le_bytes().to_vec(),
                "value_curves[0].bounds[0]" => f32::MIN.to_le_bytes().to_vec(),
                "values[0].offset" | "value_curves[0].maps[0].offset" => {
                    vec![old[0], old[1], old[2], old[3] ^ 0x80]
                }
                "values[0].scale" => vec![old[0], old[1], old[2] ^ 0x40, old[3]],
                // Windows of one score more, so that the threshold's own exceeds it.
                "threshold" => match expected.iter().map(|verdict| verdict.score).max() {
                    Some(most) if most > 0 => varint(most - 1),
                    _ => continue,
                },
                "weights" if old.is_empty() => continue,
                "weights" => old.iter().map(|&weight| weight % 255 + 1).collect(),
                "stride" => varint(u64::from(old[0] & 3) + 2),
                _ => vec![old[0] % 32 + 1],
            };
            let fields = fields.with(&name, changed);
            let section = |name: &str| name.starts_with("detection.") && name != "detection.len";
            let lens = fields.as_slice().iter().filter(|it| section(&it.name));
            let len: usize = lens.map(|field| field.bytes.len()).sum();
            let blob = fields.with("detection.len", varint(len as u64)).realigned().sealed();
            if ae_engine::check(&blob).is_ok() {
                noticed += usize::from(watch(&blob, &signal) != expected);
            }
        }
        assert!(noticed >= 4, "{field}: noticed {noticed} times");
    }
}

/// A detector of the golden blob that takes counts, and its buffers.
macro_rules! detector {
    ($detector:ident, $blob:expr) => {
        let model = Autoencoder::<Int8<'_>>::load($blob).expect("a golden blob");
        let (mut window, mut reconstruction, mut scratch) = ([0; 4], [0; 4], [0; 16]);
        let made = Detector::new(model, &mut window, &mut reconstruction, &mut scratch);
        let mut $detector = made.expect("a detection section");
    };
}

#[test]
fn a_reset_detector_is_a_new_one() {
    /// The decisions for a signal that rises.
    fn run<'a>(detector: &mut Detector<'a, '_, Int8<'a>>) -> Vec<Option<Decision>> {
        let counts = (0..50).map(|index| [index * 100, -3000 + index * 77]);
        counts.map(|sample: [i16; 2]| detector.push(&sample).expect("a sample")).collect()
    }
    detector!(detector, COUNTS);
    let first = run(&mut detector);
    assert!(first.iter().flatten().any(Decision::is_alarm));
    assert!(!first.iter().flatten().all(Decision::is_alarm));
    let without = run(&mut detector);
    detector.reset();
    let after = run(&mut detector);
    assert_eq!(after, first);
    assert_ne!(without, first);
}

#[test]
fn a_sample_that_is_refused_is_not_taken() {
    detector!(detector, COUNTS);
    detector!(other, COUNTS);
    for value in [-30_i16, 400, 20, -3000, 77] {
        let kinds =
            DetectorError::Samples { expected: SampleKind::Counts, found: SampleKind::Pixels };
        assert_eq!(detector.push(&[1_u8, 2]), Err(kinds));
        assert_eq!(kinds.to_string(), "the sample has u8 values, but the blob's map takes i16");
        for found in [0, 1, 3] {
            let error = DetectorError::Channels { expected: 2, found };
            assert_eq!(detector.push(&[7_i16, 7, 7][..found]), Err(error));
            let text = format!("the sample has {found} values, but the blob has 2 channels");
            assert_eq!(error.to_string(), text);
        }
        assert_eq!(detector.push(&[value, 9]), other.push(&[value, 9]));
    }
}

#[test]
fn a_detector_that_cannot_start_says_why() {
    let start = |blob: &[u8], sizes: [usize; 3]| {
        let model = Autoencoder::<Int8<'_>>::load(blob).expect("a model");
        let [mut window, mut reconstruction] = [sizes[0], sizes[1]].map(|size| vec![0; size]);
        let mut scratch = vec![0; sizes[2]];
        Detector::new(model, &mut window, &mut reconstruction, &mut scratch).map(|_| ())
    };
    let needed = ae_core::scratch_len(COUNTS).expect("a golden blob");
    assert_eq!(start(COUNTS, [4, 4, needed]), Ok(()));
    let pixels = |found| DetectorError::Infer(InferError::Pixels { expected: 4, found });
    assert_eq!(start(COUNTS, [3, 4, needed]), Err(pixels(3)));
    assert_eq!(start(COUNTS, [4, 5, needed]), Err(pixels(5)));
    let found = needed - 1;
    let scratch = DetectorError::Infer(InferError::Scratch { needed, found });
    assert_eq!(start(COUNTS, [4, 4, found]), Err(scratch));
    let plain = include_bytes!("../../golden/tiny.int8.aeb");
    assert_eq!(start(plain, [4, 4, needed]), Err(DetectorError::NoDetection));

    // A section beside one part alone can be written; a detector cannot follow it.
    let mut counts = Fields::of(COUNTS);
    let (from, to) = (counts.offset("detection.len"), counts.offset("encoder"));
    let section = counts.joined()[from..to].to_vec();
    *counts.bytes("tool") = Vec::new();
    for (parts, missing) in
        [(PartSelection::Encoder, PartKind::Decoder), (PartSelection::Decoder, PartKind::Encoder)]
    {
        let part = Fields::of(&select_parts(COUNTS, parts).expect("a golden blob"));
        let blob = part.with("detection.len", section.clone()).realigned().sealed();
        let error = DetectorError::Infer(InferError::NoPart { missing });
        assert_eq!(start(&blob, [4, 4, needed]), Err(error));
    }
}

#[test]
fn the_section_goes_where_both_parts_go() {
    for (blob, plain) in [
        (COUNTS, &include_bytes!("../../golden/tiny.int8.aeb")[..]),
        (VALUES, include_bytes!("../../golden/tiny.f32.aeb")),
    ] {
        assert_eq!(select_parts(blob, PartSelection::Both).expect("a golden blob"), blob);
        for parts in [PartSelection::Encoder, PartSelection::Decoder] {
            let part = select_parts(blob, parts).expect("a golden blob");
            assert_eq!(part, select_parts(plain, parts).expect("a golden blob"));
        }
        let rows = arrange(blob, Layout::RowPairs).and_then(|pairs| arrange(&pairs, Layout::Rows));
        assert_eq!(rows.expect("a golden blob"), blob);
    }
    let pairs = arrange(COUNTS, Layout::RowPairs).expect("a golden blob");
    let of = |blob: &'static [u8]| Model::<Int8<'_>>::parse(blob).expect("a model").detection();
    let model = Model::<Int8<'_>>::parse(&pairs).expect("an arranged blob");
    assert_eq!(model.detection(), of(COUNTS));
    assert!(of(COUNTS).is_ok_and(|section| section.is_some()));
}

#[test]
fn a_section_takes_the_place_of_another_and_leaves_the_model() {
    let plain = include_bytes!("../../golden/tiny.int8.aeb");
    let parse = |blob| Int8Model::parse(blob).expect("a golden blob");
    let mut section = parse(COUNTS).detection().expect("a section").expect("a section");
    assert_eq!(with_detection(plain, &section).expect("a golden blob"), COUNTS);
    section.threshold = u64::MAX;
    section.weights = &[];
    let other = with_detection(COUNTS, &section).expect("a golden blob");
    let model = Int8Model::parse(&other).expect("a blob as written");
    assert_eq!(model.detection(), Ok(Some(section)));
    assert_eq!(model.header().model_id, parse(plain).header().model_id);
    assert_eq!(with_detection(plain, &section).expect("a golden blob"), other);
}
