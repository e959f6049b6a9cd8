//! A channel's map: one straight line, or one in each of several segments.

use ae_core::{CountMap, Requant, ValueMap};
use ae_data::signal::Knots;

use super::{CLIP, CODES};

/// A channel's lines, of one segment where it is mapped by a straight line.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve<L> {
    /// The last value of each segment but the last, rising.
    bounds: Vec<f32>,
    /// A line for each segment.
    lines: Vec<L>,
}

/// A straight line from values to codes, in the numbers of a blob.
pub trait Line: Copy {
    /// The line on which `mean` is the code 128, and a unit is so many codes.
    fn through(mean: f64, codes: f64) -> Self;

    /// The value of the code 128, and the step from one code to the next, as near as the numbers of a
    /// blob come.
    fn mean_and_step(self) -> (f64, f64);

    /// The code of a value, less 128, as a board computes it.
    fn apply(self, value: f32) -> i8;

    /// As it stands in a blob.
    fn bytes(self) -> Vec<u8>;

    /// A bound between segments, as it stands in a blob.
    fn bound(value: f32) -> Vec<u8>;
}

impl Line for CountMap {
    fn through(mean: f64, codes: f64) -> Self {
        // A sum has 256 for a count. The factor stays below what a multiplier can say.
        let (multiplier, shift) = Requant::fixed_point((codes / 256.0).min(0.249));
        // No count can make the sum leave 32 bits.
        let most = f64::from(i32::MAX - (1 << 23));
        Self { bias: (-256.0 * mean).round().clamp(-most, most) as i32, multiplier, shift }
    }

    fn mean_and_step(self) -> (f64, f64) {
        let factor = f64::from(self.multiplier) / 2_f64.powi(32 + i32::from(self.shift));
        (-f64::from(self.bias) / 256.0, 1.0 / (256.0 * factor))
    }

    fn apply(self, value: f32) -> i8 {
        Self::apply(&self, value as i16)
    }

    fn bytes(self) -> Vec<u8> {
        self.to_bytes().into()
    }

    fn bound(value: f32) -> Vec<u8> {
        (value as i16).to_le_bytes().into()
    }
}

impl Line for ValueMap {
    fn through(mean: f64, codes: f64) -> Self {
        let most = f64::from(f32::MAX);
        Self {
            offset: mean.clamp(-most, most) as f32,
            scale: codes.clamp(f64::from(f32::MIN_POSITIVE), 1e30) as f32,
        }
    }

    fn mean_and_step(self) -> (f64, f64) {
        (self.offset.into(), 1.0 / f64::from(self.scale))
    }

    fn apply(self, value: f32) -> i8 {
        Self::apply(&self, value)
    }

    fn bytes(self) -> Vec<u8> {
        self.to_bytes().into()
    }

    fn bound(value: f32) -> Vec<u8> {
        value.to_le_bytes().into()
    }
}

impl<L: Line> Curve<L> {
    /// One straight line: a deviation is [`CODES`] / [`CLIP`] codes.
    pub(super) fn straight(mean: f64, deviation: f64) -> Self {
        Self { bounds: Vec::new(), lines: vec![L::through(mean, CODES / CLIP / deviation)] }
    }

    /// From knot to knot; beyond the outermost, a unit is as many codes as on the straight line.
    pub(super) fn through(knots: &Knots, deviation: f64) -> Self {
        let places = &knots.places;
        let code = |spreads: f64| CODES / CLIP * spreads;
        let line = |(value, spreads): (f32, f64), codes: f64| {
            L::through(f64::from(value) - code(spreads) / codes, codes)
        };
        let beyond = code(1.0) / deviation;
        let between = places.windows(2).map(|pair| {
            let [(a, from), (b, to)] = [pair[0], pair[1]];
            line(pair[0], code(to - from) / (f64::from(b) - f64::from(a)))
        });
        let lines = [line(places[0], beyond)].into_iter().chain(between);
        Self {
            bounds: places.iter().map(|&(value, _)| value).collect(),
            lines: lines.chain([line(places[places.len() - 1], beyond)]).collect(),
        }
    }

    pub(super) fn is_straight(&self) -> bool {
        self.bounds.is_empty()
    }

    /// The lines of all segments.
    #[must_use]
    pub fn lines(&self) -> &[L] {
        &self.lines
    }

    /// The line of a value.
    fn line(&self, value: f32) -> L {
        self.lines[self.bounds.partition_point(|&bound| bound < value)]
    }

    /// The code of a value, less 128, as a board computes it.
    pub(super) fn apply(&self, value: f32) -> i8 {
        self.line(value).apply(value)
    }

    /// The same, neither rounded nor clipped.
    pub(super) fn exact(&self, value: f32) -> f64 {
        at(self.line(value), value.into())
    }

    /// The value that a code stands for, of those that 128 is taken from.
    pub(super) fn value(&self, code: f64) -> f64 {
        // What the bounds become rises as they do.
        let segment = self.bounds.iter().zip(&self.lines);
        let segment = segment.take_while(|&(&bound, &line)| at(line, bound.into()) < code).count();
        let (mean, step) = self.lines[segment].mean_and_step();
        mean + step * code
    }

    /// As it stands in a blob: where any channel has several segments, with their number.
    pub(super) fn bytes(&self, numbered: bool) -> Vec<u8> {
        let number = numbered.then(|| u8::try_from(self.lines.len()).expect("few knots"));
        let bounds = self.bounds.iter().flat_map(|&bound| L::bound(bound));
        let lines = self.lines.iter().flat_map(|line| line.bytes());
        number.into_iter().chain(bounds).chain(lines).collect()
    }
}

fn at<L: Line>(line: L, value: f64) -> f64 {
    let (mean, step) = line.mean_and_step();
    (value - mean) / step
}
