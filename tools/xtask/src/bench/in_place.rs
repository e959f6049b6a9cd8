//! What a threshold is worth that is found on each person's own first windows, beside the one from the
//! desk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ae_infer::{Calibration, calibration_len};
use anyhow::{Context, Result, bail};

use super::anomaly::quiet;
use crate::command::program;

/// Windows of each person that a threshold is found from: as few as the wanted rate takes.
const OWN: u32 = 39;
/// So many of them are the first of the first recording, if it has so many; the others are the first of
/// the second one, in which the watch is on the other arm.
const FIRST: usize = 20;
/// The wanted rate, in parts per million.
const ALPHA_PPM: u32 = 25_000;
const KEPT: usize = calibration_len(OWN, ALPHA_PPM);
/// Samples of a window.
const WINDOW: usize = 64;

/// Windows above a threshold.
#[derive(Debug, Clone, Copy, Default)]
struct Above {
    windows: usize,
    of: usize,
}

/// What one threshold gives.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    false_alarms: Above,
    detected: Above,
}

/// The rules that are compared. By the last one an alarm takes two windows that follow each other.
const RULES: [&str; 4] = ["desk", "own", "own, at least the desk's", "own, two windows in a row"];

/// A window of the held-out people.
struct Scored {
    person: String,
    label: String,
    recording: String,
    /// Its first sample.
    first: usize,
    score: u64,
    threshold: u64,
}

/// Prints a line for each exercise and their mean, each with its blob.
pub(super) fn table(ae_train: &Path, exercises: &[(&str, PathBuf)]) -> Result<()> {
    println!(
        "\na threshold from each person's own first {OWN} windows, {FIRST} of one arm and {} of the \
         other, against the desk's; false alarms in windows behind those, of windows that do not \
         overlap\n",
        OWN as usize - FIRST
    );
    let columns: Vec<String> =
        RULES.iter().map(|rule| format!("{rule}: false alarms | detected")).collect();
    println!("| normal | {} |", columns.join(" | "));
    println!("| --- |{}", " ---: |".repeat(2 * RULES.len()));
    let mut all = Vec::new();
    for (exercise, blob) in exercises {
        let figures = compare(exercise, &windows(ae_train, blob)?)
            .with_context(|| format!("{exercise}: {}", blob.display()))?;
        let cells: Vec<String> = figures.iter().map(|it| it.cells()).collect();
        println!("| {exercise} | {} |", cells.join(" | "));
        all.push(figures);
    }
    let mean = |of: &dyn Fn(&Figures) -> Above, rule: usize| {
        all.iter().map(|it| of(&it[rule]).percent()).sum::<f64>() / all.len() as f64
    };
    let worst =
        |rule: usize| all.iter().map(|it| it[rule].false_alarms.percent()).fold(0.0, f64::max);
    let cells = (0..RULES.len()).map(|rule| {
        let false_alarms = mean(&|it| it.false_alarms, rule);
        let detected = mean(&|it| it.detected, rule);
        format!("{false_alarms:.2} %, worst {:.1} % | {detected:.1} %", worst(rule))
    });
    println!("| mean | {} |", cells.collect::<Vec<_>>().join(" | "));
    Ok(())
}

/// All windows that the detector's run held out.
fn windows(ae_train: &Path, blob: &Path) -> Result<Vec<Scored>> {
    let scores = blob.with_extension("scores.csv");
    quiet(program(ae_train).arg("monitor").arg(blob).arg("--scores").arg(&scores))?;
    let text = fs::read_to_string(&scores).with_context(|| scores.display().to_string())?;
    let rows = text.lines().skip(1).map(|row| scored(row).with_context(|| row.to_owned()));
    rows.collect()
}

/// A row of the CSV file: `recording,label,group,first_sample,…,score,threshold,above,alarm,channel`.
fn scored(row: &str) -> Option<Scored> {
    let (recording, rest) = match row.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",")?,
        None => row.split_once(',')?,
    };
    let cells: Vec<&str> = rest.split(',').collect();
    let [label, person, first, .., score, threshold, _above, _alarm, _channel] = cells[..] else {
        return None;
    };
    Some(Scored {
        person: person.to_owned(),
        label: label.to_owned(),
        recording: recording.to_owned(),
        first: first.parse().ok()?,
        score: score.parse().ok()?,
        threshold: threshold.parse().ok()?,
    })
}

/// What the [`RULES`] give of an exercise.
fn compare(exercise: &str, windows: &[Scored]) -> Result<[Figures; RULES.len()]> {
    let mut people: BTreeMap<&str, Vec<&Scored>> = BTreeMap::new();
    for window in windows {
        people.entry(&window.person).or_default().push(window);
    }
    let mut figures = [Figures::default(); RULES.len()];
    for (person, windows) in people {
        let windows = with_before(&windows);
        let (normal, abnormal): (Vec<Met>, Vec<Met>) =
            windows.into_iter().partition(|it| it.window.label == exercise);
        let (first, later) = divided(&normal);
        let mut calibration = Calibration::<KEPT>::new(OWN, ALPHA_PPM)?;
        first.iter().for_each(|it| calibration.take(it.window.score));
        let Some(own) = calibration.threshold() else {
            bail!("person {person} has {} windows to calibrate on, {OWN} wanted", first.len());
        };
        let desk = normal.first().map_or(u64::MAX, |it| it.window.threshold);
        let rules = [(desk, false), (own, false), (own.max(desk), false), (own, true)];
        for (figures, (threshold, in_a_row)) in figures.iter_mut().zip(rules) {
            let is_alarm = |it: &Met| it.exceeds(threshold, in_a_row);
            figures.false_alarms.count(&later, is_alarm);
            figures.detected.count(&abnormal, is_alarm);
        }
    }
    Ok(figures)
}

/// A window as a detector meets it.
#[derive(Clone, Copy)]
struct Met<'w> {
    window: &'w Scored,
    /// The score of the window before it, a stride earlier; none at the beginning of a recording.
    before: Option<u64>,
}

impl Met<'_> {
    /// Whether it is above a threshold, and where it takes two in a row, the one before it too.
    fn exceeds(&self, threshold: u64, in_a_row: bool) -> bool {
        let is_above = |score| score > threshold;
        is_above(self.window.score) && (!in_a_row || self.before.is_some_and(is_above))
    }
}

/// Each window with the score of the one before it in its recording.
fn with_before<'w>(windows: &[&'w Scored]) -> Vec<Met<'w>> {
    let before = [None].into_iter().chain(windows.iter().map(|it| Some(*it)));
    let pairs = windows.iter().zip(before);
    let met = pairs.map(|(&window, before)| {
        let before =
            before.filter(|it| it.recording == window.recording && it.first < window.first);
        Met { window, before: before.map(|it| it.score) }
    });
    met.collect()
}

/// The first windows of each recording, and the later ones, of those that do not overlap.
fn divided<'w>(normal: &[Met<'w>]) -> (Vec<Met<'w>>, Vec<Met<'w>>) {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    let recordings = normal.chunk_by(|a, b| a.window.recording == b.window.recording);
    for recording in recordings {
        let left = OWN as usize - first.len();
        let wanted = if first.is_empty() { FIRST.min(left) } else { left };
        // It overlaps none before it that is one of these.
        let is_apart = |it: &&Met| it.window.first.is_multiple_of(WINDOW);
        let apart: Vec<Met<'w>> = recording.iter().filter(is_apart).copied().collect();
        let (of_first, of_later) = apart.split_at(wanted.min(apart.len()));
        first.extend(of_first);
        later.extend(of_later);
    }
    (first, later)
}

impl Above {
    fn count(&mut self, windows: &[Met<'_>], is_alarm: impl Fn(&Met<'_>) -> bool) {
        self.of += windows.len();
        self.windows += windows.iter().filter(|&it| is_alarm(it)).count();
    }

    fn percent(self) -> f64 {
        100.0 * self.windows as f64 / self.of.max(1) as f64
    }
}

impl Figures {
    fn cells(&self) -> String {
        let Self { false_alarms, detected } = self;
        let Above { windows, of } = false_alarms;
        format!("{:.2} %, {windows} of {of} | {:.1} %", false_alarms.percent(), detected.percent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_own_threshold_is_the_largest_of_the_first_windows() {
        // Two recordings of 30 windows with an overlap, whose scores rise; then what is abnormal.
        let row = |recording: usize, at: usize, label: &str, score: usize| {
            let first = at * 16;
            format!(
                "\"x.csv, line {recording}\",{label},7,{first},{},,,,,,,{score},25,0,0,2",
                first + 63
            )
        };
        let of = |recording: usize| (0..120).map(move |at| row(recording, at, "good", at));
        let rows: Vec<String> =
            of(1).chain(of(2)).chain((0..200).map(|at| row(3, at, "bad", at))).collect();
        let windows: Vec<Scored> = rows.iter().map(|it| scored(it).unwrap()).collect();
        let [desk, own, both, in_a_row] = compare("good", &windows).unwrap();
        // Windows 0, 4, 8 … are apart; the twentieth scores 76. Behind it 10 and 11 are left.
        let found =
            |it: Figures| (it.false_alarms.windows, it.false_alarms.of, it.detected.windows);
        assert_eq!(found(desk), (21, 21, 174));
        assert_eq!(found(own), (20, 21, 123));
        assert_eq!(found(both), found(own));
        // Of windows that rise the first one above the threshold has none above it before: of what is
        // abnormal that is one, and of what is normal one that overlaps others.
        assert_eq!(found(in_a_row), (20, 21, 122));
        assert!(scored("x,good,7").is_none());
        assert!(compare("good", &windows[..100]).is_err());
        // A peak in one window is no alarm.
        let mut with_peak = windows;
        with_peak.iter_mut().filter(|it| it.label == "bad").for_each(|it| it.score = 0);
        with_peak.iter_mut().rev().take(2).step_by(2).for_each(|it| it.score = 1000);
        let [.., in_a_row] = compare("good", &with_peak).unwrap();
        assert_eq!(in_a_row.detected.windows, 0);
    }
}
