//! The engine for programs in C: its header, its static libraries, packages of them, and the compilers that
//! programs are made with.

mod archive;
pub(crate) mod compile;
pub(crate) mod family;
pub(crate) mod header;
pub(crate) mod library;
pub(crate) mod package;

use std::fs;

use anyhow::Result;

use crate::{Outcome, workspace};
use library::Library;

/// Build the static libraries for programs in C into `target/c`, and make the header and the functions of
/// the f32 family again.
///
/// There is a folder for each target, with `libautoencoder.a` in it, and `include` with the header. The
/// size shown is that of code and constants of the whole library; a program links what it calls.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The libraries, by their names, which are those of targets. Without any, all.
    libraries: Vec<String>,
    /// With the check of a signature.
    #[arg(long)]
    signature: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    family::write()?;
    header::write()?;
    let include = library::folder()?.join("include");
    fs::create_dir_all(&include)?;
    fs::copy(workspace::root().join(header::FILE), include.join(header::NAME))?;
    println!("| library | kernel | code and constants | file |\n| --- | --- | ---: | --- |");
    for library in library::chosen(&args.libraries)? {
        let file = library.build(args.signature)?;
        let Library { name, board } = &library;
        let bytes = library::code_bytes(&fs::read(&file)?)?;
        println!("| {name} | {} | {bytes} | {} |", board.kernel, file.display());
    }
    Ok(Outcome::Success)
}
