//! The mean over a whole map, to the bit as a TensorFlow Lite file's runtime computes it.
//!
//! XNNPACK, which LiteRT leaves it to, takes the sum of a channel's integers, and multiplies and adds in f32.
//! TensorFlow Lite Micro divides a multiplier by the number of values, and rounds twice. Both change the
//! scale in the same step, which a pool of a blob does not. A depthwise convolution over the whole map
//! does, whose weights are all the same.

use ae_core::{Geometry, Rounding, Spatial, SpatialKind};
use ae_quantize::{FixedFactor, MAX_FACTOR, Row};

use super::integer_layer::Layer;
use super::steps::{Steps, Sums};
use super::tables::{Factor, identity};
use crate::Codes;

/// The mean of a map.
struct Mean {
    spatial: Spatial,
    /// Values of a mean.
    count: i64,
    from: Codes,
    to: Codes,
    rounding: Rounding,
}

/// A layer that computes it.
pub(super) struct Found {
    pub(super) layer: Layer,
    /// What the sum of a mean's values may be.
    pub(super) sums: u64,
    /// Sums of which the runtime makes another integer.
    pub(super) differing: u64,
}

/// The layer nearest to what the runtime computes, which nearly always is the same. `spatial` is that of a
/// pool.
pub(super) fn mean(spatial: Spatial, [from, to]: [Codes; 2], rounding: Rounding) -> Found {
    let count = spatial.taps() as i64;
    let it = Mean { spatial, count, from, to, rounding };
    let wanted = match rounding {
        Rounding::Once => Steps::new(it.sums(), it.in_f32()),
        Rounding::Twice => Steps::new(it.sums(), it.twice()),
    };
    let pool = (from == to).then(|| it.pool(&wanted));
    if let Some(pool) = pool.as_ref().filter(|pool| pool.differing == 0) {
        return it.found(pool.clone());
    }
    let candidates = pool.into_iter().chain(match rounding {
        Rounding::Once => it.rounded_once(&wanted),
        // A layer that rounds twice has no factor so large as the mean of few values may.
        Rounding::Twice => match it.rounded_twice(&wanted) {
            Some(candidate) => vec![candidate],
            None => it.rounded_once(&wanted),
        },
    });
    let nearest = candidates.min_by_key(|candidate| candidate.differing);
    // Where no factor is within bounds, the mean is as good as the pool of other codes.
    it.found(nearest.unwrap_or_else(|| it.pool(&wanted)))
}

#[derive(Clone)]
struct Candidate {
    /// Weight, bias and factor; none for a pool.
    row: Option<(i8, i32, FixedFactor)>,
    rounding: Rounding,
    differing: u64,
}

impl Mean {
    fn sums(&self) -> Sums {
        [-128 * self.count, 127 * self.count]
    }

    /// What XNNPACK makes of a sum.
    fn in_f32(&self) -> impl Fn(i64) -> i8 {
        let Self { from, to, count, .. } = self;
        let factor = from.scale / to.scale * (1.0 / *count as f32);
        let zero = (i64::from(from.zero_point) * count) as f32 * factor;
        let bias = f32::from(to.zero_point) - zero;
        // `as` saturates.
        move |sum| (sum as f32 * factor + bias).round_ties_even() as i8
    }

    /// The multiplier of TensorFlow Lite Micro, and its exponent.
    fn parts(&self) -> (i64, i32) {
        let factor = f64::from(self.from.scale) / f64::from(self.to.scale);
        let (multiplier, exponent) = Factor::parts(factor);
        // As many bits as the division takes away.
        let bits = (self.count.ilog2() as i32).min(31 + exponent).clamp(0, 32);
        ((multiplier << bits) / self.count, exponent - bits)
    }

    fn twice(&self) -> impl Fn(i64) -> i8 {
        let (multiplier, exponent) = self.parts();
        let zero = i64::from(self.from.zero_point) * self.count;
        let (factor, to) = (Factor { multiplier, exponent }, self.to);
        move |sum| to.at(factor.twice(sum - zero))
    }

    /// The mean of integers whose codes stay.
    fn pool(&self, wanted: &Steps) -> Candidate {
        let count = self.count;
        let steps = Steps::new(self.sums(), |sum| {
            let below = i64::from(self.rounding == Rounding::Twice && sum < 0);
            (2 * sum + count - below).div_euclid(2 * count) as i8
        });
        Candidate { row: None, rounding: self.rounding, differing: steps.differing(wanted) }
    }

    fn of_row(
        &self,
        wanted: &Steps,
        rounding: Rounding,
        weight: i8,
        bias: i64,
        factor: FixedFactor,
    ) -> Option<Candidate> {
        let magnitude = self.count * i64::from(weight);
        let bias = i32::try_from(bias).ok()?;
        if i64::from(bias.unsigned_abs()) + 128 * magnitude > i64::from(i32::MAX) {
            return None;
        }
        let row = [weight.into(), bias.into()];
        let zero_point = self.to.zero_point;
        let steps = Steps::of_layer(self.sums(), row, factor, zero_point, rounding);
        let differing = steps.differing(wanted);
        Some(Candidate { row: Some((weight, bias, factor)), rounding, differing })
    }

    /// Rows that round once. A larger weight makes a finer bias.
    fn rounded_once(&self, wanted: &Steps) -> Vec<Candidate> {
        let Self { from, to, count, .. } = self;
        let real = f64::from(from.scale) / f64::from(to.scale) / *count as f64;
        let mut found = Vec::new();
        for weight in [1_i8, 127] {
            let factor = real / f64::from(weight);
            if factor.is_nan() || factor >= MAX_FACTOR {
                continue;
            }
            let factor = FixedFactor::nearest(factor);
            let bias = -i64::from(weight) * count * i64::from(from.zero_point);
            let row = [weight.into(), bias];
            found.extend(self.of_row(wanted, Rounding::Once, weight, bias, factor));
            if let Some(factor) = wanted.multiplier(self.sums(), row, factor, to.zero_point) {
                found.extend(self.of_row(wanted, Rounding::Once, weight, bias, factor));
            }
            if let Some(bias) = wanted.bias(self.sums(), row, factor, to.zero_point) {
                found.extend(self.of_row(wanted, Rounding::Once, weight, bias, factor));
            }
            if found.iter().any(|candidate| candidate.differing == 0) {
                break;
            }
        }
        found
    }

    /// The row with the runtime's own multiplier.
    fn rounded_twice(&self, wanted: &Steps) -> Option<Candidate> {
        let (multiplier, exponent) = self.parts();
        let shift = u8::try_from(-exponent - 1).ok().filter(|shift| (1..=22).contains(shift))?;
        let multiplier = i32::try_from(multiplier).ok()?;
        let bias = -self.count * i64::from(self.from.zero_point);
        self.of_row(wanted, Rounding::Twice, 1, bias, FixedFactor { multiplier, shift })
    }

    fn found(&self, Candidate { row, rounding, differing }: Candidate) -> Found {
        let channels = usize::from(self.spatial.channels_in);
        let taps = self.spatial.taps();
        let kind = if row.is_some() { SpatialKind::Depthwise } else { SpatialKind::Average };
        let rows = row.map_or(Vec::new(), |(weight, bias, factor)| {
            vec![Row { weights: vec![weight; taps], bias, factor }; channels]
        });
        let zero_point = if row.is_some() { self.to.zero_point } else { 0 };
        let [low, high] = self.sums();
        let layer = Layer {
            geometry: Geometry::Spatial(Spatial { kind, ..self.spatial }),
            rounding,
            rows,
            zero_point,
            padding: 0,
            table: identity(),
        };
        Found { layer, sums: high.abs_diff(low) + 1, differing }
    }
}
