//! Requantisations as steps of a sum, and the one that has a runtime's steps.
//!
//! What becomes of a sum never falls where the sum grows. So two requantisations are the same where they
//! reach every code at the same sum, however each of them rounds.

use ae_core::{Requant, Rounding};
use ae_quantize::FixedFactor;

/// The least and the largest sum.
pub(super) type Sums = [i64; 2];

/// For each code from −127 on the first sum that reaches it; one more than the largest where none does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps(Vec<i64>);

impl Steps {
    /// Of a function that never falls.
    pub(super) fn new(sums: Sums, code: impl Fn(i64) -> i8) -> Self {
        let [low, high] = sums;
        let first = |wanted: i8| {
            let (mut from, mut to) = (low, high + 1);
            while from < to {
                let middle = from + (to - from) / 2;
                if code(middle) < wanted {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            from
        };
        Self((-127..=127).map(first).collect())
    }

    /// Of a requantisation: of sums times `weight`, to which `bias` is added.
    pub(super) fn of_layer(
        sums: Sums,
        [weight, bias]: [i64; 2],
        factor: FixedFactor,
        zero_point: i8,
        rounding: Rounding,
    ) -> Self {
        let requant = Requant::new(factor.multiplier, factor.shift.into(), zero_point);
        let requant = requant.rounded(rounding);
        // A layer's sums fit, which is checked elsewhere.
        Self::new(sums, |sum| requant.apply((weight * sum + bias) as i32))
    }

    /// Sums that become another code; one that is off by more counts as often.
    pub(super) fn differing(&self, other: &Self) -> u64 {
        self.0.iter().zip(&other.0).map(|(one, other)| one.abs_diff(*other)).sum()
    }

    /// What a requantisation that rounds once must fulfil: sums, and the least product with the multiplier
    /// that reaches the next code there. The product must be so much, or it must be less.
    fn bounds(
        &self,
        sums: Sums,
        factor: FixedFactor,
        zero_point: i8,
    ) -> impl Iterator<Item = Bound> {
        let [low, high] = sums;
        let least = move |code: i128| {
            (2 * (code - i128::from(zero_point)) - 1) << (31 + u32::from(factor.shift))
        };
        (-127..=127).zip(&self.0).flat_map(move |(code, &first)| {
            let bound = |sum, reached| Bound { sum, least: least(code), reached };
            let reached = (first <= high).then(|| bound(first, true));
            let missed = (first > low).then(|| bound(first - 1, false));
            [reached, missed].into_iter().flatten()
        })
    }

    /// The multiplier nearest to the one of `factor` that has these steps, of sums with such a weight and
    /// bias, if there is one.
    pub(super) fn multiplier(
        &self,
        sums: Sums,
        [weight, bias]: [i64; 2],
        factor: FixedFactor,
        zero_point: i8,
    ) -> Option<FixedFactor> {
        let (mut from, mut to) = (0, i128::from(i32::MAX));
        for Bound { sum, least, reached } in self.bounds(sums, factor, zero_point) {
            let sum = i128::from(weight * sum + bias);
            // `sum · M ≥ least`, or `sum · M ≤ least − 1`.
            let (sum, least) = if reached { (sum, least) } else { (-sum, 1 - least) };
            match sum {
                0 if least > 0 => return None,
                0 => (),
                1.. => from = from.max(rounded_up(least, sum)),
                _ => to = to.min((-least).div_euclid(-sum)),
            }
        }
        let nearest = i128::from(factor.multiplier).max(from).min(to);
        let multiplier = i32::try_from(nearest).ok().filter(|_| from <= to)?;
        Some(FixedFactor { multiplier, ..factor })
    }

    /// The bias nearest to this one that has these steps, if there is one.
    pub(super) fn bias(
        &self,
        sums: Sums,
        [weight, bias]: [i64; 2],
        factor: FixedFactor,
        zero_point: i8,
    ) -> Option<i64> {
        let (mut from, mut to) = (i128::from(i32::MIN), i128::from(i32::MAX));
        let multiplier = i128::from(factor.multiplier);
        if multiplier == 0 {
            return None;
        }
        for Bound { sum, least, reached } in self.bounds(sums, factor, zero_point) {
            let bias = rounded_up(least, multiplier) - i128::from(weight * sum);
            if reached {
                from = from.max(bias);
            } else {
                to = to.min(bias - 1);
            }
        }
        let nearest = i128::from(bias).max(from).min(to);
        i64::try_from(nearest).ok().filter(|_| from <= to)
    }
}

/// Whether the product of a sum reaches the next code.
struct Bound {
    sum: i64,
    least: i128,
    reached: bool,
}

fn rounded_up(dividend: i128, divisor: i128) -> i128 {
    -(-dividend).div_euclid(divisor)
}

/// The code of a sum as XNNPACK has it, which LiteRT leaves its sums to: a product in f32, halves to even.
pub(super) fn in_f32(sum: i64, factor: f32, zero_point: i8) -> i8 {
    let steps = (sum as f32 * factor).round_ties_even();
    // The runtime adds integers; `as` saturates both times.
    (steps as i64).saturating_add(zero_point.into()).clamp(-128, 127) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMS: Sums = [-6000, 6000];

    fn layer(multiplier: i32, bias: i64) -> Steps {
        let factor = FixedFactor { multiplier, shift: 6 };
        Steps::of_layer(SUMS, [3, bias], factor, 5, Rounding::Once)
    }

    #[test]
    fn the_steps_of_a_layer_lead_back_to_it() {
        let factor = FixedFactor { multiplier: 1 << 29, shift: 6 };
        for (multiplier, bias) in [(1 << 29, 0), (1_073_741_824, -777), (1_900_000_001, 41)] {
            let steps = layer(multiplier, bias);
            let found = steps.multiplier(SUMS, [3, bias], factor, 5).unwrap();
            assert_eq!(layer(found.multiplier, bias), steps);
            let factor = FixedFactor { multiplier, ..factor };
            let found = steps.bias(SUMS, [3, bias + 1000], factor, 5).unwrap();
            assert_eq!(layer(multiplier, found), steps);
            assert_eq!(steps.differing(&layer(multiplier, found)), 0);
        }
    }

    #[test]
    fn halves_to_even_are_no_steps_of_a_layer() {
        let halves = Steps::new(SUMS, |sum| in_f32(sum, 0.25, 5));
        let factor = FixedFactor::nearest(0.25 / 3.0);
        assert_eq!(halves.multiplier(SUMS, [3, 0], factor, 5), None);
        assert_eq!(halves.bias(SUMS, [3, 0], factor, 5), None);
        // Every second half is one.
        let nearest = Steps::of_layer(SUMS, [3, 0], factor, 5, Rounding::Once);
        assert_eq!(nearest.differing(&halves), 127);
    }

    #[test]
    fn a_sum_that_is_too_large_for_a_code_saturates() {
        assert_eq!([i64::MIN, i64::MAX].map(|sum| in_f32(sum, 1.0, 9)), [-128, 127]);
        assert_eq!([-6, -2, 2, 6].map(|sum| in_f32(sum, 0.25, 9)), [7, 9, 9, 11]);
    }
}
