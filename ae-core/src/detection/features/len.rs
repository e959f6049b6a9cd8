//! How large a detector's buffers are, known at compile time.

use super::SignalFeatures;
use crate::detection::Detection;
use crate::header::{Header, features};

/// Bytes of the buffer for a detector's window: a byte for each of the model's features, and, where
/// the detection section computes features of the signal, what it
/// [gathers them in](SignalFeatures::buffer_len). `None` if `blob` has no valid header, or no body
/// that can be read up to there.
///
/// ```
/// const MODEL: &[u8] =
///     include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.counts.int8.aeb"));
/// const WINDOW: usize = ae_core::window_len(MODEL).expect("tiny.counts.int8.aeb is a blob");
/// assert_eq!(WINDOW, 4);
/// ```
#[must_use]
pub const fn window_len(blob: &[u8]) -> Option<usize> {
    let Some(Sizes { samples, spectrum }) = Sizes::of(blob) else { return None };
    let (Some(features), Some(bytes)) = (features(blob), samples.checked_mul(2)) else {
        return None;
    };
    if samples == 0 {
        return Some(features);
    }
    let buffer = bytes.saturating_add(spectrum).saturating_add(SignalFeatures::SLACK as u64);
    // The frame's and the channels' fields have 16 bits, so that this is less than 2^34.
    if buffer > u32::MAX as u64 { None } else { Some(features.saturating_add(buffer as usize)) }
}

/// Values that a detector's sampler hands to its judge where features are computed of the signal: those
/// of a frame's samples, of all channels. 0 where none are. `None` as for [`window_len`].
///
/// ```
/// const MODEL: &[u8] =
///     include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.features.int8.aeb"));
/// assert_eq!(ae_core::frame_len(MODEL), Some(32));
/// ```
#[must_use]
pub const fn frame_len(blob: &[u8]) -> Option<usize> {
    match Sizes::of(blob) {
        Some(Sizes { samples, .. }) if samples <= u32::MAX as u64 => Some(samples as usize),
        _ => None,
    }
}

/// What features of a signal are computed in.
struct Sizes {
    /// Values of a frame, of all channels; 0 where there are no features.
    samples: u64,
    /// Bytes of the spectrum.
    spectrum: u64,
}

impl Sizes {
    const NONE: Self = Self { samples: 0, spectrum: 0 };

    const fn of(blob: &[u8]) -> Option<Self> {
        let (Some(_), Some((_, body))) = (features(blob), blob.split_at_checked(Header::LEN))
        else {
            return None;
        };
        let Some((section, _)) = Cursor(body).detection() else { return None };
        Cursor(section).sizes()
    }
}

/// Values in postcard one after the other, as far as a compiler needs them.
struct Cursor<'a>(&'a [u8]);

/// What a step gives, and where it ends.
macro_rules! step {
    ($($step:tt)*) => {
        match $($step)* {
            Some((found, rest)) => (found, Cursor(rest)),
            None => return None,
        }
    };
}

impl<'a> Cursor<'a> {
    /// An unsigned number, or the number of a variant.
    const fn number(self) -> Option<(u64, &'a [u8])> {
        let (mut number, mut shift, mut rest) = (0, 0_u32, self.0);
        while let [byte, behind @ ..] = rest {
            if shift > 63 {
                return None;
            }
            number |= ((*byte & 0x7f) as u64) << shift;
            (shift, rest) = (shift.saturating_add(7), behind);
            if *byte < 0x80 {
                return Some((number, rest));
            }
        }
        None
    }

    /// A byte slice, or a string.
    const fn bytes(self) -> Option<(&'a [u8], &'a [u8])> {
        let (len, Cursor(rest)) = step!(self.number());
        if len > rest.len() as u64 {
            return None;
        }
        rest.split_at_checked(len as usize)
    }

    /// Behind so many bytes.
    const fn skip(self, len: usize) -> Option<((), &'a [u8])> {
        match self.0.split_at_checked(len) {
            Some((_, rest)) => Some(((), rest)),
            None => None,
        }
    }

    /// The detection section of a body.
    const fn detection(self) -> Option<(&'a [u8], &'a [u8])> {
        let (_input, rest) = step!(self.number());
        let (_latent_map, rest) = step!(rest.bytes());
        let (_tool, rest) = step!(rest.bytes());
        let (_config, rest) = step!(rest.bytes());
        let (_data, rest) = step!(rest.bytes());
        rest.bytes()
    }

    /// What a detection section needs beside the window's codes.
    const fn sizes(self) -> Option<Sizes> {
        if self.0.is_empty() {
            return Some(Sizes::NONE);
        }
        let (map, mut rest) = step!(self.number());
        // Pixels have no map.
        if map != 0 {
            let (_map, behind) = step!(rest.bytes());
            rest = behind;
        }
        let (_window, rest) = step!(rest.number());
        let (_stride, rest) = step!(rest.number());
        let (_weights, rest) = step!(rest.bytes());
        let (_threshold, rest) = step!(rest.number());
        let (_alarm_ppm, rest) = step!(rest.number());
        let (_scores, rest) = step!(rest.number());
        let (_digest, rest) = step!(rest.bytes());
        let (_debounce, rest) = step!(rest.skip(2));
        if rest.0.len() < 2 {
            // At most a smoothing stands there.
            return Some(Sizes::NONE);
        }
        let [smoothing, behind @ ..] = rest.0 else { return None };
        let mut rest = Cursor(behind);
        if *smoothing & Detection::WITH_GROUPS != 0 {
            let (_groups, behind) = step!(rest.bytes());
            rest = behind;
        }
        if rest.0.is_empty() {
            return Some(Sizes::NONE);
        }
        let (channels, rest) = step!(rest.number());
        let (frame, rest) = step!(rest.number());
        let (_hop, rest) = step!(rest.number());
        let (_units, rest) = step!(rest.bytes());
        let (_raw_and_statistics, Cursor(rest)) = step!(rest.skip(2));
        let spectrum = match rest {
            [0, ..] | [] => 0,
            [..] => frame.saturating_mul(4),
        };
        Some(Sizes { samples: frame.saturating_mul(channels), spectrum })
    }
}
