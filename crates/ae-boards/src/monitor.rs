//! A signal watched by a board against the same signal watched on the host.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{fmt, thread};

use ae_core::{Header, LoadError};
use ae_engine::{EngineError, in_rows};
use ae_infer::{
    Autoencoder, Compute, Decision, Detector, DetectorError, Sample, Visitor, with_model,
};
use ae_protocol::DecisionRecord;
use rayon::prelude::*;
use serde::Serialize;

use crate::equivalence::{BoardError, Connect, Count, check_identity};
use crate::{BoardIdentity, Session, SessionError};

/// How often a recording is played when the line to a board damages it.
const ATTEMPTS: u32 = 3;

/// A signal without a gap, sample after sample, each with a value for each channel. The detector
/// is reset before it.
#[derive(Debug, Clone, Copy)]
pub enum Recording<'a> {
    /// Pixels.
    Pixels(&'a [u8]),
    /// A sensor's counts.
    Counts(&'a [i16]),
    /// Real values.
    Values(&'a [f32]),
}

/// Why a signal is not watched.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// The board does not answer, or is not the one.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The blob cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The blob says nothing to a detector, or takes other samples.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// There is nothing to watch.
    #[error("there is no recording to watch")]
    NoRecording,
}

impl From<SessionError> for MonitorError {
    fn from(error: SessionError) -> Self {
        Self::Board(error.into())
    }
}

impl From<LoadError> for MonitorError {
    fn from(error: LoadError) -> Self {
        Self::Engine(error.into())
    }
}

impl Recording<'_> {
    /// As it is sent to a board.
    fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Pixels(values) => values.to_vec(),
            Self::Counts(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
            Self::Values(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        }
    }
}

/// A recording's decisions on both sides, a window each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// On the host.
    pub host: Vec<DecisionRecord>,
    /// On the board.
    pub board: Vec<DecisionRecord>,
}

/// A window that board and host decide differently, or that one side does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The recording, from 0.
    pub recording: usize,
    /// The window in it, from 0.
    pub window: usize,
    /// The host's decision.
    pub host: Option<DecisionRecord>,
    /// The board's.
    pub board: Option<DecisionRecord>,
}

/// What agrees of all recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Windows whose whole decision is equal: verdict, score, channel and its share.
    pub windows: Count,
    /// Alarms on the host.
    pub alarms: usize,
    /// The first difference.
    #[serde(skip)]
    pub first: Option<Difference>,
}

impl Decided {
    /// Compares both sides.
    #[must_use]
    pub fn of(recordings: &[Watched]) -> Self {
        let mut decided = Self::default();
        for (recording, Watched { host, board }) in recordings.iter().enumerate() {
            decided.alarms += host.iter().filter(|decision| decision.is_alarm).count();
            for window in 0..host.len().max(board.len()) {
                let (host, board) = (host.get(window).copied(), board.get(window).copied());
                decided.windows.of += 1;
                decided.windows.equal += usize::from(host == board);
                if host != board && decided.first.is_none() {
                    decided.first = Some(Difference { recording, window, host, board });
                }
            }
        }
        decided
    }

    /// Whether there is a decision, and none that differs.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.windows.of > 0 && self.windows.all()
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { equal, of } = self.windows;
        match self.first {
            None => write!(f, "equal: all {of} decisions, {} of them alarms", self.alarms),
            Some(first) => write!(f, "DIFFERENT: {} of {of} decisions, first {first}", of - equal),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { recording, window, host, board } = self;
        write!(f, "in recording {recording}, window {window}: ")?;
        write!(f, "{} on the host, {} on the board", Told(host), Told(board))
    }
}

/// A decision in words.
struct Told<'d>(&'d Option<DecisionRecord>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(decision) = self.0 else { return f.write_str("nothing") };
        let DecisionRecord { is_alarm, score, threshold, channel, channel_score } = decision;
        let verdict = if *is_alarm { "alarm" } else { "normal" };
        write!(f, "{verdict} with score {score} of threshold {threshold}, ")?;
        write!(f, "{channel_score} from channel {channel}")
    }
}

/// The decisions of the host for each recording.
///
/// # Errors
/// The blob is no model with a detection section, or a recording is not of its samples.
pub fn watch_on_host(
    blob: &[u8],
    recordings: &[Recording<'_>],
) -> Result<Vec<Vec<DecisionRecord>>, MonitorError> {
    let blob = in_rows(blob)?;
    let played = recordings.par_iter().map(|recording| match recording {
        Recording::Pixels(values) => with_model(&blob, Play { values })?,
        Recording::Counts(values) => with_model(&blob, Play { values })?,
        Recording::Values(values) => with_model(&blob, Play { values })?,
    });
    played.collect()
}

/// The decisions of one recording.
struct Play<'v, S> {
    values: &'v [S],
}

impl<'a, S: Sample> Visitor<'a> for Play<'_, S> {
    type Output = Result<Vec<DecisionRecord>, MonitorError>;

    fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let header = *model.model().header();
        let features = header.features as usize;
        let (mut window, mut reconstruction) = (vec![0; features], vec![0; features]);
        let mut scratch = vec![A::Element::default(); header.scratch_len()];
        let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)?;
        let mut decisions = Vec::new();
        for sample in self.values.chunks(detector.channels()) {
            decisions.extend(detector.push(sample)?.map(|decision| record(&decision)));
        }
        Ok(decisions)
    }
}

/// A decision as a board sends it.
fn record(decision: &Decision) -> DecisionRecord {
    let evidence = decision.evidence();
    DecisionRecord {
        is_alarm: decision.is_alarm(),
        score: evidence.score,
        threshold: evidence.threshold,
        channel: u32::try_from(evidence.channel).unwrap_or(u32::MAX),
        channel_score: evidence.channel_score,
    }
}

/// Plays every recording through a board and through the host's detector. `blob` is what must be on
/// the board. `done` is told the number of windows as they are decided there.
///
/// # Errors
/// As [`watch_on_host`]; or a board does not answer, or holds another model.
pub fn watch_on_board(
    boards: &impl Connect,
    blob: &[u8],
    recordings: &[Recording<'_>],
    done: &(impl Fn(usize) + Sync),
) -> Result<(BoardIdentity, Vec<Watched>), MonitorError> {
    let header = Header::read(blob)?;
    let host = watch_on_host(blob, recordings)?;
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let played = play_some(boards, &header, recordings, &next, &failed, done);
        // The other boards need not go on.
        failed.fetch_or(played.is_err(), Ordering::Relaxed);
        played
    };
    let results: Vec<Result<_, MonitorError>> = thread::scope(|scope| {
        let count = boards.boards().clamp(1, recordings.len().max(1));
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let mut identity = None;
    let mut watched: Vec<Watched> =
        host.into_iter().map(|host| Watched { host, board: Vec::new() }).collect();
    for result in results {
        let (of_board, played) = result?;
        identity = Some(of_board);
        for (index, decisions) in played {
            watched[index].board = decisions;
        }
    }
    identity
        .filter(|_| !watched.is_empty())
        .map_or(Err(MonitorError::NoRecording), |identity| Ok((identity, watched)))
}

/// The decisions of a recording, with its place among all.
type Played = (usize, Vec<DecisionRecord>);

/// Plays recordings that no other board has been given.
fn play_some(
    boards: &impl Connect,
    header: &Header,
    recordings: &[Recording<'_>],
    next: &AtomicUsize,
    failed: &AtomicBool,
    done: &impl Fn(usize),
) -> Result<(BoardIdentity, Vec<Played>), MonitorError> {
    let mut session = boards.connect()?;
    let identity = check_identity(&mut session, boards.board(), header)?;
    let mut played = Vec::new();
    while !failed.load(Ordering::Relaxed) {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(recording) = recordings.get(index) else { break };
        let decisions = play(&mut session, &recording.to_bytes())?;
        done(decisions.len());
        played.push((index, decisions));
    }
    session.leave()?;
    Ok((identity, played))
}

/// Plays a recording, once more from its beginning where the line damaged it.
fn play(session: &mut Session, samples: &[u8]) -> Result<Vec<DecisionRecord>, SessionError> {
    let mut attempt = 1;
    loop {
        session.reset()?;
        match session.push(samples) {
            Err(SessionError::Interrupted) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use ae_protocol::DecisionRecord;

    use super::{Decided, Watched};

    fn decision(score: u64) -> DecisionRecord {
        let is_alarm = score > 10;
        DecisionRecord { is_alarm, score, threshold: 10, channel: 1, channel_score: score / 2 }
    }

    #[test]
    fn equal_decisions_are_counted_with_their_alarms() {
        let host = vec![decision(3), decision(11)];
        let decided = Decided::of(&[Watched { board: host.clone(), host }]);
        assert!(decided.is_complete());
        assert_eq!(decided.to_string(), "equal: all 2 decisions, 1 of them alarms");
        assert!(!Decided::of(&[]).is_complete());
    }

    #[test]
    fn the_first_difference_is_told_and_so_is_a_decision_too_few() {
        let host = vec![decision(3), decision(11)];
        let same = Watched { host: host.clone(), board: host.clone() };
        let mut board = host.clone();
        board[1].channel_score += 1;
        let decided = Decided::of(&[same.clone(), Watched { host: host.clone(), board }]);
        assert!(!decided.is_complete());
        assert_eq!(
            decided.to_string(),
            "DIFFERENT: 1 of 4 decisions, first in recording 1, window 1: alarm with score 11 of \
             threshold 10, 5 from channel 1 on the host, alarm with score 11 of threshold 10, 6 from \
             channel 1 on the board"
        );
        let decided = Decided::of(&[Watched { board: host[..1].to_vec(), host }, same]);
        assert_eq!((decided.windows.equal, decided.windows.of), (3, 4));
        assert!(decided.to_string().ends_with("nothing on the board"), "{decided}");
    }
}
