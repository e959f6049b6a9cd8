//! Small integers that weigh the features of a score.

/// The weight of the feature whose residuals vary least.
const LARGEST: f64 = 255.0;

/// The weights of features from the variance of each one's residual on normal training windows.
///
/// A feature that the model always reconstructs well says more when it is off, so each is weighted
/// by the inverse of its variance, `c / (variance + floor)`, rounded and kept within 1..=255, with
/// `c` such that the largest weight is 255. With independent residuals of those variances the score
/// is the squared Mahalanobis distance, but for the rounding. `floor` keeps a feature that hardly
/// varies, such as a constant pixel, from outweighing all others; it has the variances' unit,
/// squared pixels.
///
/// Variances that are negative or not a number count as infinite: their feature gets weight 1.
///
/// # Errors
/// `floor` is not a positive finite number.
///
/// ```
/// use ae_detect::weights::weights;
///
/// assert_eq!(weights(&[1.0, 3.0, 99.0], 1.0).unwrap(), [255, 128, 5]);
/// ```
pub fn weights(variances: &[f64], floor: f64) -> Result<Vec<u8>, WeightsError> {
    if !(floor > 0.0 && floor.is_finite()) {
        return Err(WeightsError { floor });
    }
    let spread = |&variance: &f64| {
        if variance >= 0.0 { variance + floor } else { f64::INFINITY }
    };
    let least = variances.iter().map(spread).fold(f64::INFINITY, f64::min);
    let weight = |variance| {
        let share = least / spread(variance);
        // Where all are infinite, none is better than another.
        let share = if share.is_nan() { 0.0 } else { share };
        (LARGEST * share).round().clamp(1.0, LARGEST) as u8
    };
    Ok(variances.iter().map(weight).collect())
}

/// A floor that would not keep the weights finite.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a floor of {floor} for the residual variance: it must be above 0")]
pub struct WeightsError {
    /// What was given.
    pub floor: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_variances_by_hand() {
        // 255 · 2 / (2, 4, 8, 3): 255, 127.5 away from zero, 63.75, 170.
        assert_eq!(weights(&[1.0, 3.0, 7.0, 2.0], 1.0), Ok(vec![255, 128, 64, 170]));
        assert_eq!(weights(&[5.0; 3], 0.5), Ok(vec![255; 3]));
        assert_eq!(weights(&[], 1.0), Ok(vec![]));
    }

    #[test]
    fn every_feature_counts_a_little() {
        let found = weights(&[0.0, 1e12, f64::INFINITY, f64::NAN, -1.0], 1.0);
        assert_eq!(found, Ok(vec![255, 1, 1, 1, 1]));
        assert_eq!(weights(&[f64::NAN, f64::INFINITY], 1.0), Ok(vec![1, 1]));
    }

    #[test]
    fn the_floor_keeps_a_constant_feature_in_bounds() {
        assert_eq!(weights(&[0.0, 10.0], 10.0), Ok(vec![255, 128]));
        for floor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(weights(&[1.0], floor).is_err(), "{floor}");
        }
    }
}
