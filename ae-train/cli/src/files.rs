//! Files that verbs read and write.

use std::fs;
use std::path::Path;

use ae_data as data;
use ae_data::{Dataset, Half, Images, Origin};
use ae_files::write_atomically;
use ae_model::{Network, read_weights};
use ae_run as run;
use ae_run::{Run, RunConfig};
use ae_train::pipeline::train::data_of_run;
use anyhow::{Context, anyhow, bail};

use super::model_file::ModelFile;
use super::trouble::disk;
use super::trouble::runs::{self, GoOn};

/// A blob's bytes, checked; of a signed file the blob in it.
pub(super) fn read_blob(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(ModelFile::read(path)?.into_blob())
}

/// The trained network of the run in `folder`, whose configuration is `config`.
pub(super) fn read_network(folder: &Path, config: &RunConfig) -> anyhow::Result<Network> {
    let path = folder.join(run::file::WEIGHTS);
    if !path.exists() {
        if let Some(holder) = Run::holder(folder) {
            bail!("{} is not there yet: {holder} is training it; wait for it", path.display());
        }
        bail!(
            "{} is not there: the training has not finished; go on with: ae-train train --resume {}",
            path.display(),
            folder.display()
        );
    }
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (model_config, network) =
        read_weights(&bytes).with_context(|| unusable_weights(&path, folder))?;
    if model_config != config.model {
        bail!("{} is of another model than {}", path.display(), run::file::CONFIG);
    }
    Ok(network)
}

/// The data that a run was made with, from where it was or from where it has moved to, or an error
/// if it is no longer the same.
pub(super) fn run_data(config: &RunConfig, moved: Option<&str>) -> anyhow::Result<Dataset> {
    data_of_run(config, moved).map_err(|error| runs::of_pipeline(error, GoOn::Train))
}

/// The test images of `--data`, and a line on standard error where they come from. Without
/// `--data`, a blob in a run folder is given that run's data.
pub(super) fn test_images(spec: Option<&str>, model: &Path) -> anyhow::Result<Images> {
    let run = run_folder(model);
    let source = match spec {
        None if run.join(run::file::CONFIG).exists() => Some(run::read_config(run)?.data.source),
        _ => spec.map(str::to_owned),
    };
    let (images, origin) = data::load_half(source.as_deref(), Half::Test)?;
    tell_origin(&origin, images.len(), "test");
    Ok(images)
}

/// The folder that a file is in.
pub(super) fn run_folder(model: &Path) -> &Path {
    match model.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Says which images are used.
pub(super) fn tell_origin(origin: &Origin, count: usize, split: &str) {
    tell!("{count} {split} images from {origin}");
}

/// Writes a result, whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    check_folder(path)?;
    write_atomically(path, bytes).map_err(|error| {
        let path = path.display();
        anyhow!(
            "cannot write {path}: {error}; {}, then give the same command again",
            disk::remedy(&error)
        )
    })
}

/// Refuses a file in a folder that is not there.
pub(super) fn check_folder(path: &Path) -> anyhow::Result<()> {
    let folder = run_folder(path);
    if !folder.is_dir() {
        bail!("cannot write {}: there is no folder {}", path.display(), folder.display());
    }
    Ok(())
}

fn unusable_weights(path: &Path, folder: &Path) -> String {
    let path = path.display();
    let mut text = format!("{path} is not a file of weights");
    if folder.join(run::file::CHECKPOINT).exists() {
        let again = format!("ae-train train --resume {}", folder.display());
        text += &format!(" ({again} writes it again from the checkpoint)");
    }
    text
}
