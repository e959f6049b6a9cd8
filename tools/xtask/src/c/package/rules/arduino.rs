//! Arduino's library specification (arduino.github.io/arduino-cli, "Library specification"), and what
//! arduino-lint asks of a library that is published.

use anyhow::{Context, Result, bail};

use super::{Files, check_url, check_version};
use crate::c::library;

const PROPERTIES: &str = "library.properties";
const NEEDED: [&str; 9] = [
    "name",
    "version",
    "author",
    "maintainer",
    "sentence",
    "paragraph",
    "category",
    "url",
    "architectures",
];
const OTHERS: [&str; 5] = ["depends", "dot_a_linkage", "includes", "ldflags", "precompiled"];
const CATEGORIES: [&str; 9] = [
    "Display",
    "Communication",
    "Signal Input/Output",
    "Sensors",
    "Device Control",
    "Timing",
    "Data Storage",
    "Data Processing",
    "Other",
];
/// Most letters of a name, as arduino-lint advises, and of a folder's.
const MOST: usize = 16;
const MOST_OF_FOLDER: usize = 63;

pub(super) fn check(package: &Files<'_>) -> Result<()> {
    properties(package).context(PROPERTIES)?;
    package.has("README.md")?;
    if !package.files.iter().any(|file| file.path.starts_with("LICENSE")) {
        bail!("there is no file with the licence");
    }
    for place in package.places {
        library_place(&place.path)?;
    }
    let examples = package.names_in("examples");
    if examples.is_empty() {
        bail!("there is no folder in examples");
    }
    for example in examples {
        // The sketch has its folder's name.
        package.has(&format!("examples/{example}/{example}.ino"))?;
    }
    Ok(())
}

fn properties(package: &Files<'_>) -> Result<()> {
    let text = package.text(PROPERTIES)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').with_context(|| format!("no = in {line:?}")));
    let pairs = pairs.collect::<Result<Vec<_>>>()?;
    for (key, value) in &pairs {
        if !NEEDED.contains(key) && !OTHERS.contains(key) {
            bail!("unknown field {key}");
        }
        if value.trim().is_empty() || value.trim() != *value {
            bail!("{key}: expected a value without blanks at its ends, found {value:?}");
        }
        if pairs.iter().filter(|(other, _)| other == key).count() > 1 {
            bail!("{key} stands there twice");
        }
    }
    let find = |key: &str| pairs.iter().find(|(it, _)| *it == key).map(|(_, value)| *value);
    let value = |key: &str| find(key).with_context(|| format!("there is no field {key}"));
    for key in NEEDED {
        value(key)?;
    }
    name(value("name")?)?;
    check_version(value("version")?)?;
    check_url(value("url")?)?;
    let category = value("category")?;
    if !CATEGORIES.contains(&category) {
        bail!("category {category:?}: expected one of {}", CATEGORIES.join(", "));
    }
    if value("maintainer")?.starts_with("Arduino") {
        bail!("maintainer: Arduino's own libraries alone begin so");
    }
    let is_plain = |name: &str| {
        !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
    };
    let architectures = value("architectures")?;
    if architectures != "*" && !architectures.split(',').all(is_plain) {
        bail!("architectures {architectures:?}: expected names with commas between them");
    }
    if let Some(value) =
        find("precompiled").filter(|value| !["true", "full", "false"].contains(value))
    {
        bail!("precompiled {value:?}: expected true, full or false");
    }
    if let Some(value) = find("dot_a_linkage").filter(|value| !["true", "false"].contains(value)) {
        bail!("dot_a_linkage {value:?}: expected true or false");
    }
    for header in find("includes").into_iter().flat_map(|headers| headers.split(',')) {
        package.has(&format!("src/{header}"))?;
    }
    // Arduino before 2.0 links no library that is not named.
    let name = library::FILE.trim_start_matches("lib").trim_end_matches(".a");
    if find("ldflags") != Some(&format!("-l{name}")) {
        bail!("ldflags: expected -l{name}");
    }
    Ok(())
}

fn name(name: &str) -> Result<()> {
    let lower = name.to_ascii_lowercase();
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let fits = name.len() <= MOST
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.contains(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(is_allowed)
        && !lower.contains("arduino")
        && !lower.contains("library");
    if !fits {
        bail!(
            "name {name:?}: expected at most {MOST} letters, digits, underscores, dots and dashes, a letter \
             or digit first, and neither arduino nor library"
        );
    }
    Ok(())
}

/// `src/CORE/libNAME.a`, or `src/CORE/FPU-ABI/libNAME.a`.
fn library_place(path: &str) -> Result<()> {
    let folders: Vec<&str> = path.split('/').collect();
    let is_abi = |folder: &str| matches!(folder.rsplit_once('-'), Some((fpu, "hard" | "softfp" | "soft")) if !fpu.is_empty());
    match folders[..] {
        ["src", core, file] if !core.is_empty() && is_library(file) => Ok(()),
        ["src", core, floats, file] if !core.is_empty() && is_abi(floats) && is_library(file) => {
            Ok(())
        }
        _ => bail!("{path}: expected src/CORE/FPU-ABI/libNAME.a"),
    }
}

fn is_library(file: &str) -> bool {
    file.starts_with("lib") && file.ends_with(".a")
}

pub(super) fn check_folder(name: &str) -> Result<()> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let fits = name.len() <= MOST_OF_FOLDER
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(is_allowed);
    if !fits {
        bail!(
            "--out: the folder {name:?} of a library for Arduino: expected at most {MOST_OF_FOLDER} letters, \
             digits, underscores, dots and dashes, a letter or digit first"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_folder, library_place};

    #[test]
    fn folders_of_libraries_are_known() {
        for path in ["src/cortex-m3/libx.a", "src/cortex-m4/fpv4-sp-d16-hard/libx.a"] {
            library_place(path).unwrap();
        }
        for path in ["src/libx.a", "src/cortex-m4/hard/libx.a", "lib/cortex-m4/libx.a", "src/a/x.a"]
        {
            assert!(library_place(path).is_err(), "{path}");
        }
        check_folder("Autoencoder").unwrap();
        for name in ["_a", "a b", "", &"a".repeat(64)] {
            assert!(check_folder(name).is_err(), "{name}");
        }
    }
}
