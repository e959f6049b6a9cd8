//! Plants a fault in every window.

use std::f64::consts::TAU;

use ae_data::Images;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::Fault;

/// Where no value of a channel varies, a spread is this many codes.
const LEAST_SPREAD: f64 = 1.0;

/// The shortest stretch of a window that a fault lasts, where it does not last all of it.
const LEAST_STRETCH: f64 = 0.25;

/// Windows of what is normal, in which faults can be planted.
#[derive(Debug)]
pub struct Planter<'a> {
    windows: &'a Images,
    /// Mean and standard deviation of each channel, in codes.
    channels: Vec<(f64, f64)>,
    seed: u64,
}

impl<'a> Planter<'a> {
    /// Of windows as the board sees them, samples × channels each.
    #[must_use]
    pub fn new(windows: &'a Images, seed: u64) -> Self {
        let width = windows.width();
        let mut sums = vec![(0_u64, 0_u64); width];
        for (at, &code) in windows.pixels().iter().enumerate() {
            let (sum, squares) = &mut sums[at % width];
            *sum += u64::from(code);
            *squares += u64::from(code).pow(2);
        }
        let count = (windows.len() * windows.height()).max(1) as f64;
        let of = |(sum, squares): (u64, u64)| {
            let mean = sum as f64 / count;
            let variance = (squares as f64 / count - mean * mean).max(0.0);
            (mean, variance.sqrt().max(LEAST_SPREAD))
        };
        Self { windows, channels: sums.into_iter().map(of).collect(), seed }
    }

    /// The windows without a fault.
    #[must_use]
    pub fn windows(&self) -> &Images {
        self.windows
    }

    /// All windows with a fault of this kind and strength in `channel` of each, or in a channel that
    /// is drawn. Half of the faults last for all of the window, as most that a detector meets; the
    /// others for a stretch of it. `None` if it takes more channels than there are, or if its strength
    /// is less than a sample.
    #[must_use]
    pub fn plant(&self, fault: Fault, strength: f64, channel: Option<usize>) -> Option<Images> {
        let (samples, channels) = (self.windows.height(), self.windows.width());
        if fault.needs_channels() && (channels < 2 || self.windows.len() < 2) {
            return None;
        }
        if samples < 2 {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(strength.to_bits() ^ (fault as u64));
        let mut planted = Vec::with_capacity(self.windows.pixels().len());
        for (index, window) in self.windows.iter().enumerate() {
            let mut draw = Draw(&mut rng);
            let drawn = draw.below(channels);
            let channel = channel.unwrap_or(drawn);
            let stretch = draw.stretch(samples);
            let values: Vec<f64> =
                window.iter().skip(channel).step_by(channels).map(|&code| code.into()).collect();
            let other = draw.other_than(channel, channels);
            let of = self.channels[channel];
            let faulty: Vec<f64> = match fault {
                Fault::Swapped => column(window, other, channels),
                Fault::Unrelated => {
                    let other = draw.other_than(index, self.windows.len());
                    column(self.windows.image(other), channel, channels)
                }
                _ => altered(fault, strength, &values, of, &stretch, &mut draw),
            };
            let start = planted.len();
            planted.extend_from_slice(window);
            let window = &mut planted[start..];
            for (code, value) in window.iter_mut().skip(channel).step_by(channels).zip(faulty) {
                *code = value.round().clamp(0.0, 255.0) as u8;
            }
            if fault == Fault::Swapped {
                for (code, value) in window.iter_mut().skip(other).step_by(channels).zip(values) {
                    *code = value as u8;
                }
            }
        }
        Images::new(planted, samples, channels).ok()
    }
}

/// The values of one channel.
fn column(window: &[u8], channel: usize, channels: usize) -> Vec<f64> {
    window.iter().skip(channel).step_by(channels).map(|&code| code.into()).collect()
}

/// The values of a channel with a fault in it. `mean` and `spread` are those of the channel.
fn altered(
    fault: Fault,
    strength: f64,
    values: &[f64],
    (mean, spread): (f64, f64),
    stretch: &Stretch,
    draw: &mut Draw<'_>,
) -> Vec<f64> {
    let samples = values.len();
    let last = samples - 1;
    let Stretch { from, to, sign, at } = *stretch;
    let inside = |at: usize| (from..to).contains(&at);
    let factor = if sign > 0.0 { 1.0 + strength } else { 1.0 / (1.0 + strength) };
    let shift = ((strength * samples as f64).round() as usize).clamp(1, last);
    let each = |of: &mut dyn FnMut(usize, f64) -> f64| -> Vec<f64> {
        values.iter().enumerate().map(|(at, &value)| of(at, value)).collect()
    };
    match fault {
        Fault::Spike => each(&mut |here, value| {
            if here == at { value + sign * strength * spread } else { value }
        }),
        Fault::FlatLine => each(&mut |at, value| if inside(at) { values[from] } else { value }),
        Fault::Offset => {
            each(&mut |at, value| if inside(at) { value + sign * strength * spread } else { value })
        }
        Fault::Noise => each(&mut |at, value| {
            let noise = draw.normal();
            if inside(at) { value + noise * strength * spread } else { value }
        }),
        Fault::Scale => {
            each(&mut |at, value| if inside(at) { mean + (value - mean) * factor } else { value })
        }
        Fault::Drift => {
            each(&mut |at, value| value + sign * strength * spread * at as f64 / last as f64)
        }
        Fault::Frequency => {
            let centre = last as f64 / 2.0;
            each(&mut |at, _| between(values, centre + (at as f64 - centre) * factor))
        }
        Fault::Phase => {
            let shift = if sign > 0.0 { shift } else { samples - shift };
            each(&mut |at, value| if at >= from { values[(at + shift) % samples] } else { value })
        }
        Fault::Dropped => {
            each(&mut |at, value| if at >= from { values[(at + shift).min(last)] } else { value })
        }
        Fault::Swapped | Fault::Unrelated => values.to_vec(),
    }
}

/// The value between two samples, on the straight line; outside of the window the signal is mirrored.
fn between(values: &[f64], place: f64) -> f64 {
    let last = (values.len() - 1) as f64;
    let folded = libm::fmod(place.abs(), 2.0 * last);
    let place = if folded > last { 2.0 * last - folded } else { folded };
    let left = (place as usize).min(values.len() - 2);
    let share = place - left as f64;
    values[left] * (1.0 - share) + values[left + 1] * share
}

/// Where in a window a fault is, and to which side it goes.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: usize,
    to: usize,
    sign: f64,
    /// The sample of a spike.
    at: usize,
}

/// Draws numbers. libm's functions give the same on every machine.
struct Draw<'r>(&'r mut ChaCha8Rng);

impl Draw<'_> {
    /// In 0..1.
    fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 2_f64.powi(32)
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of 0..count, but not this one; itself where there is no other.
    fn other_than(&mut self, this: usize, count: usize) -> usize {
        let step = 1 + self.below(count.saturating_sub(1).max(1));
        (this + step) % count
    }

    fn normal(&mut self) -> f64 {
        // Box and Muller, 1958; 1 − u is never 0.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(TAU * self.unit())
    }

    fn stretch(&mut self, samples: usize) -> Stretch {
        let share = LEAST_STRETCH + (1.0 - LEAST_STRETCH) * self.unit();
        let length = match self.below(2) {
            0 => samples,
            _ => ((share * samples as f64) as usize).clamp(1, samples),
        };
        let from = self.below(samples - length + 1);
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        Stretch { from, to: from + length, sign, at: self.below(samples) }
    }
}
