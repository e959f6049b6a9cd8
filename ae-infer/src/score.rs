//! How far a reconstruction is from its original.

/// `Σ (a − b)²` over pixels, exact: with at most 65,535 of them it stays under 2^33.
///
/// ```
/// assert_eq!(ae_infer::squared_error(&[0, 10, 255], &[255, 13, 255]), 255 * 255 + 9);
/// ```
#[must_use]
pub fn squared_error(a: &[u8], b: &[u8]) -> u64 {
    a.iter().zip(b).fold(0, |sum: u64, (&a, &b)| {
        let difference = u64::from(a.abs_diff(b));
        sum.wrapping_add(difference.wrapping_mul(difference))
    })
}
