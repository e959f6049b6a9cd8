//! Output channels of int8 layers.

use crate::int8::{Channel, Int8};
use crate::places::{Layout, Parameters};
use crate::random::SplitMix64;

/// How weights are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Any of −127 to 127.
    Any,
    /// Most of them small, as trained ones are.
    Small,
    /// Each −127 or 127.
    Extreme,
    /// All 127.
    Highest,
    /// All −127.
    Lowest,
}

impl Weights {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Any, Self::Small, Self::Extreme, Self::Highest, Self::Lowest];

    fn draw(self, random: &mut SplitMix64) -> i8 {
        let mut any = || random.between(-127, 127);
        match self {
            Self::Any => any() as i8,
            Self::Small => (any() * any() * any() / (127 * 127)) as i8,
            Self::Extreme => random.one_of(&[-127, 127]),
            Self::Highest => 127,
            Self::Lowest => -127,
        }
    }

    fn row(self, inputs: usize, random: &mut SplitMix64) -> Vec<i8> {
        (0..inputs).map(|_| self.draw(random)).collect()
    }
}

/// As many of `wanted` tables as a layer can have with an output for each.
#[must_use]
pub fn tables_in_use(wanted: usize, outputs: usize) -> usize {
    if wanted == 0 { 0 } else { outputs.div_ceil(outputs.div_ceil(wanted)) }
}

impl Channel {
    /// A channel whose outputs spread over i8 for inputs of the usual size.
    #[must_use]
    pub fn spread(inputs: usize, weights: Weights, random: &mut SplitMix64) -> Self {
        let weights = weights.row(inputs, random);
        // The sum's usual size: products of weights with inputs of about ±74, which add up as
        // the root of their squares.
        let squares: f64 = weights.iter().map(|&weight| f64::from(weight).powi(2)).sum();
        let usual = 74.0 * squares.sqrt().max(1.0);
        let bias = (usual * f64::from(random.signed_unit())) as i32;
        // Most outputs within i8, some beyond.
        let factor = (60.0 / usual * 2.0_f64.powf(random.signed_unit().into())).min(0.249);
        let shifts =
            (1..=22_u8).take_while(|&shift| as_multiplier(factor, shift) < 2.0_f64.powi(31));
        let shift = shifts.clone().nth(random.below(shifts.count())).unwrap_or(1);
        let multiplier = as_multiplier(factor, shift) as i32;
        Self { weights, parameters: Parameters { bias, multiplier, shift } }
    }

    /// A channel of any numbers that the format allows; those at its limits come up often.
    #[must_use]
    pub fn any(inputs: usize, weights: Weights, random: &mut SplitMix64) -> Self {
        let weights = weights.row(inputs, random);
        let largest = Self::largest_bias(&weights);
        let bias = match random.below(8) {
            0 => largest,
            1 => -largest,
            _ => (random.between(-10_000, 10_000) as i32).clamp(-largest, largest),
        };
        let multiplier = match random.below(8) {
            0 => 0,
            1 => i32::MAX,
            2 => 1,
            _ => (random.bits() >> 33) as i32,
        };
        let shift = match random.below(8) {
            0 => 1,
            1 => 22,
            _ => random.between(5, 10) as u8,
        };
        Self { weights, parameters: Parameters { bias, multiplier, shift } }
    }
}

/// The multiplier that stands for `factor` with this shift.
fn as_multiplier(factor: f64, shift: u8) -> f64 {
    (factor * 2.0_f64.powi(32 + i32::from(shift))).round()
}

impl Int8 {
    /// A layer in rows whose outputs [spread](Channel::spread) over i8, with a random zero point
    /// and random tables: `tables` of them, or [as many as it can use](tables_in_use).
    #[must_use]
    pub fn spread(
        inputs: usize,
        outputs: usize,
        weights: Weights,
        tables: usize,
        random: &mut SplitMix64,
    ) -> Self {
        let channels = (0..outputs).map(|_| Channel::spread(inputs, weights, random)).collect();
        let tables = random.bytes(256 * tables_in_use(tables, outputs));
        let zero_point = random.between(-128, 127) as i8;
        let is_rounded_twice = random.below(3) == 0;
        let layout = Layout::Rows;
        Self { layout, is_rounded_twice, zero_point, padding: 0, tables, channels }
    }

    /// A layer in rows of channels at the limits of the format: every combination of weights all
    /// 127, all −127 or all 0, of the largest bias that the loader accepts with them, its negative
    /// or none, and of the least and largest multiplier and shift.
    #[must_use]
    pub fn at_the_limits(inputs: usize, is_rounded_twice: bool, zero_point: i8) -> Self {
        let mut channels = Vec::new();
        for weight in [127_i8, -127, 0] {
            let weights = vec![weight; inputs];
            let largest = Channel::largest_bias(&weights);
            for bias in [largest, -largest, 0] {
                for multiplier in [0, 1, 1 << 30, i32::MAX] {
                    for shift in [1, 2, 11, 22] {
                        let parameters = Parameters { bias, multiplier, shift };
                        channels.push(Channel { weights: weights.clone(), parameters });
                    }
                }
            }
        }
        let (layout, tables) = (Layout::Rows, Vec::new());
        Self { layout, is_rounded_twice, zero_point, padding: 0, tables, channels }
    }
}
