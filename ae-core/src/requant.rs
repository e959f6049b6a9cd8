//! The rounding rules of the int8 contract.

/// Brings an accumulator back to i8: `saturate((((acc · M) >> 32) + c) >> k)`.
///
/// This is `acc · M / 2^(32 + k)`, rounded half up, plus the zero point. The product is 64 bits
/// wide and both shifts are arithmetic; adding the whole number `c` between two floors changes
/// nothing, so there is one rounding. `c = (zero_point << k) + (1 << (k − 1))` holds the half and
/// the zero point together: on a core with DSP instructions this is `SMMLA`, `ASR`, `SSAT`.
///
/// ```
/// // A multiplier of 2^30 and a shift of 1 stand for the factor 1/8.
/// let requant = ae_core::Requant::new(1 << 30, 1, 3);
/// assert_eq!(requant.apply(40), 5 + 3);
/// assert_eq!(requant.apply(44), 6 + 3); // 5.5 rounds up
/// assert_eq!(requant.apply(-44), -5 + 3); // −5.5 rounds up too
/// assert_eq!(requant.apply(i32::MAX), 127);
/// ```
///
/// So it is where a layer rounds [once](Rounding::Once), which [`new`](Self::new) stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requant {
    multiplier: i32,
    constant: i32,
    shift: u32,
    rounding: Rounding,
}

/// How often a scaled sum is rounded on its way to i8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Once, halves up: what this project and LiteRT do.
    #[default]
    Once,
    /// Twice, as TensorFlow Lite Micro, CMSIS-NN and ESP-NN do: `h = acc · M / 2^31` to the nearest
    /// integer, halves up; then `h / 2^(k + 1)` to the nearest, halves away from zero.
    ///
    /// Both together are the rule of [`Requant`] for a product that is moved by 2^30 away from zero.
    /// With `n = 1` where `h` is below 0, and else 0, the second result is
    /// `floor((h + 2^k − n) / 2^(k + 1))`. As `h` is a floor itself, this is the floor of
    /// `acc · M + 2^30 − 2^31 · n + 2^(31 + k)` over `2^(32 + k)`. `n` may be taken from the sum's sign
    /// instead: it differs where the product is from −2^30 to −1, and there both give 0.
    ///
    /// ```
    /// use ae_core::{Requant, Rounding};
    ///
    /// let once = Requant::new(1 << 30, 1, 3);
    /// let twice = once.rounded(Rounding::Twice);
    /// assert_eq!([once, twice].map(|it| it.apply(44)), [6 + 3, 6 + 3]); // 5.5
    /// assert_eq!([once, twice].map(|it| it.apply(-44)), [-5 + 3, -6 + 3]); // −5.5
    /// assert_eq!([once, twice].map(|it| it.apply(43)), [5 + 3, 6 + 3]); // 5.375: 21.5, 22, 5.5
    /// ```
    #[cfg(feature = "double-rounding")]
    Twice,
}

impl Rounding {
    /// Every rounding that this crate was built with.
    pub const ALL: &[Self] = &[
        Self::Once,
        #[cfg(feature = "double-rounding")]
        Self::Twice,
    ];

    /// What is added to the product of a sum and its multiplier.
    #[inline(always)]
    const fn step(self, accumulator: i32) -> i64 {
        let [from_zero, below] = match self {
            Self::Once => [0, 0],
            #[cfg(feature = "double-rounding")]
            Self::Twice => [1 << 30, -(1 << 30)],
        };
        if accumulator < 0 { below } else { from_zero }
    }
}

impl Requant {
    /// Smallest shift `k`: there must be a bit to round.
    pub const MIN_SHIFT: u32 = 1;
    /// Largest shift `k`: with it, `c` and the shifted product fit 32 bits together.
    pub const MAX_SHIFT: u32 = 22;

    /// The rule for one output channel. `multiplier` is at least 0 and `shift` lies in
    /// [`MIN_SHIFT`](Self::MIN_SHIFT)..=[`MAX_SHIFT`](Self::MAX_SHIFT); the loader checks both.
    #[must_use]
    pub const fn new(multiplier: i32, shift: u32, zero_point: i8) -> Self {
        let shift = shift & 31;
        let half = (1_i32 << shift) >> 1;
        let constant = ((zero_point as i32) << shift).wrapping_add(half);
        Self { multiplier, constant, shift, rounding: Rounding::Once }
    }

    /// The same numbers, with this rounding.
    #[must_use]
    #[inline(always)]
    pub const fn rounded(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }

    /// The rule with these numbers: those that [`multiplier`](Self::multiplier),
    /// [`constant`](Self::constant) and [`shift`](Self::shift) have told.
    #[must_use]
    #[inline(always)]
    pub const fn of(multiplier: i32, constant: i32, shift: u32) -> Self {
        Self { multiplier, constant, shift: shift & 31, rounding: Rounding::Once }
    }

    /// A factor from 0 as `multiplier / 2^(32 + shift)`, with as many bits of it as the shift's
    /// range allows. A factor too large for 31 bits is the largest that there is.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn fixed_point(factor: f64) -> (i32, u8) {
        for shift in (Self::MIN_SHIFT..=Self::MAX_SHIFT).rev() {
            let scaled = factor * (1_u64 << shift.saturating_add(32)) as f64;
            // To the nearest, halves up; both steps are exact.
            let whole = scaled as u64;
            let rounded = whole.saturating_add(u64::from(scaled - whole as f64 >= 0.5));
            if let Ok(multiplier) = i32::try_from(rounded) {
                return (multiplier, shift as u8);
            }
        }
        (i32::MAX, Self::MIN_SHIFT as u8)
    }

    /// `M`, for kernels that have [`apply`](Self::apply) in vector instructions.
    #[must_use]
    pub const fn multiplier(self) -> i32 {
        self.multiplier
    }

    /// `c`.
    #[must_use]
    pub const fn constant(self) -> i32 {
        self.constant
    }

    /// `k`, from 0 to 31.
    #[must_use]
    pub const fn shift(self) -> u32 {
        self.shift
    }

    /// The i8 value of an accumulator.
    #[must_use]
    #[inline(always)]
    pub const fn apply(self, accumulator: i32) -> i8 {
        // A product of two numbers of 32 bits fits 64, and leaves more room than a step takes.
        let product = (accumulator as i64).wrapping_mul(self.multiplier as i64);
        let moved = match self.rounding {
            // The step is 0, and most layers are spared its sum.
            Rounding::Once => product,
            #[cfg(feature = "double-rounding")]
            Rounding::Twice => product.wrapping_add(self.rounding.step(accumulator)),
        };
        self.finish((moved >> 32) as i32)
    }

    /// [`apply`](Self::apply) by products of 32 bits, for cores that have no wider ones.
    #[must_use]
    #[inline(always)]
    pub const fn apply_in_halves(self, accumulator: i32) -> i8 {
        // `acc = 2^16 · a + b` and `M = 2^16 · m + n`, of which `a` alone may be negative. No sum
        // leaves 32 bits: `m` has 15 of them, and the products are summed from the low end on. The low
        // half of a step is 0.
        let (a, b) = (accumulator >> 16, accumulator & 0xffff);
        let (m, n) = (self.multiplier >> 16, self.multiplier & 0xffff);
        let low = (b as u32).wrapping_mul(n as u32) >> 16;
        let left = a.wrapping_mul(n).wrapping_add(low as i32);
        let right = b.wrapping_mul(m).wrapping_add(left & 0xffff);
        let right = right.wrapping_add((self.rounding.step(accumulator) >> 16) as i32);
        self.finish(a.wrapping_mul(m).wrapping_add(left >> 16).wrapping_add(right >> 16))
    }

    /// From the high word of `acc · M` on.
    #[inline(always)]
    const fn finish(self, high: i32) -> i8 {
        let value = high.wrapping_add(self.constant) >> self.shift;
        if value > 127 {
            127
        } else if value < -128 {
            -128
        } else {
            value as i8
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Requant;
    #[cfg(feature = "double-rounding")]
    use super::Rounding;

    /// The same number by division in 128-bit integers.
    fn by_division(acc: i32, multiplier: i32, shift: u32, zero_point: i8) -> i128 {
        let product = i128::from(acc) * i128::from(multiplier);
        let divisor = 1_i128 << (32 + shift);
        let rounded = (2 * product + divisor).div_euclid(2 * divisor);
        (rounded + i128::from(zero_point)).clamp(-128, 127)
    }

    /// The number rounded twice, as its two steps are told.
    #[cfg(feature = "double-rounding")]
    fn in_two_steps(acc: i32, multiplier: i32, shift: u32, zero_point: i8) -> i128 {
        let product = i128::from(acc) * i128::from(multiplier);
        let first = (2 * product + (1 << 31)).div_euclid(1 << 32);
        let divisor = 2_i128 << shift;
        let second = (2 * first.abs() + divisor) / (2 * divisor) * first.signum();
        (second + i128::from(zero_point)).clamp(-128, 127)
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn a_factor_keeps_31_bits() {
        assert_eq!(Requant::fixed_point(0.125), (1 << 30, 1));
        assert_eq!(Requant::fixed_point(0.5_f64.powi(10)), (1 << 30, 8));
        // Too small for 31 bits at the largest shift: fewer bits are left.
        assert_eq!(Requant::fixed_point(0.5_f64.powi(30)), (1 << 24, 22));
        assert_eq!(Requant::fixed_point(0.0), (0, 22));
        // Too large for any shift.
        assert_eq!(Requant::fixed_point(0.25), (i32::MAX, 1));
        // Half of the last place is rounded up, less is not.
        let half = 0.5_f64.powi(55);
        assert_eq!([half, half * 0.999, half * 3.0].map(|f| Requant::fixed_point(f).0), [1, 0, 2]);
        for factor in [0.249, 0.013_37, 3.3e-5] {
            let (multiplier, shift) = Requant::fixed_point(factor);
            let back = f64::from(multiplier) / 2_f64.powi(32 + i32::from(shift));
            assert!((back / factor - 1.0).abs() < 1e-9, "{factor}: {back}");
        }
    }

    /// Sums on both sides of every half, where the two rules differ.
    #[cfg(feature = "double-rounding")]
    #[test]
    fn rounds_twice_around_halves() {
        let mut differing = 0;
        for (multiplier, shift) in [(1 << 30, 1), (1_518_500_250, 5), (i32::MAX, 9), (3, 1)] {
            let once = Requant::new(multiplier, shift, 5);
            let twice = once.rounded(Rounding::Twice);
            for acc in -70_000..70_000 {
                let expected = in_two_steps(acc, multiplier, shift, 5);
                assert_eq!(i128::from(twice.apply(acc)), expected, "{acc} · {multiplier}");
                assert_eq!(i128::from(twice.apply_in_halves(acc)), expected);
                differing += usize::from(once.apply(acc) != twice.apply(acc));
            }
        }
        assert!(differing > 100, "{differing}");
    }

    #[test]
    fn equals_rounded_division_at_all_shifts_and_extremes() {
        let accumulators = [
            i32::MIN,
            i32::MIN + 1,
            -65_536,
            -129,
            -3,
            -2,
            -1,
            0,
            1,
            2,
            3,
            77,
            128,
            65_535,
            1 << 24,
            i32::MAX - 1,
            i32::MAX,
        ];
        let multipliers = [0, 1, 3, (1 << 30) - 1, 1 << 30, 1_518_500_250, i32::MAX];
        for shift in Requant::MIN_SHIFT..=Requant::MAX_SHIFT {
            for multiplier in multipliers {
                for zero_point in [-128, -1, 0, 1, 127] {
                    let requant = Requant::new(multiplier, shift, zero_point);
                    for acc in accumulators {
                        let expected = by_division(acc, multiplier, shift, zero_point);
                        assert_eq!(i128::from(requant.apply(acc)), expected);
                        assert_eq!(i128::from(requant.apply_in_halves(acc)), expected);
                        #[cfg(feature = "double-rounding")]
                        {
                            let requant = requant.rounded(Rounding::Twice);
                            let expected = in_two_steps(acc, multiplier, shift, zero_point);
                            assert_eq!(i128::from(requant.apply(acc)), expected);
                            assert_eq!(i128::from(requant.apply_in_halves(acc)), expected);
                        }
                    }
                }
            }
        }
    }
}
