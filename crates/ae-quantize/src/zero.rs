//! Makes zero exact where the next layer is padded: one integer stands for it in every channel.

use crate::range::{Affine, wide_enough};

/// The code that stands for 0 in all channels, and for each channel the scale with which
/// `scale · (q − code)` reaches both ends of its range.
///
/// Each channel loses by a code that does not suit it. The code is the one with the least sum of
/// squared scales, each as a share of the least scale that the channel could have alone.
pub(super) fn common_zero(ranges: &[Affine]) -> (i8, Vec<f64>) {
    let ends: Vec<(f64, f64)> = ranges
        .iter()
        .map(|range| {
            let (low, high) = (range.real(-128).min(0.0), range.real(127).max(0.0));
            (low, low + wide_enough(low, high))
        })
        .collect();
    let scale = |code: i8, (low, high): (f64, f64)| {
        let (below, above) = (f64::from(code) + 128.0, 127.0 - f64::from(code));
        let part = |end: f64, steps: f64| if end > 0.0 { end / steps } else { 0.0 };
        part(high, above).max(part(-low, below))
    };
    let cost = |code: i8| -> f64 {
        let shares = ends.iter().map(|&(low, high)| scale(code, (low, high)) / (high - low));
        shares.map(|share| share * share).sum()
    };
    let costs = (i8::MIN..=i8::MAX).map(|code| (cost(code), code));
    let code = costs.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, code)| code);
    (code, ends.into_iter().map(|ends| scale(code, ends)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_exact_and_both_ends_are_reached() {
        let ranges = [Affine::over(-1.0, 3.0), Affine::over(-20.0, 50.0), Affine::over(0.5, 2.0)];
        let (code, scales) = common_zero(&ranges);
        for (range, &scale) in ranges.iter().zip(&scales) {
            let own = Affine { scale, offset: -scale * f64::from(code) };
            assert_eq!(own.real(code), 0.0);
            assert!(own.real(127) >= range.real(127) - 1e-9, "{code}: {own:?}");
            assert!(own.real(-128) <= range.real(-128).min(0.0) + 1e-9, "{code}: {own:?}");
            // No code suits all of them; none of them is twice as coarse as it could be.
            let alone = (range.real(127) - range.real(-128).min(0.0)) / 255.0;
            assert!(scale < 2.0 * alone, "{scale} against {alone}");
        }
    }

    #[test]
    fn one_channel_alone_loses_nothing() {
        for (low, high, expected) in [(0.0, 5.0, -128), (-5.0, 0.0, 127), (2.0, 4.0, -128)] {
            let (code, scales) = common_zero(&[Affine::over(low, high)]);
            assert_eq!(code, expected, "{low} to {high}");
            let best = (high.max(0.0) - low.min(0.0)) / 255.0;
            assert!((scales[0] / best - 1.0).abs() < 1e-9, "{low} to {high}: {scales:?}");
        }
    }

    #[test]
    fn channels_that_are_always_zero_have_a_scale() {
        let (_, scales) = common_zero(&[Affine::over(0.0, 0.0), Affine::over(-1.0, 0.0)]);
        assert!(scales.iter().all(|&scale| scale > 0.0 && scale.is_finite()), "{scales:?}");
    }
}
