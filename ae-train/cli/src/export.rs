//! `ae-train export`.

use std::io;
use std::path::{Path, PathBuf};

use ae_export::{FOLDERS, File, Name, c_project};
use ae_files::{Folder, make_folder};
use ae_run as run;
use anyhow::{Context, bail};
use clap::Subcommand;

use super::model_file::ModelFile;
use super::trouble::disk;
use super::{Outcome, print};

/// Write what a firmware project of another language needs for one model.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, Subcommand)]
enum Language {
    C(CArgs),
}

/// Write a folder for C and C++: the blob as an aligned array, its sizes as macros, an example.
///
/// The firmware links it with libautoencoder.a, which `cargo xtask c-library` makes for each core.
/// Files with the model are written anew each time. The example and what builds it are yours to
/// change: they are left as they are where they are there.
#[derive(Debug, clap::Args)]
struct CArgs {
    /// A blob, signed or not; or a run, whose int8 blob it is then.
    model: PathBuf,
    /// The folder to write. It is made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// What files, macros and types begin with: lower-case letters, digits and underscores. Two
    /// models in one program have two names.
    #[arg(long, value_name = "NAME", default_value = "model")]
    name: Name,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    match &args.language {
        Language::C(args) => c(args),
    }
}

fn c(args: &CArgs) -> anyhow::Result<Outcome> {
    let model = match run::is_run(&args.model) {
        true => args.model.join(run::file::INT8_BLOB),
        false => args.model.clone(),
    };
    let file = ModelFile::read(&model)?;
    let files = c_project(file.blob(), &args.name)
        .with_context(|| format!("cannot export {}", model.display()))?;
    if run::is_run(&args.out) {
        bail!(
            "{} is a run, which is no place for a project: give another --out",
            args.out.display()
        );
    }
    make_folder(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let of_model = format!("{}.", args.name.lower());
    let project = Folder::open(&args.out).map_err(|error| unwritten(&args.out, &error))?;
    for folder in FOLDERS {
        project.make_folder(folder).map_err(|error| unwritten(&args.out.join(folder), &error))?;
    }
    for file in &files {
        let path = args.out.join(&file.path);
        let is_kept = !file.path.starts_with(&of_model) && is_there(&project, file)?;
        if !is_kept {
            write(&project, file).map_err(|error| unwritten(&path, &error))?;
        }
        let kept = if is_kept { ", left as it was" } else { "" };
        print(format_args!("{}  {} bytes{kept}", path.display(), file.bytes.len()))?;
    }
    Ok(Outcome::Success)
}

/// The folder that a file of the project is in, and its name there.
fn place<'f>(project: &Folder, file: &'f File) -> io::Result<(Option<Folder>, &'f str)> {
    match file.path.split_once('/') {
        Some((folder, name)) => Ok((Some(project.folder(folder)?), name)),
        None => Ok((None, &file.path)),
    }
}

fn is_there(project: &Folder, file: &File) -> anyhow::Result<bool> {
    let (folder, name) = place(project, file)?;
    Ok(folder.as_ref().unwrap_or(project).has(name)?)
}

/// No link of such a name is followed.
fn write(project: &Folder, file: &File) -> io::Result<()> {
    let (folder, name) = place(project, file)?;
    folder.as_ref().unwrap_or(project).replace(name, &file.bytes)
}

fn unwritten(path: &Path, error: &io::Error) -> anyhow::Error {
    let path = path.display();
    anyhow::anyhow!(
        "cannot write {path}: {error}; {}, then give the same command again",
        disk::remedy(error)
    )
}
