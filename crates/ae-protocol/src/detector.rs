//! What a board says of its detector, and what the detector decides. Fields stand one after the
//! other, little-endian.

use ae_core::SampleKind;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetectorInfo {
    /// The type of a sample's values: 0 for u8, 1 for i16, 2 for f32.
    pub kind: SampleKind,
    /// Values of a sample.
    pub channels: u32,
    /// Samples of a window: the first decision comes with so many.
    pub window: u32,
    /// Samples from one decision to the next.
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
    pub const fn to_bytes(&self) -> [u8; Self::LEN] {
        let kind = match self.kind {
            SampleKind::Pixels => 0,
            SampleKind::Counts => 1,
            SampleKind::Values => 2,
        };
        let [a, b, c, d] = self.channels.to_le_bytes();
        let [e, f, g, h] = self.window.to_le_bytes();
        let [i, j, k, l] = self.stride.to_le_bytes();
        [kind, a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// Reads one; `None` if `bytes` is not one, or not one alone.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let &[kind, a, b, c, d, e, f, g, h, i, j, k, l] = bytes else { return None };
        let kind = match kind {
            0 => SampleKind::Pixels,
            1 => SampleKind::Counts,
            2 => SampleKind::Values,
            _ => return None,
        };
        Some(Self {
            kind,
            channels: u32::from_le_bytes([a, b, c, d]),
            window: u32::from_le_bytes([e, f, g, h]),
            stride: u32::from_le_bytes([i, j, k, l]),
        })
    }
}

/// What a detector decides of a window.
///
/// ```
/// use ae_protocol::DecisionRecord;
///
/// let record =
///     DecisionRecord { is_alarm: true, score: 300, threshold: 256, channel: 2, channel_score: 7 };
/// let bytes = record.to_bytes();
/// assert_eq!(bytes[..9], [1, 44, 1, 0, 0, 0, 0, 0, 0]);
/// assert_eq!(DecisionRecord::read_all(&bytes.repeat(3)).unwrap().nth(2), Some(record));
/// assert!(DecisionRecord::read_all(&bytes[1..]).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionRecord {
    /// Whether it is an alarm: a byte, 1 or 0.
    pub is_alarm: bool,
    /// The window's score.
    pub score: u64,
    /// The threshold.
    pub threshold: u64,
    /// The channel that contributes most to the score.
    pub channel: u32,
    /// What it contributes.
    pub channel_score: u64,
}

impl DecisionRecord {
    /// Bytes of one.
    pub const LEN: usize = 29;

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let [a, b, c, d, e, f, g, h] = self.score.to_le_bytes();
        let [i, j, k, l, m, n, o, p] = self.threshold.to_le_bytes();
        let [q, r, s, t] = self.channel.to_le_bytes();
        let [u, v, w, x, y, z, aa, bb] = self.channel_score.to_le_bytes();
        [
            self.is_alarm.into(),
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h, //
            i,
            j,
            k,
            l,
            m,
            n,
            o,
            p, //
            q,
            r,
            s,
            t, //
            u,
            v,
            w,
            x,
            y,
            z,
            aa,
            bb,
        ]
    }

    /// Reads one; `None` if it is none.
    fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let (flag, rest) = bytes.split_first()?;
        let (score, rest) = rest.split_first_chunk()?;
        let (threshold, rest) = rest.split_first_chunk()?;
        let (channel, rest) = rest.split_first_chunk()?;
        let channel_score = rest.first_chunk()?;
        Some(Self {
            is_alarm: match flag {
                0 => false,
                1 => true,
                _ => return None,
            },
            score: u64::from_le_bytes(*score),
            threshold: u64::from_le_bytes(*threshold),
            channel: u32::from_le_bytes(*channel),
            channel_score: u64::from_le_bytes(*channel_score),
        })
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

    use super::{DecisionRecord, DetectorInfo};

    #[test]
    fn every_field_has_its_bytes_and_nothing_else_is_read() {
        let record = DecisionRecord {
            is_alarm: true,
            score: 0x0102_0304_0506_0708,
            threshold: 0x1112_1314_1516_1718,
            channel: 0x2122_2324,
            channel_score: 0x3132_3334_3536_3738,
        };
        let bytes = record.to_bytes();
        assert_eq!((bytes[0], bytes[1], bytes[9], bytes[17], bytes[21]), (1, 8, 0x18, 0x24, 0x38));
        assert!(DecisionRecord::read_all(&bytes).unwrap().eq([record]));
        for byte in 0..DecisionRecord::LEN {
            let mut changed = bytes;
            changed[byte] ^= 1;
            assert!(!DecisionRecord::read_all(&changed).unwrap().eq([record]), "byte {byte}");
        }
        assert!(DecisionRecord::read_all(&[2; DecisionRecord::LEN]).is_none());
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
