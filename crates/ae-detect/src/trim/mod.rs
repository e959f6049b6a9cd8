//! Windows to train on that lie far from all others are left out.
//!
//! Recordings of what is normal hold a few faults, sooner or later. A model that is trained on them
//! reconstructs them, and then the detector does not see their kind. So a window is left out if the
//! logarithm of its [distance](bulk) is further above the median than [`REACH`] times the way from the
//! median to the upper quartile. Of a normal distribution that is 5.4 standard deviations; of one
//! whose tail falls by a power, whatever the power, 0.2 % of all windows are so far.
//!
//! A fault makes all windows far that hold it. So a window counts only if half of the windows are far
//! that it shares half of its samples with: one phase of a wave that is hard to describe is no fault.
//!
//! What is far is no fault for that. Two signs speak for a rare part of what is normal, and then all
//! windows are kept, and it is told:
//!
//! - More than one window in [`MOST`] is so far.
//! - What is far comes back in a rhythm, as a pump does that runs for a minute an hour: at least
//!   [`LEAST_BEATS`] stretches, and the ways from one to the next differ by less than [`RHYTHM`] of
//!   their mean.
//!
//! Windows to calibrate on are never left out, since the threshold's promise is one about all of
//! them. Those that are so far are counted, and named.

mod bulk;

use std::ops::Range;

use ae_data::Images;
use ae_data::signal::{Signals, WindowAt};

use super::moment::Span;
use bulk::Bulk;

/// Ways from the median to the upper quartile of log distances.
const REACH: f64 = 8.0;

/// Largest share of windows that are left out: one in this many. A fault as long as a window is in
/// twice as many windows as its share of the samples says, because they overlap.
const MOST: usize = 8;

/// Fewer windows say nothing of what is far.
const LEAST_WINDOWS: usize = 50;

/// Stretches that make a rhythm.
const LEAST_BEATS: usize = 8;

/// Standard deviation of the ways between the stretches of a rhythm, in their mean.
const RHYTHM: f64 = 0.3;

/// Stretches that are named.
const NAMED: usize = 3;

/// How far windows to train on lie from their bulk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reach {
    bulk: Bulk,
    /// Windows to train on are far beyond this distance.
    bound: f64,
    /// Others are far beyond this one, where no window to train on is.
    furthest: f64,
}

/// What is to be done with windows that are far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is none.
    Clean,
    /// They are probably normal.
    Keep(String),
    /// They are left out: of each window whether it stays.
    LeaveOut(Vec<bool>, String),
}

impl Reach {
    /// Of windows to train on. `None` where they are too few, or all alike.
    pub(super) fn of(train: &Images) -> Option<Self> {
        if train.len() < LEAST_WINDOWS {
            return None;
        }
        let bulk = Bulk::of(train);
        let mut distances = distances(&bulk, train);
        distances.sort_unstable_by(f64::total_cmp);
        let log_at = |at: usize| libm::log(distances[at]);
        let [median, quartile] = [log_at(distances.len() / 2), log_at(3 * distances.len() / 4)];
        let bound = libm::exp(median + REACH * (quartile - median));
        let furthest = bound.max(distances[distances.len() - 1]);
        (quartile > median && furthest.is_finite()).then_some(Self { bulk, bound, furthest })
    }

    /// Of each window whether it is further than this.
    fn beyond(&self, distance: f64, windows: &Images) -> Vec<bool> {
        distances(&self.bulk, windows).into_iter().map(|it| it > distance).collect()
    }

    /// What to do with windows to train on, which lie `at` these places. Each is one of `codes`.
    pub(super) fn judge(
        &self,
        signals: &Signals,
        at: &[WindowAt],
        window: usize,
        codes: &Images,
    ) -> Verdict {
        let far = confirmed(at, &self.beyond(self.bound, codes), window);
        let (found, of) = (count(&far), far.len());
        if found == 0 {
            return Verdict::Clean;
        }
        let stretches = stretches(at, &far, window);
        let places = places(signals, &stretches);
        let share = 100.0 * found as f64 / of as f64;
        let far_away = format!(
            "{found} of {of} windows to train on ({share:.1} %) lie far from all others: {places}"
        );
        let kept = if found > of / MOST {
            Some("So many are taken for normal, and are trained on".to_owned())
        } else {
            rhythm(signals, &stretches).map(|every| {
                format!(
                    "They come back about every {every} samples, so they are taken for normal, and \
                     are trained on"
                )
            })
        };
        match kept {
            Some(why) => Verdict::Keep(format!(
                "{far_away}. {why}. If they are faults, take them out of the recordings"
            )),
            None => Verdict::LeaveOut(
                far.into_iter().map(|far| !far).collect(),
                format!(
                    "{far_away}. They are taken for faults, and left out of the training. If they \
                     are normal, train on all windows, or the detector takes their kind for a fault"
                ),
            ),
        }
    }

    /// What to say of windows to calibrate on.
    pub(super) fn of_calibration(
        &self,
        signals: &Signals,
        at: &[WindowAt],
        window: usize,
        codes: &Images,
    ) -> Option<String> {
        let far = self.beyond(self.furthest, codes);
        let (found, of) = (count(&far), far.len());
        let share = 100.0 * found as f64 / of.max(1) as f64;
        let places = places(signals, &stretches(at, &far, window));
        match found {
            0 => None,
            _ if found > of / MOST => Some(format!(
                "{found} of {of} windows to calibrate on ({share:.1} %) lie further from the training \
                 windows than those from each other: {places}. What is normal was another then, or of \
                 another machine, and the threshold is as high as that takes. Train on recordings \
                 like those too"
            )),
            _ => Some(format!(
                "{found} of {of} windows to calibrate on ({share:.1} %) lie as far from the training \
                 windows as faults do: {places}. They stay, because the threshold is of all normal \
                 windows, and it may come from them. If they are faults, take them out of the \
                 recordings"
            )),
        }
    }
}

fn distances(bulk: &Bulk, windows: &Images) -> Vec<f64> {
    use rayon::prelude::*;
    let windows = windows.pixels().par_chunks(windows.features());
    windows.map(|window| bulk.distance(window)).collect()
}

fn count(far: &[bool]) -> usize {
    far.iter().filter(|&&far| far).count()
}

/// Far windows of which half the windows are far that they share half of their samples with.
fn confirmed(at: &[WindowAt], far: &[bool], window: usize) -> Vec<bool> {
    let is_near = |a: &WindowAt, b: &WindowAt| {
        a.recording == b.recording && 2 * a.start.abs_diff(b.start) < window
    };
    let (mut from, mut to) = (0, 0);
    let mut confirmed = vec![false; far.len()];
    for (index, this) in at.iter().enumerate().filter(|&(index, _)| far[index]) {
        // Windows lie in the order of their starts.
        from += at[from..index].iter().take_while(|other| !is_near(this, other)).count();
        to = to.max(index);
        to += at[to..].iter().take_while(|other| is_near(this, other)).count();
        confirmed[index] = 2 * count(&far[from..to]) >= to - from;
    }
    confirmed
}

/// Samples of far windows that follow each other or overlap, with their recording.
fn stretches(at: &[WindowAt], far: &[bool], window: usize) -> Vec<(usize, Range<usize>)> {
    let mut stretches: Vec<(usize, Range<usize>)> = Vec::new();
    for (at, _) in at.iter().zip(far).filter(|&(_, &far)| far) {
        match stretches.last_mut() {
            Some((recording, range)) if *recording == at.recording && at.start <= range.end => {
                range.end = at.start + window;
            }
            _ => stretches.push((at.recording, at.start..at.start + window)),
        }
    }
    stretches
}

/// The first few stretches, as a user finds them.
fn places(signals: &Signals, stretches: &[(usize, Range<usize>)]) -> String {
    let mut last = None;
    let place = |(recording, range): &(usize, Range<usize>)| {
        let recording = &signals.recordings[*recording];
        let (file, span) = (recording.origin.file(), Span::of(recording, range.clone()));
        let is_same = last.replace(file) == Some(file);
        if is_same { span.to_string() } else { format!("{file}: {span}") }
    };
    let mut named: Vec<String> = stretches.iter().take(NAMED).map(place).collect();
    if let Some(more) = stretches.len().checked_sub(NAMED).filter(|&more| more > 0) {
        named.push(format!("and {more} more"));
    }
    named.join("; ")
}

/// How many samples it takes until a stretch comes back, if they come in a rhythm. Recordings are
/// counted as if one followed the other.
fn rhythm(signals: &Signals, stretches: &[(usize, Range<usize>)]) -> Option<usize> {
    if stretches.len() < LEAST_BEATS {
        return None;
    }
    let mut begin = vec![0];
    for recording in 0..signals.recordings.len() {
        begin.push(begin[recording] + signals.len_of(recording));
    }
    let starts: Vec<usize> =
        stretches.iter().map(|(recording, range)| begin[*recording] + range.start).collect();
    let mut ways: Vec<f64> =
        starts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64).collect();
    let mean = ways.iter().sum::<f64>() / ways.len() as f64;
    let squares: f64 = ways.iter().map(|way| (way - mean).powi(2)).sum();
    let deviation = (squares / ways.len() as f64).sqrt();
    ways.sort_unstable_by(f64::total_cmp);
    (deviation < RHYTHM * mean).then(|| ways[ways.len() / 2] as usize)
}

#[cfg(test)]
mod tests;
