//! Programs in C give the same bits: the header is that of the crate and compiles without a warning, and
//! one file of cases is read on this machine and on emulated boards.

mod page;

use std::fs;
use std::path::{Path, PathBuf};

use ae_testkit::cases::{self, Amount, File};
use anyhow::{Context, Result, bail};

use crate::c::compile::{self, MACHINES, compiler, output};
use crate::c::{family, header, library};
use crate::footprint::is_forbidden;
use crate::{command, setup, workspace};

/// Cases of each golden blob in CI.
const SOME: Amount = Amount { images: 25, samples: 200 };
/// Cases with `--all`: 10,000 images of all models together.
const ALL: Amount = Amount { images: 800, samples: 20_000 };
/// Decides images and signals.
const SEED: u64 = 20;

/// The reader of cases, and what it needs without an operating system.
const READER: [&str; 4] = ["cases.c", "bare/main.c", "bare/semihosting.c", "bare/start.c"];

pub(super) fn run(all: bool) -> Result<String> {
    setup::check_c()?;
    family::check()?;
    header::check()?;
    let compilers = compile_header()?;
    let file = write_cases(if all { ALL } else { SOME })?;
    let expected = told(&file);

    let folder = library::folder()?.join("cases");
    fs::create_dir_all(&folder)?;
    let mut places = Vec::new();
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        let program = native(&folder)?;
        check("native", &file, &expected, &folder, || {
            let mut command = command::program(&program);
            output(command.current_dir(&folder).arg(CASES))
        })?;
        if setup::has_valgrind() {
            let mut valgrind = command::program("valgrind");
            valgrind.args(["--quiet", "--error-exitcode=9"]).arg(&program).arg(CASES);
            fs::write(folder.join(CASES), &file.bytes)?;
            passed("valgrind", &expected, output(valgrind.current_dir(&folder))?)?;
        }
        places.push("native");
    }
    for machine in &MACHINES {
        let elf = folder.join(format!("{}.elf", machine.board));
        machine.link(&READER, &elf)?;
        no_panic(&fs::read(&elf)?).with_context(|| machine.board)?;
        check(machine.board, &file, &expected, &folder, || machine.run(&elf, &folder))?;
        places.push(machine.board);
    }
    let page = page::run()?;
    println!("the page's program: {page}");
    Ok(format!(
        "{expected} on {}; a wrong byte found by each; no panic linked; no warning of {}",
        places.join(", "),
        compilers.join(", ")
    ))
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
    let cases::Totals { models, images, decisions } = file.totals;
    format!("{models} models, {images} images, {decisions} decisions, all equal")
}

/// A program reads the file, and finds each wrong byte that is planted.
fn check(
    place: &str,
    file: &File,
    expected: &str,
    folder: &Path,
    run: impl Fn() -> Result<(String, bool)>,
) -> Result<()> {
    fs::write(folder.join(CASES), &file.bytes)?;
    passed(place, expected, run()?)?;
    for at in file.results {
        let mut wrong = file.bytes.clone();
        *wrong.get_mut(at).context("a result in the file")? ^= 1;
        fs::write(folder.join(CASES), wrong)?;
        let (printed, success) = run()?;
        if success || !printed.contains("score") {
            bail!("{place}: the wrong byte {at} is not found: {printed}");
        }
    }
    println!("{place}: {expected}; wrong bytes found");
    Ok(())
}

fn passed(place: &str, expected: &str, (printed, success): (String, bool)) -> Result<()> {
    if !success || printed != format!("cases: {expected}") {
        bail!("{place}: `{printed}`, expected `cases: {expected}`");
    }
    Ok(())
}

/// The reader for this machine.
fn native(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("native");
    let mut gcc = compiler("gcc", "-std=c99");
    gcc.arg("-O2").args(["cases.c", "host.c"].map(|source| compile::tests().join(source)));
    gcc.arg(library::find(library::NATIVE)?.build(false)?).arg("-o").arg(&program);
    command::run(&mut gcc)?;
    Ok(program)
}

/// A program without a panic and a heap, as its linker made it of what C calls.
fn no_panic(elf: &[u8]) -> Result<()> {
    use object::{Object, ObjectSymbol};
    let file = object::File::parse(elf)?;
    let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    if !names.contains(&"ae_int8_load") {
        bail!("it has no symbols, which say nothing of panics");
    }
    match names.iter().find(|name| is_forbidden(name)) {
        Some(name) => bail!("it links {name}"),
        None => Ok(()),
    }
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
