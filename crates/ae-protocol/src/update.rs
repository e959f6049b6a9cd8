//! What is said about a new model over the line.
//!
//! The host [begins](crate::Request::Begin) with the length and the tag of a file, learns how many
//! bytes of it the board has, and [writes](crate::Request::Write) from there on. Each answer says how
//! many bytes are there, so every request may come twice, late or not at all: what is there already is
//! passed over, and what lies beyond is not taken. The board's [`Verdict`] ends the transfer. The host
//! then has the model [tried](crate::Request::Try), and [confirms](crate::Request::Confirm) it.
//!
//! A tag is the CRC-32C of the whole file. It tells files apart; it proves nothing.

use serde::{Deserialize, Serialize};

/// What a board says of its models.
///
/// ```
/// use ae_protocol::{PendingModel, RunningModel, UpdateStatus};
///
/// let running = RunningModel { slot: 1, version: 7, bytes: 595, checksum: 5, is_trial: false };
/// let status = UpdateStatus {
///     board: "rv32",
///     running: Some(running),
///     least: 7,
///     pending: PendingModel::Receiving { len: 800, tag: 9, received: 512 },
///     reverted: None,
///     capacity: 1 << 20,
///     chunk: 1024,
///     gate: None,
/// };
/// let mut buffer = [0; UpdateStatus::MAX_LEN];
/// let bytes = status.to_bytes(&mut buffer).unwrap();
/// assert_eq!(UpdateStatus::from_bytes(bytes), Some(status));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateStatus<'a> {
    /// Name of the firmware's board.
    pub board: &'a str,
    /// The model that runs; without one the board waits for one.
    pub running: Option<RunningModel>,
    /// The least version that the board takes: that of the confirmed model, or what the firmware was
    /// built with.
    pub least: u32,
    /// What is in the slot that is not confirmed.
    pub pending: PendingModel,
    /// The version of the last model that was tried and not confirmed.
    pub reverted: Option<u32>,
    /// Bytes of a slot.
    pub capacity: u32,
    /// Most bytes of a file in one request.
    pub chunk: u32,
    /// Which signed models it takes; without it, models that nobody signed.
    pub gate: Option<UpdateGate>,
}

/// The model that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningModel {
    /// Its slot, 0 or 1.
    pub slot: u8,
    /// Its version.
    pub version: u32,
    /// Bytes of its blob.
    pub bytes: u32,
    /// The blob's checksum.
    pub checksum: u32,
    /// Whether it is on trial: without a confirmation the next start returns to the model before.
    pub is_trial: bool,
}

/// What is in the slot that is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingModel {
    /// Nothing that counts.
    Nothing,
    /// A file on its way.
    Receiving {
        /// Bytes of the whole file.
        len: u32,
        /// Its tag.
        tag: u32,
        /// Bytes from its front that are there.
        received: u32,
    },
    /// A model that was checked, and runs at the next start.
    Candidate {
        /// Its version.
        version: u32,
    },
    /// A model that was started and is not confirmed.
    Tried {
        /// Its version.
        version: u32,
    },
}

/// Which signed models a board takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateGate {
    /// What they are for: a name, then zeros.
    pub purpose: [u8; 16],
    /// The ids of its keys.
    pub keys: [Option<[u8; 8]>; 2],
}

impl<'a> UpdateStatus<'a> {
    /// A buffer of this size holds any status of this project's firmware.
    pub const MAX_LEN: usize = 160;

    /// The status in postcard, at the front of `buffer`; `None` if that is too small.
    pub fn to_bytes<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        postcard::to_slice(self, buffer).ok().map(|bytes| &*bytes)
    }

    /// Reads a status; `None` if `bytes` is anything else or anything more.
    #[must_use]
    pub fn from_bytes(bytes: &'a [u8]) -> Option<Self> {
        match postcard::take_from_bytes(bytes) {
            Ok((status, [])) => Some(status),
            _ => None,
        }
    }
}

/// The payload of [`Request::Begin`](crate::Request::Begin): eight bytes, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeginUpdate {
    /// Bytes of the file.
    pub len: u32,
    /// Its tag.
    pub tag: u32,
}

impl BeginUpdate {
    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 8] {
        pair(self.len, self.tag)
    }

    /// Reads it; `None` if `bytes` is anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (len, tag, rest) = read_pair(bytes)?;
        rest.is_empty().then_some(Self { len, tag })
    }
}

/// The front of the payload of [`Request::Write`](crate::Request::Write), eight bytes, little-endian.
/// The next bytes of the file follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteUpdate {
    /// The tag of the file.
    pub tag: u32,
    /// Where in the file the bytes belong.
    pub offset: u32,
}

impl WriteUpdate {
    /// Bytes of it.
    pub const LEN: usize = 8;

    /// As it is sent, in front of bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        pair(self.tag, self.offset)
    }

    /// Reads it, and gives what follows; `None` if nothing does.
    #[must_use]
    pub fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (tag, offset, rest) = read_pair(bytes)?;
        (!rest.is_empty()).then_some((Self { tag, offset }, rest))
    }
}

/// A number alone: the payload of [`Request::Finish`](crate::Request::Finish), the file's tag; of
/// [`Request::Try`](crate::Request::Try) and [`Request::Confirm`](crate::Request::Confirm), the model's
/// version; and of [`Answer::Offset`](crate::Answer::Offset), the bytes that are there.
///
/// ```
/// assert_eq!(ae_protocol::number(&[1, 2, 0, 0]), Some(0x201));
/// assert_eq!(ae_protocol::number(&[1, 2, 0]), None);
/// ```
#[must_use]
pub fn number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// What a board makes of a file that was transferred.
///
/// ```
/// use ae_protocol::{Verdict, VerdictReason};
///
/// let verdict = Verdict { reason: VerdictReason::TooOld, expected: 7, found: 6 };
/// assert_eq!(verdict.to_bytes(), [5, 7, 0, 0, 0, 6, 0, 0, 0]);
/// assert_eq!(Verdict::from_bytes(&verdict.to_bytes()), Some(verdict));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// In short.
    pub reason: VerdictReason,
    /// The number that the reason speaks of, as it should be; 0 where it speaks of none.
    pub expected: u32,
    /// And as it is.
    pub found: u32,
}

/// Why a file is taken or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum VerdictReason {
    /// It is the candidate that can be tried; found: its version.
    Candidate = 0,
    /// It is not signed, or cut.
    NotSigned = 1,
    /// It names a key that the board does not have.
    OtherKey = 2,
    /// Its signature is wrong.
    BadSignature = 3,
    /// It is for another purpose.
    OtherPurpose = 4,
    /// Its version is below the least.
    TooOld = 5,
    /// It is no blob that the board's program runs.
    NotUsable = 6,
    /// Its buffers take more than the board has; in bytes.
    NoRoom = 7,
    /// The board computes other values than its maker did.
    SelfTest = 8,
}

impl VerdictReason {
    /// The reason of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Candidate,
            1 => Self::NotSigned,
            2 => Self::OtherKey,
            3 => Self::BadSignature,
            4 => Self::OtherPurpose,
            5 => Self::TooOld,
            6 => Self::NotUsable,
            7 => Self::NoRoom,
            8 => Self::SelfTest,
            _ => return None,
        })
    }
}

impl Verdict {
    /// Bytes of one.
    pub const LEN: usize = 9;

    /// As it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let [a, b, c, d, e, f, g, h] = pair(self.expected, self.found);
        [self.reason as u8, a, b, c, d, e, f, g, h]
    }

    /// Reads a verdict; `None` if `bytes` is anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&reason, numbers) = bytes.split_first()?;
        let (expected, found, rest) = read_pair(numbers)?;
        let reason = VerdictReason::from_number(reason)?;
        rest.is_empty().then_some(Self { reason, expected, found })
    }
}

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { reason, expected, found } = self;
        match reason {
            VerdictReason::Candidate => write!(f, "model version {found} can be tried"),
            VerdictReason::NotSigned => f.write_str("the model is not signed, or cut"),
            VerdictReason::OtherKey => f.write_str("the model is signed with another key"),
            VerdictReason::BadSignature => f.write_str("the model's signature is wrong"),
            VerdictReason::OtherPurpose => f.write_str("the model is for another purpose"),
            VerdictReason::TooOld => {
                write!(f, "model version {found} is too old: {expected} is the least that may run")
            }
            VerdictReason::NotUsable => f.write_str("the board's program does not run such a blob"),
            VerdictReason::NoRoom => write!(
                f,
                "the model needs buffers of {found} bytes, and the board has {expected} for them"
            ),
            VerdictReason::SelfTest => {
                f.write_str("the board computes other values than the model's maker")
            }
        }
    }
}

fn pair(first: u32, second: u32) -> [u8; 8] {
    (u64::from(second) << 32 | u64::from(first)).to_le_bytes()
}

fn read_pair(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    let (second, rest) = rest.split_first_chunk()?;
    Some((u32::from_le_bytes(*first), u32::from_le_bytes(*second), rest))
}

#[cfg(test)]
mod tests {
    use super::{
        BeginUpdate, PendingModel, RunningModel, UpdateGate, UpdateStatus, Verdict, VerdictReason,
        WriteUpdate,
    };

    #[test]
    fn the_longest_status_fits_and_nothing_else_is_read() {
        const M: u32 = u32::MAX;
        let status = UpdateStatus {
            board: "a board whose name has 32 letters",
            running: Some(RunningModel {
                slot: 1,
                version: M,
                bytes: M,
                checksum: M,
                is_trial: true,
            }),
            least: M,
            pending: PendingModel::Receiving { len: M, tag: M, received: M },
            reverted: Some(M),
            capacity: M,
            chunk: M,
            gate: Some(UpdateGate { purpose: [b'x'; 16], keys: [Some([0xff; 8]); 2] }),
        };
        let mut buffer = [0; UpdateStatus::MAX_LEN];
        let bytes = status.to_bytes(&mut buffer).unwrap();
        assert_eq!(UpdateStatus::from_bytes(bytes), Some(status));
        for len in 0..bytes.len() {
            assert_eq!(UpdateStatus::from_bytes(&bytes[..len]), None, "{len}");
        }
        let mut longer = [0; UpdateStatus::MAX_LEN + 1];
        longer[..bytes.len()].copy_from_slice(bytes);
        assert_eq!(UpdateStatus::from_bytes(&longer[..=bytes.len()]), None);
    }

    #[test]
    fn every_payload_has_its_bytes() {
        let begin = BeginUpdate { len: 0x0102_0304, tag: 0x0506_0708 };
        assert_eq!(begin.to_bytes(), [4, 3, 2, 1, 8, 7, 6, 5]);
        assert_eq!(BeginUpdate::from_bytes(&begin.to_bytes()), Some(begin));
        for bytes in [&[0; 7][..], &[0; 9]] {
            assert_eq!(BeginUpdate::from_bytes(bytes), None);
        }
        let write = WriteUpdate { tag: 0x0102_0304, offset: 0x0506_0708 };
        assert_eq!(write.to_bytes(), [4, 3, 2, 1, 8, 7, 6, 5]);
        let mut with_bytes = [9; 10];
        with_bytes[..8].copy_from_slice(&write.to_bytes());
        assert_eq!(WriteUpdate::split(&with_bytes), Some((write, &[9, 9][..])));
        // One without bytes of the file would go on for ever.
        for len in 0..=8 {
            assert_eq!(WriteUpdate::split(&with_bytes[..len]), None);
        }
    }

    #[test]
    fn every_verdict_is_read_and_has_words() {
        let mut reasons = 0;
        for number in 0..=u8::MAX {
            let bytes = [number, 1, 0, 0, 0, 2, 0, 0, 0];
            let Some(verdict) = Verdict::from_bytes(&bytes) else { continue };
            assert_eq!((verdict.to_bytes(), verdict.expected, verdict.found), (bytes, 1, 2));
            assert_eq!(VerdictReason::from_number(number), Some(verdict.reason));
            reasons += 1;
        }
        assert_eq!(reasons, 9);
        assert_eq!(Verdict::from_bytes(&[0; 8]), None);
        assert_eq!(Verdict::from_bytes(&[0; 10]), None);
    }
}
