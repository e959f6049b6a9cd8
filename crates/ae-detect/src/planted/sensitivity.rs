//! The smallest faults that a detector notices.

use ae_engine::EngineError;
use serde::Serialize;

use super::{Fault, Planter, Unit};
use crate::scoring::{ScoreRule, scores};

/// A strength is noticed if so many of the windows with it are above the threshold.
pub const FOUND_SHARE: f64 = 0.8;

/// What a detector notices of one kind of fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultFigures {
    /// The kind.
    pub fault: Fault,
    /// What its strength counts.
    pub unit: Unit,
    /// The largest strength that was tried.
    pub largest: f64,
    /// For each channel the smallest strength that is noticed.
    pub channels: Vec<Smallest>,
}

/// The smallest strength of a fault in a channel that is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Smallest {
    /// `None` if not even the largest is.
    pub strength: Option<f64>,
    /// The share of windows above the threshold at that strength, or at the largest.
    pub found: f64,
}

/// Plants every kind of fault in every channel of windows that are normal, ever stronger, until
/// [`FOUND_SHARE`] of them are above the `threshold`. Faults that these windows cannot have are left
/// out.
///
/// # Errors
/// The blob cannot be run on the windows.
pub fn sensitivity(
    blob: &[u8],
    rule: &ScoreRule,
    threshold: u64,
    planter: &Planter<'_>,
) -> Result<Vec<FaultFigures>, EngineError> {
    let mut figures = Vec::new();
    for fault in Fault::ALL {
        let strengths = fault.sought();
        let mut channels = Vec::new();
        for channel in 0..planter.windows().width() {
            let mut smallest = None;
            for &strength in strengths {
                let Some(planted) = planter.plant(fault, strength, Some(channel)) else { break };
                let scores = scores(blob, rule, &planted)?;
                let above = scores.iter().filter(|&&score| score > threshold).count();
                let found = above as f64 / scores.len().max(1) as f64;
                let is_found = found >= FOUND_SHARE;
                smallest = Some(Smallest { strength: is_found.then_some(strength), found });
                if is_found {
                    break;
                }
            }
            channels.extend(smallest);
        }
        if !channels.is_empty() {
            let largest = strengths.last().copied().unwrap_or_default();
            figures.push(FaultFigures { fault, unit: fault.unit(), largest, channels });
        }
    }
    Ok(figures)
}
