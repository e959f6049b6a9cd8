//! Numbers as texts.

/// A number as one reads it, without a long tail of zeros.
pub(super) fn written(number: f64) -> String {
    match number == 0.0 || (1e-6..1e16).contains(&number.abs()) || !number.is_finite() {
        true => number.to_string(),
        false => format!("{number:e}"),
    }
}
