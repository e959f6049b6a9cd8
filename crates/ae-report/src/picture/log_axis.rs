//! A logarithmic axis of whole numbers that may be 0.

use super::axis::Axis;

/// Numbers laid on pixels by their logarithm; 0 is placed as 1.
pub(crate) struct LogAxis {
    /// Of decimal logarithms.
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl LogAxis {
    /// An axis that shows all `values`; `None` if there are none.
    pub(crate) fn of(values: impl Iterator<Item = u64>, start: f64, end: f64) -> Option<Self> {
        let (low, high) = values.map(log).fold(None, |range: Option<(f64, f64)>, value| {
            let (low, high) = range.unwrap_or((value, value));
            Some((value.min(low), value.max(high)))
        })?;
        // A little air, and a factor of two at least.
        let room = (0.02 * (high - low)).max(0.15 - (high - low) / 2.0);
        Some(Self { from: low - room, to: high + room, start, end })
    }

    /// The pixel of a number.
    pub(crate) fn place(&self, value: u64) -> f64 {
        self.place_log(log(value))
    }

    /// Which of `count` equal parts of the axis a number lies in.
    pub(crate) fn bin(&self, value: u64, count: usize) -> usize {
        let share = (log(value) - self.from) / (self.to - self.from);
        ((share * count as f64) as usize).min(count - 1)
    }

    /// Powers of ten; where there are fewer than two, round numbers between.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let (first, last) = (self.from.ceil(), self.to.floor());
        // At most twenty: the numbers have 64 bits.
        let decades: Vec<f64> =
            (0..=20).map(|i| first + f64::from(i)).take_while(|&d| d <= last).collect();
        if decades.len() < 2 {
            let (low, high) = (10f64.powf(self.from), 10f64.powf(self.to));
            let axis = Axis::of_values([low, high].into_iter(), 0.0, 1.0);
            let round = axis.map(|axis| axis.values()).unwrap_or_default();
            let inside = round.into_iter().filter(|&value| value >= low.max(1.0) && value <= high);
            return inside.map(|value| (self.place_log(value.log10()), short(value))).collect();
        }
        let step = decades.len().div_ceil(8);
        let shown = decades.into_iter().step_by(step);
        shown.map(|decade| (self.place_log(decade), short(10f64.powf(decade)))).collect()
    }

    fn place_log(&self, log: f64) -> f64 {
        self.start + (log - self.from) / (self.to - self.from) * (self.end - self.start)
    }
}

fn log(value: u64) -> f64 {
    (value.max(1) as f64).log10()
}

/// A number with a letter for its thousands.
pub(crate) fn short(value: f64) -> String {
    let units = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match units.into_iter().find(|&(unit, _)| value >= unit * 0.9995) {
        // Three digits are enough for a label, and trailing zeros say nothing.
        Some((unit, letter)) => {
            let value = value / unit;
            let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
            let digits = format!("{value:.decimals$}");
            let digits = match digits.contains('.') {
                true => digits.trim_end_matches('0').trim_end_matches('.'),
                false => &digits,
            };
            format!("{digits} {letter}")
        }
        None => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[u64]) -> Vec<String> {
        let axis = LogAxis::of(values.iter().copied(), 0.0, 100.0).unwrap();
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_powers_of_ten_or_round() {
        assert_eq!(labels(&[5, 20_000]), ["10", "100", "1 k", "10 k"]);
        assert_eq!(labels(&[1200, 2900]), ["1.5 k", "2 k", "2.5 k"]);
        assert_eq!(labels(&[0, u64::MAX]), ["1", "1 k", "1 M", "1 G", "1 T", "1 P", "1 E"]);
        assert!(!labels(&[7]).is_empty());
        assert!(LogAxis::of([].into_iter(), 0.0, 1.0).is_none());
    }

    #[test]
    fn places_and_bins_by_hand() {
        // Without the air of 2 % the axis would be 1 to 10 000 on 0 to 100.
        let axis = LogAxis::of([0, 10_000].into_iter(), 0.0, 104.0).unwrap();
        for (value, expected) in [(0, 2.0), (1, 2.0), (100, 52.0), (10_000, 102.0)] {
            assert!((axis.place(value) - expected).abs() < 1e-9, "{value}");
        }
        assert_eq!([0, 1, 99, 101, 10_000].map(|value| axis.bin(value, 2)), [0, 0, 0, 1, 1]);
        assert_eq!(axis.bin(u64::MAX, 2), 1);
    }

    #[test]
    fn short_numbers() {
        for (value, expected) in [
            (0.0, "0"),
            (999.0, "999"),
            (1000.0, "1 k"),
            (999_999.0, "1 M"),
            (1234.0, "1.23 k"),
            (45_678.0, "45.7 k"),
            (700_000.0, "700 k"),
            (1.8e19, "18 E"),
        ] {
            assert_eq!(short(value), expected);
        }
    }
}
