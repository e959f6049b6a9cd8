//! Names of run folders under `runs/`.

/// Bytes of a name: file systems hold 255, and copies of it want some room.
const LONGEST: usize = 100;

/// Endings of files of data, which are no part of a name.
const ENDINGS: [&str; 8] = [".gz", ".zip", ".csv", ".tsv", ".txt", ".dat", ".npy", ".npz"];

/// `--name`, if it can be a folder in `runs/` on any system.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let allowed = "a name has letters, digits, spaces and . _ - +";
    let refuse = |reason: String| Err(format!("{reason}; --out FOLDER takes any folder"));
    if text.is_empty() {
        return refuse(format!("it is empty; {allowed}"));
    }
    if let Some(letter) = text.chars().find(|&letter| !is_allowed(letter)) {
        return refuse(format!("{letter:?} is no part of a name: {allowed}"));
    }
    if text.starts_with(['.', ' ']) || text.ends_with(['.', ' ']) {
        return refuse("a name neither begins nor ends with a dot or a space".into());
    }
    if text.len() > LONGEST {
        return refuse(format!("it has {} bytes, and a name has at most {LONGEST}", text.len()));
    }
    if is_reserved(text) {
        return refuse("Windows keeps this name for a device".into());
    }
    Ok(text.to_owned())
}

/// A name of parts, such as a file's name and a network's widths, with `-` for what no name has.
pub(super) fn of_parts(parts: impl IntoIterator<Item = String>) -> String {
    let joined = parts.into_iter().collect::<Vec<_>>().join("-");
    let plain = |letter| if is_allowed(letter) && letter != ' ' { letter } else { '-' };
    let name: String = joined.chars().map(plain).collect();
    let name = name.trim_matches('.');
    // The widths at the end tell runs of one file apart, so the beginning is what is cut.
    let name = &name[name.ceil_char_boundary(name.len().saturating_sub(LONGEST))..];
    match name.trim_start_matches('.') {
        "" => "detector".to_owned(),
        name if is_reserved(name) => format!("run-{name}"),
        name => name.to_owned(),
    }
}

/// A file's name without the endings that say what is in it: `my.data` of `my.data.csv.gz`.
pub(super) fn stem(mut file_name: &str) -> &str {
    let ends = |name: &str, ending: &str| {
        let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0)?;
        name.get(at..)?.eq_ignore_ascii_case(ending).then_some(at)
    };
    while let Some(at) = ENDINGS.iter().find_map(|ending| ends(file_name, ending)) {
        file_name = &file_name[..at];
    }
    file_name
}

fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || " ._-+".contains(letter)
}

/// Whether it is a device on Windows, whatever follows a dot.
fn is_reserved(name: &str) -> bool {
    let name = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        let number = name.strip_prefix(device);
        number.is_some_and(|digit| matches!(digit.as_bytes(), [b'1'..=b'9']))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&&*name) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_and_else_says_what_is_allowed() {
        for name in
            ["pump", "my.data-2", "Pumpe Süd", "a+b_c", "console", "com10", &"x".repeat(100)]
        {
            assert_eq!(parse(name).as_deref(), Ok(name));
        }
        for (name, words) in [
            ("", "it is empty"),
            ("../../x", "'/' is no part"),
            ("a\\b", "is no part"),
            ("C:x", "':' is no part"),
            ("a\nb", "is no part"),
            ("a\u{202e}b", "is no part"),
            (".", "dot"),
            ("..", "dot"),
            (".hidden", "dot"),
            ("end.", "dot"),
            (" a", "space"),
            ("nul", "Windows"),
            ("Com1.csv", "Windows"),
            (&"x".repeat(101), "at most 100"),
        ] {
            let message = parse(name).unwrap_err();
            assert!(message.contains(words) && message.contains("--out"), "{name:?}: {message}");
        }
    }

    #[test]
    fn only_the_endings_of_data_go() {
        for (file, expected) in [
            ("my.data.csv", "my.data"),
            ("v1.2.CSV.gz", "v1.2"),
            ("watch-imu-sample", "watch-imu-sample"),
            ("pump.2024-05-01", "pump.2024-05-01"),
            (".csv", ".csv"),
            ("a.npz", "a"),
            ("é.csv", "é"),
        ] {
            assert_eq!(stem(file), expected);
        }
    }

    #[test]
    fn every_name_that_is_made_would_be_taken() {
        for (parts, expected) in [
            (["my.data", "ok/1", "4"], "my.data-ok-1-4"),
            (["..", "a b", "4"], "-a-b-4"),
            (["con", "", ""], "con--"),
        ] {
            let name = of_parts(parts.map(str::to_owned));
            assert_eq!(name, expected);
            assert_eq!(parse(&name).as_deref(), Ok(expected));
        }
        let long = of_parts(["é".repeat(200), "128".into(), "4".into()]);
        assert!(long.ends_with("é-128-4") && parse(&long).is_ok(), "{long}");
        assert_eq!(of_parts(["...".to_owned()]), "detector");
        assert_eq!(of_parts(["nul".to_owned()]), "run-nul");
    }
}
