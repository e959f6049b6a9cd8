use super::*;
use crate::signal::{Labels, Origin, Recording};

const WINDOW: usize = 16;

/// The knots of one channel, and its deviation.
fn fitted(samples: Vec<f32>) -> (Option<Knots>, f64) {
    let windows = (0..=samples.len() - WINDOW).step_by(4);
    let windows: Vec<_> = windows.map(|start| WindowAt { recording: 0, start }).collect();
    let recording =
        Recording { samples, labels: Labels::default(), group: None, origin: Origin::default() };
    let signals = Signals {
        channels: vec!["flow".into()],
        recordings: vec![recording],
        notes: vec![],
        rate: None,
    };
    let fit = Standardisation::fit(&signals, &windows, WINDOW).unwrap();
    let [knots] = Knots::of(&signals, &windows, WINDOW, &fit, 1.0 / 32.0).try_into().unwrap();
    (knots, fit.deviation[0])
}

fn knots(of: impl Fn(usize) -> f32) -> Option<Knots> {
    fitted((0..4000).map(of).collect()).0
}

/// From −0.5 to 0.5, every value as often.
fn noise(at: usize) -> f32 {
    (at * 7919 % 1009) as f32 / 1009.0 - 0.5
}

/// 32, 76 or 127, 200 samples each, and what varies within it.
fn levels(at: usize) -> f32 {
    [32.0, 127.0, 76.0, 127.0, 32.0][at / 200 % 5] + noise(at)
}

#[test]
fn levels_have_a_spread_of_their_own() {
    let (found, deviation) = fitted((0..4000).map(levels).collect());
    let Knots { within, places } = found.expect("levels");
    assert!(within > 0.2 && within < 0.4, "{within}");
    assert!(deviation > 30.0, "{deviation}");
    assert!(places.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{places:?}");
    // A level that a fifth of the values have gets more than all of them had on a straight line.
    let spreads = |value: f32| {
        let next = places.partition_point(|place| place.0 < value);
        let [(a, from), (b, to)] = [places[next - 1], places[next]];
        from + (to - from) * f64::from(value - a) / f64::from(b - a)
    };
    for (level, least) in [(32.0, 1.0), (76.0, 0.15), (127.0, 1.0)] {
        let width = spreads(level + 0.4) - spreads(level - 0.4);
        assert!(width > least && width > 5.0 * 0.8 / deviation, "{level}: {width}");
    }
}

#[test]
fn levels_in_coarse_steps_count_where_they_change() {
    // A sensor that tells tenths, and mostly says the same for a whole window.
    let coarse = |at: usize| [20.0, 60.0, 90.0][at / 1300 % 3] + (at / 37 % 3) as f32 / 10.0;
    let found = knots(coarse).expect("levels");
    assert!(found.within > 0.0, "windows in which nothing changes say nothing");
    assert!(found.places.len() >= 4, "{found:?}");
}

#[test]
fn what_a_straight_line_is_good_for_keeps_it() {
    let kept = |name: &str, of: fn(usize) -> f32| assert_eq!(knots(of), None, "{name}");
    kept("a wave", |at| (at as f32 / 7.0).sin());
    kept("noise", noise);
    kept("a switch that is rarely on", |at| f32::from(at % 400 > 390));
    kept("a switch that is on for long", |at| f32::from(at % 1000 > 500));
    kept("three steps without anything between", |at| [32.0, 127.0, 76.0][at / 200 % 3]);
    kept("a pump that mostly rests", |at| if at % 500 > 460 { 50.0 + noise(at) } else { 0.0 });
    kept("a counter", |at| at as f32);
    kept("a slow rise", |at| at as f32 / 100.0 + noise(at));
    kept("a slow wave", |at| 50.0 * (at as f32 / 500.0).sin() + noise(at));
}

#[test]
fn far_values_have_no_knot() {
    let far = |at: usize| if at == 2001 { -1e6 } else { levels(at) };
    let found = knots(far).expect("levels");
    assert!(found.places.iter().all(|place| place.0 > 0.0), "{found:?}");
}

#[test]
fn a_value_that_is_several_quantiles_becomes_their_mean() {
    let mut values = vec![1.0_f32; 700];
    values.extend([2.0; 300]);
    let found = places(&values);
    assert_eq!(found.len(), 2);
    let mean = |quantiles: &[f64]| {
        quantiles.iter().map(|&it| laplace(it)).sum::<f64>() / quantiles.len() as f64
    };
    for ((_, found), quantiles) in found.iter().zip([&QUANTILES[..20], &QUANTILES[20..]]) {
        assert!((found - mean(quantiles)).abs() < 1e-12, "{found}");
    }
    assert_eq!(laplace(0.5), 0.0);
    assert!((laplace(0.9) + laplace(0.1)).abs() < 1e-12);
}

#[test]
fn the_steepness_is_that_of_the_way_half_of_the_values_are_on() {
    let values: Vec<f32> = (0..10).map(|at| at as f32).collect();
    // Of values above 0, three are on a way of 2 and six on one of 1/6.
    let places = [(0.0, 0.0), (3.0, 6.0), (9.0, 7.0)];
    assert!((steepness(&places, &values).unwrap() - 1.0 / 6.0).abs() < 1e-12);
    let places = [(0.0, 0.0), (5.0, 10.0), (9.0, 11.0)];
    assert!((steepness(&places, &values).unwrap() - 2.0).abs() < 1e-12);
    assert_eq!(steepness(&[(0.0, 0.0)], &values), None);
}
