//! The files of `bindings/packages`, with their words filled in.

use std::fs;
use std::path::Path;

use ae_export::File;
use anyhow::{Context, Result};

use super::{Form, Place};
use crate::workspace;

/// The file that each library of the package for CMake gets.
const PKG_CONFIG: &str = "autoencoder.pc";
/// Beside every package.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What stands in the places.
pub(super) struct Words<'w> {
    pub(super) maintainer: &'w str,
    pub(super) url: &'w str,
}

impl Words<'_> {
    fn fill(&self, text: &str) -> String {
        text.replace("@VERSION@", env!("CARGO_PKG_VERSION"))
            .replace("@MAINTAINER@", self.maintainer)
            .replace("@URL@", self.url)
    }
}

/// The files of a form, and the licences.
///
/// # Errors
/// One cannot be read.
pub(super) fn read(form: Form, words: &Words<'_>, places: &[Place]) -> Result<Vec<File>> {
    let folder = workspace::root().join("bindings/packages").join(match form {
        Form::Arduino => "arduino",
        Form::Zephyr => "zephyr",
        Form::EspIdf => "esp-idf",
        Form::Cmake => "cmake",
    });
    let mut files = Vec::new();
    walk(&folder, "", &mut files)?;
    for file in &mut files {
        let text = String::from_utf8(std::mem::take(&mut file.bytes));
        let text = text.with_context(|| format!("{} is no text", file.path))?;
        file.bytes = words.fill(&text).into_bytes();
    }
    if let Some(at) = files.iter().position(|file| file.path == PKG_CONFIG) {
        let one = files.remove(at);
        files.extend(places.iter().map(|place| pkg_config(&one, &place.library)));
    }
    for name in LICENCES {
        let path = workspace::root().join(name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push(File { path: name.to_owned(), bytes });
    }
    Ok(files)
}

/// The file for one library, where pkg-config looks for it.
fn pkg_config(file: &File, library: &str) -> File {
    let text = String::from_utf8_lossy(&file.bytes).replace("@LIBRARY@", library);
    File { path: format!("lib/{library}/pkgconfig/{PKG_CONFIG}"), bytes: text.into_bytes() }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a name in UTF-8")?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(File { path, bytes: fs::read(entry.path())? });
        }
    }
    Ok(())
}
