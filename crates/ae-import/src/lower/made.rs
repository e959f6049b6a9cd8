//! A layer of real numbers, which takes in the normalisation before and behind it.

use ae_core::{Activation, Axis, Geometry, Spatial, SpatialKind};
use ae_model::LayerF32;

/// A layer, its weights row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made<'c> {
    pub(super) geometry: Geometry,
    weights: Weights<'c>,
    /// What is folded into the weights, in this order.
    folded: Vec<Folded>,
    bias: Vec<f64>,
    pub(super) activation: Activation,
}

/// Weights as they are before anything is folded into them. Those of the file are not copied until the
/// layer is finished, and never stand as f64: a large model would take its size several times.
#[derive(Clone, Debug, PartialEq)]
enum Weights<'c> {
    OfFile(&'c [f32]),
    Own(Vec<f64>),
}

/// Factors of weights.
#[derive(Clone, Debug, PartialEq)]
enum Folded {
    /// Of row `r` number `r % len`.
    Rows(Vec<f64>),
    /// Of column `c` number `c % len`.
    Columns(Vec<f64>),
}

/// `factor · x + shift`, a number for each channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) factor: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

impl<'c> Made<'c> {
    /// Of numbers of the file.
    pub(super) fn of_weights(geometry: Geometry, weights: &'c [f32], bias: &[f32]) -> Self {
        let bias = bias.iter().copied().map(f64::from).collect();
        Self::new(geometry, Weights::OfFile(weights), bias)
    }

    fn new(geometry: Geometry, weights: Weights<'c>, bias: Vec<f64>) -> Self {
        let (folded, activation) = (Vec::new(), Activation::Identity);
        Self { geometry, weights, folded, bias, activation }
    }

    pub(super) fn without_weights(geometry: Geometry) -> Self {
        Self::new(geometry, Weights::OfFile(&[]), Vec::new())
    }

    /// A depthwise convolution of one tap.
    pub(super) fn of_affine(Affine { factor, shift }: Affine, values: usize) -> Self {
        let channels = factor.len();
        let axis = |inputs: usize| Axis::valid(u16::try_from(inputs).unwrap_or(u16::MAX), 1, 1);
        let channel_count = u16::try_from(channels).unwrap_or(u16::MAX);
        let geometry = Geometry::Spatial(Spatial {
            kind: SpatialKind::Depthwise,
            channels_in: channel_count,
            channels_out: channel_count,
            height: Axis::ONE,
            width: axis(values / channels.max(1)),
        });
        Self::new(geometry, Weights::Own(factor), shift)
    }

    /// A weight with all that is folded into it.
    fn weight(&self, row: usize, column: usize) -> f64 {
        let at = row * self.columns() + column;
        let weight = match &self.weights {
            Weights::OfFile(weights) => weights.get(at).copied().map(f64::from),
            Weights::Own(weights) => weights.get(at).copied(),
        };
        self.folded.iter().fold(weight.unwrap_or(0.0), |weight, folded| match folded {
            Folded::Rows(factors) => weight * factors[row % factors.len()],
            Folded::Columns(factors) => weight * factors[column % factors.len()],
        })
    }

    pub(super) fn has_weights(&self) -> bool {
        !self.bias.is_empty()
    }

    fn columns(&self) -> usize {
        self.geometry.weights_as_dense().inputs
    }

    /// Channels that go out; row `r` is of number `r % channels`.
    pub(super) fn channels(&self) -> usize {
        match self.geometry {
            Geometry::Dense(dense) => dense.outputs,
            Geometry::Spatial(spatial) => spatial.channels_out.into(),
        }
    }

    /// Folds what comes behind into the layer; says whether that could be done.
    pub(super) fn gives(&mut self, affine: &Affine) -> bool {
        let channels = self.channels();
        let period = affine.factor.len();
        // A map that was flattened has a number for each of its values.
        if !channels.is_multiple_of(period) {
            return false;
        }
        let (scales, is_shifted) = match self.activation {
            Activation::Identity => (true, true),
            Activation::Relu => (affine.factor.iter().all(|&factor| factor > 0.0), false),
            Activation::Tanh => return self.tanh_to_sigmoid(affine),
            _ => (false, false),
        };
        if !scales || !is_shifted && affine.shift.iter().any(|&shift| shift != 0.0) {
            return false;
        }
        self.folded.push(Folded::Rows(affine.factor.clone()));
        for (row, bias) in self.bias.iter_mut().enumerate() {
            *bias = *bias * affine.factor[row % period] + affine.shift[row % period];
        }
        true
    }

    /// `(tanh(a) + 1) / 2` is the sigmoid of `2a`.
    fn tanh_to_sigmoid(&mut self, affine: &Affine) -> bool {
        // What pixels stand for is an f32: 255 steps of them are 2 to its last places.
        let is_half = |numbers: &[f64]| numbers.iter().all(|&number| (number - 0.5).abs() <= 1e-6);
        if !is_half(&affine.factor) || !is_half(&affine.shift) {
            return false;
        }
        self.folded.push(Folded::Rows(vec![2.0]));
        self.bias.iter_mut().for_each(|number| *number *= 2.0);
        self.activation = Activation::Logistic;
        true
    }

    /// Whether what comes before can be folded into the layer. What it adds, it does not add to the
    /// zeros beyond a map.
    pub(super) fn takes(&self, affine: &Affine) -> bool {
        let is_shifted = affine.shift.iter().any(|&shift| shift != 0.0);
        match self.geometry {
            Geometry::Dense(dense) => dense.inputs.is_multiple_of(affine.factor.len()),
            Geometry::Spatial(spatial) => {
                usize::from(spatial.channels_in).is_multiple_of(affine.factor.len())
                    && !(is_shifted && spatial.is_padded())
            }
        }
    }

    pub(super) fn take_in(&mut self, affine: &Affine) {
        let (columns, period) = (self.columns(), affine.factor.len());
        let is_depthwise = matches!(
            self.geometry,
            Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Depthwise
        );
        for row in 0..self.bias.len() {
            let products = (0..columns).map(|column| {
                let channel = if is_depthwise { row } else { column } % period;
                self.weight(row, column) * affine.shift[channel]
            });
            self.bias[row] = products.fold(self.bias[row], |sum, product| sum + product);
        }
        let factors = affine.factor.clone();
        self.folded.push(match is_depthwise {
            true => Folded::Rows(factors),
            false => Folded::Columns(factors),
        });
    }

    pub(super) fn finish(self) -> LayerF32 {
        let rows = self.bias.len();
        // What has no weights has no rows.
        let columns = if self.has_weights() { self.columns() } else { 0 };
        let all = 0..columns * rows;
        let weights = match self.geometry {
            Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Depthwise => {
                all.map(|at| self.weight(at % rows, at / rows) as f32).collect()
            }
            _ => all.map(|at| self.weight(at / columns, at % columns) as f32).collect(),
        };
        let bias = self.bias.iter().map(|&number| number as f32).collect();
        LayerF32 { geometry: self.geometry, weights, bias, activation: self.activation }
    }
}

impl Affine {
    /// This one, then another.
    pub(super) fn then(&self, next: &Self) -> Self {
        // The numbers of a map of 6 channels and those of one of 4 repeat together after 12 values.
        let (first, second) = (self.factor.len(), next.factor.len());
        let len = first * second / greatest_common_divisor(first, second);
        let at = |numbers: &[f64], at: usize| numbers[at % numbers.len()];
        let factor = |i: usize| at(&self.factor, i) * at(&next.factor, i);
        let shift = |i: usize| at(&self.shift, i) * at(&next.factor, i) + at(&next.shift, i);
        Self { factor: (0..len).map(factor).collect(), shift: (0..len).map(shift).collect() }
    }
}

fn greatest_common_divisor(first: usize, second: usize) -> usize {
    if second == 0 { first } else { greatest_common_divisor(second, first % second) }
}
