//! What is said of a window that was scored: a decision alone, or one with what goes along.
//!
//! There is one way from a sample to here. What is said decides its result, so that a program without
//! companions carries nothing of them.

use super::companion::{Companion, Findings, Observation, Seen};
use super::decision::{Decision, Recent};
use crate::score::Evidence;

/// Whether something goes along.
pub(super) trait Along {
    /// What is said of a window.
    type Said;

    /// Decides about a window, and says so.
    fn decide(self, scored: Scored<'_>, recent: &mut Recent) -> Self::Said;
}

/// A window's score against the blob's threshold, and how it lies to the windows before.
pub(super) struct Scored<'w> {
    pub(super) evidence: Evidence,
    pub(super) codes: &'w [u8],
    pub(super) channels: usize,
    pub(super) is_apart: bool,
    pub(super) is_first: bool,
}

/// Nothing goes along.
pub(super) struct Alone;

impl Along for Alone {
    type Said = Decision;

    fn decide(self, scored: Scored<'_>, recent: &mut Recent) -> Decision {
        recent.decide(scored.evidence)
    }
}

/// A companion goes along.
pub(super) struct With<'c, C>(pub(super) &'c mut C);

impl<C: Companion> Along for With<'_, C> {
    type Said = Observation;

    fn decide(self, scored: Scored<'_>, recent: &mut Recent) -> Observation {
        let Self(companion) = self;
        let Scored { mut evidence, codes, channels, is_apart, is_first } = scored;
        let (threshold, source) = companion.threshold().or(evidence.threshold);
        evidence.threshold = threshold;
        let decision = recent.decide(evidence);
        companion.see(&Seen { score: evidence.score, codes, channels, is_apart, is_first });
        let mut findings = Findings::default();
        companion.find(&mut findings);
        Observation { decision, source, findings }
    }
}
