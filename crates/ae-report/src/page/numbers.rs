//! Numbers as a person reads them, and tables of them.

use ae_detect::interval::Proportion;
use maud::{Markup, Render, html};

pub(super) use ae_detect::report::{percent, wanted};

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

/// Bytes, in KiB from ten thousand on.
pub(super) fn bytes(bytes: u64) -> String {
    if bytes < 10_000 {
        format!("{} B", grouped(bytes))
    } else {
        format!("{:.1} KiB", bytes as f64 / 1024.0)
    }
}

/// `12 of 400`.
pub(super) fn counted(proportion: &Proportion) -> String {
    let [hits, of] = [proportion.hits, proportion.of].map(|count| grouped(count as u64));
    format!("{hits} of {of}")
}

/// The rate in percent, or a dash where there was nothing to count.
pub(super) fn rate_or_dash(proportion: &Proportion) -> String {
    if proportion.of == 0 { "–".to_owned() } else { percent(proportion.rate) }
}

/// `1.2 % to 3.4 %`.
pub(super) fn interval(proportion: &Proportion) -> String {
    format!("{} to {}", percent(proportion.low), percent(proportion.high))
}

/// Three significant digits, without a tail of zeros for large numbers.
pub(super) fn value(value: f32) -> String {
    // Without the sign of a zero.
    let value = value + 0.0;
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        format!("{value:.2e}")
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

/// A change with its sign.
pub(super) fn change(change: f64) -> String {
    // One that rounds to nothing has no sign.
    if change.abs() < 0.00005 {
        "0.0000".to_owned()
    } else {
        format!("{change:+.4}").replace('-', "−")
    }
}

/// A table. The first column names its row; the others are numbers.
pub(super) fn table<C: Render>(head: &[&str], rows: &[Vec<C>]) -> Markup {
    html! {
        div.wide {
            table {
                thead { tr { @for cell in head { th scope="col" { (cell) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_hand() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(103_424), "101.0 KiB");
        assert_eq!(
            [0.0, 1.0, 0.5, 0.0123, 0.00004].map(percent),
            ["0 %", "100 %", "50.0 %", "1.23 %", "0.0040 %"]
                .map(|text| text.replace(' ', "\u{a0}"))
        );
        assert_eq!([0.00001, -0.00123, 0.5].map(change), ["0.0000", "−0.0012", "+0.5000"]);
    }
}
