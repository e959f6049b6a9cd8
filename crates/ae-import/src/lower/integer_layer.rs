//! Layers of integers.

use ae_core::{Geometry, Rounding, SpatialKind};
use ae_quantize::{FixedFactor, Row};

use super::chain::Weighted;
use super::integers::FLOAT_INSTEAD;
use super::runtime::Runtime;
use super::spatial::Why;
use super::steps::{Steps, in_f32};
use super::tables::{Table, identity};
use crate::{Codes, Numbers};

/// A layer of a blob, but for its packing.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) geometry: Geometry,
    /// How sums are rounded, and halves of a mean.
    pub(super) rounding: Rounding,
    pub(super) rows: Vec<Row>,
    pub(super) zero_point: i8,
    pub(super) padding: i8,
    /// What becomes of the integers behind the requantisation.
    pub(super) table: Table,
}

pub(super) fn is_average(geometry: Geometry) -> bool {
    matches!(geometry, Geometry::Spatial(spatial) if spatial.kind == SpatialKind::Average)
}

/// Whether some position has an even number of values.
pub(super) fn has_halves(geometry: Geometry) -> bool {
    match geometry {
        Geometry::Spatial(spatial) => spatial.is_padded() || spatial.taps().is_multiple_of(2),
        Geometry::Dense(_) => false,
    }
}

/// Sums that outputs may have, and those of them of which the runtime makes another integer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) sums: u64,
    pub(super) differing: u64,
}

pub(super) fn of_weights(
    weighted: &Weighted,
    before: Codes,
    after: Codes,
    runtime: Runtime,
    tally: &mut Tally,
) -> Result<Layer, Why> {
    let Numbers::Integers { weights, scales, bias } = &weighted.numbers else {
        let why = "its weights are real numbers among integers".to_owned();
        return Err((why, FLOAT_INSTEAD));
    };
    let geometry = weighted.geometry;
    let columns = weighted.columns();
    let is_dense = matches!(geometry, Geometry::Dense(_));
    let rounding = runtime.rounding();
    let mut rows = Vec::with_capacity(weighted.rows());
    for (row, weights) in weights.chunks_exact(columns).enumerate() {
        if weights.contains(&i8::MIN) {
            let why = format!("output {row} has a weight of −128, and the least here is −127");
            return Err((why, FLOAT_INSTEAD));
        }
        let (scale, is_lone) = match scales[..] {
            [one] => (one, true),
            _ => (scales[row], false),
        };
        // LiteRT's own kernel multiplies a lone scale as f32. TensorFlow Lite Micro, which rounds twice,
        // takes f64 for both.
        let product = match is_lone && is_dense && rounding == Rounding::Once {
            true => f64::from(before.scale * scale),
            false => f64::from(before.scale) * f64::from(scale),
        };
        let factor = product / f64::from(after.scale);
        let zero: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
        let bias = i64::from(bias[row]) - i64::from(before.zero_point) * zero;
        let magnitude: i64 = weights.iter().map(|&weight| i64::from(weight).abs()).sum();
        let bias = i32::try_from(bias)
            .ok()
            .filter(|bias| i64::from(bias.unsigned_abs()) + 128 * magnitude <= i64::from(i32::MAX));
        let Some(bias) = bias else {
            let why = format!("the sum of output {row} can leave 32 bits");
            return Err((why, FLOAT_INSTEAD));
        };
        if factor.is_nan() || factor >= ae_quantize::MAX_FACTOR {
            let why = format!(
                "output {row} multiplies its sum by {factor}, and here a factor is below {}",
                ae_quantize::MAX_FACTOR
            );
            return Err((why, FLOAT_INSTEAD));
        }
        let mut row = Row { weights: weights.to_vec(), bias, factor: FixedFactor::nearest(factor) };
        if runtime == Runtime::LiteRt {
            let factor = before.scale * scale / after.scale;
            like_the_runtime(&mut row, factor, after.zero_point, tally);
        }
        rows.push(row);
    }
    let padding = match geometry {
        Geometry::Spatial(spatial) if spatial.is_padded() => before.zero_point,
        _ => 0,
    };
    let (zero_point, table) = (after.zero_point, identity());
    Ok(Layer { geometry, rounding, rows, zero_point, padding, table })
}

/// Gives a row the steps that XNNPACK has with such a factor, if some multiplier has them.
fn like_the_runtime(row: &mut Row, factor: f32, zero_point: i8, tally: &mut Tally) {
    let sums = row.weights.iter().fold([i64::from(row.bias); 2], |[low, high], &weight| {
        let ends = [i8::MIN, i8::MAX].map(|code| i64::from(code) * i64::from(weight));
        [low + ends[0].min(ends[1]), high + ends[0].max(ends[1])]
    });
    let wanted = Steps::new(sums, |sum| in_f32(sum, factor, zero_point));
    let found = Steps::of_layer(sums, [1, 0], row.factor, zero_point, Rounding::Once);
    tally.sums += sums[1].abs_diff(sums[0]) + 1;
    let differing = found.differing(&wanted);
    if differing > 0 {
        match wanted.multiplier(sums, [1, 0], row.factor, zero_point) {
            Some(factor) => row.factor = factor,
            None => tally.differing += differing,
        }
    }
}

/// Whether a factor keeps all of its 31 bits.
pub(super) fn is_exact(factor: FixedFactor) -> bool {
    factor.multiplier == 0 || factor.multiplier >= 1 << 30
}
