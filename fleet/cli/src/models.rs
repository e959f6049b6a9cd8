//! `ae-fleet models`: a folder of models, each under the digest of its bytes.

use std::fs;
use std::path::{Path, PathBuf};

use ae_files::{make_folder, read_file, write_atomically};
use ae_fleet_functions::Digest;
use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::model::{self, Model};
use crate::terminal::{print, print_each, print_json};
use crate::{Outcome, table};

/// Models in a folder, each named by the SHA-256 of its blob, from where queries take them.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    /// Put blobs into a folder, and print their digests.
    Add(Add),
    /// List the models of a folder; the exit code is 1 if one is not what its name says.
    List(List),
}

/// See [`Verb::Add`].
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Blobs of `ae-train`.
    #[arg(required = true, value_name = "BLOB")]
    blobs: Vec<PathBuf>,
    /// The folder; it is made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// See [`Verb::List`].
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The folder.
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<Outcome> {
    match verb {
        Verb::Add(args) => add(args),
        Verb::List(args) => list(args),
    }
}

fn add(args: &Add) -> anyhow::Result<Outcome> {
    // All are read before the first is written.
    let models: Vec<Model> =
        args.blobs.iter().map(|blob| Model::read(blob)).collect::<Result<_, _>>()?;
    if !args.to.is_dir() {
        make_folder(&args.to)
            .with_context(|| format!("cannot make the folder {}", args.to.display()))?;
    }
    for Model { digest, blob, .. } in &models {
        let path = args.to.join(format!("{digest}.aeb"));
        write_atomically(&path, blob)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        let found = models.iter().map(
            |of| json!({ "blob": of.path.display().to_string(), "model": of.digest.to_string() }),
        );
        print_json(&found.collect::<Vec<_>>().into())?;
    } else {
        print_each(models.iter().map(|of| format!("{}  {}", of.digest, of.path.display())))?;
    }
    Ok(Outcome::Success)
}

/// What stands in a folder under a name.
struct Found {
    name: String,
    bytes: u64,
    /// Values of a window and the threshold, or what is wrong.
    shape: Result<(usize, Option<u64>), String>,
}

fn list(args: &List) -> anyhow::Result<Outcome> {
    let folder = &args.folder;
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder of models {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        if path.extension().is_some_and(|it| it == "aeb") {
            found.push(look_at(&path)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        bail!(
            "{} holds no model, expected files named by a digest and .aeb; `ae-fleet models add BLOB \
             --to {0}` puts one there",
            folder.display()
        );
    }
    if args.json {
        print_json(&found.iter().map(Found::json).collect::<Vec<_>>().into())?;
    } else {
        let rows: Vec<Vec<String>> = found.iter().map(Found::row).collect();
        print_each(table::lines(&["model", "bytes", "values", "threshold"], &rows))?;
        for Found { name, shape, .. } in &found {
            if let Err(error) = shape {
                print(format_args!("{}: {error}", folder.join(name).display()))?;
            }
        }
    }
    let sound = found.iter().all(|of| of.shape.is_ok());
    Ok(if sound { Outcome::Success } else { Outcome::Mismatch })
}

fn look_at(path: &Path) -> anyhow::Result<Found> {
    let bytes = read_file(path, 1 << 30).with_context(|| path.display().to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let digest = Digest::of(&bytes).to_string();
    let stem = name.trim_end_matches(".aeb");
    let shape = if stem == digest {
        let shape = model::shape(&bytes).map_err(|error| error.to_string());
        shape.map(|(features, detector)| (features, detector.map(|of| of.threshold)))
    } else if stem.parse::<Digest>().is_ok() {
        Err(format!("its bytes have the digest {digest}: remove it, and add the model again"))
    } else {
        Err(format!(
            "no digest; `ae-fleet models add {} --to {}` puts the model under its own",
            path.display(),
            path.parent().unwrap_or(Path::new(".")).display()
        ))
    };
    Ok(Found { name, bytes: bytes.len() as u64, shape })
}

impl Found {
    fn row(&self) -> Vec<String> {
        let Self { name, bytes, shape } = self;
        let (values, threshold) = match shape {
            Ok((values, threshold)) => {
                (values.to_string(), threshold.map_or("none".to_owned(), |it| it.to_string()))
            }
            Err(_) => ("–".to_owned(), "–".to_owned()),
        };
        vec![name.trim_end_matches(".aeb").to_owned(), bytes.to_string(), values, threshold]
    }

    fn json(&self) -> Value {
        let Self { name, bytes, shape } = self;
        let of = json!({ "model": name.trim_end_matches(".aeb"), "bytes": bytes });
        let mut of = of.as_object().cloned().unwrap_or_default();
        match shape {
            Ok((values, threshold)) => {
                of.insert("values".to_owned(), json!(values));
                of.insert("threshold".to_owned(), json!(threshold));
            }
            Err(error) => {
                of.insert("error".to_owned(), json!(error));
            }
        }
        of.into()
    }
}
