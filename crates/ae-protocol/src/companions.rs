//! What goes along with a board's detector, and what it finds.

use postcard::fixint;
use serde::{Deserialize, Serialize};

/// What a host asks a board to have go along with its detector: what is 0 does not. Integers have a
/// fixed length, little-endian.
///
/// ```
/// use ae_protocol::CompanionsRecord;
///
/// let record = CompanionsRecord { scores: 99, alarm_ppm: 10_000, ..CompanionsRecord::default() };
/// let bytes = record.to_bytes();
/// assert_eq!(bytes[..10], [99, 0, 0, 0, 16, 39, 0, 0, 0, 0]);
/// assert_eq!(CompanionsRecord::from_bytes(&bytes), Some(record));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CompanionsRecord {
    /// Scores that a threshold, and the bound of low scores, are found from.
    #[serde(with = "fixint::le")]
    pub scores: u32,
    /// The false-alarm rate of the threshold, in parts per million.
    #[serde(with = "fixint::le")]
    pub alarm_ppm: u32,
    /// Whether there is no threshold until all scores have come, in place of the blob's.
    pub is_silent: bool,
    /// Whether the blob's threshold holds where it is higher than the one that is found.
    pub is_at_least_blob: bool,
    /// The share of groups that may need a higher threshold than that of the maker's groups, which then
    /// takes the place of the blob's, in parts per million.
    #[serde(with = "fixint::le")]
    pub group_ppm: u32,
    /// The rate of the bound of low scores, in parts per million.
    #[serde(with = "fixint::le")]
    pub low_ppm: u32,
    /// Windows after which a channel that does not change is stuck.
    pub constant: u8,
    /// The probability that a drift is ever told where there is none, in parts per million.
    #[serde(with = "fixint::le")]
    pub drift_ppm: u32,
}

impl CompanionsRecord {
    /// Scores that a board keeps of each end: so a threshold for a rate α is found from less than
    /// 33 / α scores.
    pub const KEPT: usize = 32;
    /// Channels that a board looks at for one that is stuck, the first ones.
    pub const CHANNELS: usize = 32;
    /// Edges of the bins of a board's drift.
    pub const EDGES: usize = 11;
    /// Bytes of one.
    pub const LEN: usize = 23;

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        // They have room for exactly one.
        let _ = postcard::to_slice(self, &mut bytes);
        bytes
    }

    /// Reads one; `None` if `bytes` is anything else or anything more.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().ok()?;
        postcard::from_bytes(bytes).ok()
    }
}

/// Whose threshold a window was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ThresholdKind {
    /// The blob's.
    #[default]
    Blob,
    /// One that the board found in place.
    Own,
    /// There was none.
    Silent,
    /// That of the maker's groups, which the blob says too.
    Groups,
}

/// What a board found beside the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingsRecord {
    /// The score is below the bound of low scores.
    pub is_low: bool,
    /// Normal has changed.
    pub has_drifted: bool,
    /// The first channel that is stuck; [`NO_CHANNEL`](Self::NO_CHANNEL) where none is.
    #[serde(with = "fixint::le")]
    pub constant: u32,
}

impl FindingsRecord {
    /// In place of a channel.
    pub const NO_CHANNEL: u32 = u32::MAX;
}

impl Default for FindingsRecord {
    fn default() -> Self {
        Self { is_low: false, has_drifted: false, constant: Self::NO_CHANNEL }
    }
}

#[cfg(test)]
mod tests {
    use super::CompanionsRecord;

    #[test]
    fn every_byte_is_read_and_nothing_else() {
        let record = CompanionsRecord {
            scores: 0x0102_0304,
            alarm_ppm: 0x0506_0708,
            is_silent: true,
            is_at_least_blob: false,
            group_ppm: 0x1516_1718,
            low_ppm: 0x090a_0b0c,
            constant: 13,
            drift_ppm: 0x1112_1314,
        };
        let bytes = record.to_bytes();
        assert_eq!(
            (bytes[0], bytes[4], bytes[8], bytes[10], bytes[14], bytes[18], bytes[19]),
            (4, 8, 1, 0x18, 12, 13, 0x14)
        );
        for byte in 0..CompanionsRecord::LEN {
            let mut changed = bytes;
            changed[byte] ^= 1;
            assert_ne!(CompanionsRecord::from_bytes(&changed), Some(record), "byte {byte}");
        }
        assert_eq!(CompanionsRecord::from_bytes(&bytes[1..]), None);
        assert_eq!(CompanionsRecord::from_bytes(&[2; CompanionsRecord::LEN]), None);
    }
}
