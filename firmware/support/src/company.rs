//! What goes along with the detector of the program `monitor`, as its host asks, and what is said of a
//! window.

use ae_core::Detection;
use ae_infer::{
    CalibrationError, CompanionPlan, Companions, Evidence, Findings, Observation, ThresholdSource,
};
use ae_protocol::{CompanionsRecord, DecisionRecord, FindingsRecord, ThresholdKind};

use crate::text::{Line, Reason, words};

/// All that may go along.
pub(crate) type Company = Companions<
    { CompanionsRecord::KEPT },
    { CompanionsRecord::CHANNELS },
    { CompanionsRecord::EDGES },
>;

/// Why it does not.
pub(crate) enum NoCompany {
    Unread,
    Refused(CalibrationError),
}

impl Reason for NoCompany {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Unread => {
                line.text("the request says nothing of companions");
            }
            Self::Refused(error) => words(line, error, "a companion cannot be so"),
        }
    }
}

/// Puts in place of a company the one that a host asks for; none where that cannot be.
// What is made here is large, and must not lie on the stack below an inference.
#[inline(never)]
pub(crate) fn begin(
    company: &mut Company,
    bytes: &[u8],
    detection: &Detection<'_>,
) -> Result<(), NoCompany> {
    *company = Company::NONE;
    let record = CompanionsRecord::from_bytes(bytes).ok_or(NoCompany::Unread)?;
    let CompanionsRecord { scores, alarm_ppm, low_ppm, constant, drift_ppm, .. } = record;
    let CompanionsRecord { is_silent, is_at_least_blob, group_ppm, .. } = record;
    let plan = CompanionPlan {
        scores,
        alarm_ppm,
        is_silent,
        is_at_least_blob,
        group_ppm,
        low_ppm,
        constant,
        drift_ppm,
    };
    company.begin(&plan, detection).map_err(NoCompany::Refused)
}

/// What is said of a window, as it is sent.
pub(crate) fn record(observed: &Observation) -> DecisionRecord {
    let Observation { decision, source, findings } = observed;
    let (evidence, channel) = (decision.evidence(), |it| u32::try_from(it).unwrap_or(u32::MAX));
    DecisionRecord {
        is_alarm: decision.is_alarm(),
        score: evidence.score,
        threshold: evidence.threshold,
        channel: channel(evidence.channel),
        channel_score: evidence.channel_score,
        kind: match source {
            ThresholdSource::Blob => ThresholdKind::Blob,
            ThresholdSource::Own => ThresholdKind::Own,
            ThresholdSource::Groups => ThresholdKind::Groups,
            ThresholdSource::Silent => ThresholdKind::Silent,
        },
        findings: FindingsRecord {
            is_low: findings.is_low,
            has_drifted: findings.has_drifted,
            constant: findings.constant.map_or(FindingsRecord::NO_CHANNEL, channel),
        },
    }
}

/// A window's score, told to a person.
pub(crate) struct Alarm<'e>(pub(crate) &'e Evidence);

impl Reason for Alarm<'_> {
    fn say(&self, line: &mut Line) {
        let Evidence { score, threshold, channel, .. } = *self.0;
        // The score of this window may be below: an alarm is raised by the last few.
        line.text("alarm: score ").long(score).text(if score > threshold {
            " over "
        } else {
            " of "
        });
        line.long(threshold).text(", most from channel ").size(channel);
    }
}

/// What is found beside the alarm, told to a person.
pub(crate) struct Found<'f>(pub(crate) &'f Findings);

impl Reason for Found<'_> {
    fn say(&self, line: &mut Line) {
        let Findings { is_low, constant, has_drifted } = *self.0;
        line.text("found:");
        if is_low {
            line.text(" low score");
        }
        if let Some(channel) = constant {
            line.text(" constant channel ").size(channel);
        }
        if has_drifted {
            line.text(" drift");
        }
    }
}
