//! Made signals of rotating machines, whose faults change a frequency and no amplitude.
//!
//! A machine has a shaft, two bearings and noise. The shaft turns at a speed of its own, which varies
//! with the load, and is heard at once, twice and three times its frequency. A bearing is heard in a
//! narrow band around a fixed multiple of the shaft's frequency. In a fault one bearing is heard
//! elsewhere, with the same power: so neither the level of the signal nor that of any part of it changes.
//! All is drawn from a seed, and the same on every machine that computes it.

use std::f64::consts::TAU;
use std::fmt::Write;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Samples a second, where nothing else is said.
pub const RATE: f64 = 2000.0;

/// Machines that a detector is made and judged with, called 1, 2 and so on.
pub const MACHINES: u64 = 12;

/// Seconds of a machine that is normal.
pub const NORMAL_SECONDS: f64 = 40.0;
/// Seconds of each fault.
pub const FAULT_SECONDS: f64 = 15.0;

/// Frequency of each bearing, in turns of the shaft.
const ORDERS: [f64; 2] = [9.2, 22.4];
/// By what the frequency of a faulty bearing is multiplied.
const SHIFTS: [f64; 2] = [1.5, 0.7];
/// Amplitudes of the shaft at its frequency and its multiples.
const SHAFT: [f64; 3] = [1.0, 0.6, 0.4];
/// Standard deviation of each bearing.
const BEARING: f64 = 0.25;
/// Standard deviation of the noise.
const NOISE: f64 = 0.5;
/// Counts of a unit.
const COUNTS: f64 = 4000.0;
/// Half the width of a bearing's band, in hertz.
const WIDTH: f64 = 3.0;

/// What a machine is, by the name of the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Normal,
    /// The first or the second bearing is heard elsewhere.
    Fault(usize),
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Fault(0), Self::Fault(1)];

    /// Seconds that a recording of it has, where nothing else is said.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        match self {
            Self::Normal => NORMAL_SECONDS,
            Self::Fault(_) => FAULT_SECONDS,
        }
    }

    /// Its label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Fault(0) => "bearing-a",
            Self::Fault(_) => "bearing-b",
        }
    }
}

/// The samples of a machine in a state, one channel of i16 counts, [`RATE`] a second.
///
/// ```
/// use ae_features::machines::{State, recording};
///
/// let samples = recording(1, 7, State::Normal);
/// assert_eq!(samples.len(), 80_000);
/// assert_eq!(samples, recording(1, 7, State::Normal));
/// ```
#[must_use]
pub fn recording(seed: u64, machine: u64, state: State) -> Vec<i16> {
    recording_at(RATE, state.seconds(), seed, machine, state)
}

/// The same of `seconds` with `rate` samples a second. Another rate is another draw of the noise.
#[must_use]
pub fn recording_at(rate: f64, seconds: f64, seed: u64, machine: u64, state: State) -> Vec<i16> {
    let number = match state {
        State::Normal => 0,
        State::Fault(bearing) => 1 + bearing as u64,
    };
    // What a machine is does not depend on its state.
    let mut of_machine = Draws::new(seed, 8 * machine + 7);
    let mut draws = Draws::new(seed, 8 * machine + number);
    let nominal = of_machine.between(22.0, 27.0);
    let gains = [0; 5].map(|_| of_machine.between(0.85, 1.15));
    let load = [0; 2].map(|_| (draws.between(0.05, 0.4), draws.between(0.0, TAU)));
    let mut phases = [0; 3].map(|_| draws.between(0.0, TAU));
    let orders = [0, 1].map(|bearing| match state == State::Fault(bearing) {
        true => ORDERS[bearing] * SHIFTS[bearing],
        false => ORDERS[bearing],
    });
    let mut bearings = [0; 2].map(|_| Narrow::new(rate, &mut draws));
    let count = (seconds * rate) as usize;
    let sample = |at: usize| {
        let time = at as f64 / rate;
        let swing = load.iter().map(|(hertz, phase)| libm::sin(TAU * hertz * time + phase));
        let speed = nominal * (1.0 + 0.04 * swing.sum::<f64>());
        let mut value = NOISE * draws.normal();
        for (multiple, (phase, amplitude)) in (1_u8..).zip(phases.iter_mut().zip(SHAFT)) {
            *phase = turned(*phase, f64::from(multiple) * speed, rate);
            value += gains[usize::from(multiple) - 1] * amplitude * libm::sin(*phase);
        }
        for ((bearing, order), gain) in bearings.iter_mut().zip(orders).zip(&gains[3..]) {
            value += gain * BEARING * bearing.next(order * speed, &mut draws);
        }
        (value * COUNTS).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
    };
    (0..count).map(sample).collect()
}

/// So many machines in all states, as a CSV file with the columns `machine`, `state` and `x`. A recording
/// ends where `machine` or `state` changes.
#[must_use]
pub fn csv(seed: u64, machines: u64) -> String {
    let mut csv = String::from("machine,state,x\n");
    for machine in 1..=machines {
        for state in State::ALL {
            for sample in recording(seed, machine, state) {
                // Writing to a String cannot fail.
                let _ = writeln!(csv, "{machine},{},{sample}", state.name());
            }
        }
    }
    csv
}

/// The samples of one channel as a WAV file of 16 bits.
///
/// ```
/// assert_eq!(ae_features::machines::wav(16_000, &[1, -2])[40..], [4, 0, 0, 0, 1, 0, 254, 255]);
/// ```
#[must_use]
pub fn wav(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let bytes = u32::try_from(data.len()).unwrap_or(u32::MAX);
    // Whole numbers, one channel, bytes a second, bytes of a sample, bits.
    let [plain, channels, block, bits] = [1_u16, 1, 2, 16].map(u16::to_le_bytes);
    let [rate, a_second] = [rate, rate.saturating_mul(2)].map(u32::to_le_bytes);
    let format = [&plain[..], &channels, &rate, &a_second, &block, &bits].concat();
    let whole = bytes.saturating_add(36).to_le_bytes();
    let head = [&b"RIFF"[..], &whole, b"WAVEfmt ", &16_u32.to_le_bytes(), &format].concat();
    [&head[..], b"data", &bytes.to_le_bytes(), &data].concat()
}

/// A phase, one of `rate` samples a second later.
fn turned(phase: f64, hertz: f64, rate: f64) -> f64 {
    let phase = phase + TAU * hertz / rate;
    if phase < TAU { phase } else { phase - TAU }
}

/// Noise of variance 1 in a narrow band.
struct Narrow {
    rate: f64,
    phase: f64,
    /// Noise of variance 1 below [`WIDTH`], which a cosine and a sine are multiplied with.
    parts: [f64; 2],
}

impl Narrow {
    fn new(rate: f64, draws: &mut Draws) -> Self {
        Self { rate, phase: draws.between(0.0, TAU), parts: [0; 2].map(|_| draws.normal()) }
    }

    fn next(&mut self, hertz: f64, draws: &mut Draws) -> f64 {
        let kept = libm::exp(-TAU * WIDTH / self.rate);
        let new = libm::sqrt(1.0 - kept * kept);
        self.parts = self.parts.map(|part| kept * part + new * draws.normal());
        self.phase = turned(self.phase, hertz, self.rate);
        self.parts[0] * libm::cos(self.phase) + self.parts[1] * libm::sin(self.phase)
    }
}

/// Random numbers.
struct Draws {
    rng: ChaCha8Rng,
    /// Of two normal numbers the second.
    kept: Option<f64>,
}

impl Draws {
    fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, kept: None }
    }

    /// Above 0, at most 1.
    fn uniform(&mut self) -> f64 {
        (f64::from(self.rng.next_u32()) + 1.0) / 4_294_967_296.0
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.uniform()
    }

    /// Of the normal distribution, by Box and Muller.
    fn normal(&mut self) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let (radius, angle) = (libm::sqrt(-2.0 * libm::log(self.uniform())), TAU * self.uniform());
        self.kept = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rms(samples: &[i16]) -> f64 {
        let squares = samples.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>();
        (squares / samples.len() as f64).sqrt()
    }

    #[test]
    fn a_fault_is_as_loud_as_what_is_normal() {
        for machine in [1, 5, 12] {
            let [normal, a, b] = State::ALL.map(|state| rms(&recording(1, machine, state)));
            for fault in [a, b] {
                assert!((fault / normal - 1.0).abs() < 0.02, "{machine}: {fault} of {normal}");
            }
        }
    }

    #[test]
    fn nothing_is_cut_off_and_machines_differ() {
        let [one, two] = [1, 2].map(|machine| recording(3, machine, State::Normal));
        assert!(one.iter().all(|it| it.unsigned_abs() < 32_000));
        assert_ne!(one, two);
        assert_ne!(one, recording(4, 1, State::Normal));
    }

    #[test]
    fn the_file_has_all_of_it() {
        let text = csv(1, 2);
        let samples = 2 * ((NORMAL_SECONDS + 2.0 * FAULT_SECONDS) * RATE) as u64;
        assert_eq!(text.lines().count() as u64, 1 + samples);
        assert!(text.lines().any(|line| line.starts_with("2,bearing-b,")));
    }
}
