//! Features that break a rule of the format are refused by its name, and no byte of a section makes a
//! reader panic.

use ae_core::{DetectionError, FeaturesError, LoadError, SampleKind};
use ae_testkit::random::SplitMix64;
use ae_testkit::section::{Bands, Features, Samples, Section, ValueMap};

use crate::blobs::{detection, section, with_section};

/// The section with other features.
fn with(change: impl Fn(&mut Features)) -> Section {
    let mut section = section();
    change(section.features.as_mut().expect("features"));
    section
}

fn with_bands(change: impl Fn(&mut Bands)) -> Section {
    with(|it| change(it.bands.as_mut().expect("bands")))
}

#[track_caller]
fn refused(section: &Section, error: FeaturesError, words: &str) {
    assert!(!section.follows_the_rules(24), "the oracle accepts {section:?}");
    let blob = with_section(section.write());
    let found = detection(&blob).expect_err("a broken rule");
    assert_eq!(found, LoadError::Detection(DetectionError::Features(error)));
    assert!(found.to_string().contains(words), "{found}");
}

#[test]
fn the_section_is_good_before_it_is_changed() {
    let section = section();
    assert!(section.follows_the_rules(24));
    let blob = with_section(section.write());
    let found = detection(&blob).expect("a good section").expect("a section");
    let features = found.features.expect("features");
    assert_eq!((features.values(), features.channels, features.frame), (8, 2, 64));
    assert_eq!((found.signal_window(), found.signal_stride()), (64 + 2 * 40, 80));
    assert_eq!(found.window_len(24), 24 + 3 + 2 * 64 * 2 + 4 * 64);
    assert_eq!(ae_core::window_len(&blob), Some(found.window_len(24)));
    assert_eq!(Section::read(&section.write()), section);
}

#[test]
fn every_broken_rule_has_its_name() {
    use FeaturesError as E;
    refused(&with(|it| it.channels = 0), E::NoChannel, "no channel");
    for found in [0, 1, 16, 31, 33, 96, 4096, 65_535] {
        let words = format!("a frame has {found} samples, expected a power of two from 32 to 2048");
        refused(&with(|it| it.frame = found.into()), E::Frame { found }, &words);
    }
    // The count of channels is looked at before the number of values.
    let many = with(|it| (it.channels, it.frame) = (129, 2048));
    let error = E::FrameValues { most: 1 << 18, found: 129 * 2048 };
    refused(&many, error, "a frame has 264192 values of all channels, expected at most 262144");
    for found in [0, 65, u16::MAX] {
        let words = format!("begins {found} samples after the last, expected 1 to 64");
        refused(&with(|it| it.hop = found.into()), E::Hop { frame: 64, found }, &words);
    }
    let unit = ValueMap { offset: 0.0, scale: 1.0 };
    let error = E::UnitsLength { expected: 16, found: 24 };
    refused(&with(|it| it.units.push(unit)), error, "24 bytes, expected 16 or none");
    for bad in [0.0, -1.0, f32::INFINITY, f32::NAN, -0.0] {
        let section = with(|it| it.units[1].scale = bad);
        refused(&section, E::Unit { channel: 1 }, "channel 1 is not finite");
    }
    refused(&with(|it| it.units[0].offset = f32::NAN), E::Unit { channel: 0 }, "channel 0");
    for found in [64, 128, 255] {
        let words = format!("the bits {found:#04x}, expected none above 0x3f");
        refused(&with(|it| it.statistics = found), E::Statistics { found }, &words);
    }
    refused(
        &with_bands(|it| it.segments.truncate(1)),
        E::Segments { found: 2 },
        "have 2 bytes, expected an even number, at least 4",
    );
    // 33 bins, of which 11 have a weight.
    let error = E::Bins { most: 33, found: 34 };
    refused(&with_bands(|it| it.first = 23), error, "reach to bin 34 of 33");
    let error = E::Bins { most: 33, found: 65_546 };
    refused(&with_bands(|it| it.first = 65_535), error, "65546");
    let error = E::Weight { bin: 5, found: 32_769 };
    refused(
        &with_bands(|it| it.segments[1][2] = 32_769),
        error,
        "bin 5 is 32769, expected at most",
    );
    // What is behind them: other values of a frame than of a sample of the window, another map.
    let error = E::Values { expected: 8, found: 6 };
    refused(
        &with(|it| it.statistics = 2),
        error,
        "gives 6 values, but a sample of the window has 8",
    );
    let error = E::Values { expected: 8, found: 88 };
    refused(&with(|it| it.raw = 1), error, "gives 88 values");
    let pixels = Section { samples: Samples::Pixels, ..section() };
    let map = |found| E::Map { found };
    refused(&pixels, map(SampleKind::Pixels), "takes u8 values, expected i16");
    let reals = Samples::Values(vec![unit; 8]);
    let reals = Section { samples: reals, ..section() };
    refused(&reals, map(SampleKind::Values), "takes f32 values, expected i16");
}

#[test]
fn bounds_themselves_are_accepted() {
    for section in [
        with(|it| it.hop = 64),
        with(|it| it.hop = 1),
        with(|it| it.frame = 2048),
        with(|it| it.units.clear()),
        with_bands(|it| it.first = 22),
        with_bands(|it| it.segments[2].clear()),
        with_bands(|it| it.segments.iter_mut().for_each(Vec::clear)),
        with_bands(|it| it.segments[0][0] = 0),
    ] {
        assert!(section.follows_the_rules(24));
        let blob = with_section(section.write());
        let found = detection(&blob).expect("a good section").expect("a section");
        assert_eq!(ae_core::window_len(&blob), Some(found.window_len(24)), "{section:?}");
    }
}

/// Of two broken rules the first in the page's order is named.
#[test]
fn rules_are_looked_at_in_the_order_of_the_page() {
    use FeaturesError as E;
    type Break = fn(&mut Features);
    let breaks: [(Break, E); 9] = [
        (|it| it.channels = 0, E::NoChannel),
        (|it| it.frame = 48, E::Frame { found: 48 }),
        (|it| it.hop = 2000, E::Hop { frame: 64, found: 2000 }),
        (|it| it.units.truncate(1), E::UnitsLength { expected: 16, found: 8 }),
        (|it| it.units[0].scale = 0.0, E::Unit { channel: 0 }),
        (|it| it.statistics = 0xff, E::Statistics { found: 0xff }),
        (|it| bands(it).segments.truncate(1), E::Segments { found: 2 }),
        (|it| bands(it).first = 60, E::Bins { most: 33, found: 71 }),
        (|it| bands(it).segments[0][0] = u16::MAX, E::Weight { bin: 1, found: u16::MAX }),
    ];
    for (first, (one, expected)) in breaks.iter().enumerate() {
        for (other, _) in &breaks[first + 1..] {
            let section = with(|it| {
                one(it);
                // Of a map that is not there, nothing is said.
                other(it);
            });
            let blob = with_section(section.write());
            let Err(LoadError::Detection(DetectionError::Features(found))) = detection(&blob)
            else {
                panic!("{section:?} is accepted")
            };
            // Numbers in the error may be those of the other fault.
            let [found, expected] = [found, *expected].map(|it| std::mem::discriminant(&it));
            assert_eq!(found, expected, "{section:?}");
        }
    }
}

fn bands(features: &mut Features) -> &mut Bands {
    features.bands.as_mut().expect("bands")
}

#[test]
fn sections_that_are_cut_or_go_on_are_refused() {
    let whole = section().write();
    let without = Section { features: None, ..section() }.write();
    for cut in 1..whole.len() {
        let blob = with_section(whole[..cut].to_vec());
        let found = detection(&blob);
        if cut == without.len() {
            assert!(matches!(found, Ok(Some(_))), "a section without features");
        } else if cut == without.len() + 1 {
            // The smoothing alone, which is 0.
            let error = DetectionError::Smoothing { found: 0 };
            assert_eq!(found, Err(LoadError::Detection(error)));
        } else {
            assert!(matches!(found, Err(LoadError::Malformed { .. })), "{cut}: {found:?}");
        }
    }
    for more in 1..4 {
        let blob = with_section([&whole[..], &vec![0; more]].concat());
        let found = detection(&blob);
        let is_left =
            |it: &_| matches!(it, LoadError::TrailingBytes { count, .. } if *count == more);
        assert!(found.as_ref().is_err_and(is_left), "{found:?}");
    }
}

#[test]
fn what_is_neither_of_two_or_not_the_shortest_cannot_be_read() {
    let whole = section().write();
    let start = Section { features: None, ..section() }.write().len() + 1;
    // Channels, frame, hop, the length of the maps, the maps.
    let raw = start + 3 + 1 + 16;
    let taper = raw + 3;
    assert_eq!(whole[raw..taper + 3], [0, 0b10_0010, 1, 1, 0, 1]);
    for (at, least) in [(raw, 2), (raw + 2, 2), (taper, 2), (taper + 1, 2)] {
        for value in [least, 3, 255] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let blob = with_section(bytes);
            assert!(matches!(detection(&blob), Err(LoadError::Malformed { .. })), "{at}: {value}");
        }
    }
    // The channels in two bytes.
    let long = [&whole[..start], &[0x82, 0], &whole[start + 1..]].concat();
    let blob = with_section(long);
    assert!(matches!(detection(&blob), Err(LoadError::NotCanonical { .. })));
}

/// A compiler reads the size of a buffer from any bytes.
#[test]
fn the_size_of_a_window_is_read_from_any_bytes() {
    let blob = with_section(section().write());
    assert!(ae_core::window_len(&blob).is_some());
    for cut in 0..blob.len() {
        let _ = ae_core::window_len(&blob[..cut]);
    }
    let random = &mut SplitMix64::new(31);
    let (mut accepted, mut hostile) = (0, 0);
    for turn in 0..20_000 {
        // Of groups or not; those of the compiler's are passed over.
        let groups = if turn % 2 == 0 { vec![] } else { vec![40_000, 60_000, 60_000] };
        let mut section = Section { groups, ..section() }.write();
        for _ in 0..=random.below(3) {
            let at = random.below(section.len());
            match random.below(6) {
                0 => section.truncate(at.max(1)),
                1 => section.insert(at, random.bits() as u8),
                2 => section[at] ^= 1 << random.below(8),
                3 => section[at] = 0xff,
                4 => section[at] = random.bits() as u8,
                _ => section.extend([0x80; 12]),
            }
        }
        let blob = with_section(section);
        let found = ae_core::window_len(&blob);
        match detection(&blob) {
            Ok(section) => {
                let section = section.expect("a section");
                assert_eq!(found, Some(section.window_len(24)));
                accepted += 1;
            }
            Err(_) => hostile += 1,
        }
    }
    assert!(accepted > 1000 && hostile > 1000, "{accepted} accepted, {hostile} refused");
}
