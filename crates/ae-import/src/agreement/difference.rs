//! How far numbers are from those that they should be.

/// How far numbers are from those that they should be. Where one of them is not finite, it is
/// infinitely far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Values that were compared.
    pub values: usize,
    /// The largest difference, over the standard deviation of what they should be.
    pub largest: f64,
    /// The mean difference, over the same.
    pub mean: f64,
    /// The largest difference, over the largest of what they should be.
    pub relative: f64,
}

/// What a [`Difference`] is made of, so that it can be made of parts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    values: usize,
    largest: f64,
    differences: f64,
    wanted: f64,
    squares: f64,
    magnitude: f64,
}

impl Sums {
    pub(crate) fn add(&mut self, found: f64, wanted: f64) {
        let difference = match (found - wanted).abs() {
            difference if difference.is_finite() => difference,
            _ => f64::INFINITY,
        };
        self.values += 1;
        self.largest = self.largest.max(difference);
        self.differences += difference;
        self.wanted += wanted;
        self.squares += wanted * wanted;
        self.magnitude = self.magnitude.max(wanted.abs());
    }

    pub(crate) fn of_all<'s>(all: impl IntoIterator<Item = &'s Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, next| Self {
            values: sum.values + next.values,
            largest: sum.largest.max(next.largest),
            differences: sum.differences + next.differences,
            wanted: sum.wanted + next.wanted,
            squares: sum.squares + next.squares,
            magnitude: sum.magnitude.max(next.magnitude),
        })
    }

    pub(crate) fn difference(&self) -> Difference {
        let count = self.values.max(1) as f64;
        let variance = self.squares / count - (self.wanted / count).powi(2);
        // A variance that is none, of numbers that are not finite, is no excuse.
        let deviation = variance.max(0.0).sqrt().max(f64::MIN_POSITIVE);
        let over = |difference: f64, by: f64| {
            if difference.is_finite() { difference / by } else { f64::INFINITY }
        };
        Difference {
            values: self.values,
            largest: over(self.largest, deviation),
            mean: over(self.differences / count, deviation),
            relative: over(self.largest, self.magnitude.max(f64::MIN_POSITIVE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(f64, f64)]) -> Difference {
        let mut parts = [Sums::default(); 2];
        for (at, &(found, wanted)) in pairs.iter().enumerate() {
            parts[at % 2].add(found, wanted);
        }
        Sums::of_all(&parts).difference()
    }

    #[test]
    fn differences_are_over_the_spread() {
        // The standard deviation of 1, 3, 1 and 3 is 1.
        let found = of(&[(1.0, 1.0), (3.5, 3.0), (1.0, 1.0), (2.0, 3.0)]);
        let expected = Difference { values: 4, largest: 1.0, mean: 0.375, relative: 1.0 / 3.0 };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_finite_is_infinitely_far() {
        let none = f64::NAN;
        for pair in [(1.0, none), (none, 1.0), (none, none), (1.0, f64::INFINITY)] {
            let found = of(&[(1.0, 1.0), pair, (2.0, 2.0)]);
            let all = [found.largest, found.mean, found.relative];
            assert_eq!(all, [f64::INFINITY; 3], "{pair:?}");
        }
    }
}
