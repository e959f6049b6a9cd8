//! Faults in windows that are known.

use ae_data::Images;

use super::*;

/// Windows of 32 samples of two channels: a wave of its own phase each, of spread 30, and its
/// opposite of spread 15.
fn windows(count: usize) -> Images {
    let mut codes = Vec::new();
    for window in 0..count {
        for at in 0..32 {
            let wave = (0.4 * at as f64 + 1.7 * window as f64).sin();
            codes.push((128.0 + 42.4 * wave).round() as u8);
            codes.push((128.0 - 21.2 * wave).round() as u8);
        }
    }
    Images::new(codes, 32, 2).unwrap()
}

/// How many codes of each channel a fault has changed, and by how much at most.
fn changes(planted: &Images, normal: &Images) -> [(usize, u8); 2] {
    let mut found = [(0, 0); 2];
    for (at, (a, b)) in planted.pixels().iter().zip(normal.pixels()).enumerate() {
        let (count, most) = &mut found[at % 2];
        *count += usize::from(a != b);
        *most = a.abs_diff(*b).max(*most);
    }
    found
}

#[test]
fn a_fault_is_in_the_channel_that_is_asked_for_and_as_strong() {
    let normal = windows(40);
    let planter = Planter::new(&normal, 7);
    let [of_other, spike] = changes(&planter.plant(Fault::Spike, 2.0, Some(1)).unwrap(), &normal);
    // One sample a window, two spreads of 15 codes.
    assert_eq!((of_other, spike), ((0, 0), (40, 30)));
    let [offset, of_other] = changes(&planter.plant(Fault::Offset, 1.0, Some(0)).unwrap(), &normal);
    assert_eq!((offset.1, of_other), (30, (0, 0)));
    // Half of the windows have it in all of their 32 samples, the others in at least a quarter.
    assert!((40 * 32 / 2..40 * 32).contains(&offset.0), "{offset:?}");
    let [drift, _] = changes(&planter.plant(Fault::Drift, 1.0, Some(0)).unwrap(), &normal);
    assert_eq!(drift.1, 30);
}

#[test]
fn every_fault_changes_most_windows_and_is_the_same_again() {
    let normal = windows(40);
    let planter = Planter::new(&normal, 7);
    for fault in Fault::ALL {
        let strength = *fault.sought().last().unwrap();
        let planted = planter.plant(fault, strength, None).unwrap();
        let changed = planted.iter().zip(normal.iter()).filter(|(a, b)| a != b).count();
        assert!(changed >= 36, "{}: {changed}", fault.name());
        assert!(planter.plant(fault, strength, None).unwrap() == planted);
        let other = Planter::new(&normal, 8).plant(fault, strength, None).unwrap();
        // Two channels can be swapped in one way.
        assert_eq!(other == planted, fault == Fault::Swapped, "{}", fault.name());
    }
}

#[test]
fn swapped_channels_are_each_others() {
    let normal = windows(4);
    let planted = Planter::new(&normal, 7).plant(Fault::Swapped, 0.0, Some(0)).unwrap();
    for (swapped, normal) in planted.pixels().chunks(2).zip(normal.pixels().chunks(2)) {
        assert_eq!([swapped[1], swapped[0]], normal);
    }
}

#[test]
fn what_windows_cannot_have_is_not_planted() {
    let one_channel = Images::new(windows(4).pixels().to_vec(), 64, 1).unwrap();
    let planter = Planter::new(&one_channel, 7);
    for fault in Fault::ALL {
        let found = planter.plant(fault, 1.0, None).is_some();
        assert_eq!(found, !fault.needs_channels(), "{}", fault.name());
    }
    let one_sample = Images::new(windows(4).pixels().to_vec(), 1, 64).unwrap();
    assert!(Planter::new(&one_sample, 7).plant(Fault::Offset, 1.0, None).is_none());
    let none = Images::new(Vec::new(), 32, 2).unwrap();
    assert_eq!(Planter::new(&none, 7).plant(Fault::Offset, 1.0, None).unwrap().len(), 0);
}
