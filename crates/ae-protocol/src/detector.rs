//! What a board says of its detector, and what the detector decides.
//!
//! Both are in postcard. Their integers have a fixed length, little-endian, so that a record always
//! has the same number of bytes.

use ae_core::SampleKind;
use postcard::fixint;
use serde::{Deserialize, Serialize};

use crate::companions::{FindingsRecord, ThresholdKind};

/// Which samples a board's detector takes.
///
/// ```
/// use ae_core::SampleKind;
/// use ae_protocol::DetectorInfo;
///
/// let info = DetectorInfo { kind: SampleKind::Counts, channels: 6, window: 64, stride: 16 };
/// assert_eq!(info.to_bytes(), [1, 6, 0, 0, 0, 64, 0, 0, 0, 16, 0, 0, 0]);
/// assert_eq!(DetectorInfo::from_bytes(&info.to_bytes()), Some(info));
/// assert_eq!(info.sample_bytes(), 12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorInfo {
    /// The type of a sample's values: 0 for u8, 1 for i16, 2 for f32.
    pub kind: SampleKind,
    /// Values of a sample.
    #[serde(with = "fixint::le")]
    pub channels: u32,
    /// Samples of a window, or of a frame where features of the signal are computed. With the last of
    /// them the board computes for the first time, and no decision comes before it.
    #[serde(with = "fixint::le")]
    pub window: u32,
    /// Samples from the end of a window, or of a frame, to the end of the next.
    #[serde(with = "fixint::le")]
    pub stride: u32,
}

impl DetectorInfo {
    /// Bytes of one.
    pub const LEN: usize = 13;

    /// Bytes of a sample on the line.
    #[must_use]
    pub const fn sample_bytes(&self) -> usize {
        (self.channels as usize).saturating_mul(self.kind.bytes())
    }

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        // They have room for exactly one.
        let _ = postcard::to_slice(self, &mut bytes);
        bytes
    }

    /// Reads the samples' description; `None` if `bytes` is anything else or anything more.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        postcard::from_bytes(bytes).ok()
    }
}

/// What a detector decides of a window.
///
/// ```
/// use ae_protocol::DecisionRecord;
///
/// let record = DecisionRecord {
///     is_alarm: true,
///     score: 300,
///     threshold: 256,
///     channel: 2,
///     channel_score: 7,
///     kind: Default::default(),
///     findings: Default::default(),
/// };
/// let bytes = record.to_bytes();
/// assert_eq!(bytes[..9], [1, 44, 1, 0, 0, 0, 0, 0, 0]);
/// assert_eq!(DecisionRecord::read_all(&bytes.repeat(3)).unwrap().nth(2), Some(record));
/// assert!(DecisionRecord::read_all(&bytes[1..]).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Whether it is an alarm: a byte, 1 or 0.
    pub is_alarm: bool,
    /// The window's score.
    #[serde(with = "fixint::le")]
    pub score: u64,
    /// The threshold.
    #[serde(with = "fixint::le")]
    pub threshold: u64,
    /// The channel that contributes most to the score.
    #[serde(with = "fixint::le")]
    pub channel: u32,
    /// What it contributes.
    #[serde(with = "fixint::le")]
    pub channel_score: u64,
    /// Whose the threshold is: a byte.
    pub kind: ThresholdKind,
    /// What is found beside: six bytes.
    pub findings: FindingsRecord,
}

impl DecisionRecord {
    /// Bytes of one.
    pub const LEN: usize = 36;

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        // They have room for exactly one.
        let _ = postcard::to_slice(self, &mut bytes);
        bytes
    }

    /// Reads a record; `None` if the bytes are not one.
    fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    /// Reads all that `bytes` is; `None` if it is anything else.
    pub fn read_all(bytes: &[u8]) -> Option<impl Iterator<Item = Self>> {
        let (records, rest) = bytes.as_chunks();
        let is_whole = rest.is_empty() && records.iter().all(|it| Self::from_bytes(it).is_some());
        is_whole.then(|| records.iter().filter_map(Self::from_bytes))
    }
}

#[cfg(test)]
mod tests {
    use ae_core::SampleKind;

    use super::{DecisionRecord, DetectorInfo, FindingsRecord, ThresholdKind};

    #[test]
    fn every_field_has_its_bytes_and_nothing_else_is_read() {
        let record = DecisionRecord {
            is_alarm: true,
            score: 0x0102_0304_0506_0708,
            threshold: 0x1112_1314_1516_1718,
            channel: 0x2122_2324,
            channel_score: 0x3132_3334_3536_3738,
            kind: ThresholdKind::Silent,
            findings: FindingsRecord { is_low: true, has_drifted: false, constant: 0x4142_4344 },
        };
        let bytes = record.to_bytes();
        assert_eq!((bytes[0], bytes[1], bytes[9], bytes[17], bytes[21]), (1, 8, 0x18, 0x24, 0x38));
        assert_eq!(bytes[29..33], [2, 1, 0, 0x44]);
        assert!(DecisionRecord::read_all(&bytes).unwrap().eq([record]));
        for byte in 0..DecisionRecord::LEN {
            let mut changed = bytes;
            changed[byte] ^= 1;
            let read = DecisionRecord::read_all(&changed);
            assert!(!read.is_some_and(|read| read.eq([record])), "byte {byte}");
        }
        assert!(DecisionRecord::read_all(&[3; DecisionRecord::LEN]).is_none());
        assert_eq!(DecisionRecord::read_all(&[]).unwrap().count(), 0);
        for kind in [SampleKind::Pixels, SampleKind::Counts, SampleKind::Values] {
            let info = DetectorInfo { kind, channels: 1 << 20, window: 3 << 9, stride: 5 << 17 };
            let bytes = info.to_bytes();
            assert_eq!(DetectorInfo::from_bytes(&bytes), Some(info));
            assert_eq!(DetectorInfo::from_bytes(&bytes[1..]), None);
        }
        assert_eq!(DetectorInfo::from_bytes(&[3; DetectorInfo::LEN]), None);
    }
}
