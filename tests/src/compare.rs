//! Comparisons that say where two things differ.

use std::fmt;

/// Values that should be the same integers and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was compared.
    pub what: String,
    /// Values compared.
    pub of: usize,
    /// Position, found value, expected value.
    pub positions: Vec<(usize, i64, i64)>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} of {} values differ", self.what, self.positions.len(), self.of)?;
        for (position, found, expected) in &self.positions {
            writeln!(f, "  [{position}] {found}, expected {expected}")?;
        }
        Ok(())
    }
}

/// Every value the same.
///
/// # Errors
/// All positions that differ.
///
/// # Panics
/// If there are not as many values on both sides.
pub fn exactly<T: Copy + Into<i64>>(
    what: impl Into<String>,
    found: &[T],
    expected: &[i64],
) -> Result<(), Mismatch> {
    assert_eq!(found.len(), expected.len(), "as many values found as expected");
    let pairs = found.iter().map(|&value| value.into()).zip(expected.iter().copied()).enumerate();
    let differ = pairs.filter(|(_, (found, expected))| found != expected);
    let positions: Vec<_> = differ.map(|(at, (found, expected))| (at, found, expected)).collect();
    if positions.is_empty() {
        return Ok(());
    }
    Err(Mismatch { what: what.into(), of: found.len(), positions })
}

/// How far two rows of real numbers are apart at most, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Largest {
    /// The largest absolute difference; infinite if one side alone is not finite.
    pub difference: f64,
    /// Where it is.
    pub position: usize,
}

/// The largest absolute difference of two rows.
///
/// # Panics
/// If there are not as many values on both sides, or none.
#[must_use]
pub fn largest_difference(found: &[f32], expected: &[f32]) -> Largest {
    assert_eq!(found.len(), expected.len(), "as many values found as expected");
    let differences = found.iter().zip(expected).map(|(&found, &expected)| {
        let difference = (f64::from(found) - f64::from(expected)).abs();
        if difference.is_nan() { f64::INFINITY } else { difference }
    });
    let indexed =
        differences.enumerate().map(|(position, difference)| Largest { difference, position });
    indexed.max_by(|a, b| a.difference.total_cmp(&b.difference)).expect("values to compare")
}

/// [`largest_difference`] under a tolerance.
///
/// # Errors
/// The largest difference, if it is not under `tolerance`.
pub fn within(tolerance: f64, found: &[f32], expected: &[f32]) -> Result<Largest, Largest> {
    let largest = largest_difference(found, expected);
    if largest.difference < tolerance { Ok(largest) } else { Err(largest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_that_differs_is_named() {
        let mismatch = exactly("latent", &[1_i8, 2, 3], &[1, 5, -3]).unwrap_err();
        assert_eq!(mismatch.positions, [(1, 2, 5), (2, 3, -3)]);
        assert!(mismatch.to_string().contains("[2] 3, expected -3"), "{mismatch}");
        assert_eq!(exactly("latent", &[200_u8], &[200]), Ok(()));
    }

    #[test]
    fn a_value_that_is_not_a_number_is_infinitely_far() {
        assert!(within(1e9, &[0.0, f32::NAN], &[0.0, 1.0]).is_err());
        let largest = within(0.5, &[1.0, 2.0], &[1.0, 1.75]).unwrap();
        assert_eq!((largest.difference, largest.position), (0.25, 1));
        assert!(within(0.25, &[1.0, 2.0], &[1.0, 1.75]).is_err());
    }
}
