//! What is answered to one request.

use core::fmt::{self, Write};

use ae_protocol::{Answer, UpdateStatus};

/// An answer: its kind and its payload.
pub struct Reply {
    answer: Answer,
    payload: [u8; UpdateStatus::MAX_LEN],
    len: usize,
}

impl Reply {
    /// Room for one.
    #[must_use]
    pub const fn new() -> Self {
        Self { answer: Answer::Refused, payload: [0; UpdateStatus::MAX_LEN], len: 0 }
    }

    /// The kind of the answer.
    #[must_use]
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, answer: Answer, payload: &[u8]) {
        (self.answer, self.len) = (answer, 0);
        self.push(payload);
    }

    /// A refusal with these words, as many as there is room for.
    pub(crate) fn refuse(&mut self, why: &dyn fmt::Display) {
        (self.answer, self.len) = (Answer::Refused, 0);
        let _ = write!(self, "{why}");
    }

    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(place) = self.payload.get_mut(self.len) {
                *place = *byte;
                self.len = self.len.saturating_add(1);
            }
        }
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Reply {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}
