//! What a layer's output integers stand for.

use ae_model::Activation;
use rayon::prelude::*;

use super::range::{Affine, Histogram, identity_table, limits, wide_enough};
use crate::contract::Int8Parameters;

/// How the decoder's last layer becomes pixels in 0…1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// `sigmoid(z)`.
    Sigmoid,
    /// `z`, clipped: principal components give pixels as they are.
    Linear,
}

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

/// Tables that the channels of a hidden layer share. Channels differ in range by a factor of ten
/// and more, and those behind a table cannot have scales of their own: put in order of range, four
/// groups get scales that fit them, for 256 bytes a group.
const TABLES: usize = 4;

/// Tables of a hidden layer of this width, 256 bytes each.
pub(super) fn hidden_tables(activation: Activation, channels: usize) -> usize {
    match activation {
        Activation::Relu => 0,
        _ => channels.div_ceil(hidden_span(channels)),
    }
}

/// Channels of a hidden layer that share a table.
fn hidden_span(channels: usize) -> usize {
    channels.div_ceil(TABLES.min(channels))
}

/// The meaning of a layer's output. Channel `j` is the float network's channel `order[j]`, whose
/// value before the activation is `spread[j] · u + shift[j]`, and `u = range.scale · q +
/// range.offset`, where q is the requantised integer.
#[derive(Debug, Clone)]
pub(super) struct Target {
    role: Role,
    pub(super) order: Vec<usize>,
    pub(super) spread: Vec<f64>,
    pub(super) shift: Vec<f64>,
    pub(super) range: Affine,
    pub(super) zero_point: i8,
    /// Channels that share a table.
    span: usize,
}

/// Integers that are used as they are.
const UNIT: Affine = Affine { scale: 1.0, offset: 0.0 };

impl Target {
    /// Chooses by the float network's `values` before the activation, sample after sample.
    pub(super) fn choose(role: Role, values: &[f32], channels: usize) -> Self {
        let histograms = || Histogram::of_each_channel(values, channels).into_par_iter();
        let plain = Self {
            role,
            order: (0..channels).collect(),
            spread: vec![1.0; channels],
            shift: vec![0.0; channels],
            range: UNIT,
            zero_point: 0,
            span: channels,
        };
        match role {
            // ReLU commutes with a positive factor, so every channel gets the range it needs, and
            // the saturation at −128 is the ReLU itself.
            Role::Hidden(Activation::Relu) => Self {
                spread: histograms().map(|histogram| relu_top(&histogram)).collect(),
                range: Affine::over(0.0, 1.0),
                zero_point: -128,
                ..plain
            },
            // Nothing but dense layers on both sides: any affine map of a channel is free.
            Role::Latent => {
                let ranges =
                    histograms().map(|channel| channel.best_range(|value| value, identity_table));
                let (spread, shift) = ranges.map(|range| (range.scale, range.offset)).unzip();
                Self { spread, shift, ..plain }
            }
            Role::Hidden(_) => plain.in_groups(values, hidden_span(channels)),
            Role::Output(_) => plain.in_groups(values, channels),
        }
    }

    /// Puts the channels in order of range and gives every `span` of them the range that loses
    /// least behind the table.
    fn in_groups(mut self, values: &[f32], span: usize) -> Self {
        let channels = self.order.len();
        if span < channels {
            let limits = limits(values, channels);
            self.order.sort_by(|&a, &b| limits[a].1.total_cmp(&limits[b].1).then(a.cmp(&b)));
        }
        self.span = span;
        let groups = self.order.chunks(span).zip(self.spread.chunks_mut(span));
        for ((group, spread), shift) in groups.zip(self.shift.chunks_mut(span)) {
            let range = Histogram::of_channels(values, group, channels)
                .best_range(|value| self.role.function(value), |range| self.role.stored(range));
            spread.fill(range.scale);
            shift.fill(range.offset);
        }
        self
    }

    /// With an output step of at least `steps[j]`, in units of `u`, for channel `j`; and by how
    /// much each channel's range was widened for it.
    ///
    /// A channel is widened alone, or with those that share its table: a ReLU that is nearly dead
    /// has a tiny range, and what it needs must not coarsen the others.
    pub(super) fn no_finer_than(mut self, steps: &[f64]) -> (Self, Vec<f64>) {
        let together = match self.role {
            Role::Hidden(Activation::Relu) | Role::Latent => 1,
            Role::Hidden(_) | Role::Output(_) => self.span,
        };
        let mut widening = Vec::with_capacity(steps.len());
        for steps in steps.chunks(together) {
            let step = steps.iter().copied().fold(self.range.scale, f64::max);
            widening.extend(steps.iter().map(|_| step / self.range.scale));
        }
        for (spread, widening) in self.spread.iter_mut().zip(&widening) {
            *spread *= widening;
        }
        (self, widening)
    }

    /// What the layer has beside its data.
    pub(super) fn parameters(&self) -> Int8Parameters {
        let tables = match self.role {
            Role::Hidden(Activation::Relu) | Role::Latent => Vec::new(),
            Role::Hidden(_) => {
                let of_group = |group| {
                    let outgoing = self.group_outgoing(group);
                    self.group_values(group).map(|value| outgoing.quantise(value) as u8)
                };
                self.groups().flat_map(of_group).collect()
            }
            Role::Output(_) => {
                let pixel = |value: f64| (value * 255.0).round() as u8;
                self.groups().flat_map(|group| self.group_values(group).map(pixel)).collect()
            }
        };
        Int8Parameters::Requantised { zero_point: self.zero_point, tables }
    }

    /// What the next layer's input integers stand for: the map of the whole tensor, then the
    /// factor of each channel. Constants are left out; the next layer's bias holds them.
    pub(super) fn outgoing(&self) -> (Affine, Vec<f64>) {
        match self.role {
            Role::Hidden(Activation::Relu) | Role::Latent => (self.range, self.spread.clone()),
            Role::Hidden(_) | Role::Output(_) => {
                let of_channel = |channel| self.group_outgoing(channel / self.span * self.span);
                let channels = 0..self.order.len();
                (UNIT, channels.map(|channel| of_channel(channel).scale).collect())
            }
        }
    }

    /// `(scale, offset)` of each latent value, as the format stores them: within what an f32 holds.
    pub(super) fn latent_map(&self) -> Vec<u8> {
        let most = f64::from(f32::MAX);
        let scale = |spread: f64| (spread * self.range.scale).clamp(f32::MIN_POSITIVE.into(), most);
        let pairs = self.spread.iter().zip(&self.shift);
        pairs
            .flat_map(|(&spread, shift)| [scale(spread), shift.clamp(-most, most)])
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect()
    }

    /// The first channel of each group that shares a table.
    fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.order.len()).step_by(self.span)
    }

    /// The values behind the function, for each requantised integer of a group.
    fn group_values(&self, first: usize) -> [f64; 256] {
        identity_table(self.range)
            .map(|u| self.role.function(self.spread[first] * u + self.shift[first]))
    }

    /// The map that lays the i8 over a group's values.
    fn group_outgoing(&self, first: usize) -> Affine {
        span(&self.group_values(first))
    }
}

/// The map that lays −128…127 over all of `values`.
fn span(values: &[f64; 256]) -> Affine {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    Affine::over(low, low + wide_enough(low, high))
}

impl Role {
    /// The float network's function behind the layer.
    pub(super) fn function(self, value: f64) -> f64 {
        match self {
            Self::Latent => value,
            Self::Hidden(Activation::Relu) => value.max(0.0),
            Self::Hidden(Activation::Gelu) => f64::from(ae_infer::gelu(value as f32)),
            Self::Hidden(Activation::Silu) => f64::from(ae_infer::silu(value as f32)),
            Self::Output(Output::Sigmoid) => 1.0 / (1.0 + (-value).exp()),
            Self::Output(Output::Linear) => value.clamp(0.0, 1.0),
        }
    }

    /// What is left of the function after the table, for each requantised value. A pixel's
    /// rounding is the same whatever the range, and left out.
    fn stored(self, range: Affine) -> [f64; 256] {
        let values = identity_table(range).map(|value| self.function(value));
        match self {
            Self::Output(_) => values,
            _ => {
                let outgoing = span(&values);
                values.map(|value| outgoing.real(outgoing.quantise(value)))
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
    let error = |top: f64| {
        let range = Affine::over(0.0, top);
        histogram.sum(|value| (value.max(0.0) - range.real(range.quantise(value))).powi(2))
    };
    let candidates = (20..=50).rev().map(|share| top * f64::from(share) / 50.0);
    let errors = candidates.map(|top| (error(top), top));
    errors.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(top, |(_, top)| top)
}
