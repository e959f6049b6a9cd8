//! A linear axis: the range, round ticks, and their labels.

/// Most steps between ticks that a range is divided into, before its ends move out to ticks.
const STEPS: f64 = 6.0;
/// Values beyond this are not drawn: a difference of two could overflow, and nothing else would be
/// visible.
const LARGEST: f64 = 1e100;

/// Whether a value has a place on an axis.
pub(crate) fn is_drawable(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST
}

/// Values `from..=to` laid on pixels `start..=end`.
pub(crate) struct Axis {
    from: f64,
    to: f64,
    step: f64,
    start: f64,
    end: f64,
}

impl Axis {
    /// An axis that shows all drawable `values`, its ends at ticks; `None` if no value is drawable.
    pub(crate) fn of_values(
        values: impl Iterator<Item = f64>,
        start: f64,
        end: f64,
    ) -> Option<Self> {
        let (low, high) = range(values)?;
        // A range that is nothing but rounding, or a single value, gets some room around it.
        let room = if high - low > 1e-9 * high.abs().max(low.abs()) {
            0.0
        } else if high == 0.0 {
            1.0
        } else {
            0.1 * high.abs()
        };
        let (low, high) = (low - room, high + room);
        let step = round_step((high - low) / STEPS);
        // A billionth of a step, so that rounding does not add a tick beyond a value on one.
        let from = (low / step + 1e-9).floor() * step;
        let to = (high / step - 1e-9).ceil() * step;
        Some(Self { from, to, step, start, end })
    }

    /// An axis of whole numbers that begins and ends with the first and last of `values`.
    pub(crate) fn of_counts(
        values: impl Iterator<Item = u32>,
        start: f64,
        end: f64,
    ) -> Option<Self> {
        let (low, high) = range(values.map(f64::from))?;
        let step = round_step((high - low) / STEPS).max(1.0);
        // A single epoch stands in the middle.
        let room = if high > low { 0.0 } else { 0.5 };
        Some(Self { from: low - room, to: high + room, step, start, end })
    }

    /// The pixel of a value.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    /// Multiples of a round step within the axis, with their labels.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let values = self.values().into_iter();
        values.map(|value| (self.place(value), self.label(value))).collect()
    }

    /// Multiples of a round step within the axis.
    pub(crate) fn values(&self) -> Vec<f64> {
        // A thousandth of a step keeps the last tick in spite of rounding.
        let first = (self.from / self.step - 1e-3).ceil();
        let last = (self.to / self.step + 1e-3).floor();
        let count = (last - first) as usize + 1;
        (0..count).map(|index| (first + index as f64) * self.step).collect()
    }

    /// With as many decimals as the step needs; in powers of ten where that would be long.
    fn label(&self, value: f64) -> String {
        let decimals = -self.step.log10().floor();
        let largest = self.from.abs().max(self.to.abs());
        if decimals > 6.0 || largest >= 1e7 {
            let digits = (largest.log10().floor() + decimals).clamp(0.0, 15.0) as usize;
            // −0 would be a label too.
            format!("{:.digits$e}", value + 0.0)
        } else {
            format!("{:.*}", decimals.max(0.0) as usize, value + 0.0)
        }
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|&value| is_drawable(value)).fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// The least of 1, 2, 5 times a power of ten that is at least `step`; 1 for a step of zero.
fn round_step(step: f64) -> f64 {
    if step <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= step * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64]) -> Vec<String> {
        let axis = Axis::of_values(values.iter().copied(), 0.0, 100.0).unwrap();
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_the_values_between_them() {
        assert_eq!(labels(&[0.271, 0.398]), ["0.25", "0.30", "0.35", "0.40"]);
        assert_eq!(labels(&[0.0, 3.0]), ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"]);
        assert_eq!(labels(&[-1.0, 40.0]), ["-10", "0", "10", "20", "30", "40"]);
    }

    #[test]
    fn one_value_gets_room() {
        assert_eq!(labels(&[0.5]), ["0.44", "0.46", "0.48", "0.50", "0.52", "0.54", "0.56"]);
        assert_eq!(labels(&[0.0]), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
    }

    #[test]
    fn very_small_and_very_large_values_have_short_labels() {
        assert_eq!(
            labels(&[0.0, 3e-9]),
            ["0.0e0", "5.0e-10", "1.0e-9", "1.5e-9", "2.0e-9", "2.5e-9", "3.0e-9"]
        );
        assert_eq!(labels(&[0.0, 4e30]), ["0e0", "1e30", "2e30", "3e30", "4e30"]);
        // Near the limit of what is drawn at all.
        assert!(!labels(&[-1e100, 1e100]).is_empty());
    }

    #[test]
    fn places_by_hand() {
        // Downwards, as on a screen: 0.0 at 200, 3.0 at 20.
        let axis = Axis::of_values([0.0, 3.0].into_iter(), 200.0, 20.0).unwrap();
        assert_eq!(axis.place(0.0), 200.0);
        assert_eq!(axis.place(1.0), 140.0);
        assert_eq!(axis.place(3.0), 20.0);
    }

    #[test]
    fn values_without_a_place_do_not_count() {
        let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200];
        assert!(Axis::of_values(values.into_iter(), 0.0, 1.0).is_none());
        let axis = Axis::of_values(values.into_iter().chain([0.0, 3.0]), 0.0, 1.0).unwrap();
        assert_eq!((axis.from, axis.to), (0.0, 3.0));
    }

    #[test]
    fn epochs_have_whole_ticks() {
        let ticks = |first, last| -> Vec<String> {
            let axis = Axis::of_counts([first, last].into_iter(), 0.0, 1.0).unwrap();
            axis.ticks().into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(ticks(1, 1), ["1"]);
        assert_eq!(ticks(1, 4), ["1", "2", "3", "4"]);
        assert_eq!(ticks(1, 100), ["20", "40", "60", "80", "100"]);
        assert_eq!(ticks(0, u32::MAX).len(), 5);
        assert!(Axis::of_counts([].into_iter(), 0.0, 1.0).is_none());
    }
}
