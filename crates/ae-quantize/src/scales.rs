//! What a layer's output integers stand for.

use ae_core::{Activation, Rounding};
use rayon::prelude::*;

use crate::codes::{Codes, float};
use crate::contract::Int8Parameters;
use crate::function::{pixel, span};
use crate::range::{Affine, Histogram, identity_table, limits};
use crate::roles::{Freedom, Role};
use crate::zero::common_zero;

/// Tables that the channels of a hidden layer share. Channels differ in range by a factor of ten
/// and more, and those behind a table cannot have scales of their own: put in order of range, four
/// groups get scales that fit them, for 256 bytes a group.
const TABLES: usize = 4;

/// Tables of a layer whose rows are those of several places, at most. Rows have tables in their
/// order, so each place has all of them once more: a transposed convolution with a stride of 2 × 2
/// has four times four. A dense layer that makes a map has far more places, and one table.
const MOST_TABLES: usize = 16;

/// Tables of a hidden layer.
fn hidden_tables(freedom: Freedom) -> usize {
    let Freedom { channels, .. } = freedom;
    match hidden_span(freedom) {
        span if span < channels => freedom.places() * channels.div_ceil(span),
        _ => 1,
    }
}

/// Bytes of the activation tables of a hidden layer.
pub(super) fn hidden_table_bytes(activation: Activation, freedom: Freedom) -> usize {
    match activation {
        Activation::Relu => 0,
        _ => 256 * hidden_tables(freedom),
    }
}

/// Channels of a hidden layer that share a table. Those of several places share it evenly.
fn hidden_span(freedom: Freedom) -> usize {
    let Freedom { channels, .. } = freedom;
    let places = freedom.places();
    if places == 1 {
        return channels.div_ceil(TABLES.min(channels));
    }
    let most = TABLES.min(MOST_TABLES / places);
    let is_even = |&span: &usize| channels.is_multiple_of(span) && channels / span <= most;
    (1..=channels).find(is_even).unwrap_or(channels)
}

/// The meaning of a layer's output. Channel `j` is the float network's channel `order[j]`, whose
/// value before the activation is `spread[j] · u + shift[j]`, and `u = range.scale · q +
/// range.offset`, where q is the requantised integer. A row of the layer's weights is of channel
/// `row % channels`.
#[derive(Debug, Clone)]
pub(super) struct Target {
    role: Role,
    order: Vec<usize>,
    spread: Vec<f64>,
    shift: Vec<f64>,
    pub(super) range: Affine,
    pub(super) zero_point: i8,
    /// Channels that share a table.
    span: usize,
    /// Places whose rows come one after the other, each with all channels.
    places: usize,
    /// Whether zero must be exact.
    is_padded: bool,
}

/// Integers that are used as they are.
const UNIT: Affine = Affine { scale: 1.0, offset: 0.0 };

impl Target {
    /// Chooses by the float network's `values` before the activation, sample after sample. `order`
    /// is that of the channels, unless they are sorted.
    pub(super) fn choose(role: Role, values: &[f32], freedom: Freedom, order: Vec<usize>) -> Self {
        let Freedom { channels, is_sortable, is_padded, .. } = freedom;
        let each = |range: &(dyn Fn(&Histogram) -> Affine + Sync)| -> Vec<Affine> {
            let histograms = Histogram::of_each_channel(values, channels);
            order.par_iter().map(|&channel| range(&histograms[channel])).collect()
        };
        let plain = Self {
            role,
            order: order.clone(),
            spread: vec![1.0; channels],
            shift: vec![0.0; channels],
            range: UNIT,
            zero_point: 0,
            span: channels,
            places: 1,
            is_padded,
        };
        match role {
            // ReLU commutes with a positive factor, so every channel gets the range it needs, and
            // the saturation at −128 is the ReLU itself.
            Role::Hidden(Activation::Relu) => Self {
                spread: each(&|histogram| Affine { scale: relu_top(histogram), offset: 0.0 })
                    .into_iter()
                    .map(|range| range.scale)
                    .collect(),
                range: Affine::over(0.0, 1.0),
                zero_point: -128,
                ..plain
            },
            // Nothing but weights on both sides: any affine map of a channel is free, unless a
            // padding's zeros are among the values.
            Role::Plain => {
                let ranges = each(&|histogram| histogram.best_range(|value| value, identity_table));
                if is_padded {
                    let (zero_point, spread) = common_zero(&ranges);
                    let range = Affine { offset: -f64::from(zero_point), ..UNIT };
                    return Self { spread, range, zero_point, ..plain };
                }
                let (spread, shift) =
                    ranges.into_iter().map(|range| (range.scale, range.offset)).unzip();
                Self { spread, shift, ..plain }
            }
            Role::Hidden(_) => Self { places: freedom.places(), ..plain }.in_groups(
                values,
                hidden_span(freedom),
                is_sortable,
            ),
            Role::Towards(_) | Role::Output(_) => plain.in_groups(values, channels, false),
        }
    }

    /// Gives every `span` channels the range that loses least behind the table, after they were put
    /// in order of range.
    fn in_groups(mut self, values: &[f32], span: usize, is_sortable: bool) -> Self {
        let channels = self.order.len();
        if span < channels && is_sortable {
            let limits = limits(values, channels);
            self.order.sort_by(|&a, &b| limits[a].1.total_cmp(&limits[b].1).then(a.cmp(&b)));
        }
        self.span = span;
        let groups = self.order.chunks(span).zip(self.spread.chunks_mut(span));
        for ((group, spread), shift) in groups.zip(self.shift.chunks_mut(span)) {
            let range = Histogram::of_channels(values, group, channels)
                .best_range(|value| self.role.seen(value), |range| self.role.stored(range));
            spread.fill(range.scale);
            shift.fill(range.offset);
        }
        self
    }

    /// Channels.
    pub(super) fn channels(&self) -> usize {
        self.order.len()
    }

    /// The float network's place of a row, of as many rows as it has outputs for a position.
    pub(super) fn float(&self, row: usize) -> usize {
        float(&self.order, row)
    }

    /// By how much a row's unit `u` is larger than one of the float network.
    pub(super) fn spread(&self, row: usize) -> f64 {
        self.spread[row % self.spread.len()]
    }

    /// A value of the float network before the activation, in the units `u` of the row.
    pub(super) fn units(&self, row: usize, value: f64) -> f64 {
        (value - self.shift[row % self.shift.len()]) / self.spread(row)
    }

    /// With an output step of at least `steps[row]`, in units of `u`, for each row; and by how much
    /// the range of each row's channel was widened for it.
    ///
    /// A channel is widened alone, or with those that share its table: a ReLU that is nearly dead
    /// has a tiny range, and what it needs must not coarsen the others.
    pub(super) fn no_finer_than(mut self, steps: &[f64]) -> (Self, Vec<f64>) {
        let together = match self.role {
            Role::Hidden(Activation::Relu) | Role::Plain => 1,
            Role::Hidden(_) | Role::Towards(_) | Role::Output(_) => self.span,
        };
        let mut of_channels = vec![self.range.scale; self.channels()];
        for rows in steps.chunks(self.channels()) {
            let pairs = of_channels.iter_mut().zip(rows);
            pairs.for_each(|(least, &step)| *least = least.max(step));
        }
        let mut widening = Vec::with_capacity(of_channels.len());
        for steps in of_channels.chunks(together) {
            let step = steps.iter().copied().fold(self.range.scale, f64::max);
            widening.extend(steps.iter().map(|_| step / self.range.scale));
        }
        for (spread, widening) in self.spread.iter_mut().zip(&widening) {
            *spread *= widening;
        }
        let of_rows = (0..steps.len()).map(|row| widening[row % widening.len()]).collect();
        (self, of_rows)
    }

    /// What the layer has beside its data; `padding` is the code that it reads outside its map.
    pub(super) fn parameters(&self, padding: i8) -> Int8Parameters {
        let tables = match self.role {
            Role::Hidden(Activation::Relu) | Role::Plain | Role::Towards(_) => Vec::new(),
            Role::Hidden(_) => {
                let (outgoing, _) = self.outgoing_of_groups();
                let of_group = |(group, outgoing): (usize, Affine)| {
                    self.group_values(group).map(|value| outgoing.quantise(value) as u8)
                };
                let tables: Vec<u8> = self.groups().zip(outgoing).flat_map(of_group).collect();
                // One table alone is that of all rows.
                if self.span < self.channels() { tables.repeat(self.places) } else { tables }
            }
            Role::Output(_) => {
                self.groups().flat_map(|group| self.group_values(group).map(pixel)).collect()
            }
        };
        let (rounding, zero_point) = (Rounding::Once, self.zero_point);
        Int8Parameters::Requantised { rounding, zero_point, padding, tables }
    }

    /// What the next layer's input integers stand for.
    pub(super) fn outgoing(self) -> Codes {
        match self.role {
            Role::Hidden(Activation::Relu) | Role::Plain | Role::Towards(_) => Codes {
                affine: self.range,
                spread: self.spread,
                constant: self.shift,
                order: self.order,
                zero: self.zero_point,
            },
            Role::Hidden(_) | Role::Output(_) => {
                let (groups, zero) = self.outgoing_of_groups();
                let of_channel = (0..self.channels()).map(|channel| groups[channel / self.span]);
                let (spread, constant) =
                    of_channel.map(|Affine { scale, offset }| (scale, offset)).unzip();
                Codes { affine: UNIT, spread, constant, order: self.order, zero }
            }
        }
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

    /// The map that lays the i8 over each group's values, and where zero must be exact, its code.
    fn outgoing_of_groups(&self) -> (Vec<Affine>, i8) {
        let own: Vec<Affine> = self.groups().map(|first| span(&self.group_values(first))).collect();
        if !self.is_padded {
            return (own, 0);
        }
        let (zero, scales) = common_zero(&own);
        let exact = |scale| Affine { scale, offset: -scale * f64::from(zero) };
        (scales.into_iter().map(exact).collect(), zero)
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

#[cfg(test)]
mod tests;
