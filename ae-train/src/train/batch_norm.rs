//! Batch normalisation: the sums of each channel, less their mean and over their deviation, then
//! scaled. The layer's bias is added behind it, so it is what the source calls the shift.
//!
//! Of a convolution a channel has a value at every position of every image, also of a transposed one:
//! its outputs at neighbouring places are of one map, and their differences are what it draws. So all
//! of them share mean, deviation and scale. Of a dense layer every output is a channel.
//!
//! Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
//! internal covariate shift", 2015, algorithms 1 and 2.

use pulp::Arch;

use super::layer::Layer;
use super::parameters::slice_mut;

/// What is added to a variance, so that its root is no zero.
const EPSILON: f64 = 1e-5;

/// How far running statistics move to those of a batch.
const MOMENTUM: f64 = 0.1;

/// What normalises one layer, a number of each for each channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BatchNorm {
    scale: Vec<f32>,
    /// Running mean of batches.
    mean: Vec<f32>,
    /// Running variance of batches.
    variance: Vec<f32>,
}

/// Two sums for each channel over some values. What is summed in 64 bits loses nothing that 32 bits
/// can show.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums {
    /// Values of a channel.
    count: usize,
    /// Of the values.
    of_values: Vec<f64>,
    /// Of the products of each value with its partner.
    of_products: Vec<f64>,
}

/// What the forward pass leaves for the way back.
pub(super) struct Normalised {
    /// Values before they are scaled.
    values: Vec<f32>,
    /// Of each channel one over the deviation.
    inverse: Vec<f32>,
    /// Mean and deviation came from the batch, so they change with its values.
    by_batch: bool,
}

impl Sums {
    /// Sums over values with their partners, channels side by side.
    pub(super) fn of(values: &[f32], partners: &[f32], channels: usize) -> Self {
        let mut of_values = vec![0.0; channels];
        let mut of_products = vec![0.0; channels];
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let rows = values.chunks_exact(channels).zip(partners.chunks_exact(channels));
                for (row, partners) in rows {
                    let sums = of_values.iter_mut().zip(&mut of_products);
                    for ((sum, products), (&value, &partner)) in sums.zip(row.iter().zip(partners))
                    {
                        *sum += f64::from(value);
                        *products += f64::from(value) * f64::from(partner);
                    }
                }
            },
        );
        Self { count: values.len() / channels, of_values, of_products }
    }

    /// The sums over all parts, added in their order; `None` without any.
    pub(super) fn total(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut total, part| {
            let add = |sums: &mut [f64], more: &[f64]| {
                sums.iter_mut().zip(more).for_each(|(sum, value)| *sum += value);
            };
            total.count += part.count;
            add(&mut total.of_values, &part.of_values);
            add(&mut total.of_products, &part.of_products);
            total
        })
    }

    /// The gradient at the scale, where normalised values were the partners of that behind them.
    pub(super) fn at_scale(&self) -> Vec<f32> {
        self.of_products.iter().map(|&sum| sum as f32).collect()
    }

    /// Mean and biased variance of each channel, where each value was its own partner.
    fn statistics(&self) -> impl Iterator<Item = (f64, f64)> {
        let count = self.count as f64;
        self.of_values.iter().zip(&self.of_products).map(move |(sum, squares)| {
            let mean = sum / count;
            (mean, (squares / count - mean * mean).max(0.0))
        })
    }

    /// One value has no variance: then the running statistics normalise, and stay as they are.
    fn is_one_value(&self) -> bool {
        self.count == 1
    }
}

impl BatchNorm {
    /// Before the first step.
    pub(super) fn new(channels: usize) -> Self {
        Self {
            scale: vec![1.0; channels],
            mean: vec![0.0; channels],
            variance: vec![1.0; channels],
        }
    }

    /// Its tensors: scale, running mean, running variance.
    pub(super) fn tensors(&self) -> [&Vec<f32>; 3] {
        [&self.scale, &self.mean, &self.variance]
    }

    /// The same to be changed.
    pub(super) fn tensors_mut(&mut self) -> [&mut Vec<f32>; 3] {
        [&mut self.scale, &mut self.mean, &mut self.variance]
    }

    pub(super) fn channels(&self) -> usize {
        self.scale.len()
    }

    /// Normalises and scales sums, of which `batch` are those over the whole batch, each its own
    /// partner.
    pub(super) fn forward(&self, sums: &mut [f32], batch: &Sums) -> Normalised {
        let (mean, inverse) = self.normalises_by(batch);
        let mut values = sums.to_vec();
        let channels = self.channels();
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let rows = values.chunks_exact_mut(channels).zip(sums.chunks_exact_mut(channels));
                for (values, scaled) in rows {
                    let of_channel = mean.iter().zip(&inverse).zip(&self.scale);
                    let row = values.iter_mut().zip(scaled);
                    for ((value, scaled), ((mean, inverse), scale)) in row.zip(of_channel) {
                        *value = (*value - mean) * inverse;
                        *scaled = scale * *value;
                    }
                }
            },
        );
        Normalised { values, inverse, by_batch: !batch.is_one_value() }
    }

    /// Mean, and one over the deviation.
    fn normalises_by(&self, batch: &Sums) -> (Vec<f32>, Vec<f32>) {
        let inverse = |variance: f64| (1.0 / (variance + EPSILON).sqrt()) as f32;
        if batch.is_one_value() {
            let of_variance = |&variance: &f32| inverse(f64::from(variance));
            return (self.mean.clone(), self.variance.iter().map(of_variance).collect());
        }
        batch.statistics().map(|(mean, variance)| (mean as f32, inverse(variance))).unzip()
    }

    /// From the gradient at the scaled values to that at the sums, in its place. `batch` are the sums
    /// of the first over the whole batch, with the normalised values as partners.
    pub(super) fn backward(&self, normalised: &Normalised, gradient: &mut [f32], batch: &Sums) {
        let Normalised { values, inverse, by_batch } = normalised;
        // What mean and deviation take back, none where they are constants.
        let share = if *by_batch { 1.0 / batch.count as f64 } else { 0.0 };
        let of_batch =
            |sums: &[f64]| -> Vec<f32> { sums.iter().map(|sum| (sum * share) as f32).collect() };
        let (mean, slope) = (of_batch(&batch.of_values), of_batch(&batch.of_products));
        let factors: Vec<f32> = self.scale.iter().zip(inverse).map(|(a, b)| a * b).collect();
        let channels = self.channels();
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let rows = gradient.chunks_exact_mut(channels).zip(values.chunks_exact(channels));
                for (row, values) in rows {
                    let of_channel = mean.iter().zip(&slope).zip(&factors);
                    let row = row.iter_mut().zip(values);
                    for ((gradient, value), ((mean, slope), factor)) in row.zip(of_channel) {
                        *gradient = factor * (*gradient - mean - value * slope);
                    }
                }
            },
        );
    }

    /// Moves the running statistics to those of a batch. The variance among all values, of which the
    /// batch is a sample, is a little larger than its own.
    pub(super) fn observe(&mut self, batch: &Sums) {
        if batch.is_one_value() {
            return;
        }
        let unbiased = batch.count as f64 / (batch.count - 1) as f64;
        let running = self.mean.iter_mut().zip(&mut self.variance);
        for ((running_mean, running_variance), (mean, variance)) in running.zip(batch.statistics())
        {
            move_to(running_mean, mean);
            move_to(running_variance, variance * unbiased);
        }
    }

    /// Puts the normalisation by running statistics into weights and bias of the layer.
    pub(super) fn fold(&self, layer: &mut Layer) {
        let factor = |(scale, variance): (&f32, &f32)| {
            f64::from(*scale) / (f64::from(*variance) + EPSILON).sqrt()
        };
        let factors: Vec<f64> = self.scale.iter().zip(&self.variance).map(factor).collect();
        let mut weights = layer.take_weights();
        // Columns of weights, and biases, are channel by channel for each output of a position.
        for row in slice_mut(&mut weights).chunks_exact_mut(factors.len()) {
            for (weight, factor) in row.iter_mut().zip(&factors) {
                *weight = (f64::from(*weight) * factor) as f32;
            }
        }
        layer.put_weights(weights);
        for row in layer.bias.chunks_exact_mut(factors.len()) {
            for ((bias, mean), factor) in row.iter_mut().zip(&self.mean).zip(&factors) {
                *bias = (f64::from(*bias) - f64::from(*mean) * factor) as f32;
            }
        }
    }
}

impl Normalised {
    /// Sums over a gradient at the scaled values, with the normalised values as partners.
    pub(super) fn sums(&self, gradient: &[f32]) -> Sums {
        Sums::of(gradient, &self.values, self.inverse.len())
    }
}

fn move_to(running: &mut f32, found: f64) {
    *running = ((1.0 - MOMENTUM) * f64::from(*running) + MOMENTUM * found) as f32;
}

#[cfg(test)]
mod tests;
