//! What int8 costs on data that neither training nor calibration saw.

use crate::Coarse;

/// The squared error on held-out data may rise by so much before a report warns, in percent.
pub const LARGE_RISE_PERCENT: f64 = 2.0;

/// Channels that a warning names at most.
const NAMED: usize = 3;

/// One step of 8 bits, squared, for values in 0…1.
const STEP_SQUARED: f64 = 1.0 / (255.0 * 255.0);

/// Mean squared errors of a value in 0…1 on the same held-out data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// Of the int8 blob.
    pub int8: f64,
    /// Of the float network.
    pub float: f64,
}

impl Rise {
    /// By how much int8 is above float; `None` where float has no error.
    #[must_use]
    pub fn percent(self) -> Option<f64> {
        Some(100.0 * (self.int8 / self.float - 1.0)).filter(|percent| percent.is_finite())
    }

    /// Whether int8 adds less than one step of 8 bits to a value, in the root mean square.
    #[must_use]
    pub fn is_below_a_step(self) -> bool {
        self.int8 - self.float < STEP_SQUARED
    }

    /// What to say if the rise is above [`LARGE_RISE_PERCENT`]: how large it is, and where it comes
    /// from as far as that is known. `coarse` are the channels that the quantiser named.
    #[must_use]
    pub fn warning(self, coarse: &[Coarse]) -> Option<String> {
        let rise = match self.percent() {
            Some(percent) if percent <= LARGE_RISE_PERCENT => return None,
            None if self.int8 <= self.float => return None,
            Some(percent) => format!("{percent:.1} % more error"),
            None => "an error where float has none".to_owned(),
        };
        let Self { int8, float } = self;
        let reason = if self.is_below_a_step() {
            "that is less than one step of 8 bits in a value; values of 8 bits cannot be much finer"
                .to_owned()
        } else if !coarse.is_empty() {
            let mut named: Vec<String> =
                coarse.iter().take(NAMED).map(ToString::to_string).collect();
            if coarse.len() > NAMED {
                named.push(format!("and {} more channels", coarse.len() - NAMED));
            }
            named.join("; ")
        } else {
            "calibrate on more data, or on data like that which the model will see".to_owned()
        };
        Some(format!(
            "int8 has {rise} on held-out data (MSE {int8:.3e}, float {float:.3e}): {reason}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COARSE: Coarse = Coarse { layer: 1, channel: 5, input: 7, lost: 0.5 };

    fn warning(int8: f64, float: f64, coarse: &[Coarse]) -> String {
        Rise { int8, float }.warning(coarse).unwrap_or_default()
    }

    #[test]
    fn small_rises_are_no_news() {
        for (int8, float) in [(0.010_19, 0.01), (0.01, 0.01), (0.009, 0.01), (0.0, 0.0)] {
            assert_eq!(warning(int8, float, &[COARSE]), "");
        }
    }

    #[test]
    fn a_large_rise_is_told_with_its_reason() {
        assert!(warning(0.02, 0.01, &[]).contains("100.0 % more error"));
        assert!(warning(0.02, 0.01, &[]).contains("calibrate on more"));
        assert!(warning(2.4e-5, 1.8e-5, &[]).contains("one step of 8 bits"));
        assert!(warning(0.02, 0.0, &[]).contains("where float has none"));
        let named = warning(0.02, 0.01, &[COARSE; 5]);
        assert!(named.contains("layer 1, channel 5: the weight of input 7"), "{named}");
        assert!(named.ends_with("and 2 more channels"), "{named}");
    }
}
