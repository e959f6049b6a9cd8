//! What a layer's output integers stand for.

use crate::blob::Int8Parameters;
use crate::model::Activation;
use crate::network::Output;

use super::range::{Affine, Histogram, identity_table};

/// What stands behind a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// An activation, then another layer of the same part.
    Hidden(Activation),
    /// Nothing: the values are the latent.
    Latent,
    /// The way to pixels.
    Output(Output),
}

/// The meaning of a layer's output. For channel `j` the float network's value before the activation
/// is `spread[j] · u + shift[j]`, and `u = range.scale · q + range.offset`, where q is the
/// requantised integer.
#[derive(Debug, Clone)]
pub(super) struct Target {
    role: Role,
    pub(super) spread: Vec<f64>,
    pub(super) shift: Vec<f64>,
    pub(super) range: Affine,
    pub(super) zero_point: i8,
}

impl Target {
    /// Chooses by the float network's `values` before the activation, sample after sample.
    pub(super) fn choose(role: Role, values: &[f32], channels: usize) -> Self {
        let histogram = |channel| Histogram::of_channel(values, channel, channels);
        let even = |range| Self {
            role,
            spread: vec![1.0; channels],
            shift: vec![0.0; channels],
            range,
            zero_point: 0,
        };
        match role {
            // ReLU commutes with a positive factor, so every channel gets the range it needs, and
            // the saturation at −128 is the ReLU itself.
            Role::Hidden(Activation::Relu) => Self {
                spread: (0..channels).map(|channel| relu_top(&histogram(channel))).collect(),
                range: Affine::over(0.0, 1.0),
                zero_point: -128,
                ..even(Affine::over(0.0, 1.0))
            },
            // Nothing but dense layers on both sides: any affine map of a channel is free.
            Role::Latent => {
                let ranges = (0..channels)
                    .map(|channel| histogram(channel).best_range(|value| value, identity_table));
                let (spread, shift) = ranges.map(|range| (range.scale, range.offset)).unzip();
                Self { spread, shift, ..even(Affine { scale: 1.0, offset: 0.0 }) }
            }
            Role::Hidden(_) | Role::Output(_) => even(Histogram::of(values).best_range(
                |value| role.function(value),
                |range| role.stored(range),
            )),
        }
    }

    /// With an output step of at least `step`, in units of `u`.
    pub(super) fn no_finer_than(mut self, step: f64) -> Self {
        if self.range.scale < step {
            self.range.scale = step;
            if self.zero_point != 0 {
                self.range.offset = -f64::from(self.zero_point) * step;
            }
        }
        self
    }

    /// What the layer has beside its data.
    pub(super) fn parameters(&self) -> Int8Parameters {
        Int8Parameters { zero_point: self.zero_point, table: self.table() }
    }

    /// The table behind the requantisation, if the role needs one.
    fn table(&self) -> Option<Box<[u8; 256]>> {
        let values = identity_table(self.range).map(|value| self.role.function(value));
        match self.role {
            Role::Hidden(Activation::Relu) | Role::Latent => None,
            Role::Hidden(_) => {
                let outgoing = self.outgoing();
                Some(Box::new(values.map(|value| outgoing.quantise(value) as u8)))
            }
            Role::Output(_) => Some(Box::new(values.map(|value| (value * 255.0).round() as u8))),
        }
    }

    /// What the next layer's input integers stand for, before `spread` and `shift`.
    pub(super) fn outgoing(&self) -> Affine {
        match self.role {
            Role::Hidden(Activation::Relu) | Role::Latent => self.range,
            Role::Hidden(_) | Role::Output(_) => self.role.span(self.range),
        }
    }

    /// `(scale, offset)` of each latent value, as the format stores them.
    pub(super) fn latent_map(&self) -> Vec<u8> {
        let pairs = self.spread.iter().zip(&self.shift);
        pairs
            .flat_map(|(spread, shift)| [spread * self.range.scale, *shift])
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect()
    }
}

impl Role {
    /// The float network's function behind the layer.
    fn function(self, value: f64) -> f64 {
        match self {
            Self::Latent => value,
            Self::Hidden(Activation::Relu) => value.max(0.0),
            Self::Hidden(Activation::Gelu) => f64::from(ae_infer::gelu(value as f32)),
            Self::Hidden(Activation::Silu) => f64::from(ae_infer::silu(value as f32)),
            Self::Output(Output::Sigmoid) => 1.0 / (1.0 + (-value).exp()),
            Self::Output(Output::Linear) => value.clamp(0.0, 1.0),
        }
    }

    /// The range of the function's values over `range`.
    fn span(self, range: Affine) -> Affine {
        let values = identity_table(range).map(|value| self.function(value));
        let (low, high) =
            values.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
        Affine::over(low, high.max(low + 1e-6))
    }

    /// What is left of the function after the table, for each requantised value.
    fn stored(self, range: Affine) -> [f64; 256] {
        let values = identity_table(range).map(|value| self.function(value));
        match self {
            Self::Output(_) => values,
            _ => {
                let span = self.span(range);
                values.map(|value| span.real(span.quantise(value)))
            }
        }
    }
}

/// The top of a channel's range behind ReLU. A channel that is never positive gets any.
fn relu_top(histogram: &Histogram) -> f64 {
    let top = histogram.high();
    if top <= 0.0 {
        return 1.0;
    }
    let exact = |value: f64| value.max(0.0);
    let error = |top: f64| {
        let range = Affine::over(0.0, top);
        histogram.sum(|value| (exact(value) - range.real(range.quantise(value))).powi(2))
    };
    let candidates = (20..=50).rev().map(|share| top * f64::from(share) / 50.0);
    let errors = candidates.map(|top| (error(top), top));
    errors.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(top, |(_, top)| top)
}
