//! A signal watched by a board against the same signal watched on the host.

use std::fmt;

use ae_core::{Header, LoadError, Samples};
use ae_detect::monitor::observe_on_host;
use ae_detect::player::{Playing, Sink, play_all};
use ae_infer::{CompanionPlan, Companions, Observation, ThresholdSource};
use ae_protocol::{CompanionsRecord, DecisionRecord, FindingsRecord, ThresholdKind};
use serde::Serialize;

use crate::equivalence::{BoardError, Connect, Count, check_identity};
use crate::{BoardIdentity, Session, SessionError};

/// How often a recording is played when the line to a board damages it.
const ATTEMPTS: u32 = 3;

/// What goes along with a board's detector, and on the host beside it.
pub type BoardCompanions = Companions<
    { CompanionsRecord::KEPT },
    { CompanionsRecord::CHANNELS },
    { CompanionsRecord::EDGES },
>;

/// Why a signal is not watched.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// The board does not answer, or is not the one.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// This machine cannot watch it.
    #[error(transparent)]
    Host(#[from] ae_detect::monitor::MonitorError),
    /// The blob cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is nothing to watch.
    #[error("there is no recording to watch")]
    NoRecording,
}

impl From<SessionError> for MonitorError {
    fn from(error: SessionError) -> Self {
        Self::Board(error.into())
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
        write!(f, "{} on the host, {} on the board", Words(host), Words(board))
    }
}

/// A decision in words.
struct Words<'d>(&'d Option<DecisionRecord>);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(decision) = self.0 else { return f.write_str("nothing") };
        let DecisionRecord { is_alarm, score, threshold, channel, channel_score, kind, findings } =
            decision;
        let verdict = if *is_alarm { "alarm" } else { "normal" };
        match kind {
            ThresholdKind::Blob => {
                write!(f, "{verdict} with score {score} of threshold {threshold}, ")?
            }
            ThresholdKind::Own => write!(f, "{verdict} with score {score} of own {threshold}, ")?,
            ThresholdKind::Groups => {
                write!(f, "{verdict} with score {score} of the groups' {threshold}, ")?
            }
            ThresholdKind::Silent => write!(f, "{verdict} with score {score} of no threshold, ")?,
        }
        write!(f, "{channel_score} from channel {channel}")?;
        if *findings != FindingsRecord::default() {
            let FindingsRecord { is_low, has_drifted, constant } = findings;
            write!(f, ", low {is_low}, drifted {has_drifted}, stuck channel {constant}")?;
        }
        Ok(())
    }
}

/// The decisions of the host for each recording, as a board sends them.
///
/// # Errors
/// The blob is no model with a detection section, or a recording is not of its samples.
pub fn watch_on_host(
    blob: &[u8],
    recordings: &[Samples<'_>],
) -> Result<Vec<Vec<DecisionRecord>>, MonitorError> {
    let observed = observe_on_host(blob, recordings)?;
    Ok(observed.iter().map(|of| of.iter().map(record).collect()).collect())
}

/// What is said of a window, as a board sends it.
fn record(observed: &Observation) -> DecisionRecord {
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

/// Plays every recording through a board and through the host's detector. `blob` is what must be on
/// the board. `done` is told the number of windows as they are decided there.
///
/// # Errors
/// As [`watch_on_host`]; or a board does not answer, or holds another model.
pub fn watch_on_board(
    boards: &impl Connect,
    blob: &[u8],
    recordings: &[Samples<'_>],
    done: &(impl Fn(usize) + Sync),
) -> Result<(BoardIdentity, Vec<Watched>), MonitorError> {
    let host = observe_on_host(blob, recordings)?;
    watch_beside(boards, blob, None, recordings, &host, done)
}

/// Plays every recording through a board, beside what the host has said of them. With a plan of what
/// goes along with the detector, all are played through one board, in their order. `done` is told the
/// number of windows as they are decided on the board.
///
/// # Errors
/// A board does not answer, or holds another model than `blob`, or cannot do as planned.
pub fn watch_beside(
    boards: &impl Connect,
    blob: &[u8],
    plan: Option<&CompanionPlan>,
    recordings: &[Samples<'_>],
    host: &[Vec<Observation>],
    done: &(impl Fn(usize) + Sync),
) -> Result<(BoardIdentity, Vec<Watched>), MonitorError> {
    let header = Header::read(blob)?;
    let open = || BoardSink::open(boards, &header, plan);
    let count = if plan.is_some() { 1 } else { boards.boards() };
    let Playing { decisions, mut summaries } = play_all(count, &open, recordings, done)?;
    let pairs = host.iter().zip(decisions);
    let watched: Vec<_> = pairs
        .map(|(host, board)| Watched { host: host.iter().map(record).collect(), board })
        .collect();
    match summaries.pop() {
        Some(identity) if !watched.is_empty() => Ok((identity, watched)),
        _ => Err(MonitorError::NoRecording),
    }
}

/// A board that plays recordings.
struct BoardSink {
    session: Session,
    identity: BoardIdentity,
    /// How often a recording is played at most.
    attempts: u32,
}

impl BoardSink {
    fn open(
        boards: &impl Connect,
        header: &Header,
        plan: Option<&CompanionPlan>,
    ) -> Result<Self, MonitorError> {
        let mut session = boards.connect()?;
        let identity = check_identity(&mut session, boards.board(), header)?;
        let Some(plan) = plan else { return Ok(Self { session, identity, attempts: ATTEMPTS }) };
        let CompanionPlan { scores, alarm_ppm, low_ppm, constant, drift_ppm, .. } = *plan;
        session.accompany(&CompanionsRecord {
            scores,
            alarm_ppm,
            is_silent: plan.is_silent,
            is_at_least_blob: plan.is_at_least_blob,
            group_ppm: plan.group_ppm,
            low_ppm,
            constant,
            drift_ppm,
        })?;
        // What was played counts, so no recording is played again.
        Ok(Self { session, identity, attempts: 1 })
    }
}

impl Sink for BoardSink {
    type Decision = DecisionRecord;
    type Summary = BoardIdentity;
    type Error = MonitorError;

    /// Plays a recording, once more from its beginning where the line damaged it.
    fn play(&mut self, samples: Samples<'_>) -> Result<Vec<DecisionRecord>, MonitorError> {
        let bytes: Vec<u8> = samples.le_bytes().collect();
        let mut attempt = 1;
        loop {
            self.session.reset()?;
            match self.session.push(&bytes) {
                Err(SessionError::Interrupted) if attempt < self.attempts => attempt += 1,
                result => return Ok(result?),
            }
        }
    }

    fn finish(self) -> Result<BoardIdentity, MonitorError> {
        self.session.leave()?;
        Ok(self.identity)
    }
}

#[cfg(test)]
mod tests {
    use ae_protocol::{DecisionRecord, FindingsRecord, ThresholdKind};

    use super::{Decided, Watched};

    fn decision(score: u64) -> DecisionRecord {
        let is_alarm = score > 10;
        DecisionRecord {
            is_alarm,
            score,
            threshold: 10,
            channel: 1,
            channel_score: score / 2,
            kind: ThresholdKind::Blob,
            findings: FindingsRecord::default(),
        }
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
