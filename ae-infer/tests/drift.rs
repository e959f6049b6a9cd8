//! How often a drift is told where there is none, and how soon where there is one.
//!
//! `AE_TEST_ALL=1 cargo test --release -p ae-infer --test drift -- --nocapture` plays all and prints it.

use ae_infer::Drift;
use ae_testkit::random::XorShift32;

/// Edges of the bins.
const K: usize = 11;
/// One false alarm in a hundred runs, each for ever.
const DELTA_PPM: u32 = 10_000;
/// Windows that are exchangeable, in a run.
const LONG: usize = 1_000_000;
/// Runs of these.
const RUNS: u32 = 200;

/// A part of what `AE_TEST_ALL` plays.
fn stride(of: usize) -> usize {
    if std::env::var_os("AE_TEST_ALL").is_some() { 1 } else { of }
}

fn random(seed: u32) -> XorShift32 {
    let mut random = XorShift32::new(seed.wrapping_mul(0x9e37_79b9) | 1);
    // What is alike in seeds is gone after a few.
    (0..20).for_each(|_| _ = random.bits());
    random
}

/// Nearly a normal distribution, with a standard deviation of 1000 around 10,000: a sum of twelve.
fn normal(random: &mut XorShift32) -> u64 {
    let mut sum = 0_u64;
    for _ in 0..6 {
        let bits = random.bits();
        sum += u64::from(bits & 0xffff) + u64::from(bits >> 16);
    }
    4000 + sum * 1000 / 65_536
}

/// Scores whose order says nothing, of several kinds: with few ties, many, and nearly all equal.
fn exchangeable(run: u32, random: &mut XorShift32) -> u64 {
    match run % 4 {
        0 => random.bits().into(),
        1 => normal(random) / 300,
        2 => (random.bits() % 3).into(),
        _ => random.bits().is_multiple_of(1000).into(),
    }
}

#[test]
fn what_is_exchangeable_has_not_drifted() {
    let mut alarms = 0;
    let runs: Vec<u32> = (0..RUNS).step_by(stride(50)).collect();
    // In an unoptimised build a part of each is all that there is time for.
    let windows = if cfg!(debug_assertions) { LONG / 10 } else { LONG };
    for &run in &runs {
        let mut random = random(run);
        let kind = run / (RUNS / 4).max(1);
        let mut drift = Drift::<K>::new(DELTA_PPM).unwrap().seeded(random.bits());
        for _ in 0..windows {
            drift.take(exchangeable(kind, &mut random));
            if drift.has_drifted() {
                alarms += 1;
                break;
            }
        }
    }
    println!("{alarms} of {} runs over {windows} exchangeable windows alarm", runs.len());
    assert!(alarms * 100 <= runs.len(), "{alarms} of {}", runs.len());
}

/// Windows until a shift of so many thousandths of a standard deviation is told, after so many
/// windows without.
fn delay(run: u32, before: usize, shift: i64) -> usize {
    let mut random = random(run);
    let mut drift = Drift::<K>::new(DELTA_PPM).unwrap().seeded(random.bits());
    (0..before).for_each(|_| drift.take(normal(&mut random)));
    let mut windows = 0;
    while !drift.has_drifted() && windows < 100_000 {
        drift.take(normal(&mut random).saturating_add_signed(shift));
        windows += 1;
    }
    windows
}

#[test]
fn a_shift_is_told_soon_in_spite_of_a_long_time_without() {
    for (before, shift, most) in [
        (1000, 500, 170),
        (100_000, 500, 210),
        (1000, -500, 170),
        (100_000, -500, 210),
        (1000, 1000, 60),
        (100_000, 1000, 80),
        (100_000, 250, 900),
    ] {
        let runs = 201 / stride(if before > 1000 { 20 } else { 4 });
        let mut delays: Vec<usize> =
            (0..runs).map(|run| delay(run as u32, before, shift)).collect();
        delays.sort_unstable();
        let [low, median, high] = [1, 5, 9].map(|tenth| delays[delays.len() * tenth / 10]);
        println!(
            "a shift of {:.2} standard deviations after {before} windows is told after {median} in \
             the median, {low} to {high} in eight of ten, {runs} runs",
            shift as f64 / 1000.0
        );
        assert!(median <= most, "{median} windows, and at most {most} expected");
    }
}
