//! Lines of text, built without the formatting of `core`, whose code alone would take a third of
//! the room for code on the smallest board.

use ae_infer::SelfTestError;

/// One line. A piece that no longer fits is left out.
pub(crate) struct Line(heapless::String<256>);

impl Line {
    pub(crate) fn new() -> Self {
        Self(heapless::String::new())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    // By reference: a line that is handed from call to call would be copied into the caller's frame
    // each time.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let _ = self.0.push_str(text);
        self
    }

    /// In decimal.
    pub(crate) fn number(&mut self, value: u32) -> &mut Self {
        self.digits(value, 10, 1)
    }

    pub(crate) fn size(&mut self, value: usize) -> &mut Self {
        self.number(u32::try_from(value).unwrap_or(u32::MAX))
    }

    /// In decimal, without the division that small cores would have to link.
    pub(crate) fn long(&mut self, value: u64) -> &mut Self {
        let (mut rest, mut begun) = (value, false);
        for power in (0..20).rev() {
            let unit = 10_u64.pow(power);
            let mut digit = b'0';
            while rest >= unit {
                rest -= unit;
                digit += 1;
            }
            begun |= digit > b'0' || power == 0;
            if begun {
                let _ = self.0.push(digit.into());
            }
        }
        self
    }

    /// A number that was counted, or a word where it was too large to be.
    pub(crate) fn count(&mut self, value: Option<u32>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => self.text("too-many"),
        }
    }

    /// Eight hexadecimal digits.
    pub(crate) fn hex(&mut self, value: u32) -> &mut Self {
        self.digits(value, 16, 8)
    }

    fn digits(&mut self, value: u32, base: u32, least: u32) -> &mut Self {
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
    pub(crate) fn reason(&mut self, why: &impl Reason) -> &mut Self {
        why.say(self);
        self
    }
}

/// Something that can say why it failed, in full where the firmware has room for it (the feature
/// `messages`), else in a few words.
pub(crate) trait Reason {
    fn say(&self, line: &mut Line);
}

/// The error's own words, or `short`.
pub(crate) fn words(line: &mut Line, error: &impl core::fmt::Display, short: &str) {
    #[cfg(feature = "messages")]
    {
        use core::fmt::Write;
        let _ = short;
        let _ = write!(line.0, "{error}");
    }
    #[cfg(not(feature = "messages"))]
    {
        let _ = error;
        line.text(short);
    }
}

impl Reason for SelfTestError {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Differs { part, layer, expected, found } => {
                line.text(match part {
                    ae_core::PartKind::Encoder => "encoder layer ",
                    ae_core::PartKind::Decoder => "decoder layer ",
                });
                line.size(*layer).text(" differs first: digest ").hex(*found);
                line.text(", expected ").hex(*expected);
            }
            other => words(line, other, "the test cannot be run"),
        }
    }
}
