//! Sizes in bytes, as they are typed and shown.

/// Reads `700M`, `2G`, `512 MiB`, `1000000`: K, M and G are thousands, with an `i` 1024s.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().trim_end_matches(['b', 'B']) {
        "" => 1,
        "k" | "K" => 1000,
        "M" | "m" => 1_000_000,
        "G" | "g" => 1_000_000_000,
        "T" | "t" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => {
            return Err(format!("expected a number of bytes such as 700M or 2GiB, found {text:?}"));
        }
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("expected a number of bytes such as 700M or 2GiB, found {text:?}"))?;
    number.checked_mul(factor).ok_or_else(|| format!("{text} is more bytes than can be counted"))
}

/// `12.3 MB`.
pub(crate) fn show(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_by_hand() {
        let sizes = [("12", 12), ("700M", 700_000_000), ("2GiB", 2 << 30), ("1 kB", 1000)];
        for (text, bytes) in sizes {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "1.5G", "3X", "99999999999999999999", "99999999999T"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!([12, 1500, 2_340_000].map(show), ["12 bytes", "1.5 kB", "2.3 MB"]);
    }
}
