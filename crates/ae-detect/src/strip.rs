//! A piece of signal as the detector sees it.

use std::ops::Range;

use ae_data::signal::{Folds, Piece};
use ae_infer::DetectorError;

use super::maps::Maps;
use super::met::Met;
use super::moment::Span;
use super::play::play;
use super::report::{Strip, StripDecision, StripPiece, StripSpan, StripTruth};
use super::view::View;

/// Windows' worth of samples that are shown of each piece, …
const WINDOWS: usize = 5;

/// … and so many of them before an event begins, where there are.
const BEFORE: usize = 2;

/// The beginning of the first normal piece that is held out and, behind it, the first event with
/// what was before; `None` where neither has a whole window. The detector starts anew with each. Where
/// features are computed of the signal they are shown, and a frame stands where a sample does.
///
/// # Errors
/// The blob has no detector for these signals.
pub fn strip<'s>(
    view: impl Into<View<'s>>,
    folds: &Folds,
    met: &Met,
    maps: &Maps,
    blob: &[u8],
) -> Result<Option<Strip>, DetectorError> {
    let view = view.into();
    let (signals, values) = (view.signals, view.values());
    let (channels, window, hop) = (values.channels.len(), view.len(met.window), view.frames().hop);
    let mut strip = Strip {
        pieces: Vec::new(),
        signal: vec![Vec::new(); channels],
        reconstruction: vec![Vec::new(); channels],
        decisions: Vec::new(),
        truth: Vec::new(),
    };
    let first = folds.test_normal.iter().find(|piece| piece.range.len() >= met.window);
    let normal = first.map(|piece| shown(piece, piece.range.start, met));
    for piece in normal.into_iter().chain(first_event(met)) {
        let recording = &signals.recordings[piece.recording];
        let from = strip.signal[0].len();
        let samples = values.piece(&view.piece(&piece));
        let mut back = vec![f32::NAN; samples.len()];
        for played in play(blob, signals.piece(&piece))? {
            let start = (played.end - met.window) / hop;
            let end = start + window;
            let values = maps.values(&played.reconstruction);
            back[start * channels..end * channels].copy_from_slice(&values);
            strip.decisions.push(StripDecision {
                span: StripSpan { from: from + start, to: from + end },
                score: played.decision.evidence().score,
                alarm: played.decision.is_alarm(),
                channel: played.decision.evidence().channel,
            });
        }
        for channel in 0..channels {
            let of = |values: &[f32]| -> Vec<f32> {
                values.iter().skip(channel).step_by(channels).copied().collect()
            };
            strip.signal[channel].extend(of(samples));
            strip.reconstruction[channel].extend(of(&back));
        }
        let Range { start, end } = piece.range.clone();
        let shown = samples.len() / channels;
        for event in &met.events[met.events_in(piece.recording, &piece.range)] {
            let behind = |sample: usize| sample.clamp(start, end) - start;
            let (first, last) = (behind(event.samples.start), behind(event.samples.end));
            let (from, to) =
                (from + (first / hop).min(shown), from + last.div_ceil(hop).min(shown));
            let label = event.label.clone();
            strip.truth.push(StripTruth { span: StripSpan { from, to }, label });
        }
        let span = StripSpan { from, to: from + shown };
        let place = Span::of(recording, piece.range);
        strip.pieces.push(StripPiece { recording: recording.origin.to_string(), place, span });
    }
    Ok((!strip.pieces.is_empty()).then_some(strip))
}

/// What is played around the first event that lies in a window.
fn first_event(met: &Met) -> Option<Piece> {
    let has_event = |faults: &[Option<usize>]| faults.iter().flatten().next().copied();
    let (piece, event) =
        met.pieces.iter().find_map(|it| Some((&it.piece, has_event(&it.faults)?)))?;
    let before = met.events[event].samples.start.saturating_sub(BEFORE * met.window);
    Some(shown(piece, before, met))
}

/// A few windows of a piece, from the one on that begins at a sample or before it.
fn shown(piece: &Piece, from: usize, met: &Met) -> Piece {
    let Range { start, end } = piece.range;
    let behind = from.saturating_sub(start);
    let start = start + behind - behind % met.stride;
    Piece { recording: piece.recording, range: start..end.min(start + WINDOWS * met.window) }
}
