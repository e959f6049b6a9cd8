//! Text from elsewhere, made safe to show: what cannot be seen is written out.
//!
//! A file's name, a column's, what a blob calls its maker or what a board says can hold escape
//! sequences that a terminal obeys, line breaks that forge a line of this program, and characters
//! that hide a text or turn its direction. Here each of those becomes its number, such as `\u{1b}`,
//! and a line break `\n`. Everything else stays as it is, in whatever language.
//!
//! The unit is the line: whoever composes a text of several lines passes each name in it through
//! [`line()`], and whoever shows the whole passes it through [`lines`].

use std::fmt::{self, Display, Write};

/// Most characters of a text from elsewhere that [`line()`] shows: more than any path has.
pub const LONGEST: usize = 5000;

/// `text` in one line of at most [`LONGEST`] characters, without anything that cannot be seen.
pub fn line<T: Display>(text: T) -> Shown<T> {
    Shown { text, breaks: false, most: LONGEST }
}

/// The beginning of `text` in one line, as [`line()`], with an ellipsis where there is more.
pub fn beginning<T: Display>(text: T, most: usize) -> Shown<T> {
    Shown { text, breaks: false, most }
}

/// A text of several lines, whose line breaks and tabs stay.
pub fn lines<T: Display>(text: T) -> Shown<T> {
    Shown { text, breaks: true, most: usize::MAX }
}

/// JSON whose strings hold nothing that cannot be seen. It means the same: such characters can
/// stand in strings alone, and are written there as JSON writes them, such as `\u001b`.
pub fn json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || is_seen(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
}

/// A text as [`line()`], [`beginning`] or [`lines`] shows it.
#[derive(Debug, Clone, Copy)]
pub struct Shown<T> {
    text: T,
    /// Whether line breaks and tabs stay.
    breaks: bool,
    /// Most characters.
    most: usize,
}

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut filter = Filter { to: f, breaks: self.breaks, left: self.most, cut: false };
        match write!(filter, "{}", self.text) {
            Err(_) if filter.cut => f.write_char('…'),
            written => written,
        }
    }
}

/// Lets through what can be seen.
struct Filter<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    breaks: bool,
    left: usize,
    /// Nothing more is wanted, which the writer of the text is told by an error.
    cut: bool,
}

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).ok_or_else(|| {
                self.cut = true;
                fmt::Error
            })?;
            match character {
                kept @ ('\n' | '\t') if self.breaks => self.to.write_char(kept)?,
                '\n' => self.to.write_str("\\n")?,
                '\r' => self.to.write_str("\\r")?,
                '\t' => self.to.write_str("\\t")?,
                seen if is_seen(seen) => self.to.write_char(seen)?,
                hidden => write!(self.to, "{}", hidden.escape_unicode())?,
            }
        }
        Ok(())
    }
}

/// Whether a character is one that a reader sees, or a space, and no terminal obeys.
fn is_seen(character: char) -> bool {
    match character {
        ' '..='~' => true,
        // These break a line.
        '\u{2028}' | '\u{2029}' => false,
        // Letters, marks and symbols without a shape, which Unicode calls ignorable, and the blank
        // of Braille. The standard library calls them printable.
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        other if other.is_control() => false,
        space if space.is_whitespace() => true,
        other => is_printable(other),
    }
}

/// Whether the standard library's table has it as printable: neither a format character, such as
/// those that turn the direction of writing, nor unassigned.
fn is_printable(character: char) -> bool {
    // Behind a letter, an accent is not taken for hidden.
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_stays() {
        let seen = "é e\u{301} – \u{a0}\u{202f} ⌈α⌉ שלום 漢字 🙂 ]]> <script>\"'\\ C:\\Users a%20b";
        assert_eq!(line(seen).to_string(), seen);
        assert_eq!(lines("a\n\tb").to_string(), "a\n\tb");
    }

    #[test]
    fn what_a_terminal_obeys_or_hides_is_written_out() {
        for (hidden, shown) in [
            ("\n", "\\n"),
            ("\r", "\\r"),
            ("\t", "\\t"),
            ("\0", "\\u{0}"),
            ("\u{7}", "\\u{7}"),
            ("\u{8}", "\\u{8}"),
            ("\u{1b}", "\\u{1b}"),
            ("\u{7f}", "\\u{7f}"),
            // Next line, and the one-character form of an escape sequence's head.
            ("\u{85}", "\\u{85}"),
            ("\u{9b}", "\\u{9b}"),
            ("\u{ad}", "\\u{ad}"),
            ("\u{61c}", "\\u{61c}"),
            ("\u{200b}", "\\u{200b}"),
            ("\u{200d}", "\\u{200d}"),
            ("\u{200f}", "\\u{200f}"),
            ("\u{2028}", "\\u{2028}"),
            ("\u{202e}", "\\u{202e}"),
            ("\u{2067}", "\\u{2067}"),
            ("\u{2800}", "\\u{2800}"),
            ("\u{3164}", "\\u{3164}"),
            ("\u{feff}", "\\u{feff}"),
            ("\u{fff9}", "\\u{fff9}"),
            ("\u{ffff}", "\\u{ffff}"),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(line(format!("a{hidden}b")).to_string(), format!("a{shown}b"));
        }
        for control in ('\0'..='\u{9f}').filter(|character| character.is_control()) {
            for shown in
                [line(control).to_string(), lines(control).to_string(), json(&control.to_string())]
            {
                let kept = ['\n', '\t'].contains(&control);
                assert!(kept || !shown.contains(control), "{control:?}");
            }
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(beginning("abcd", 4).to_string(), "abcd");
        assert_eq!(beginning("abcde", 4).to_string(), "abcd…");
        assert_eq!(beginning("\u{1b}\u{1b}\u{1b}", 2).to_string(), "\\u{1b}\\u{1b}…");
        assert_eq!(beginning(format_args!("{}{}", "ab", "cd"), 3).to_string(), "abc…");
        assert_eq!(line("x".repeat(1 << 20)).to_string().chars().count(), LONGEST + 1);
    }

    #[test]
    fn json_means_the_same() {
        assert_eq!(json("{\n  \"a\": \"é\"\n}"), "{\n  \"a\": \"é\"\n}");
        assert_eq!(json("\"\u{202e}\u{9b}\u{e0041}\""), "\"\\u202e\\u009b\\udb40\\udc41\"");
    }
}
