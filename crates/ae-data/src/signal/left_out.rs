//! Channels that are left out because they never change.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::file_error::beginning;
use super::{Constant, ReadNote, Signals};

/// Channels that are named one by one; of more, the rest are counted.
const NAMED: usize = 24;

/// Channels that were left out, because they are the same in all windows to train on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Those channels, each with its value.
    pub channels: Vec<Constant>,
    /// How many channels there were with them.
    pub of: usize,
}

impl LeftOut {
    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channels, of } = self;
        let one = |it: &Constant| format!("{} ({})", beginning(&it.channel), it.value);
        let mut named: Vec<String> = channels.iter().take(NAMED).map(one).collect();
        if let Some(more @ 1..) = channels.len().checked_sub(NAMED) {
            named.push(format!("and {more} more"));
        }
        let (stay, are, these) = match channels.len() {
            1 => ("channels stays", "is", "it"),
            _ => ("channels stay", "are", "these"),
        };
        write!(
            f,
            "{} of {of} {stay} the same in training, and {are} left out: {}; the board gets the others \
             alone, and nothing watches {these}",
            channels.len(),
            named.join(", ")
        )
    }
}

impl Signals {
    /// Leaves out these channels, which are not all, and notes which.
    pub fn leave_out_constant(&mut self, constants: &[(usize, Constant)]) {
        if constants.is_empty() {
            return;
        }
        let of = self.channels.len();
        let places: Vec<usize> = constants.iter().map(|&(place, _)| place).collect();
        self.leave_out(&places);
        let channels = constants.iter().map(|(_, constant)| constant.clone()).collect();
        self.notes.push(ReadNote::LeftOut(LeftOut { channels, of }));
    }

    /// What [was left out](Self::leave_out_constant).
    #[must_use]
    pub fn left_out(&self) -> Option<&LeftOut> {
        self.notes.iter().find_map(|note| match note {
            ReadNote::LeftOut(left_out) => Some(left_out),
            _ => None,
        })
    }

    /// The unit of each channel, empty where the files say none: that of the first text.
    #[must_use]
    pub fn units(&self) -> Vec<String> {
        let first = self.notes.iter().find_map(|note| match note {
            ReadNote::Text(format) => Some(&format.units),
            _ => None,
        });
        let unit = |at: usize| {
            let is_bracket = |letter: char| "()[]".contains(letter);
            let unit = first.and_then(|units| units.get(at)).map_or("", String::as_str);
            beginning(unit.trim_matches(is_bracket))
        };
        (0..self.channels.len()).map(unit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::TextFormat;
    use crate::signal::tests::signals;

    #[test]
    fn what_is_left_out_is_noted_and_units_stay_with_their_channels() {
        let mut signals = signals(&[&[5.0, 1.0, 7.0, 5.0, 2.0, 7.0]]);
        signals.channels = ["a", "b", "c"].map(String::from).to_vec();
        let units = ["(V)", "[mm]", ""].map(String::from).to_vec();
        signals.notes.push(ReadNote::Text(Box::new(TextFormat { units, ..TextFormat::default() })));
        assert_eq!(signals.units(), ["V", "mm", ""]);
        let constant = |channel: &str, value| Constant { channel: channel.to_owned(), value };
        signals.leave_out_constant(&[(0, constant("a", 5.0)), (2, constant("c", 7.0))]);
        assert_eq!(
            (&signals.channels[..], &signals.units()[..]),
            (&["b".into()][..], &["mm".into()][..])
        );
        assert_eq!(signals.recordings[0].samples, [1.0, 2.0]);
        assert_eq!(
            signals.told().last().unwrap(),
            "2 of 3 channels stay the same in training, and are left out: a (5), c (7); the board gets \
             the others alone, and nothing watches these"
        );
        let mut many = LeftOut { channels: vec![constant("x", 0.0); 100], of: 101 };
        assert!(many.to_string().contains("x (0), and 76 more; the board"), "{many}");
        many.channels.truncate(1);
        assert!(many.to_string().starts_with("1 of 101 channels stays the same"), "{many}");
    }
}
