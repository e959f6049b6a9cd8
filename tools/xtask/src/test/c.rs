//! Programs in C give the same bits: the header is that of the crate and compiles without a warning, and
//! one file of cases is read on this machine and on emulated boards.

mod exercise;
mod flash;
mod halves;
mod overhead;
mod packages;
mod page;
mod panics;

use std::fs;
use std::path::{Path, PathBuf};

use ae_testkit::cases::{self, Amount, File};
use anyhow::{Context, Result, bail};

use crate::abreast::abreast;
use crate::c::compile::{self, MACHINES, Machine, compiler, output};
use crate::c::{family, header, library};
use crate::{command, setup, workspace};

/// Cases of each golden blob in CI.
const SOME: Amount = Amount { images: 25, samples: 200, scores: 10 };
/// Cases with `--all`, beside these and those of the exercise.
const ALL: Amount = Amount { images: 800, samples: 20_000, scores: 1000 };
/// Decides images and signals.
const SEED: u64 = 20;

/// The reader of cases, and what it needs without an operating system.
const READER: [&str; 4] = ["cases.c", "bare/main.c", "bare/semihosting.c", "bare/start.c"];

pub(super) fn run(all: bool) -> Result<String> {
    setup::check_c()?;
    family::check()?;
    header::check()?;
    let compilers = compile_header()?;
    let file = write_cases(SOME)?;
    let expected = told(&file);

    let folder = library::folder()?.join("cases");
    fs::create_dir_all(&folder)?;
    let places = programs(&folder)?;
    for place in &places {
        check(place, &file, &expected, &folder)?;
    }
    if all {
        println!("golden: {}", everywhere(&places, &write_cases(ALL)?, &folder)?);
        for (name, file) in exercise::files()? {
            println!("{name}: {}", everywhere(&places, &file, &folder)?);
        }
    }
    let halves = halves::run(&folder)?;
    println!("in two halves, with samples in an interrupt: {halves}");
    let flash = flash::run(&folder)?;
    println!("{flash}");
    let overhead = overhead::run(&folder)?;
    println!("{overhead}");
    let page = page::run(all)?;
    println!("the page's program: {page}");
    println!("packages: {}", packages::run(all)?);
    let names: Vec<&str> = places.iter().map(|place| place.name).collect();
    Ok(format!(
        "{expected} on {}; a wrong byte found by each; no panic linked; no warning of {}; {flash}; {overhead}",
        names.join(", "),
        compilers.join(", ")
    ))
}

/// A program that reads a file of cases.
struct Place {
    name: &'static str,
    program: PathBuf,
    /// Where it is emulated.
    machine: Option<&'static Machine>,
    /// What it is started by, where that is another program.
    started_by: &'static [&'static str],
}

impl Place {
    /// Has it read the file in `folder`.
    fn run(&self, folder: &Path) -> Result<(String, bool)> {
        if let Some(machine) = self.machine {
            return machine.run(&self.program, folder);
        }
        let mut command = match self.started_by.split_first() {
            Some((program, arguments)) => {
                let mut command = command::program(program);
                command.args(arguments).arg(&self.program);
                command
            }
            None => command::program(&self.program),
        };
        output(command.current_dir(folder).arg(CASES))
    }
}

/// Builds and links all programs.
fn programs(folder: &Path) -> Result<Vec<Place>> {
    let program = in_rust()?;
    let mut places = vec![Place { name: "rust", program, machine: None, started_by: &[] }];
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        let place = |name, program, started_by| Place { name, program, machine: None, started_by };
        let program = native(folder, "native", &["-O2"])?;
        if setup::has_valgrind() {
            const VALGRIND: [&str; 3] = ["valgrind", "--quiet", "--error-exitcode=9"];
            places.push(place("valgrind", program.clone(), &VALGRIND));
        }
        places.push(place("native", program, &[]));
        let sanitized = native(folder, "sanitized", &SANITIZERS)?;
        places.push(place("sanitizers", sanitized, &[]));
    }
    for machine in &MACHINES {
        let program = folder.join(format!("{}.elf", machine.board));
        machine.link(&READER, &[], &program)?;
        let reached = panics::check(machine, &program).with_context(|| machine.board)?;
        println!("{}: {reached} functions reached, 0 panics", machine.board);
        places.push(Place {
            name: machine.board,
            program,
            machine: Some(machine),
            started_by: &[],
        });
    }
    Ok(places)
}

/// What has a program in C end where it does what C leaves undefined, or leaves its memory.
const SANITIZERS: [&str; 3] = ["-O1", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"];

/// What each program says of a file, which must be the same, and that all is well. They run side by side.
fn everywhere(places: &[Place], file: &File, folder: &Path) -> Result<String> {
    let expected = told(file);
    fs::write(folder.join(CASES), &file.bytes)?;
    let slow = |place: &&Place| place.name != "valgrind";
    let places: Vec<&Place> = places.iter().filter(slow).collect();
    let results = abreast(&places, |place| passed(place.name, &expected, place.run(folder)?));
    results.into_iter().collect::<Result<Vec<_>>>()?;
    let names: Vec<&str> = places.iter().map(|place| place.name).collect();
    Ok(format!("{expected} on {}", names.join(", ")))
}

/// The file's name, where programs look for it.
const CASES: &str = "cases.bin";

/// Blobs of both contracts, of both layouts, with detectors and without: the golden ones.
fn write_cases(amount: Amount) -> Result<File> {
    let folder = workspace::root().join("tests/golden");
    let mut paths = workspace::files(&folder, "aeb")?;
    paths.sort_unstable();
    let blobs = paths.iter().map(|path| fs::read(path).context("a golden blob"));
    Ok(cases::write(&blobs.collect::<Result<Vec<_>>>()?, amount, SEED))
}

/// What the reader says where all is well.
fn told(file: &File) -> String {
    let cases::Totals { models, images, decisions, scores } = file.totals;
    format!("{models} models, {images} images, {decisions} decisions, {scores} scores, all equal")
}

/// A program reads the file, and finds each wrong byte that is planted.
fn check(place: &Place, file: &File, expected: &str, folder: &Path) -> Result<()> {
    fs::write(folder.join(CASES), &file.bytes)?;
    passed(place.name, expected, place.run(folder)?)?;
    // It is the program of `native`, and slow.
    if place.name == "valgrind" {
        return Ok(());
    }
    for at in file.results {
        let mut wrong = file.bytes.clone();
        *wrong.get_mut(at).context("a result in the file")? ^= 1;
        fs::write(folder.join(CASES), wrong)?;
        let (printed, success) = place.run(folder)?;
        if success || !printed.contains("score") {
            bail!("{}: the wrong byte {at} is not found: {printed}", place.name);
        }
    }
    println!("{}: {expected}; wrong bytes found", place.name);
    Ok(())
}

fn passed(place: &str, expected: &str, (printed, success): (String, bool)) -> Result<()> {
    if !success || printed != format!("cases: {expected}") {
        bail!("{place}: `{printed}`, expected `cases: {expected}`");
    }
    Ok(())
}

/// The reader in Rust, by the engine itself.
fn in_rust() -> Result<PathBuf> {
    let mut cargo = command::cargo("build --release --quiet --package ae-c --example cases");
    command::run(&mut cargo)?;
    Ok(workspace::target_folder()?.join("release/examples/cases"))
}

/// The reader for this machine.
fn native(folder: &Path, name: &str, options: &[&str]) -> Result<PathBuf> {
    let program = folder.join(name);
    let mut gcc = compiler("gcc", "-std=c99");
    gcc.args(options).args(["cases.c", "host.c"].map(|source| compile::tests().join(source)));
    gcc.arg(compile::built(library::NATIVE)?).arg("-o").arg(&program);
    command::run(&mut gcc)?;
    Ok(program)
}

/// Compiles the header alone, in C and in C++, with every compiler that is there.
fn compile_header() -> Result<Vec<&'static str>> {
    const COMPILERS: [(&str, &str, &str); 6] = [
        ("gcc", "-std=c99", "c"),
        ("clang", "-std=c99", "c"),
        ("g++", "-std=c++11", "c++"),
        ("clang++", "-std=c++11", "c++"),
        (compile::ARM_GCC, "-std=c99", "c"),
        (compile::RISCV_GCC, "-std=c99", "c"),
    ];
    let source = compile::tests().join("header.c");
    let mut used = Vec::new();
    for (name, standard, language) in COMPILERS {
        let mut compiler = compiler(name, standard);
        compiler.args(["-ffreestanding", "-x", language, "-fsyntax-only"]).arg(&source);
        command::run(&mut compiler)?;
        used.push(name);
    }
    Ok(used)
}
