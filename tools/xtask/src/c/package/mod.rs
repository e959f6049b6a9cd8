//! The engine for programs in C, in the forms that their build systems install.

mod place;
mod rules;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use ae_export::{File, Name, c_project};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::{header, library};
use crate::models::{self, Model};
use crate::{Outcome, workspace};
pub(crate) use place::{ARDUINO, Place};
use template::Words;

/// Make a package of the libraries for programs in C: for Arduino, Zephyr, ESP-IDF, or CMake and
/// pkg-config.
///
/// It holds the header, the libraries, what the build system wants, and an example with a detector. What
/// is made is held against the rules that the build system's makers publish. Files that are in the folder
/// are written anew.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose form it has.
    #[arg(value_enum)]
    form: Form,
    /// The package's folder.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// A library that it has, by its target; may be given several times. Without any, all that the form
    /// has a place for.
    #[arg(long = "library", value_name = "NAME")]
    libraries: Vec<String>,
    /// The example's detector, a blob for the three axes of an accelerometer. Without it, one with weights
    /// of random numbers.
    #[arg(long, value_name = "BLOB")]
    model: Option<PathBuf>,
    /// Who answers for the package, where it is published.
    #[arg(long, value_name = "NAME <EMAIL>", default_value = "Autoencoder contributors")]
    maintainer: String,
    /// The package's page, where it is published.
    #[arg(long, value_name = "URL", default_value = "https://example.com/autoencoder")]
    url: String,
}

/// A build system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A library for the Arduino IDE and arduino-cli.
    Arduino,
    /// A module of Zephyr.
    Zephyr,
    /// A component of ESP-IDF.
    EspIdf,
    /// What `find_package` and pkg-config find.
    Cmake,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let Args { form, out, libraries, .. } = args;
    let package = Package {
        form: *form,
        maintainer: args.maintainer.clone(),
        url: args.url.clone(),
        model: match &args.model {
            Some(path) => Model::read(path)?.blob,
            None => models::accelerometer().blob,
        },
    };
    let places = package.places(libraries)?;
    // What is wrong is found before minutes of building.
    let files = package.files(&places)?;
    rules::check_folder(*form, out)?;
    println!("| library | code and constants | place |\n| --- | ---: | --- |");
    write(out, &files)?;
    for Place { library: name, path } in &places {
        let bytes = fs::read(library::find(name)?.build(false)?)?;
        let code = library::code_bytes(&bytes)?;
        write(out, &[File { path: path.clone(), bytes }])?;
        println!("| {name} | {code} | {} |", out.join(path).display());
    }
    Ok(Outcome::Success)
}

/// What a package is made of, beside the libraries.
pub(crate) struct Package {
    pub(crate) form: Form,
    pub(crate) maintainer: String,
    pub(crate) url: String,
    /// The example's blob.
    pub(crate) model: Vec<u8>,
}

impl Package {
    /// As the command makes it without options.
    pub(crate) fn plain(form: Form) -> Self {
        Self {
            form,
            maintainer: "Autoencoder contributors".to_owned(),
            url: "https://example.com/autoencoder".to_owned(),
            model: models::accelerometer().blob,
        }
    }

    /// Where the libraries of these names lie, or all.
    ///
    /// # Errors
    /// The form has no place for one.
    pub(crate) fn places(&self, names: &[String]) -> Result<Vec<Place>> {
        let all = place::of(self.form);
        if let Some(name) = names.iter().find(|name| !all.iter().any(|it| it.library == **name)) {
            let known: Vec<&str> = all.iter().map(|place| &*place.library).collect();
            bail!("the package has no place for {name}; it has places for {}", known.join(", "));
        }
        let is_chosen = |place: &Place| names.is_empty() || names.contains(&place.library);
        Ok(all.into_iter().filter(is_chosen).collect())
    }

    /// All files but the libraries, in the order of their paths.
    ///
    /// # Errors
    /// They break a rule of the form.
    pub(crate) fn files(&self, places: &[Place]) -> Result<Vec<File>> {
        let words = Words { maintainer: &self.maintainer, url: &self.url };
        let mut files = template::read(self.form, &words, places)?;
        files.extend(self.example()?);
        let header = workspace::root().join(header::FILE);
        let folder = if self.form == Form::Arduino { "src" } else { "include" };
        let path = format!("{folder}/{}", header::NAME);
        let bytes = fs::read(&header).with_context(|| format!("cannot read {}", header::FILE))?;
        files.push(File { path, bytes });
        files.sort_by(|a, b| a.path.cmp(&b.path));
        rules::check(self.form, &files, places)?;
        Ok(files)
    }

    /// The files with the model, where the form's example has them. The one for CMake is what
    /// `ae-train export c` writes.
    fn example(&self) -> Result<Vec<File>> {
        let name: Name = "model".parse()?;
        let project = c_project(&self.model, &name)?;
        let (folder, is_whole) = match self.form {
            Form::Arduino => ("examples/Accelerometer", false),
            Form::Zephyr => ("samples/detector/src", false),
            Form::EspIdf => ("examples/detector/main", false),
            Form::Cmake => ("example", true),
        };
        let is_wanted = |file: &File| is_whole || ["model.h", "model.c"].contains(&&*file.path);
        let place = |file: File| File { path: format!("{folder}/{}", file.path), ..file };
        Ok(project.into_iter().filter(is_wanted).map(place).collect())
    }
}

/// Writes files into a folder.
///
/// # Errors
/// One cannot be written.
pub(crate) fn write(folder: &Path, files: &[File]) -> Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        let parent = path.parent().context("a file in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&path, &file.bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Form, Package};
    use crate::c::library;

    #[test]
    fn every_library_has_a_place_and_every_place_a_library() {
        let known: Vec<String> = library::all().into_iter().map(|library| library.name).collect();
        let mut placed = Vec::new();
        for form in Form::value_variants() {
            let places = Package::plain(*form).places(&[]).unwrap();
            assert!(places.iter().all(|place| known.contains(&place.library)), "{form:?}");
            placed.extend(places.into_iter().map(|place| place.library));
        }
        assert!(known.iter().all(|name| placed.contains(name)));
        let error = Package::plain(Form::EspIdf).places(&["thumbv6m-none-eabi".to_owned()]);
        assert!(error.unwrap_err().to_string().contains("riscv32imc"));
    }

    #[test]
    fn files_have_no_place_that_is_not_filled_and_no_path_twice() {
        for form in Form::value_variants() {
            let package = Package::plain(*form);
            let files = package.files(&package.places(&[]).unwrap()).unwrap();
            assert!(files.iter().any(|file| file.path.ends_with("/autoencoder.h")));
            assert!(files.windows(2).all(|pair| pair[0].path != pair[1].path), "{form:?}");
            for file in files {
                let text = String::from_utf8_lossy(&file.bytes);
                for word in ["@VERSION@", "@URL@", "@MAINTAINER@", "@LIBRARY@"] {
                    assert!(!text.contains(word), "{form:?}: {word} in {}", file.path);
                }
            }
        }
    }
}
