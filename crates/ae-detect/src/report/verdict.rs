//! What the figures say, in words.

use super::figures::{DetectReport, ModelFigures};

/// PCA does as well if its AUROC is no more than this below the autoencoder's.
pub const PCA_MARGIN: f64 = 0.005;

/// A loss of AUROC by quantising that is worth a warning.
const QUANTISING_LOSS: f64 = 0.003;

/// Whether PCA does as well as the autoencoder; `None` where one of the two has no AUROC, since
/// without abnormal windows nothing is known about detection.
pub fn pca_does_as_well(model: &ModelFigures, pca: &ModelFigures) -> Option<bool> {
    // A rounding error of the difference must not decide.
    Some(pca.auroc? >= model.auroc? - PCA_MARGIN - 1e-12)
}

impl DetectReport {
    /// Adds to its warnings those that follow from the figures: PCA does as well; more false alarms
    /// than calibration allows for; worse than chance, in all or by label; quantising costs AUROC.
    pub fn with_warnings(mut self) -> Self {
        let own = [self.pca_warning(), self.false_alarm_warning(), self.chance_warning()];
        self.warnings.extend(own.into_iter().flatten());
        self.warnings.extend(self.inverted_labels());
        self.warnings.extend(self.quantising_warning());
        self
    }

    fn pca_warning(&self) -> Option<String> {
        let pca = self.pca.as_ref()?;
        if !pca_does_as_well(&self.model, pca)? {
            return None;
        }
        let (own, other) = (self.model.auroc?, pca.auroc?);
        let size = match (self.model.flash_bytes, pca.flash_bytes) {
            (own, other) if own > other && other > 0 => {
                format!("ship it, it is {:.1} times smaller", own as f64 / other as f64)
            }
            (own, other) if own < other && own > 0 => format!(
                "a linear model suffices, though at this size it takes {:.1} times the flash",
                other as f64 / own as f64
            ),
            _ => "ship it, it is the simpler one".to_owned(),
        };
        Some(format!(
            "PCA does as well here: {size}. Its AUROC is {other:.3}, the autoencoder's {own:.3}. Its \
             blob is pca.int8.aeb, beside this page."
        ))
    }

    fn false_alarm_warning(&self) -> Option<String> {
        let (alarms, alpha) = (&self.model.false_alarms, self.threshold.alpha);
        // The threshold's own law allows for rates up to law_high.
        (alarms.low > self.threshold.law_high.max(alpha)).then(|| {
            format!(
                "More false alarms than the calibration allows for: {} of {} held-out normal \
                 windows, where {} was wanted. The held-out recordings are unlike those the \
                 detector was calibrated on; calibrate on more of them.",
                alarms.hits,
                alarms.of,
                wanted(alpha)
            )
        })
    }

    fn chance_warning(&self) -> Option<String> {
        let auroc = self.model.auroc.filter(|&auroc| auroc < 0.5)?;
        Some(format!(
            "Worse than chance: AUROC {auroc:.3}. The abnormal windows are reconstructed better \
             than the normal ones, so this score cannot find them."
        ))
    }

    fn quantising_warning(&self) -> Option<String> {
        let change = self.float_agreement.auroc_change?;
        (change < -QUANTISING_LOSS - 1e-12)
            .then(|| format!("Quantising costs {:.4} of AUROC.", -change))
    }
}

/// The report in one sentence.
pub fn verdict(report: &DetectReport) -> String {
    let (alarms, model) = (&report.model.false_alarms, &report.model);
    let false_alarms = match alarms.of {
        0 => "no held-out normal window was there to count false alarms on".to_owned(),
        _ => format!(
            "takes {} of held-out normal windows for abnormal ({} of {}, wanted at most {})",
            percent(alarms.rate),
            alarms.hits,
            alarms.of,
            wanted(report.threshold.alpha)
        ),
    };
    match (&model.detected, model.auroc) {
        (Some(detected), Some(auroc)) if alarms.of > 0 => format!(
            "The detector finds {} of abnormal windows ({} of {}) and {false_alarms}; AUROC \
             {auroc:.3}.",
            percent(detected.rate),
            detected.hits,
            detected.of
        ),
        _ if alarms.of > 0 => format!(
            "The detector {false_alarms}; without abnormal windows nothing is known about what it \
             detects."
        ),
        _ => format!("The detector is calibrated, but {false_alarms}."),
    }
}

/// A share in percent, with two significant digits below 10 %. No line breaks before its unit.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent == 0.0 || percent >= 99.995 {
        format!("{percent:.0}\u{a0}%")
    } else if percent >= 10.0 {
        format!("{percent:.1}\u{a0}%")
    } else if percent >= 0.1 {
        format!("{percent:.2}\u{a0}%")
    } else {
        format!("{percent:.4}\u{a0}%")
    }
}

/// A wanted rate in percent, as it was given: in whole parts per million.
pub fn wanted(alpha: f64) -> String {
    format!("{}\u{a0}%", (1e6 * alpha).round() / 1e4)
}
