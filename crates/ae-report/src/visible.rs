//! What a reader cannot see does not get into a file.

/// The text of a whole file with a space for every tab and carriage return, and U+FFFD for what
/// XML 1.0 forbids, for other control characters, and for those that turn the direction of writing
/// or break lines unseen. Newlines stay.
///
/// The template escapes what has a meaning in HTML and XML; these characters have none there, but
/// could hide a text or show it in another order than it stands.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(visible_character).collect()
}

fn visible_character(character: char) -> char {
    match character {
        '\n' => '\n',
        '\t' | '\r' => ' ',
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_replaced() {
        assert_eq!(visible("a\tb\r\nc"), "a b \nc");
        for hidden in ["\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{202e}", "\u{2067}", "\u{ffff}"] {
            assert_eq!(visible(&format!("a{hidden}b")), "a\u{fffd}b", "{hidden:?}");
        }
        let seen = "é – \u{a0}\u{202f} ⌈α⌉ שלום ]]> <script>\"'";
        assert_eq!(visible(seen), seen);
    }
}
