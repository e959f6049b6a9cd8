//! From the scores of windows to alarms.

use ae_core::Debounce;

use crate::score::Evidence;

/// What a detector says of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Fewer of the last windows exceed the threshold than an alarm takes.
    Normal(Evidence),
    /// So many exceed it; this window need not be one of them.
    Alarm(Evidence),
}

impl Decision {
    /// Whether it is an alarm.
    #[must_use]
    pub const fn is_alarm(&self) -> bool {
        matches!(self, Self::Alarm(_))
    }

    /// The window's score.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        match self {
            Self::Normal(evidence) | Self::Alarm(evidence) => evidence,
        }
    }
}

/// Which of the last windows exceeded the threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent {
    debounce: Debounce,
    /// A bit each, the last window's the lowest.
    exceeded: u32,
}

impl Recent {
    pub(super) fn new(debounce: Debounce) -> Self {
        Self { debounce, exceeded: 0 }
    }

    pub(super) fn decide(&mut self, evidence: Evidence) -> Decision {
        let Debounce { hits, of } = self.debounce;
        // From 1 to 32 bits are looked at.
        let looked_at = u32::MAX >> (32_u32.wrapping_sub(of.into()) & 31);
        self.exceeded = (self.exceeded << 1 | u32::from(evidence.exceeds())) & looked_at;
        if self.exceeded.count_ones() >= hits.into() {
            Decision::Alarm(evidence)
        } else {
            Decision::Normal(evidence)
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::String;

    use ae_core::Debounce;

    use super::{Evidence, Recent};

    /// The decisions for windows that exceed where there is a `1`; `A` is an alarm.
    fn decisions(hits: u8, of: u8, windows: &str) -> String {
        let mut recent = Recent::new(Debounce { hits, of });
        let decide = |window: char| {
            let score = if window == '1' { 8 } else { 7 };
            let evidence = Evidence { score, threshold: 7, channel: 0, channel_score: 0 };
            if recent.decide(evidence).is_alarm() { 'A' } else { '.' }
        };
        windows.chars().map(decide).collect()
    }

    #[test]
    fn k_of_the_last_n() {
        assert_eq!(decisions(1, 1, "0101100"), ".A.AA..");
        assert_eq!(decisions(2, 2, "0101110"), "....AA.");
        assert_eq!(decisions(2, 3, "0101000"), "...A...");
        assert_eq!(decisions(1, 3, "0100000"), ".AAA...");
        assert_eq!(decisions(32, 32, &"1".repeat(33))[30..], *".AA");
        let with_gap = std::format!("{}0{}", "1".repeat(31), "1".repeat(33));
        assert_eq!(decisions(32, 32, &with_gap)[62..], *".AA");
        assert_eq!(decisions(31, 32, &with_gap)[29..34], *".AAAA");
    }
}
