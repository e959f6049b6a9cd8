//! What goes along with the detector, and what came of it.

use ae_boards::monitor::BoardCompanions;
use ae_detect::moment::Span;
use ae_detect::monitor::Monitor;
use ae_infer::{
    CalibrationError, Companion, CompanionPlan, Detection, Findings, Observation, Seen, Threshold,
};
use anyhow::{anyhow, bail};
use serde::Serialize;

use super::Args;
use crate::detect::options::parts_per_million;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "In place")]
pub(super) struct CompanionArgs {
    /// Find a threshold from the first N windows of what is played that do not overlap, as a board does
    /// where it is mounted: they are normal by declaration. The recordings are played in their order,
    /// and what comes behind the N windows is compared with their threshold. The false-alarm rate is
    /// the blob's, or --alpha.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    calibrate_first: Option<u32>,
    /// The false-alarm rate of the threshold that --calibrate-first finds. It needs (1 − α) / α
    /// windows, 99 for 0.01; without this option it is the blob's.
    #[arg(long, value_name = "RATE", requires = "calibrate_first", value_parser = parts_per_million)]
    alpha: Option<u32>,
    /// Raise no alarm before there is a threshold from --calibrate-first. Without this option the
    /// blob's threshold holds until then.
    #[arg(long, requires = "calibrate_first")]
    silent: bool,
    /// Where the blob's threshold is higher than that of --calibrate-first, let it hold.
    #[arg(long, requires = "calibrate_first")]
    at_least_blob: bool,
    /// In place of the blob's threshold take one that holds for a machine or person that is new, by
    /// the thresholds of its maker's groups: the share of such groups that may need a higher one. It
    /// needs (1 − RATE) / RATE groups in the blob, 4 for 0.2; `ae-train info` shows them.
    #[arg(long, value_name = "RATE", value_parser = parts_per_million)]
    by_groups: Option<u32>,
    /// Find a bound of low scores too, for a sensor that is dead or stuck: the share of normal windows
    /// that may be below it. Also from the first N windows.
    #[arg(long, value_name = "RATE", requires = "calibrate_first", value_parser = parts_per_million)]
    low: Option<u32>,
    /// Tell of a channel that does not change in N windows that follow each other. Of the first 32
    /// channels.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    constant: Option<u8>,
    /// Tell when normal has changed: the probability that this is ever told where it has not. It looks
    /// at windows that do not overlap.
    #[arg(long, value_name = "RATE", value_parser = parts_per_million)]
    drift: Option<u32>,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct InPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupsReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<LowReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constant: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Told>,
}

#[derive(Debug, Serialize)]
struct GroupsReport {
    groups: usize,
    /// The share of groups that may need a higher one.
    rate: f64,
    threshold: u64,
}

#[derive(Debug, Serialize)]
struct CalibrationReport {
    wanted: u32,
    taken: u32,
    alpha: f64,
    /// Until all were taken there is none.
    threshold: Option<u64>,
    blob_threshold: u64,
    /// Windows that came behind them, and those that were above what they were compared with.
    windows: usize,
    above: usize,
}

#[derive(Debug, Serialize)]
struct LowReport {
    bound: Option<u64>,
    #[serde(flatten)]
    told: Told,
}

/// Windows of which something was found, and the first of them.
#[derive(Debug, Serialize)]
struct Told {
    windows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<First>,
}

#[derive(Debug, Serialize)]
struct First {
    recording: String,
    #[serde(flatten)]
    span: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
}

impl CompanionArgs {
    /// What is asked for, if anything is.
    pub(super) fn plan(&self, detection: &Detection<'_>) -> Option<CompanionPlan> {
        let blob = detection.calibration.alarm_ppm;
        let plan = CompanionPlan {
            scores: self.calibrate_first.unwrap_or(0),
            alarm_ppm: self.calibrate_first.map_or(0, |_| self.alpha.unwrap_or(blob)),
            is_silent: self.silent,
            is_at_least_blob: self.at_least_blob,
            group_ppm: self.by_groups.unwrap_or(0),
            low_ppm: self.low.unwrap_or(0),
            constant: self.constant.unwrap_or(0),
            drift_ppm: self.drift.unwrap_or(0),
        };
        (plan != CompanionPlan::default()).then_some(plan)
    }
}

/// What goes along, and how many windows came behind the calibration.
struct Counting {
    all: BoardCompanions,
    /// The threshold until there is one in place.
    at_desk: u64,
    windows: usize,
    above: usize,
}

impl Companion for Counting {
    fn threshold(&self) -> Threshold {
        self.all.threshold()
    }

    fn see(&mut self, seen: &Seen<'_>) {
        let threshold = match self.all.threshold() {
            _ if self.all.calibration.is_none_or(|it| it.threshold().is_none()) => None,
            Threshold::Own(own) => Some(own),
            Threshold::AtLeastBlob(own) => Some(own.max(self.at_desk)),
            Threshold::Groups(groups) => Some(groups),
            Threshold::Blob | Threshold::Silent => None,
        };
        self.windows += usize::from(threshold.is_some());
        self.above += usize::from(threshold.is_some_and(|threshold| seen.score > threshold));
        self.all.see(seen);
    }

    fn find(&self, findings: &mut Findings) {
        self.all.find(findings);
    }
}

/// Plays all with what goes along, and says what came of it.
pub(super) fn play(
    args: &Args,
    plan: &CompanionPlan,
    monitor: &Monitor,
    detection: &Detection<'_>,
    blob: &[u8],
) -> anyhow::Result<(Vec<Vec<Observation>>, InPlace)> {
    let all = BoardCompanions::of(plan, detection).map_err(refused)?;
    let at_desk = all.groups.map_or(detection.threshold, |groups| groups.threshold());
    let mut counting = Counting { all, at_desk, windows: 0, above: 0 };
    let observed = monitor.observe(blob, &mut counting)?;
    let Counting { all: companions, windows, above, .. } = counting;
    let calibration = companions.calibration.map(|calibration| CalibrationReport {
        wanted: calibration.wanted(),
        taken: calibration.taken(),
        alpha: f64::from(calibration.alarm_ppm()) / 1e6,
        threshold: calibration.threshold(),
        blob_threshold: detection.threshold,
        windows,
        above,
    });
    if let Some(CalibrationReport { wanted, taken, threshold: None, .. }) = calibration {
        bail!(
            "--calibrate-first {wanted}: what is played has only {taken} windows that do not overlap; \
             play more of what is normal, or give at most {taken}"
        );
    }
    let told = |is_found: fn(&Observation) -> bool| told(monitor, &observed, is_found);
    let in_place = InPlace {
        groups: companions.groups.map(|groups| GroupsReport {
            groups: detection.groups.len(),
            rate: f64::from(plan.group_ppm) / 1e6,
            threshold: groups.threshold(),
        }),
        calibration,
        low: companions
            .low
            .map(|low| LowReport { bound: low.bound(), told: told(|it| it.findings.is_low) }),
        constant: args.companions.constant.map(|_| told(|it| it.findings.constant.is_some())),
        drift: args.companions.drift.map(|_| told(|it| it.findings.has_drifted)),
    };
    Ok((observed, in_place))
}

/// What cannot go along, with the options that say so.
fn refused(error: CalibrationError) -> anyhow::Error {
    let options =
        match error {
            CalibrationError::TooFewGroups { found, .. } => {
                // The least share that they do for.
                let least = 1_000_000_u32
                    .div_ceil(u32::try_from(found).unwrap_or(u32::MAX).saturating_add(1));
                let mend = match found {
                0 => "leave --by-groups out, or make the detector of recordings with --group, with \
                      several groups to calibrate on"
                    .to_owned(),
                _ => format!("give --by-groups at least {}", f64::from(least) / 1e6),
            };
                return anyhow!("{error}: {mend}");
            }
            _ => "--calibrate-first, --alpha or --low",
        };
    anyhow::Error::new(error).context(options)
}

fn told(
    monitor: &Monitor,
    observed: &[Vec<Observation>],
    is_found: fn(&Observation) -> bool,
) -> Told {
    let places = observed.iter().enumerate().flat_map(|(recording, windows)| {
        let windows = windows.iter().enumerate().filter(|(_, it)| is_found(it));
        windows.map(move |(window, it)| (recording, window, it))
    });
    let first = places.clone().next().map(|(recording, window, it)| First {
        recording: monitor.recording(recording),
        span: monitor.span(recording, window),
        channel: it.findings.constant.map(|channel| monitor.name(channel).to_owned()),
    });
    Told { windows: places.count(), first }
}

impl InPlace {
    /// A line for each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(GroupsReport { groups, rate, threshold }) = &self.groups {
            lines.push(format!(
                "threshold of {groups} groups: {threshold}, where a share of {rate} of further groups \
                 may need a higher one"
            ));
        }
        if let Some(it) = &self.calibration {
            let CalibrationReport { wanted, alpha, blob_threshold, windows, above, .. } = it;
            let threshold = it.threshold.unwrap_or_default();
            lines.push(format!(
                "threshold in place: {threshold}, from the first {wanted} windows that do not \
                 overlap, for a rate of {alpha}; the blob's is {blob_threshold}"
            ));
            lines.push(format!("behind them {above} of {windows} windows exceed their threshold"));
        }
        if let Some(LowReport { bound, told }) = &self.low {
            let bound = bound.unwrap_or_default();
            lines.push(format!("low scores, below {bound}: {}", told.words()));
        }
        if let Some(told) = &self.constant {
            lines.push(format!("constant channel: {}", told.words()));
        }
        if let Some(told) = &self.drift {
            lines.push(match &told.first {
                None => "drift: none".to_owned(),
                Some(First { recording, span, .. }) => {
                    format!("drift: normal has changed, told in {recording}: {span}")
                }
            });
        }
        lines
    }
}

impl Told {
    fn words(&self) -> String {
        let Some(First { recording, span, channel }) = &self.first else {
            return "no window".to_owned();
        };
        let channel = channel.as_ref().map_or_else(String::new, |it| format!(", channel {it}"));
        format!("{} windows, first in {recording}: {span}{channel}", self.windows)
    }
}
