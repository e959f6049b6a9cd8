//! Layers of integers.

use ae_core::{Geometry, Requant, Rounding, SpatialKind};
use ae_quantize::Row;

use super::chain::Weighted;
use super::integers::FLOAT_INSTEAD;
use super::spatial::Why;
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

pub(super) fn of_weights(
    weighted: &Weighted,
    before: Codes,
    after: Codes,
    rounding: Rounding,
) -> Result<Layer, Why> {
    let Numbers::Integers { weights, scales, bias } = &weighted.numbers else {
        let why = "its weights are real numbers among integers".to_owned();
        return Err((why, FLOAT_INSTEAD));
    };
    let geometry = weighted.geometry;
    let columns = weighted.columns();
    let is_dense = matches!(geometry, Geometry::Dense(_));
    let mut rows = Vec::with_capacity(weighted.rows());
    for (row, weights) in weights.chunks_exact(columns).enumerate() {
        if weights.contains(&i8::MIN) {
            let why = format!("output {row} has a weight of −128, and the least here is −127");
            return Err((why, FLOAT_INSTEAD));
        }
        let product = match scales[..] {
            // LiteRT multiplies these as f32, and scales of channels as f64. TensorFlow Lite Micro, which
            // rounds twice, takes f64 for both.
            [one] if is_dense && rounding == Rounding::Once => f64::from(before.scale * one),
            [one] => f64::from(before.scale) * f64::from(one),
            _ => f64::from(before.scale) * f64::from(scales[row]),
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
        rows.push(Row { weights: weights.to_vec(), bias, factor });
    }
    let padding = match geometry {
        Geometry::Spatial(spatial) if spatial.is_padded() => before.zero_point,
        _ => 0,
    };
    let (zero_point, table) = (after.zero_point, identity());
    Ok(Layer { geometry, rounding, rows, zero_point, padding, table })
}

/// Whether a factor keeps all of its 31 bits.
pub(super) fn is_exact(factor: f64) -> bool {
    factor == 0.0 || Requant::fixed_point(factor).0 >= 1 << 30
}
