//! Asking the program `monitor` on a board to watch a signal.

use ae_protocol::{Answer, CompanionsRecord, DecisionRecord, DetectorInfo, Request};

use super::{Asked, Session, SessionError};

/// A board's detector as the host keeps account of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    info: DetectorInfo,
    /// Samples up to the end of the next window or frame, with which the board computes.
    due: u32,
    /// Whether a window has just ended.
    ended: bool,
}

impl Watch {
    fn new(info: DetectorInfo) -> Self {
        Self { info, due: info.window, ended: false }
    }

    /// How many of the next samples go into one request: see [`Request::Push`].
    fn next(self) -> usize {
        if self.ended { 1 } else { self.due as usize }
    }

    fn pushed(&mut self, samples: usize) {
        self.due = self.due.saturating_sub(u32::try_from(samples).unwrap_or(u32::MAX));
        self.ended = self.due == 0;
        if self.ended {
            self.due = self.info.stride;
        }
    }
}

impl Session {
    /// Which samples the board's detector takes.
    ///
    /// # Errors
    /// No answer, or a refusal: the blob on the board has no detection section, say.
    pub fn detector(&mut self) -> Result<DetectorInfo, SessionError> {
        let payload = self.ask(Request::Detector, &[], Answer::Detector, self.patience)?;
        let info = DetectorInfo::from_bytes(&payload);
        let info = info.filter(|info| info.sample_bytes() > 0);
        info.ok_or(SessionError::Unexpected { kind: Answer::Detector as u8 })
    }

    /// Lets the detector forget all samples. A signal begins with this.
    ///
    /// # Errors
    /// As [`detector`](Self::detector).
    pub fn reset(&mut self) -> Result<(), SessionError> {
        let info = match self.watch.take() {
            Some(watch) => watch.info,
            None => self.detector()?,
        };
        self.ask(Request::Reset, &[], Answer::Decided, self.patience)?;
        self.watch = Some(Watch::new(info));
        Ok(())
    }

    /// Lets the detector begin anew, with these companions.
    ///
    /// # Errors
    /// As [`detector`](Self::detector), or the board cannot have one of them go along.
    pub fn accompany(&mut self, companions: &CompanionsRecord) -> Result<(), SessionError> {
        self.watch = None;
        self.ask(Request::Accompany, &companions.to_bytes(), Answer::Decided, self.patience)?;
        Ok(())
    }

    /// Gives the detector the next samples of the signal, each a value for each channel in
    /// little-endian bytes. They may be as many as one likes. The decisions of the windows that end
    /// with them. A [`reset`](Self::reset) comes first.
    ///
    /// # Errors
    /// No whole number of samples, which is told before any is sent; no answer; a refusal. After
    /// [`SessionError::Interrupted`] a [`reset`](Self::reset) is due, and the signal from its
    /// beginning.
    pub fn push(&mut self, samples: &[u8]) -> Result<Vec<DecisionRecord>, SessionError> {
        let Some(mut watch) = self.watch else { return Err(SessionError::Interrupted) };
        let sample = watch.info.sample_bytes();
        if !samples.len().is_multiple_of(sample) {
            return Err(SessionError::NotWhole { found: samples.len(), sample });
        }
        let mut decisions = Vec::new();
        let mut rest = samples;
        while !rest.is_empty() {
            let count = watch.next().min(rest.len() / sample);
            let (request, behind) = rest.split_at(count * sample);
            decisions.extend(self.push_once(request)?);
            watch.pushed(count);
            self.watch = Some(watch);
            rest = behind;
        }
        Ok(decisions)
    }

    /// Samples of one request, which is not repeated.
    fn push_once(&mut self, samples: &[u8]) -> Result<Vec<DecisionRecord>, SessionError> {
        let answer = self.ask_once(Request::Push, samples, Answer::Decided, self.patience.attempt);
        let payload = match answer? {
            Asked::Answered(payload) => payload,
            Asked::Damaged(_) => {
                self.watch = None;
                return Err(SessionError::Interrupted);
            }
        };
        let decisions = DecisionRecord::read_all(&payload);
        let decisions = decisions.map(|records| records.collect());
        decisions.ok_or(SessionError::Unexpected { kind: Answer::Decided as u8 })
    }
}
