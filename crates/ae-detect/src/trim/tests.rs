//! Windows that are known, with and without faults.

use ae_data::signal::{Labels, Origin, Recording, Signals, WindowAt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::trained::Trained;
use crate::windows::{Cutting, Spacing};

const WINDOW: usize = 32;

/// Random numbers.
struct Draw(ChaCha8Rng);

impl Draw {
    fn unit(&mut self) -> f64 {
        (f64::from(self.0.next_u32()) + 0.5) / 2_f64.powi(32)
    }

    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }
}

fn draw(seed: u64) -> Draw {
    Draw(ChaCha8Rng::seed_from_u64(seed))
}

/// One recording of one channel.
fn signals(samples: Vec<f32>) -> Signals {
    let origin = Origin::line("it.csv".into(), 2);
    let recordings = vec![Recording { samples, labels: Labels::default(), group: None, origin }];
    Signals { channels: vec!["a".into()], recordings, notes: vec![], rate: None }
}

/// A wave with some noise.
fn wave(len: usize, draw: &mut Draw) -> Vec<f32> {
    (0..len).map(|at| (libm::sin(at as f64 / 5.0) + 0.1 * draw.normal()) as f32).collect()
}

fn of(samples: Vec<f32>) -> Trained {
    let signals = signals(samples);
    let places = 0..=signals.len_of(0) - WINDOW;
    let at = places.step_by(2).map(|start| WindowAt { recording: 0, start }).collect();
    let spacing = Spacing { window: WINDOW, stride: 8, train_stride: 2 };
    Trained::of(&signals, at, Cutting { spacing, counts: false, curves: true, trim: true }).unwrap()
}

/// A wave in which about such a share of the samples, in stretches of a window, is something else,
/// and which samples these are.
fn with_faults(share: f64, fault: fn(usize, &mut Draw) -> f64) -> (Vec<f32>, Vec<bool>) {
    let mut draw = draw(11);
    let mut samples = wave(8000, &mut draw);
    let mut faulty = vec![false; samples.len()];
    while (faulty.iter().filter(|&&faulty| faulty).count() as f64) < share * 8000.0 {
        let start = draw.below(8000 - WINDOW);
        for at in start..start + WINDOW {
            samples[at] = fault(at, &mut draw) as f32;
            faulty[at] = true;
        }
    }
    (samples, faulty)
}

#[test]
fn faults_among_normal_windows_are_left_out_and_normal_ones_stay() {
    let noise: fn(usize, &mut Draw) -> f64 = |_, draw| draw.normal();
    let faster: fn(usize, &mut Draw) -> f64 = |at, _| libm::sin(at as f64 / 2.0);
    let level: fn(usize, &mut Draw) -> f64 = |at, _| 3.0 + libm::sin(at as f64 / 5.0);
    let stuck: fn(usize, &mut Draw) -> f64 = |_, _| 1.0;
    for (name, fault) in [("noise", noise), ("faster", faster), ("level", level), ("stuck", stuck)]
    {
        for share in [0.01, 0.03, 0.05] {
            let (samples, faulty) = with_faults(share, fault);
            let trained = of(samples);
            let stays = |start: usize| trained.windows.at.iter().any(|at| at.start == start);
            let [mut lost, mut bad, mut left] = [0, 0, 0];
            for start in (0..=8000 - WINDOW).step_by(2) {
                match faulty[start..start + WINDOW].iter().filter(|&&faulty| faulty).count() {
                    0 => lost += usize::from(!stays(start)),
                    WINDOW => {
                        bad += 1;
                        left += usize::from(stays(start));
                    }
                    _ => {}
                }
            }
            assert!(lost <= 8, "{name} {share}: {lost} normal windows are left out");
            assert!(left == 0 && bad > 0, "{name} {share}: {left} of {bad} faults stay");
            assert!(trained.note.is_some_and(|note| note.contains("left out of the training")));
        }
    }
}

#[test]
fn clean_windows_stay() {
    let heavy = |draw: &mut Draw| draw.normal() / draw.unit().sqrt().sqrt();
    type Drawn = fn(&mut Draw) -> Vec<f32>;
    let sets: [(&str, Drawn); 7] = [
        ("a wave", |draw| wave(6000, draw)),
        ("noise", |draw| (0..6000).map(|_| draw.normal() as f32).collect()),
        ("a walk", |draw| {
            let mut sum = 0.0;
            (0..6000)
                .map(|_| {
                    sum += draw.normal();
                    sum as f32
                })
                .collect()
        }),
        ("log-normal", |draw| (0..6000).map(|_| libm::exp(draw.normal()) as f32).collect()),
        ("a wave that grows and shrinks", |draw| {
            let mut strength = 0.0;
            (0..6000)
                .map(|at| {
                    strength += -0.005 * strength + 0.05 * draw.normal();
                    let wave = libm::exp(strength) * libm::sin(at as f64 / 5.0);
                    (wave + 0.05 * draw.normal()) as f32
                })
                .collect()
        }),
        ("a saw tooth, and one phase in 20 that is hard to describe", |draw| {
            let noise = |draw: &mut Draw| draw.below(13) as f32 / 64.0;
            (0..6000).map(|at| 2.5 + (at % 40) as f32 / 16.0 + noise(draw)).collect()
        }),
        ("a clean wave", |_| (0..6000).map(|at| libm::sin(at as f64 / 5.0) as f32).collect()),
    ];
    for (name, make) in sets {
        let trained = of(make(&mut draw(3)));
        assert!(trained.left_out <= 15, "{name}: {} left out", trained.left_out);
    }
    // The tail of a normal distribution divided by the fourth root of a uniform one falls by the
    // fourth power.
    let mut draw = draw(4);
    let trained = of((0..6000).map(|_| heavy(&mut draw) as f32).collect());
    assert!(trained.left_out <= 30, "{}", trained.left_out);
}

#[test]
fn what_comes_back_in_a_rhythm_or_is_often_there_is_normal() {
    let pump = |every: usize, on: usize| {
        let mut draw = draw(5);
        let value = |at: usize| if at % every < on { 1.0 } else { 0.0 };
        of((0..16_000).map(|at| (value(at) + 0.02 * draw.normal()) as f32).collect())
    };
    let seldom = pump(1000, 20);
    assert_eq!(seldom.left_out, 0);
    let note = seldom.note.unwrap();
    assert!(note.contains("come back about every 1000 samples"), "{note}");
    let often = pump(400, 25);
    assert_eq!(often.left_out, 0);
    assert!(often.note.unwrap().contains("So many are taken for normal"));
}

#[test]
fn places_are_those_of_the_file_and_few() {
    let (samples, _) = with_faults(0.05, |_, draw| draw.normal());
    let note = of(samples).note.unwrap();
    assert!(note.contains("it.csv: lines ") && note.contains(" more. "), "{note}");
}

#[test]
fn few_windows_or_one_channel_that_changes_nowhere_else_lose_nothing() {
    let mut samples = wave(100, &mut draw(1));
    samples[60] = 50.0;
    assert_eq!(of(samples).left_out, 0);
    let mut rest = vec![0.0; 4000];
    (rest[1000], rest[1003]) = (1.0, 1.0);
    assert_eq!(of(rest).left_out, 0);
}

#[test]
fn windows_to_calibrate_on_are_counted_and_stay() {
    let mut draw = draw(9);
    let clean = wave(4000, &mut draw);
    let trained = of(clean);
    let later = |faults: &[usize]| {
        let mut samples = wave(3200, &mut Draw(ChaCha8Rng::seed_from_u64(77)));
        faults.iter().for_each(|&at| samples[at..at + 20].fill(4.0));
        let signals = signals(samples);
        let piece = ae_data::signal::Piece { recording: 0, range: 0..3200 };
        let windows = crate::windows::WindowSets::calibration_of(
            &signals,
            std::slice::from_ref(&piece),
            WINDOW,
            &trained.maps,
        );
        let windows = windows.unwrap();
        assert_eq!(windows.len(), 100);
        trained.scale.notes((&signals).into(), &[piece], WINDOW, &windows)
    };
    assert_eq!(later(&[]), [""; 0]);
    let notes = later(&[320, 640]);
    let [note] = &notes[..] else { panic!("{notes:?}") };
    assert!(note.starts_with("2 of 100 windows to calibrate on (2.0 %)"), "{note}");
    assert!(note.contains("it.csv: lines 322 to 353") && note.contains("They stay"), "{note}");
    let many: Vec<usize> = (0..20).map(|at| 160 * at).collect();
    let notes = later(&many);
    assert!(notes[0].contains("Train on recordings like those too"), "{notes:?}");
}
