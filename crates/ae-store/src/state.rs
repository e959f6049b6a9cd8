//! What is known of the two slots, and how it stands in an entry.

/// One of the two places for models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The first one, where a tool puts the board's first model.
    A,
    /// The second one.
    B,
}

/// The model that is returned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Where it lies.
    pub slot: Slot,
    /// Its version, and so the least that may run.
    pub version: u32,
    /// Bytes of its file, or of its slot if a tool put it there.
    pub len: u32,
}

/// What is in the other slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Nothing that counts.
    Nothing,
    /// A file that is being transferred.
    Receiving(Transfer),
    /// A model that was checked, and is run at the next boot.
    Candidate {
        /// Bytes of its file.
        len: u32,
        /// Its version.
        version: u32,
    },
    /// A model that was booted and is not confirmed: the next boot returns to the confirmed one.
    Tried {
        /// Bytes of its file.
        len: u32,
        /// Its version.
        version: u32,
    },
}

/// A file on its way into a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes of the whole file.
    pub len: u32,
    /// What the sender knows the file by, such as its checksum.
    pub tag: u32,
    /// Bytes from its front that are there.
    pub received: u32,
}

/// All that a save keeps, but what the program wants remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The model that is returned to.
    pub confirmed: Confirmed,
    /// What is in the other slot.
    pub pending: Pending,
    /// The version of the last model that was tried and not confirmed, for whoever sent it.
    pub reverted: Option<u32>,
}

/// Bytes of [`State`], of the entry's number and of the length of what is remembered.
pub(crate) const HEAD: usize = 32;

/// The layout of an entry. Another one is not read.
const FORMAT: u8 = 0xa1;

impl Slot {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl State {
    /// A board whose first model lies in slot A, which has `len` bytes, and may run from version
    /// `least` on.
    pub(crate) fn first(least: u32, len: u32) -> Self {
        let confirmed = Confirmed { slot: Slot::A, version: least, len };
        Self { confirmed, pending: Pending::Nothing, reverted: None }
    }

    /// Puts the front of an entry into `head`.
    ///
    /// | bytes | what |
    /// | --- | --- |
    /// | 0–3 | number of the entry |
    /// | 4 | format |
    /// | 5 | bit 0: the confirmed slot; bits 1–2: what is pending; bit 3: whether one was reverted |
    /// | 6–7 | bytes that are remembered |
    /// | 8–15 | confirmed: version, bytes |
    /// | 16–27 | pending: bytes, then version, or bytes received and tag |
    /// | 28–31 | version that was reverted |
    // In its place, and the caller's frame goes without it while the flash writes: its stack may be small.
    #[inline(never)]
    pub(crate) fn encode(&self, number: u32, remembered: u16, head: &mut [u8; HEAD]) {
        let slot = u8::from(self.confirmed.slot == Slot::B);
        let (kind, pending) = match self.pending {
            Pending::Nothing => (0, [0; 3]),
            Pending::Receiving(Transfer { len, tag, received }) => (1, [len, received, tag]),
            Pending::Candidate { len, version } => (2, [len, version, 0]),
            Pending::Tried { len, version } => (3, [len, version, 0]),
        };
        let flags = slot | kind << 1 | u8::from(self.reverted.is_some()) << 3;
        let [low, high] = remembered.to_le_bytes();
        let [len, value, tag] = pending;
        let words = [
            number,
            u32::from_le_bytes([FORMAT, flags, low, high]),
            self.confirmed.version,
            self.confirmed.len,
            len,
            value,
            tag,
            self.reverted.unwrap_or(0),
        ];
        let (places, _) = head.as_chunks_mut();
        for (place, word) in places.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
    }

    /// The entry's number, if this can be an entry's front.
    pub(crate) fn number(head: &[u8; HEAD]) -> Option<u32> {
        let [a, b, c, d, format, flags, ..] = *head;
        (format == FORMAT && flags >> 4 == 0).then_some(u32::from_le_bytes([a, b, c, d]))
    }

    /// The state, and the bytes that are remembered.
    pub(crate) fn decode(head: &[u8; HEAD]) -> Option<(Self, u16)> {
        Self::number(head)?;
        let mut words = [0; HEAD / 4];
        for (word, bytes) in words.iter_mut().zip(head.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let [_, flags, version, confirmed_len, len, value, tag, reverted] = words;
        let [_, flags, low, high] = flags.to_le_bytes();
        let slot = if flags & 1 == 0 { Slot::A } else { Slot::B };
        let pending = match flags >> 1 & 3 {
            0 => Pending::Nothing,
            1 => Pending::Receiving(Transfer { len, tag, received: value }),
            2 => Pending::Candidate { len, version: value },
            _ => Pending::Tried { len, version: value },
        };
        let confirmed = Confirmed { slot, version, len: confirmed_len };
        let reverted = (flags >> 3 & 1 == 1).then_some(reverted);
        Some((Self { confirmed, pending, reverted }, u16::from_le_bytes([low, high])))
    }
}
