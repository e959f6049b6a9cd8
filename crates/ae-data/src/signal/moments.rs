//! What a column of times says of each sample, as it stands in the file, in little memory.

/// Bytes of a text that are kept; no date or number is longer.
const LONGEST: usize = 64;

/// Every so many texts one is kept whole, so that finding one takes few steps.
const WHOLE: usize = 16;

/// The times of samples in a row. Each text is kept as what differs from the one before: three or
/// four bytes where clocks tick.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moments {
    /// Of each text: number of bytes that are as in the one before, number of bytes that follow,
    /// those bytes.
    bytes: Vec<u8>,
    /// Where in `bytes` the texts begin that are whole.
    wholes: Vec<usize>,
    count: usize,
    last: Vec<u8>,
}

impl Moments {
    /// Adds a text, and says how many bytes that took.
    pub(super) fn push(&mut self, text: &str) -> usize {
        let text = &text.as_bytes()[..text.floor_char_boundary(LONGEST)];
        let is_whole = self.count.is_multiple_of(WHOLE);
        let same = if is_whole {
            self.wholes.push(self.bytes.len());
            0
        } else {
            text.iter().zip(&self.last).take_while(|(new, old)| new == old).count()
        };
        let rest = &text[same..];
        // Neither is above LONGEST.
        self.bytes.extend([same as u8, rest.len() as u8]);
        self.bytes.extend(rest);
        self.last.clear();
        self.last.extend(text);
        self.count += 1;
        2 + rest.len() + if is_whole { size_of::<usize>() } else { 0 }
    }

    /// A text, counted from 0.
    pub(super) fn get(&self, at: usize) -> Option<String> {
        if at >= self.count {
            return None;
        }
        let mut rest = &self.bytes[self.wholes[at / WHOLE]..];
        let mut text = Vec::new();
        for _ in 0..=at % WHOLE {
            let [same, len, behind @ ..] = rest else { return None };
            let (new, behind) = behind.split_at_checked(usize::from(*len))?;
            text.truncate(usize::from(*same));
            text.extend(new);
            rest = behind;
        }
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        let clock = |at: usize| format!("2024-05-01T12:{:02}:{:02}.{:03}Z", at / 600, at / 10, at);
        let odd = ["", "0", "é", "e", "-1.5e-7", "0"].map(str::to_owned);
        let texts: Vec<String> = odd.into_iter().chain((0..600).map(clock)).collect();
        let mut moments = Moments::default();
        let taken: usize = texts.iter().map(|text| moments.push(text)).sum();
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(moments.get(at).as_ref(), Some(text), "{at}");
        }
        assert_eq!(moments.get(texts.len()), None);
        let whole: usize = texts.iter().map(String::len).sum();
        assert!(3 * taken < whole, "{taken} of {whole} bytes");
    }

    #[test]
    fn a_text_without_end_is_cut_between_letters() {
        let mut moments = Moments::default();
        moments.push(&"é".repeat(1000));
        moments.push(&format!("a{}", "é".repeat(1000)));
        assert_eq!(moments.get(0), Some("é".repeat(32)));
        assert_eq!(moments.get(1), Some(format!("a{}", "é".repeat(31))));
    }
}
