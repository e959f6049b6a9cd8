//! Packages for other build systems, as far as they can be tried here: their examples compile with what
//! stands in for Arduino, Zephyr and ESP-IDF, and say what the engine says; CMake and pkg-config find what
//! they should; and for each core the right library is chosen.

mod choice;
mod cmake;
mod examples;
mod libraries;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ae_export::File;
use ae_infer::{Decision, Detector, Int8Autoencoder};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::c::library;
use crate::c::package::{self, Form, Package, Place};
use crate::models;
use crate::setup;

/// The library for the board in the emulator, which the step has built already.
const EMULATED: &str = "thumbv7em-none-eabihf";
/// That for boards such as Arduino's Nano 33 BLE.
const SOFT: &str = "thumbv7em-none-eabi";

/// Makes all packages and tries them.
///
/// # Errors
/// One is not made, or does not do what it should.
pub(super) fn run(all: bool) -> Result<String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Ok("packages are tried on x86-64 with Linux alone".to_owned());
    }
    let place = tempfile::tempdir()?;
    let mut real = BTreeMap::new();
    for name in [library::NATIVE, EMULATED].into_iter().chain(all.then_some(SOFT)) {
        real.insert(name, fs::read(library::find(name)?.build(false)?)?);
    }
    for form in Form::value_variants() {
        make(&place.path().join(folder(*form)), *form, &real)?;
    }
    let blob = models::accelerometer().blob;
    let decisions = examples::run(place.path(), &decisions(&blob)?, all)?;
    let others = if all { format!("; {}", libraries::run(place.path())?) } else { String::new() };
    let decisions = decisions + &others;
    if !setup::has_cmake() {
        return Ok(format!("{decisions}; without CMake"));
    }
    let choices = choice::run(place.path())?;
    let found =
        cmake::run(&place.path().join(folder(Form::Cmake)), &super::page::decision(&blob)?)?;
    Ok(format!("{decisions}; {choices}; {found}"))
}

/// The name of a package's folder.
fn folder(form: Form) -> &'static str {
    match form {
        Form::Arduino => "Autoencoder",
        Form::Zephyr => "zephyr",
        Form::EspIdf => "esp-idf",
        Form::Cmake => "cmake",
    }
}

/// Writes a package with these libraries. The others, which would take minutes to build, are
/// empty: what chooses one looks whether it is there.
fn make(folder: &Path, form: Form, real: &BTreeMap<&str, Vec<u8>>) -> Result<()> {
    let package = Package::plain(form);
    let places = package.places(&[])?;
    package::write(folder, &package.files(&places)?)?;
    for Place { library: name, path } in places {
        let bytes = real.get(&*name).cloned().unwrap_or_default();
        package::write(folder, &[File { path, bytes }])?;
    }
    Ok(())
}

/// Whether a program of a package ended well and said what it must.
fn check_said(program: &str, (said, success): &(String, bool), expected: &str) -> Result<()> {
    if !success || said != expected {
        bail!("{program}: `{said}`, expected `{expected}`");
    }
    Ok(())
}

/// What every example must say of the stand-ins' signal: that of `signal.h`.
fn decisions(blob: &[u8]) -> Result<String> {
    const SAMPLES: usize = 100;
    let model = Int8Autoencoder::load(blob)?;
    let header = *model.model().header();
    let features = header.features as usize;
    let len = model.model().detection()?.context("a detector")?.window_len(features);
    let (mut window, mut reconstruction) = (vec![0; len], vec![0; features]);
    let mut scratch = vec![0; header.scratch_len()];
    let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)?;
    let mut lines = Vec::new();
    for index in 0..SAMPLES {
        let sample = [0, 1, 2].map(|axis| ((index * (37 + axis) + axis * 101) % 128) as i16);
        lines.extend(detector.push(&sample)?.as_ref().map(line));
    }
    if lines.is_empty() {
        bail!("no window becomes whole");
    }
    Ok(lines.join("\n"))
}

fn line(decision: &Decision) -> String {
    let evidence = decision.evidence();
    let verdict = if decision.is_alarm() { "alarm" } else { "normal" };
    let (score, threshold) = (evidence.score, evidence.threshold);
    format!("{verdict}, score {score}, threshold {threshold}, channel {}", evidence.channel)
}

#[cfg(test)]
mod tests {
    use super::{check_said, decisions};
    use crate::models;

    #[test]
    fn a_program_that_says_something_else_or_fails_is_found() {
        let said = decisions(&models::accelerometer().blob).unwrap();
        // Windows of 16 samples, every 4, in 100 samples.
        assert_eq!(said.lines().count(), 22);
        check_said("a program", &(said.clone(), true), &said).unwrap();
        assert!(check_said("a program", &(said.clone(), false), &said).is_err());
        let last = said.replacen("channel ", "channel 1", 1);
        let error = check_said("a program", &(last, true), &said).unwrap_err().to_string();
        assert!(error.starts_with("a program: "), "{error}");
    }
}
