//! Blobs whose model is whole and whose detection section is wrong: they load, because nobody asked
//! for the section, and whoever asks is told what is wrong with it.

use ae_core::{
    Arithmetic, Calibration, DetectionError, F32, GroupThresholds, Int8, Layout, LoadError, Model,
    RewriteError, WriteError, arrange, with_detection,
};
use ae_engine as engine;
use ae_infer::{Autoencoder, Compute, Detector, DetectorError};
use ae_testkit::blob::Blob;
use ae_testkit::fields::Fields;
use ae_testkit::int8::Int8 as Int8Oracle;
use ae_testkit::section::Section;
use ae_testkit::varint::varint;

/// Windows of two samples of two channels of counts, 10,000 ppm of 99 scores, 2 of 3.
fn counts() -> Fields {
    Fields::of(include_bytes!("../../golden/tiny.counts.int8.aeb"))
}

/// Windows of one sample of four channels of values, without weights.
fn values() -> Fields {
    Fields::of(include_bytes!("../../golden/tiny.values.f32.aeb"))
}

/// The same as [`counts`], but channel 0 has three segments.
fn count_curves() -> Fields {
    Fields::of(include_bytes!("../../golden/tiny.count-curves.int8.aeb"))
}

/// The same as [`values`], but channels 0 and 3 have two and three segments.
fn value_curves() -> Fields {
    Fields::of(include_bytes!("../../golden/tiny.value-curves.f32.aeb"))
}

/// The same as [`counts`], with the thresholds of four groups.
fn groups() -> Fields {
    Fields::of(include_bytes!("../../golden/tiny.groups.int8.aeb"))
}

/// The blob with a true length of the section, of the paddings, and of all.
fn sealed(fields: Fields) -> Vec<u8> {
    let of_section = |name: &str| name.starts_with("detection.") && name != "detection.len";
    let section = fields.as_slice().iter().filter(|field| of_section(&field.name));
    let len: usize = section.map(|field| field.bytes.len()).sum();
    fields.with("detection.len", varint(len as u64)).realigned().sealed()
}

/// The error that all who ask for the section get, of a blob that loads.
fn refused_by<'a, A: Compute<'a>>(blob: &'a [u8]) -> LoadError {
    let model = Model::<A>::parse(blob).expect("the section is not asked for");
    let error = model.detection().expect_err("a section with a wrong meaning");
    // The writer reads back what it has written with this.
    assert_eq!(A::validate(blob), Err(error));
    assert_eq!(engine::check(blob).map(|_| ()), Err(error));
    let model = Autoencoder::<A>::load(blob).expect("a model that runs without a detector");
    let mut buffers = [[0; 4]; 2];
    let [window, reconstruction] = &mut buffers;
    let mut scratch = [A::Element::default(); 16];
    let detector = Detector::new(model, window, reconstruction, &mut scratch);
    assert_eq!(detector.err(), Some(DetectorError::Load(error)));
    assert_eq!(DetectorError::Load(error).to_string(), error.to_string());
    error
}

fn refused(fields: Fields) -> LoadError {
    let blob = sealed(fields);
    if engine::contract_of(&blob) == Ok(ae_core::Contract::F32) {
        return refused_by::<F32>(&blob);
    }
    let error = refused_by::<Int8<'_>>(&blob);
    let arranged = arrange(&blob, Layout::RowPairs);
    assert!(matches!(arranged, Err(RewriteError::Load(found)) if found == error));
    error
}

/// One field of a section changed, and what is said of it.
#[track_caller]
fn names(fields: Fields, error: DetectionError, text: &str) {
    let found = refused(fields);
    assert_eq!(found, LoadError::Detection(error));
    assert!(found.to_string().contains(text), "{found}");
}

#[track_caller]
fn accepted(fields: Fields) {
    let blob = sealed(fields);
    engine::check(&blob).expect("a section that a detector can follow");
}

fn number(field: &str, value: u64) -> Fields {
    counts().with(field, varint(value))
}

#[test]
fn the_sections_are_good_before_they_are_changed() {
    for fields in [counts(), values(), count_curves(), value_curves(), groups()] {
        assert_eq!(sealed(fields.clone()), fields.joined());
        accepted(fields);
    }
}

#[test]
fn windows_and_strides() {
    for found in [0, 3, 5, 8, u32::MAX] {
        let error = DetectionError::Window { features: 4, found };
        let text = format!("4 pixels cannot be divided among {found} samples");
        names(number("detection.window", found.into()), error, &text);
    }
    // A window of another length has other channels.
    for (window, expected) in [(1, 36), (4, 9)] {
        let error = DetectionError::MapLength { expected, found: 18 };
        let text = format!("has 18 bytes, expected {expected}");
        names(number("detection.window", window), error, &text);
    }
    let text = "the stride is 0 samples";
    names(number("detection.stride", 0), DetectionError::NoStride, text);
    for stride in [1, 2, 3, u32::MAX.into()] {
        accepted(number("detection.stride", stride));
    }
}

#[test]
fn pixels_have_no_map() {
    for (window, is_good) in [(1, true), (2, true), (4, true), (0, false), (3, false)] {
        let fields = number("detection.window", window).without("detection.counts");
        let fields = fields.with("detection.samples", [0]);
        if is_good {
            accepted(fields);
        } else {
            refused(fields);
        }
    }
}

#[test]
fn maps_of_another_length() {
    for found in [0, 1, 9, 17, 19, 27, 200] {
        let mut map = varint(found);
        map.resize(map.len() + found as usize, 1);
        let fields = counts().without("detection.counts[").with("detection.counts.len", map);
        let error = DetectionError::MapLength { expected: 18, found: found as usize };
        names(fields, error, &format!("has {found} bytes, expected 18"));
    }
    let map = [&[31][..], &[1; 31]].concat();
    let fields = values().without("detection.values[").with("detection.values.len", map);
    let error = DetectionError::MapLength { expected: 32, found: 31 };
    names(fields, error, "has 31 bytes, expected 32");
}

#[test]
fn maps_of_counts_that_could_overflow() {
    const BOUND: i32 = i32::MAX - (1 << 23);
    let changed = |field: &str, bytes: &[u8]| {
        let error = DetectionError::MapValue { channel: 1 };
        let fields = counts().with(&format!("detection.counts[1].{field}"), bytes);
        names(fields, error, "the map of channel 1");
    };
    let kept = |field: &str, bytes: &[u8]| {
        accepted(counts().with(&format!("detection.counts[1].{field}"), bytes));
    };
    for bias in [BOUND + 1, -BOUND - 1, i32::MAX, i32::MIN] {
        changed("bias", &bias.to_le_bytes());
    }
    for bias in [BOUND, -BOUND, 0] {
        kept("bias", &bias.to_le_bytes());
    }
    for multiplier in [-1, i32::MIN] {
        changed("multiplier", &multiplier.to_le_bytes());
    }
    for multiplier in [0, 1, i32::MAX] {
        kept("multiplier", &multiplier.to_le_bytes());
    }
    for shift in [0, 23, 31, 32, 255] {
        changed("shift", &[shift]);
    }
    for shift in [1, 22] {
        kept("shift", &[shift]);
    }
}

#[test]
fn maps_of_values_that_are_not_finite_or_not_positive() {
    let fields = |field: &str, value: f32| {
        values().with(&format!("detection.values[3].{field}"), value.to_le_bytes())
    };
    let error = DetectionError::MapValue { channel: 3 };
    for scale in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, -1.0, -f32::MIN_POSITIVE] {
        names(fields("scale", scale), error, "the map of channel 3");
    }
    for offset in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        names(fields("offset", offset), error, "the map of channel 3");
    }
    for scale in [f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1)] {
        accepted(fields("scale", scale));
    }
    for offset in [f32::MAX, f32::MIN, -0.0] {
        accepted(fields("offset", offset));
    }
}

/// A map in segments whose bytes are these, in place of a golden blob's.
fn with_curves(fields: Fields, bytes: &[u8]) -> Fields {
    let name = match fields.as_slice().iter().any(|it| it.name.contains("count_curves")) {
        true => "detection.count_curves",
        false => "detection.value_curves",
    };
    let map = [&varint(bytes.len() as u64)[..], bytes].concat();
    fields.without(&format!("{name}[")).with(&format!("{name}.len"), map)
}

/// So many segments of counts with these bounds.
fn count_segments(segments: u8, bounds: &[i16]) -> Vec<u8> {
    let maps = [&[0, 0, 0, 0, 0, 0, 0, 64, 9][..]].repeat(segments.into()).concat();
    let bounds: Vec<u8> = bounds.iter().flat_map(|bound| bound.to_le_bytes()).collect();
    [&[segments], &bounds[..], &maps].concat()
}

#[test]
fn segments_that_are_not_there_or_do_not_rise() {
    let one = count_segments(1, &[]);
    let bad = |bytes: &[u8], channel| {
        let error = DetectionError::MapSegments { channel };
        let text = format!("the map of channel {channel} has no segments, or bounds that do not");
        names(with_curves(count_curves(), bytes), error, &text);
    };
    for bounds in [[7, 7], [8, 7], [i16::MAX, i16::MIN], [0, -1]] {
        bad(&[&count_segments(3, &bounds)[..], &one].concat(), 0);
        bad(&[&one[..], &count_segments(3, &bounds)].concat(), 1);
    }
    // No segment, and as many bytes as one would have.
    bad(&[&one[..], &[0], &one[1..]].concat(), 1);
    for bounds in [[-1, 0], [i16::MIN, i16::MAX], [7, 8]] {
        let bytes = [&count_segments(3, &bounds)[..], &one].concat();
        accepted(with_curves(count_curves(), &bytes));
    }
    // The most there can be.
    let bounds: Vec<i16> = (0..254).collect();
    let most = [&one[..], &count_segments(255, &bounds)].concat();
    accepted(with_curves(count_curves(), &most));
    let bounds = |bounds: [f32; 2]| {
        bounds.iter().enumerate().fold(value_curves(), |fields, (at, bound)| {
            fields.with(&format!("detection.value_curves[3].bounds[{at}]"), bound.to_le_bytes())
        })
    };
    let least = f32::from_bits(1);
    for wrong in [
        [0.0, -0.0],
        [-0.0, 0.0],
        [1.0, 1.0],
        [1.0, -1.0],
        [-1.0, -2.0],
        [f32::NAN, 1.0],
        [-1.0, f32::NAN],
        [f32::NEG_INFINITY, 0.0],
        [0.0, f32::INFINITY],
    ] {
        names(bounds(wrong), DetectionError::MapSegments { channel: 3 }, "the map of channel 3");
    }
    for right in [[-least, 0.0], [-0.0, least], [-2.0, -1.0], [f32::MIN, f32::MAX], [1.0, 2.0]] {
        accepted(bounds(right));
    }
}

#[test]
fn segments_of_another_length() {
    let golden = count_curves();
    let good = [count_segments(2, &[5]), count_segments(1, &[])].concat();
    accepted(with_curves(golden.clone(), &good));
    for (bytes, expected) in [
        (&good[..good.len() - 1], good.len()),
        (&[&good[..], &[1]].concat(), good.len()),
        (&[], 20),
        (&[1], 20),
        (&[255], 1 + 254 * 2 + 255 * 9 + 10),
        (&[0, 0], 20),
        (&good[..21], good.len()),
    ] {
        let error = DetectionError::MapLength { expected, found: bytes.len() };
        names(with_curves(golden.clone(), bytes), error, "the map of samples has");
    }
    // Maps of one line read as segments: of one in channel 0, and of 30 in channel 1.
    let error = DetectionError::MapLength { expected: 10 + 329, found: 18 };
    names(number("detection.samples", 3), error, "has 18 bytes, expected 339");
}

#[test]
fn segments_whose_map_could_overflow_or_is_not_finite() {
    let error = DetectionError::MapValue { channel: 0 };
    let field = "detection.count_curves[0].maps[2]";
    for (name, bytes) in [
        ("bias", &i32::MIN.to_le_bytes()[..]),
        ("multiplier", &[255; 4]),
        ("shift", &[0]),
        ("shift", &[23]),
    ] {
        names(
            count_curves().with(&format!("{field}.{name}"), bytes),
            error,
            "the map of channel 0",
        );
    }
    let error = DetectionError::MapValue { channel: 3 };
    let field = "detection.value_curves[3].maps[1]";
    for (name, value) in [("offset", f32::NAN), ("scale", 0.0), ("scale", f32::INFINITY)] {
        let fields = value_curves().with(&format!("{field}.{name}"), value.to_le_bytes());
        names(fields, error, "the map of channel 3");
    }
}

#[test]
fn weights_of_another_number_and_of_nothing() {
    let weights = |weights: &[u8]| {
        let fields = counts().with("detection.weights.len", [weights.len() as u8]);
        fields.with("detection.weights", weights)
    };
    for found in [1, 3, 5, 100] {
        let error = DetectionError::WeightCount { expected: 4, found };
        names(weights(&[1].repeat(found)), error, &format!("{found} weights for 4 pixels"));
    }
    for pixel in 0..4 {
        let mut some = [255; 4];
        some[pixel] = 0;
        let text = format!("the weight of pixel {pixel} is 0");
        names(weights(&some), DetectionError::NoWeight { pixel }, &text);
    }
    accepted(weights(&[]));
    accepted(weights(&[1, 255, 1, 255]));
}

#[test]
fn false_alarm_rates_and_numbers_of_scores() {
    for found in [0, 1_000_000, u32::MAX] {
        let text = format!("the false-alarm rate is {found} in a million");
        names(
            number("detection.alarm_ppm", found.into()),
            DetectionError::AlarmRate { found },
            &text,
        );
    }
    let both = |alarm_ppm: u32, scores: u32| {
        number("detection.alarm_ppm", alarm_ppm.into())
            .with("detection.scores", varint(scores.into()))
    };
    // The least number of scores that will do, and one less.
    for (alarm_ppm, least) in [
        (10_000, 99),
        (1, 999_999),
        (999_999, 1),
        (500_000, 1),
        (333_333, 3),
        (333_334, 2),
        (50_000, 19),
    ] {
        accepted(both(alarm_ppm, least));
        let found = least - 1;
        let text = format!("{found} calibration scores are too few");
        names(both(alarm_ppm, found), DetectionError::TooFewScores { alarm_ppm, found }, &text);
    }
    accepted(both(1, u32::MAX));
}

#[test]
fn the_rank_is_the_formula_in_whole_numbers() {
    for alarm_ppm in [1, 10, 999, 10_000, 50_000, 123_457, 333_333, 999_999] {
        for scores in (0..3000).chain([999_998, 999_999, u32::MAX]) {
            let calibration = Calibration { alarm_ppm, scores, digest: &[0; 32] };
            let million = 1_000_000_i128;
            let kept = (i128::from(scores) + 1) * (million - i128::from(alarm_ppm));
            // The least whole number that is not below the quotient.
            let rank = (kept / million..).find(|rank| rank * million >= kept);
            assert_eq!(Some(i128::from(calibration.rank())), rank, "{alarm_ppm} of {scores}");
        }
    }
}

#[test]
fn digests_of_another_length() {
    for found in [0, 31, 33] {
        let fields = counts().with("detection.digest.len", [found as u8]);
        let fields = fields.with("detection.digest", vec![7; found]);
        let error = DetectionError::DigestLength { expected: 32, found };
        names(fields, error, &format!("the digest of the scores has {found} bytes, expected 32"));
    }
}

#[test]
fn debounces_that_never_or_always_ring() {
    let debounce = |hits: u8, of: u8| {
        counts().with("detection.debounce.hits", [hits]).with("detection.debounce.of", [of])
    };
    for (hits, of) in [(0, 0), (0, 1), (2, 1), (33, 32), (1, 33), (33, 33), (255, 255), (0, 255)] {
        let text = format!("an alarm takes {hits} of the last {of} windows");
        names(debounce(hits, of), DetectionError::Debounce { hits, of }, &text);
    }
    for (hits, of) in [(1, 1), (1, 32), (32, 32), (31, 32)] {
        accepted(debounce(hits, of));
    }
}

/// Where the section begins, behind its length.
fn start(fields: &Fields) -> usize {
    fields.offset("detection.samples")
}

#[test]
fn numbers_in_a_longer_encoding_than_the_shortest() {
    let offset = start(&counts());
    for field in [
        "samples",
        "counts.len",
        "window",
        "stride",
        "weights.len",
        "threshold",
        "alarm_ppm",
        "scores",
        "digest.len",
    ] {
        let mut fields = counts();
        let bytes = fields.bytes(&format!("detection.{field}"));
        *bytes.last_mut().expect("a number") |= 0x80;
        bytes.push(0);
        assert_eq!(refused(fields), LoadError::NotCanonical { offset }, "{field}");
    }
    // The section's own length belongs to the body, which every reader reads.
    let fields = counts().with("detection.len", [0x80 | 68, 0]).realigned();
    let offset = fields.offset("detection.len");
    assert_eq!(Int8::validate(&fields.sealed()), Err(LoadError::NotCanonical { offset }));
}

#[test]
fn numbers_beyond_their_width_and_of_no_kind() {
    let offset = start(&counts());
    for field in ["samples", "window", "stride", "alarm_ppm", "scores"] {
        let fields = number(&format!("detection.{field}"), 1 << 32);
        assert_eq!(refused(fields), LoadError::Malformed { offset }, "{field}");
    }
    for kind in [5, 127] {
        assert_eq!(refused(number("detection.samples", kind)), LoadError::Malformed { offset });
    }
    accepted(number("detection.threshold", u64::MAX));
    // Ten bytes whose last one has a 65th bit.
    let fields = counts().with("detection.threshold", [&[0xff; 9][..], &[0x02]].concat());
    assert_eq!(refused(fields), LoadError::Malformed { offset });
}

#[test]
fn sections_that_are_cut_or_go_on() {
    for fields in [counts(), values(), count_curves(), value_curves()] {
        let (start, end) = (start(&fields), fields.offset("encoder"));
        let section = fields.joined()[start..end].to_vec();
        let put = |section: &[u8]| {
            let fields = fields.clone().without("detection.samples").without("detection.count");
            let fields =
                ["value", "window", "stride", "weights", "threshold", "alarm_ppm", "scores"]
                    .iter()
                    .fold(fields, |fields, name| fields.without(&format!("detection.{name}")));
            let fields = fields.without("detection.digest").without("detection.debounce");
            let bytes = [&varint(section.len() as u64)[..], section].concat();
            // Sealed here: the length stands with what it counts.
            fields.with("detection.len", bytes).realigned().sealed()
        };
        let error = |blob: &[u8]| engine::check(blob).expect_err("a wrong section");
        assert_eq!(put(&section), fields.joined());
        for cut in 1..section.len() {
            assert_eq!(
                error(&put(&section[..cut])),
                LoadError::Malformed { offset: start },
                "{cut}"
            );
        }
        // What may follow is how errors are smoothed, where they are.
        for found in [0, 4, 127] {
            let error = error(&put(&[&section[..], &[found]].concat()));
            assert_eq!(error, LoadError::Detection(DetectionError::Smoothing { found }));
        }
        for smoothing in 1..4 {
            let smoothed = [&section[..], &[smoothing]].concat();
            assert!(engine::check(&put(&smoothed)).is_ok());
            for count in [1, 6, 7, 50] {
                let longer = [&smoothed[..], &vec![0; count]].concat();
                // A section of 128 bytes has a length of two.
                let offset = end + 1 + usize::from(longer.len() > 127);
                let found = error(&put(&longer));
                // Features of the signal may follow, and seven zeros can be read as some.
                match count.checked_sub(7) {
                    None => assert_eq!(found, LoadError::Malformed { offset }),
                    Some(0) => {
                        let is_named =
                            |it| matches!(it, LoadError::Detection(DetectionError::Features(_)));
                        assert!(is_named(found), "{found}");
                    }
                    Some(count) => {
                        let offset = offset + 7;
                        assert_eq!(found, LoadError::TrailingBytes { offset, count });
                    }
                }
            }
        }
        // None at all is a blob that says nothing to a detector.
        assert!(engine::check(&put(&[])).is_ok());
    }
}

#[test]
fn groups_that_are_too_few_or_too_many_or_fall() {
    let bytes_of = |bytes: &[u8]| {
        let fields = groups().with("detection.groups.len", varint(bytes.len() as u64));
        fields.with("detection.groups", bytes)
    };
    let of = |thresholds: &[u64]| {
        bytes_of(&thresholds.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<u8>>())
    };
    for found in [0, 1, 8, 15, 17, 31, 33, 513, 520] {
        let text = format!("{found} bytes, expected 8 for each of 2 to 64 groups");
        names(bytes_of(&vec![7; found]), DetectionError::Groups { found }, &text);
    }
    for (thresholds, group) in [(&[2, 1][..], 1), (&[0, u64::MAX, u64::MAX - 1], 2)] {
        let text = format!("the threshold of group {group} is less");
        names(of(thresholds), DetectionError::GroupOrder { group }, &text);
    }
    for thresholds in [&[0, 0][..], &[1, u64::MAX], &[9; 64]] {
        accepted(of(thresholds));
    }
    // With a smoothing, and with one that is too large.
    accepted(groups().with("detection.smoothing", [128 + 3]));
    let error = DetectionError::Smoothing { found: 4 };
    names(groups().with("detection.smoothing", [128 + 4]), error, "over 4 samples");
    // Without the mark they would be features; with nothing but the mark a byte is missing.
    refused(groups().with("detection.smoothing", [0]));
    refused(groups().without("detection.groups"));
}

#[test]
fn the_bound_of_groups_is_that_of_the_oracle() {
    let mut thresholds = Vec::new();
    for count in 0..=64_u64 {
        let section = Section { groups: thresholds.clone(), ..section_of(&counts()) };
        let bytes: Vec<u8> = thresholds.iter().flat_map(|it: &u64| it.to_le_bytes()).collect();
        let groups = GroupThresholds(&bytes);
        for group_ppm in (1..1_000_000).step_by(7919).chain([15_384, 15_385, 200_000, 999_999]) {
            let expected = section.group_bound(group_ppm);
            assert_eq!(groups.bound(group_ppm), expected, "{count} of {group_ppm}");
        }
        assert_eq!([0, 1_000_000, u32::MAX].map(|it| groups.bound(it)), [None; 3]);
        thresholds.push(10 + count);
    }
}

fn section_of(fields: &Fields) -> Section {
    Section::read(&Blob::<Int8Oracle>::read(&fields.joined()).detection)
}

#[test]
fn the_writer_writes_no_section_that_it_would_refuse() {
    let blob = counts().joined();
    let model = Model::<Int8<'_>>::parse(&blob).expect("a golden blob");
    let good = model.detection().expect("a good section").expect("a section");
    let mut bad = good;
    bad.stride = 0;
    let refused = with_detection(&blob, &bad);
    let error = LoadError::Detection(DetectionError::NoStride);
    assert!(
        matches!(refused, Err(RewriteError::Write(WriteError::Invalid(found))) if found == error),
        "{refused:?}"
    );
    assert!(with_detection(&blob, &good).is_ok_and(|again| again == blob));
}
