//! A piece of signal as the detector sees it.

use ae_data::signal::{Folds, Piece, Signals};
use ae_infer::DetectorError;

use super::maps::Maps;
use super::moment::Span;
use super::play::play;
use super::report::{Strip, StripDecision, StripPiece, StripSpan, StripTruth};

/// Windows' worth of samples that are shown of each piece.
const WINDOWS: usize = 5;

/// The beginning of the first normal piece that is held out and, behind it, of the first abnormal
/// one; `None` where neither has a whole window. The detector starts anew with each.
///
/// # Errors
/// The blob has no detector for these signals.
pub fn strip(
    signals: &Signals,
    folds: &Folds,
    maps: &Maps,
    blob: &[u8],
    window: usize,
) -> Result<Option<Strip>, DetectorError> {
    let channels = signals.channels.len();
    let mut strip = Strip {
        pieces: Vec::new(),
        signal: vec![Vec::new(); channels],
        reconstruction: vec![Vec::new(); channels],
        decisions: Vec::new(),
        truth: Vec::new(),
    };
    let whole = |piece: &&Piece| piece.range.len() >= window;
    let normal = folds.test_normal.iter().find(whole).map(|piece| (piece, false));
    let abnormal = folds.test_abnormal.iter().find(whole).map(|piece| (piece, true));
    for (piece, is_abnormal) in normal.into_iter().chain(abnormal) {
        let recording = &signals.recordings[piece.recording];
        let from = strip.signal[0].len();
        let len = piece.range.len().min(WINDOWS * window);
        let samples = &recording.samples[piece.range.start * channels..][..len * channels];
        let mut back = vec![f32::NAN; samples.len()];
        for played in play(blob, samples)? {
            let start = played.end - window;
            let values = maps.values(&played.reconstruction);
            back[start * channels..played.end * channels].copy_from_slice(&values);
            strip.decisions.push(StripDecision {
                span: StripSpan { from: from + start, to: from + played.end },
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
        let label = recording.label.as_deref().unwrap_or("abnormal");
        let span = StripSpan { from, to: from + len };
        if is_abnormal {
            strip.truth.push(StripTruth { span, label: label.to_owned() });
        }
        let place = Span::of(recording, piece.range.start..piece.range.start + len);
        strip.pieces.push(StripPiece { recording: recording.origin.to_string(), place, span });
    }
    Ok((!strip.pieces.is_empty()).then_some(strip))
}
