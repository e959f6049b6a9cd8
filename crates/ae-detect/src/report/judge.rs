//! Figures from scores.

use std::collections::BTreeMap;

use ae_files::hex;

use super::figures::{Flips, LabelFigures, Separation, ThresholdReport};
use super::scores::Scores;
use crate::conformal::Threshold;
use crate::interval::Proportion;
use crate::roc::Roc;

/// False alarm rate up to which the partial AUROC looks: what a user may still bear.
pub const PARTIAL_LIMIT: f64 = 0.1;

/// Of the intervals of rates.
const CONFIDENCE: f64 = 0.95;

impl Scores {
    /// Held-out normal windows above the threshold.
    pub fn false_alarms(&self, threshold: &Threshold) -> Proportion {
        proportion(&self.held_out, threshold)
    }

    /// How well abnormal windows stand above the held-out ones; `None` if either are missing.
    pub fn separation(&self, threshold: &Threshold) -> Option<Separation> {
        let roc = Roc::new(&self.held_out, &self.abnormal)?;
        Some(Separation {
            auroc: roc.auroc(),
            partial_auroc: roc.partial_auroc(PARTIAL_LIMIT),
            detected: proportion(&self.abnormal, threshold),
            roc: roc.curve(),
        })
    }
}

/// The model's figures on each label of its abnormal windows, in the order of the labels' names.
/// `labels` has one entry for each abnormal score.
pub fn by_label(scores: &Scores, labels: &[&str], threshold: &Threshold) -> Vec<LabelFigures> {
    let mut of_label: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (label, &score) in labels.iter().zip(&scores.abnormal) {
        of_label.entry(label).or_default().push(score);
    }
    let figures = |(label, abnormal): (&str, Vec<u64>)| {
        let roc = Roc::new(&scores.held_out, &abnormal)?;
        Some(LabelFigures {
            label: label.to_owned(),
            auroc: roc.auroc(),
            partial_auroc: roc.partial_auroc(PARTIAL_LIMIT),
            detected: proportion(&abnormal, threshold),
        })
    };
    of_label.into_iter().filter_map(figures).collect()
}

impl Flips {
    /// Compares what two models say of the same windows.
    ///
    /// # Panics
    /// The two have scores of different numbers of windows.
    pub fn count(
        int8: &[u64],
        int8_threshold: &Threshold,
        float: &[u64],
        float_threshold: &Threshold,
    ) -> Self {
        assert_eq!(int8.len(), float.len(), "scores of the same windows");
        let mut flips = Self { of: int8.len(), ..Self::default() };
        for (&int8, &float) in int8.iter().zip(float) {
            match (int8 > int8_threshold.threshold, float > float_threshold.threshold) {
                (true, false) => flips.to_alarm += 1,
                (false, true) => flips.to_normal += 1,
                _ => {}
            }
        }
        flips
    }

    /// Windows on which the two differ, either way.
    pub fn all(&self) -> usize {
        self.to_alarm + self.to_normal
    }
}

impl ThresholdReport {
    /// Of a threshold, with the alarm raised by `hits` of the last `of` windows.
    pub fn new(threshold: &Threshold, hits: u32, of: u32) -> Self {
        let law = threshold.law();
        Self {
            threshold: threshold.threshold,
            alpha: threshold.alpha(),
            scores: threshold.scores,
            rank: threshold.rank,
            digest: hex(&threshold.digest),
            law_mean: law.mean(),
            law_low: law.quantile(0.05),
            law_high: law.quantile(0.95),
            hits,
            of,
        }
    }
}

fn proportion(scores: &[u64], threshold: &Threshold) -> Proportion {
    Proportion::new(threshold.exceeded_by(scores), scores.len(), CONFIDENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Scores {
        Scores {
            calibration: (1..=9).collect(),
            held_out: vec![1, 5, 8, 9],
            abnormal: vec![9, 20, 3, 30],
        }
    }

    #[test]
    fn figures_by_hand() {
        let scores = scores();
        // (9 + 1) · 0.8: the eighth.
        let threshold = Threshold::calibrate(&scores.calibration, 200_000).unwrap();
        assert_eq!(threshold.threshold, 8);
        let alarms = scores.false_alarms(&threshold);
        assert_eq!((alarms.hits, alarms.of, alarms.rate), (1, 4, 0.25));
        let separation = scores.separation(&threshold).unwrap();
        // 9: 3.5 of 4, 20: 4, 3: 1, 30: 4.
        assert_eq!(separation.auroc, 12.5 / 16.0);
        assert_eq!((separation.detected.hits, separation.detected.of), (3, 4));

        let labels = by_label(&scores, &["run", "fall", "fall", "run"], &threshold);
        let found: Vec<_> =
            labels.iter().map(|l| (&*l.label, l.auroc, l.detected.hits, l.detected.of)).collect();
        assert_eq!(found, [("fall", 5.0 / 8.0, 1, 2), ("run", 7.5 / 8.0, 2, 2)]);

        let report = ThresholdReport::new(&threshold, 2, 3);
        assert_eq!((report.threshold, report.alpha, report.law_mean), (8, 0.2, 0.2));
        // Of nine uniform numbers, the eighth: Beta(2, 8).
        assert!(report.law_low < 0.2 && report.law_high > 0.2);
        let without = Scores { abnormal: vec![], ..scores };
        assert!(without.separation(&threshold).is_none());
    }

    #[test]
    fn flips_are_counted_each_way() {
        let low = Threshold::calibrate(&[10], 500_000).unwrap();
        let high = Threshold::calibrate(&[100], 500_000).unwrap();
        let flips = Flips::count(&[10, 11, 11, 3, 12], &low, &[100, 101, 100, 101, 7], &high);
        assert_eq!(flips, Flips { of: 5, to_alarm: 2, to_normal: 1 });
        assert_eq!(flips.all(), 3);
    }
}
