//! The kinds of frames.

/// What a host asks for. The number is the kind of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Request {
    /// Who are you, and which model do you hold? No payload.
    Identify = 1,
    /// Payload: pixels, a byte each.
    Encode = 2,
    /// Payload: latent values, an i8 or an f32 of four little-endian bytes each.
    Decode = 3,
    /// Payload: pixels. Both parts, and the score.
    Reconstruct = 4,
    /// End the program with success. No payload, no answer.
    Leave = 5,
    /// Which samples does your detector take? No payload.
    Detector = 6,
    /// Payload: samples, one after the other, each a value for each channel in the little-endian
    /// bytes of its type. At most as many as the next window's end is away, or the next frame's
    /// where features of the signal are computed: a board computes behind the last byte of a request,
    /// when a UART without a buffer can lose nothing. For the same reason
    /// the first sample behind the end of a window, with which the window moves on, is best sent by
    /// itself.
    ///
    /// Of a request that is refused the detector takes no sample. One that was damaged must not be
    /// repeated, for samples in it were taken before that was known: the board resets the detector,
    /// and the host begins the signal anew. It does so too, after a [`Reset`](Self::Reset), where
    /// the answer was lost. Where samples were lost with a request that was broken off, which gets no
    /// answer, the board says so of the next one.
    Push = 7,
    /// Forget the samples and windows so far. No payload; may be repeated. What goes along with the
    /// detector keeps what it has learnt.
    Reset = 8,
    /// Payload: a [`CompanionsRecord`](crate::CompanionsRecord). The detector begins anew, with these
    /// going along; may be repeated. Where one cannot, a refusal says why, and none goes along.
    Accompany = 16,
    /// Which models are there? No payload.
    Status = 0x20,
    /// A new model comes, or the rest of one. Payload: a [`BeginUpdate`](crate::BeginUpdate).
    Begin = 0x21,
    /// Payload: a [`WriteUpdate`](crate::WriteUpdate) and bytes of the file. What is there already is
    /// passed over, and bytes that belong behind those which come next are not taken.
    Write = 0x22,
    /// All of the file is there. Payload: its tag.
    Finish = 0x23,
    /// Run the candidate, on trial. Payload: its version.
    Try = 0x24,
    /// The model that runs is the one to return to from now on. Payload: its version.
    Confirm = 0x25,
}

impl Request {
    /// The request of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Identify,
            2 => Self::Encode,
            3 => Self::Decode,
            4 => Self::Reconstruct,
            5 => Self::Leave,
            6 => Self::Detector,
            7 => Self::Push,
            8 => Self::Reset,
            16 => Self::Accompany,
            0x20 => Self::Status,
            0x21 => Self::Begin,
            0x22 => Self::Write,
            0x23 => Self::Finish,
            0x24 => Self::Try,
            0x25 => Self::Confirm,
            _ => return None,
        })
    }

    /// Whether what was computed has a latent from the encoder in it.
    #[must_use]
    pub const fn encodes(self) -> bool {
        matches!(self, Self::Encode | Self::Reconstruct)
    }

    /// Whether what was computed has pixels from the decoder in it.
    #[must_use]
    pub const fn decodes(self) -> bool {
        matches!(self, Self::Decode | Self::Reconstruct)
    }
}

/// What a board answers. The number is the kind of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Answer {
    /// Payload: an [`Identity`](crate::Identity) in postcard.
    Identity = 0x81,
    /// Payload, one after the other: the latent if the request [encodes](Request::encodes); the
    /// pixels if it [decodes](Request::decodes); after [`Request::Reconstruct`] the score as a
    /// u64; then the digest of every layer that was run, a u32 each. Little-endian.
    Computed = 0x82,
    /// Payload: why not, in UTF-8.
    Refused = 0x83,
    /// The request was damaged on its way and may be repeated, but see [`Request::Push`]. No
    /// payload.
    Damaged = 0x84,
    /// Payload: a [`DetectorInfo`](crate::DetectorInfo).
    Detector = 0x85,
    /// To [`Request::Push`], [`Request::Reset`] and [`Request::Accompany`]. Payload: a
    /// [`DecisionRecord`](crate::DecisionRecord) for each window that ended, so one or none.
    Decided = 0x86,
    /// To [`Request::Status`], [`Request::Try`] and [`Request::Confirm`]. Payload: an
    /// [`UpdateStatus`](crate::UpdateStatus) in postcard.
    Status = 0xa0,
    /// To [`Request::Begin`] and [`Request::Write`]. Payload: how many bytes from the front of the file
    /// are there, a u32, little-endian. The host goes on from there.
    Offset = 0xa1,
    /// To [`Request::Finish`]. Payload: a [`Verdict`](crate::Verdict).
    Verdict = 0xa2,
}

impl Answer {
    /// The answer of this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0x81 => Self::Identity,
            0x82 => Self::Computed,
            0x83 => Self::Refused,
            0x84 => Self::Damaged,
            0x85 => Self::Detector,
            0x86 => Self::Decided,
            0xa0 => Self::Status,
            0xa1 => Self::Offset,
            0xa2 => Self::Verdict,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Request};

    #[test]
    fn every_number_is_that_of_its_message() {
        let mut messages = 0;
        for number in 0..=u8::MAX {
            if let Some(request) = Request::from_number(number) {
                assert_eq!(request as u8, number);
                messages += 1;
            }
            if let Some(answer) = Answer::from_number(number) {
                assert_eq!(answer as u8, number);
                messages += 1;
            }
        }
        assert_eq!(messages, 24);
    }
}
