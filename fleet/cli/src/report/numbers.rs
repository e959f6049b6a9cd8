//! Numbers as a person reads them.

/// Thousands apart, by a narrow space that does not break.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share in percent.
pub(super) fn percent(part: u64, of: u64) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    let share = 100.0 * part as f64 / of as f64;
    match share {
        0.0 => "0\u{a0}%".to_owned(),
        share if share < 0.1 => format!("{share:.4}\u{a0}%"),
        share if share < 10.0 => format!("{share:.2}\u{a0}%"),
        share => format!("{share:.1}\u{a0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_hand() {
        assert_eq!(
            [7, 1234, 1_234_567].map(grouped),
            ["7", "1\u{202f}234", "1\u{202f}234\u{202f}567"]
        );
        let shares = [(0, 5), (1, 5000), (1, 100), (1, 2), (0, 0)];
        let shown = shares.map(|(part, of)| percent(part, of).replace('\u{a0}', " "));
        assert_eq!(shown, ["0 %", "0.0200 %", "1.00 %", "50.0 %", "–"]);
    }
}
