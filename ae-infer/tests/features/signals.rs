//! Signals of counts: extremes that come nearest to what words hold, and ordinary ones.

use std::f64::consts::TAU;

use ae_testkit::random::SplitMix64;

/// Frames of full scale, and of nearly nothing.
pub(crate) fn extremes(frame: usize) -> Vec<(String, Vec<i16>)> {
    let random = &mut SplitMix64::new(frame as u64);
    let of = |value: &dyn Fn(usize) -> i16| (0..frame).map(value).collect::<Vec<i16>>();
    let mut all = vec![
        ("zeros".into(), of(&|_| 0)),
        ("the least".into(), of(&|_| i16::MIN)),
        ("the most".into(), of(&|_| i16::MAX)),
        ("minus ones".into(), of(&|_| -1)),
        ("zeros and minus ones".into(), of(&|at| -i16::from(at % 3 == 0))),
        ("one count at the start".into(), of(&|at| i16::from(at == 0))),
        ("one count".into(), of(&|at| i16::from(at == frame / 2))),
        ("the least at the start".into(), of(&|at| if at == 0 { i16::MIN } else { 0 })),
        ("the least in the middle".into(), of(&|at| if at == frame / 2 { i16::MIN } else { 0 })),
        ("a step".into(), of(&|at| if at < frame / 2 { i16::MIN } else { i16::MAX })),
        ("a ramp".into(), of(&|at| (65_535 * at / (frame - 1)) as u16 as i16 ^ i16::MIN)),
    ];
    // The signs of a wave: of all signals the largest in its bin.
    let near = [1, 2, 3, frame / 8 - 1, frame / 8, frame / 4 - 1, frame / 4, frame / 2 - 1];
    for bin in near.into_iter().chain([frame / 2, 1 + random.below(frame / 2)]) {
        for phase in [0.0, 0.125, 0.33] {
            let wave = |at: usize| (TAU * ((bin * at) as f64 / frame as f64 + phase)).cos();
            let sign = |at: usize| if wave(at) < 0.0 { i16::MIN } else { i16::MAX };
            all.push((format!("the signs of bin {bin} at {phase}"), of(&sign)));
        }
    }
    for reach in [32_768, 2_000, 8, 1] {
        let noise = (0..frame).map(|_| random.between(-reach, reach - 1) as i16).collect();
        all.push((format!("noise up to {reach}"), noise));
    }
    let either = (0..frame).map(|_| random.one_of(&[i16::MIN, i16::MAX])).collect();
    all.push(("either end".into(), either));
    all
}

/// So many values of a signal of some channels: a tone, a mean and noise in each, of any size, with
/// the ends of i16 now and then.
pub(crate) fn counts(values: usize, channels: usize, random: &mut SplitMix64) -> Vec<i16> {
    let mut channel = || {
        let mut size = || 2.0_f64.powi(random.between(0, 15) as i32);
        let sizes = [size(), size(), size()];
        (sizes, f64::from(random.signed_unit()))
    };
    let channels: Vec<([f64; 3], f64)> = (0..channels).map(|_| channel()).collect();
    let value = |at: usize| {
        let ([tone, mean, noise], step) = channels[at % channels.len()];
        let value = tone * (step * (at / channels.len()) as f64).sin() + step * mean;
        match random.below(512) {
            0 => i16::MIN,
            1 => i16::MAX,
            _ => (value + noise * f64::from(random.signed_unit())) as i16,
        }
    };
    (0..values).map(value).collect()
}
