//! Layers that multiply each channel and add to it.

use std::iter::repeat;

use serde_json::Value;

use super::{Layer, Translation, expect_shape, infinite};
use crate::keras::config::shortened;
use crate::tensor::{Tensor, finite_pairs};
use crate::{ImportError, Operation};

/// The least standard deviation that `Normalization` divides by.
const LEAST_DEVIATION: f64 = 1e-7;

impl Translation<'_> {
    /// `gamma · (x − mean) / sqrt(variance + epsilon) + beta`.
    pub(super) fn batch_normalization(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        self.expect_last_axis(layer)?;
        let epsilon = layer.real("epsilon", 1e-3)?;
        let (scales, centres) = (layer.flag("scale", true)?, layer.flag("center", true)?);
        let mut names = vec!["moving_mean", "moving_variance"];
        if centres {
            names.insert(0, "beta");
        }
        if scales {
            names.insert(0, "gamma");
        }
        let weights = self.weights.read_all(layer, &names)?;
        let channels = weights.first().map(Tensor::len);
        for (name, tensor) in names.iter().zip(&weights) {
            expect_shape(layer, name, tensor, &[self.channels().or(channels)])?;
        }
        let mut columns = weights.iter().map(|tensor| tensor.numbers());
        let mut column = |is_there: bool| is_there.then(|| columns.next()).flatten();
        let gamma = column(scales).into_iter().flatten().chain(repeat(1.0));
        let beta = column(centres).into_iter().flatten().chain(repeat(0.0));
        let mean = column(true).into_iter().flatten();
        let variance = column(true).into_iter().flatten();
        let channels = mean.zip(variance).zip(gamma.zip(beta));
        let channels = channels.map(|((mean, variance), (gamma, beta))| {
            let factor = gamma / (variance + epsilon).sqrt();
            (factor, beta - mean * factor)
        });
        self.affine(layer, channels)
    }

    /// `(x − mean) / sqrt(variance)`, or the other way round. The numbers are in the configuration,
    /// or where they were learned among the weights.
    pub(super) fn normalization(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        // Keras 3 writes no axis as an empty list.
        let axes =
            layer.get("axis").filter(|axis| axis.as_array().is_none_or(|axes| !axes.is_empty()));
        let is_one_for_all = axes.is_none();
        if !is_one_for_all {
            self.expect_last_axis(layer)?;
        }
        let expected = if is_one_for_all { Some(1) } else { self.channels() };
        let moments = match (layer.get("mean"), layer.get("variance")) {
            (Some(mean), Some(variance)) => [numbers(layer, mean)?, numbers(layer, variance)?],
            _ => {
                let tensors = self.weights.read(layer, ["mean", "variance"])?;
                tensors.map(|tensor| tensor.numbers().collect::<Vec<f64>>())
            }
        };
        for found in moments.iter().map(Vec::len) {
            if found == 0 || (found != 1 && expected.is_some_and(|expected| expected != found)) {
                let expected = expected.map_or("?".to_owned(), |expected| expected.to_string());
                let reason = format!("it has {found} means or variances; {expected} were expected");
                return Err(layer.damaged(reason));
            }
        }
        let inverts = layer.flag("invert", false)?;
        let channels = pairs(&moments).map(|(mean, variance)| {
            let deviation = variance.sqrt().max(LEAST_DEVIATION);
            if inverts { (deviation, mean) } else { (1.0 / deviation, -mean / deviation) }
        });
        let channels: Vec<(f64, f64)> = channels.collect();
        self.affine(layer, channels.into_iter())
    }

    /// `scale · x + offset`.
    pub(super) fn rescaling(&mut self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let of = |key: &str| layer.get(key).map(|value| numbers(layer, value)).transpose();
        let scale = of("scale")?.ok_or_else(|| layer.damaged("it has no `scale`"))?;
        let both = [scale, of("offset")?.unwrap_or_else(|| vec![0.0])];
        let channels: Vec<(f64, f64)> = pairs(&both).collect();
        let fits = |found: usize| {
            let is_known = self.channels().is_none_or(|channels| channels == found);
            found == 1 || (found == channels.len() && is_known)
        };
        if both.iter().all(|numbers| fits(numbers.len())) {
            return self.affine(layer, channels.into_iter());
        }
        Err(layer.damaged("its `scale` and `offset` have other lengths than the channels"))
    }

    /// An operator of a factor and a shift for each channel.
    fn affine(
        &mut self,
        layer: &Layer<'_>,
        channels: impl Iterator<Item = (f64, f64)>,
    ) -> Result<(), ImportError> {
        let (factor, shift) = finite_pairs(channels).ok_or_else(|| infinite(layer))?;
        self.push(layer.operator(Operation::Affine { factor, shift }));
        Ok(())
    }

    /// Refuses an `axis` that is not that of the channels. Axes count the batch.
    fn expect_last_axis(&self, layer: &Layer<'_>) -> Result<(), ImportError> {
        let axis = layer.get("axis").unwrap_or(&Value::Null);
        let one = match axis {
            Value::Array(axes) if axes.len() == 1 => axes.first(),
            axis => Some(axis),
        };
        let is_last = match one {
            Some(Value::Null) => true,
            Some(Value::Number(axis)) => {
                axis.as_i64() == Some(-1) || axis.as_u64() == u64::try_from(self.shape.len()).ok()
            }
            _ => false,
        };
        if is_last {
            return Ok(());
        }
        let reason = format!("it normalises along axis {}", shortened(axis));
        Err(layer.refuse(reason, "use axis=-1, which is that of the channels"))
    }
}

/// A number, or a list of them, however nested.
fn numbers(layer: &Layer<'_>, value: &Value) -> Result<Vec<f64>, ImportError> {
    let (mut open, mut numbers) = (vec![value], Vec::new());
    while let Some(value) = open.pop() {
        match (value, value.as_f64()) {
            (_, Some(number)) => numbers.push(number),
            (Value::Array(values), _) => open.extend(values.iter().rev()),
            _ => {
                let found = shortened(value);
                return Err(layer.damaged(format!("{found} is where a number was expected")));
            }
        }
    }
    Ok(numbers)
}

/// Numbers of both for each channel, where one that stands alone is for all.
fn pairs([first, second]: &[Vec<f64>; 2]) -> impl Iterator<Item = (f64, f64)> {
    let of = |numbers: &[f64], channel: usize| match numbers {
        [one] => *one,
        numbers => numbers.get(channel).copied().unwrap_or(f64::NAN),
    };
    (0..first.len().max(second.len())).map(move |channel| (of(first, channel), of(second, channel)))
}
