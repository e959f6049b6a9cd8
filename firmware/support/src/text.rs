//! Lines of text, built without the formatting of `core`, whose code alone would take a third of
//! the room for code on the smallest board.

use ae_infer::SelfTestError;

/// One line. What does not fit is cut.
pub(crate) struct Line(heapless::String<256>);

impl Line {
    pub(crate) fn new() -> Self {
        Self(heapless::String::new())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        let _ = self.0.push_str(text);
        self
    }

    /// In decimal.
    pub(crate) fn number(self, value: u32) -> Self {
        self.digits(value, 10, 1)
    }

    pub(crate) fn size(self, value: usize) -> Self {
        self.number(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// Eight hexadecimal digits.
    pub(crate) fn hex(self, value: u32) -> Self {
        self.digits(value, 16, 8)
    }

    fn digits(mut self, value: u32, base: u32, least: u32) -> Self {
        let mut unit = 1_u32;
        let mut count = 1;
        while count < least || value / unit >= base {
            unit = unit.saturating_mul(base);
            count += 1;
        }
        for _ in 0..count {
            let digit = char::from_digit(value / unit % base, base).unwrap_or('?');
            let _ = self.0.push(digit);
            unit /= base;
        }
        self
    }

    /// Why something failed.
    pub(crate) fn reason(self, why: &impl Reason) -> Self {
        why.say(self)
    }
}

/// Something that can say why it failed, in full where the firmware has room for it (the feature
/// `messages`), else in a few words.
pub(crate) trait Reason {
    fn say(&self, line: Line) -> Line;
}

/// The error's own words, or `short`.
pub(crate) fn words(line: Line, error: &impl core::fmt::Display, short: &str) -> Line {
    #[cfg(feature = "messages")]
    {
        use core::fmt::Write;
        let _ = short;
        let mut line = line;
        let _ = write!(line.0, "{error}");
        line
    }
    #[cfg(not(feature = "messages"))]
    {
        let _ = error;
        line.text(short)
    }
}

impl Reason for SelfTestError {
    fn say(&self, line: Line) -> Line {
        match self {
            Self::Differs { part, layer, expected, found } => line
                .text(match part {
                    ae_core::PartKind::Encoder => "encoder layer ",
                    ae_core::PartKind::Decoder => "decoder layer ",
                })
                .size(*layer)
                .text(" differs first: digest ")
                .hex(*found)
                .text(", expected ")
                .hex(*expected),
            other => words(line, other, "the test cannot be run"),
        }
    }
}
