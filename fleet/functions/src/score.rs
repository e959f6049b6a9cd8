//! Scores of the windows of a batch.

use std::ops::Range;

use ae_core::{Detection, Samples};
use ae_infer::bulk::{Bulk, BulkCompute, evidence};
use ae_infer::{Evidence, InferError, Sample as _, squared_error};

use crate::error::FunctionError;
use crate::feed::Feed;
use crate::model::{Model, Prepared};
use crate::windows::Lists;

/// Windows that go through the model together: their codes and reconstructions stay in the cache.
const TOGETHER: usize = 256;

/// What is known of the windows in some rows; `None` of a window that is NULL. Without a detection
/// section the score is the squared error, and no score exceeds the threshold.
pub(crate) fn evidences(
    model: &Model,
    windows: &Lists<'_>,
    rows: Range<usize>,
) -> Result<Vec<Option<Evidence>>, FunctionError> {
    let mut found = Vec::with_capacity(rows.len());
    if model.detection().is_some_and(|detection| detection.features.is_some()) {
        // Features are computed of a signal, as the detector does it.
        let mut feed = Feed::new(model)?;
        for row in rows {
            let window = window(model, windows, row)?;
            found.push(window.map(|window| feed.score(window)).transpose()?.flatten());
        }
        return Ok(found);
    }
    let score = Score { model, detection: model.detection(), windows };
    match model.bulk()? {
        Prepared::Int8(bulk) => score.all(&bulk, rows, &mut found)?,
        Prepared::F32(bulk) => score.all(&bulk, rows, &mut found)?,
    }
    Ok(found)
}

/// The latents of the windows in some rows, one after the other; those of windows that are NULL are left
/// out.
pub(crate) fn latents(
    model: &Model,
    windows: &Lists<'_>,
    rows: Range<usize>,
) -> Result<Vec<i8>, FunctionError> {
    let digest = model.digest();
    let Prepared::Int8(bulk) = model.bulk()? else {
        return Err(FunctionError::FloatLatents { digest });
    };
    let detection = model.detection();
    let mut latents = Vec::new();
    let mut codes = Codes::default();
    let mut scratch = vec![0; bulk.scratch_len()];
    if detection.is_some_and(|detection| detection.features.is_some()) {
        let mut feed = Feed::new(model)?;
        for row in rows {
            if let Some(window) = window(model, windows, row)? {
                feed.score(window)?;
                codes.own.extend_from_slice(feed.codes());
            }
        }
        latents.resize(codes.own.len() / model.features() * model.latent(), 0);
        bulk.encode(&codes.own, &mut latents, &mut scratch)?;
        return Ok(latents);
    }
    for some in pieces(rows) {
        let (codes, count) = codes.of(model, windows, some)?;
        let start = latents.len();
        latents.resize(start + count * model.latent(), 0);
        bulk.encode(codes, &mut latents[start..], &mut scratch)?;
    }
    Ok(latents)
}

/// The values of the window in a row, which has as many as the model takes.
fn window<'a>(
    model: &Model,
    windows: &Lists<'a>,
    row: usize,
) -> Result<Option<Samples<'a>>, FunctionError> {
    Ok(range(model, windows, row)?.map(|range| windows.values().slice(range)))
}

fn range(
    model: &Model,
    windows: &Lists<'_>,
    row: usize,
) -> Result<Option<Range<usize>>, FunctionError> {
    let (shape, digest) = (model.shape(), model.digest());
    let Some(range) = windows.range(row)? else { return Ok(None) };
    let (found, expected) = (range.len(), shape.values());
    if found != expected {
        let (samples, channels) = (shape.samples, shape.channels);
        return Err(FunctionError::Length { row, found, digest, expected, samples, channels });
    }
    let (found, expected) = (windows.values().kind(), shape.kind);
    if found != expected {
        return Err(FunctionError::Kind { found, digest, expected });
    }
    Ok(Some(range))
}

fn pieces(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(TOGETHER).map(move |start| start..end.min(start + TOGETHER))
}

/// What scores windows.
struct Score<'a, 'w> {
    model: &'a Model,
    detection: Option<&'a Detection<'static>>,
    windows: &'a Lists<'w>,
}

impl Score<'_, '_> {
    fn all<A: BulkCompute<'static>>(
        &self,
        bulk: &Bulk<'static, 'static, A>,
        rows: Range<usize>,
        found: &mut Vec<Option<Evidence>>,
    ) -> Result<(), FunctionError> {
        let features = self.model.features();
        let mut scratch = vec![A::Element::default(); bulk.scratch_len()];
        let mut reconstructions = vec![0; features * rows.len().min(TOGETHER)];
        let mut codes = Codes::default();
        for some in pieces(rows) {
            let (codes, count) = codes.of(self.model, self.windows, some.clone())?;
            let back = &mut reconstructions[..count * features];
            bulk.reconstruct(codes, back, &mut scratch)?;
            let mut pairs = codes.chunks_exact(features).zip(back.chunks_exact(features));
            for row in some {
                let pair = if self.windows.is_null(row) { None } else { pairs.next() };
                found.push(pair.map(|(codes, back)| self.evidence(codes, back)).transpose()?);
            }
        }
        Ok(())
    }

    fn evidence(&self, codes: &[u8], back: &[u8]) -> Result<Evidence, InferError> {
        Ok(match self.detection {
            Some(detection) => evidence(detection, self.model.shape().channels, codes, back),
            None => {
                let score = squared_error(codes, back);
                Evidence { score, threshold: u64::MAX, channel: 0, channel_score: score }
            }
        })
    }
}

/// The codes of windows, where they are not the column's values themselves.
#[derive(Debug, Default)]
struct Codes {
    own: Vec<u8>,
}

impl Codes {
    /// The codes of the windows in some rows that are not NULL, one after the other, and their number.
    fn of<'c>(
        &'c mut self,
        model: &Model,
        windows: &Lists<'c>,
        rows: Range<usize>,
    ) -> Result<(&'c [u8], usize), FunctionError> {
        let mut ranges = Vec::with_capacity(rows.len());
        for row in rows {
            ranges.extend(range(model, windows, row)?);
        }
        let count = ranges.len();
        let touch = ranges.windows(2).all(|pair| pair[0].end == pair[1].start);
        let whole = match (ranges.first(), ranges.last()) {
            (Some(first), Some(last)) if touch => first.start..last.end,
            _ => 0..0,
        };
        match (windows.values(), model.detection()) {
            // Pixels are codes.
            (Samples::Pixels(pixels), _) if touch => Ok((&pixels[whole], count)),
            (values, detection) => {
                self.own.clear();
                self.own.resize(count * model.features(), 0);
                let places = self.own.chunks_exact_mut(model.features());
                for (range, codes) in ranges.into_iter().zip(places) {
                    write_codes(values.slice(range), detection, model.shape().channels, codes);
                }
                Ok((&self.own, count))
            }
        }
    }
}

/// The codes of a window's samples, as a detector makes them.
fn write_codes(
    window: Samples<'_>,
    detection: Option<&Detection<'_>>,
    channels: usize,
    codes: &mut [u8],
) {
    let samples = codes.chunks_exact_mut(channels);
    match (window, detection.map(|detection| &detection.samples)) {
        (Samples::Pixels(pixels), _) => codes.copy_from_slice(pixels),
        (Samples::Counts(counts), Some(map)) => {
            let pairs = counts.chunks_exact(channels).zip(samples);
            pairs.for_each(|(sample, codes)| i16::codes(sample, map, codes));
        }
        (Samples::Values(values), Some(map)) => {
            let pairs = values.chunks_exact(channels).zip(samples);
            pairs.for_each(|(sample, codes)| f32::codes(sample, map, codes));
        }
        // Without a detection section a model takes pixels.
        (Samples::Counts(_) | Samples::Values(_), None) => {}
    }
}
