//! What the makers of build systems demand of a package, so that none is made that they refuse.
//!
//! Each file names the page that it follows. What none of them says, such as whether a program compiles, is
//! for the step `c`.

mod arduino;
mod esp_idf;
mod yaml;
mod zephyr;

use std::path::Path;

use ae_export::File;
use anyhow::{Context, Result, bail};

use super::{Form, Place};

/// Holds the files of a package, and the places of its libraries, against the rules of its form.
///
/// # Errors
/// One rule is broken.
pub(super) fn check(form: Form, files: &[File], places: &[Place]) -> Result<()> {
    let package = Files { files, places };
    match form {
        Form::Arduino => arduino::check(&package).context("Arduino's rules"),
        Form::Zephyr => zephyr::check(&package).context("Zephyr's rules"),
        Form::EspIdf => esp_idf::check(&package).context("ESP-IDF's rules"),
        // CMake and pkg-config themselves read theirs.
        Form::Cmake => Ok(()),
    }
}

/// Whether the package's folder may have its name.
///
/// # Errors
/// It may not.
pub(super) fn check_folder(form: Form, folder: &Path) -> Result<()> {
    let name = folder.file_name().context("--out ends in no name of a folder")?.to_string_lossy();
    match form {
        Form::Arduino => arduino::check_folder(&name),
        Form::Zephyr | Form::EspIdf | Form::Cmake => Ok(()),
    }
}

/// A package.
struct Files<'f> {
    files: &'f [File],
    places: &'f [Place],
}

impl Files<'_> {
    /// The text of a file.
    fn text(&self, path: &str) -> Result<&str> {
        let file = self.files.iter().find(|file| file.path == path);
        let file = file.with_context(|| format!("there is no {path}"))?;
        std::str::from_utf8(&file.bytes).with_context(|| format!("{path} is no text"))
    }

    /// # Errors
    /// There is no such file.
    fn has(&self, path: &str) -> Result<()> {
        self.text(path).map(|_| ())
    }

    /// Names of the folders and files in a folder, each once.
    fn names_in(&self, folder: &str) -> Vec<&str> {
        let paths = self.files.iter().filter_map(|file| file.path.strip_prefix(folder));
        let names = paths.filter_map(|rest| rest.strip_prefix('/')?.split('/').next());
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Whether it is a version of three numbers without leading zeros.
fn check_version(version: &str) -> Result<()> {
    let numbers: Vec<&str> = version.split('.').collect();
    let is_number =
        |digits: &&str| digits.parse::<u32>().is_ok_and(|number| number.to_string() == **digits);
    if numbers.len() != 3 || !numbers.iter().all(is_number) {
        bail!("version {version:?}: expected three numbers with dots between them");
    }
    Ok(())
}

/// Whether it is the address of a page.
fn check_url(url: &str) -> Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(()),
        _ => bail!("url {url:?}: expected https:// and an address behind it"),
    }
}

#[cfg(test)]
mod tests {
    use ae_export::File;

    use super::super::{Form, Package};
    use super::{check, check_url, check_version};

    /// The files of a package with one text in place of another in one of them.
    fn planted(form: Form, path: &str, good: &str, wrong: &str) -> String {
        let package = Package::plain(form);
        let places = package.places(&[]).unwrap();
        let mut files = package.files(&places).unwrap();
        let file = files.iter_mut().find(|file| file.path == path).expect(path);
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        assert!(text.contains(good), "no {good:?} in {path}");
        file.bytes = text.replace(good, wrong).into_bytes();
        format!("{:#}", check(form, &files, &places).expect_err(wrong))
    }

    /// Without the files that a path begins with.
    fn without(form: Form, prefix: &str) -> String {
        let package = Package::plain(form);
        let places = package.places(&[]).unwrap();
        let files = package.files(&places).unwrap().into_iter();
        let files: Vec<File> = files.filter(|file| !file.path.starts_with(prefix)).collect();
        format!("{:#}", check(form, &files, &places).expect_err(prefix))
    }

    #[test]
    fn what_breaks_arduinos_rules_is_found() {
        let file = "library.properties";
        for (good, wrong, found) in [
            ("name=Autoencoder", "name=Autoencöder", "name"),
            ("name=Autoencoder", "name=Arduino_Auto", "name"),
            ("version=", "version=v", "version"),
            ("category=Data Processing", "category=Machine Learning", "category"),
            ("precompiled=full", "precompiled=yes", "precompiled"),
            ("includes=autoencoder.h", "includes=Autoencoder.h", "Autoencoder.h"),
            ("url=https://", "url=", "url"),
            ("architectures=", "architecture=", "architecture"),
            ("maintainer=", "maintainer=\n#", "maintainer"),
            ("ldflags=-lautoencoder", "ldflags=-lother", "ldflags"),
        ] {
            let error = planted(Form::Arduino, file, good, wrong);
            assert!(error.contains(found), "{wrong}: {error}");
        }
        for missing in [file, "src/autoencoder.h", "README.md", "examples/Accelerometer/A"] {
            without(Form::Arduino, missing);
        }
    }

    #[test]
    fn what_breaks_zephyrs_rules_is_found() {
        let (module, sample) = ("zephyr/module.yml", "samples/detector/sample.yaml");
        for (file, good, wrong, found) in [
            (module, "kconfig: zephyr/Kconfig", "kconfig: Kconfig", "Kconfig"),
            (module, "cmake: zephyr", "cmake: zephyr/CMakeLists.txt", "CMakeLists.txt"),
            (module, "  - samples", "  - sample", "sample"),
            (module, "build:", "builds:", "builds"),
            (sample, "harness: console", "harnes: console", "harnes"),
            (sample, "  name: Auto", "  title: Auto", "title"),
            (sample, "sample.autoencoder.detector:", "sample.autoencoder/detector:", "/"),
            ("samples/detector/prj.conf", "CONFIG_AUTOENCODER=y", "AUTOENCODER=y", "AUTOENCODER"),
        ] {
            let error = planted(Form::Zephyr, file, good, wrong);
            assert!(error.contains(found), "{wrong}: {error}");
        }
        for missing in [module, sample, "zephyr/CMakeLists.txt", "samples/detector/CMakeLists.txt"]
        {
            without(Form::Zephyr, missing);
        }
    }

    #[test]
    fn what_breaks_esp_idfs_rules_is_found() {
        let file = "idf_component.yml";
        for (good, wrong, found) in [
            ("version: \"", "version: \"v", "version"),
            ("license: MIT OR Apache-2.0", "license: free", "license"),
            ("url: https://", "url: ", "url"),
            ("- esp32c3", "- esp32s3", "esp32s3"),
            ("- esp32c3", "- ESP32-C3", "ESP32-C3"),
            ("description:", "summary:", "summary"),
            ("idf: \">=5.0\"", "esp-idf: \">=5.0\"", "idf"),
        ] {
            let error = planted(Form::EspIdf, file, good, wrong);
            assert!(error.contains(found), "{wrong}: {error}");
        }
        let main = "examples/detector/main/idf_component.yml";
        assert!(planted(Form::EspIdf, main, "path: ../../..", "path: ../..").contains("path"));
        let missing = [file, "CMakeLists.txt", "examples/detector/main/CMakeLists.txt"];
        for missing in missing.into_iter().chain(["examples/detector/CMakeLists.txt", "README.md"])
        {
            without(Form::EspIdf, missing);
        }
    }

    #[test]
    fn versions_and_addresses_are_known() {
        for version in ["0.1.0", "1.20.300"] {
            check_version(version).unwrap();
        }
        for version in ["1.2", "v1.2.3", "1.02.3", "1.2.3.4", "", "1.2.c"] {
            assert!(check_version(version).is_err(), "{version}");
        }
        check_url("https://example.com/a").unwrap();
        for url in ["example.com", "https://", "https://a b", "ftp://a"] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
