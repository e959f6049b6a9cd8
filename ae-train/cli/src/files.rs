//! Files that verbs read and write.

use std::io;
use std::path::{Path, PathBuf};

use ae_data as data;
use ae_data::signal::Memory;
use ae_data::{Dataset, Half, Images, Origin, is_dataset, remembered};
use ae_files::{Folder, folder_of, text, write_atomically};
use ae_import::Runner;
use ae_model::{Network, read_weights};
use ae_run as run;
use ae_run::{DataPlace, DetectConfig, Run, RunConfig};
use ae_train::pipeline::train::{data_of_run, test_images_of_run};
use anyhow::{Context, anyhow, bail};

use super::arrays;
use super::model_file::ModelFile;
use super::trouble::runs::{self, GoOn};
use super::trouble::{disk, shell};

/// A blob's bytes, checked; of a signed file the blob in it.
pub(super) fn read_blob(path: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(ModelFile::read(path)?.into_blob())
}

/// The trained network of the run in `folder`, whose configuration is `config`.
pub(super) fn read_network(folder: &Path, config: &RunConfig) -> anyhow::Result<Network> {
    let path = folder.join(run::file::WEIGHTS);
    let Some(bytes) = run::read_weights(folder, config)? else {
        if let Some(holder) = Run::holder(folder) {
            bail!("{} is not there yet: {holder} is training it; wait for it", path.display());
        }
        bail!(
            "{} is not there: the training has not finished; go on with: {}",
            path.display(),
            shell::resume(folder, config)
        );
    };
    let (model_config, network) =
        read_weights(&bytes).with_context(|| unusable_weights(&path, folder, config))?;
    if model_config != config.model {
        bail!("{} is of another model than {}", path.display(), run::file::CONFIG);
    }
    Ok(network)
}

/// The data that the run in `folder` was made with, from where the user says or has said before, or an
/// error if it is no longer the same.
pub(super) fn run_data(
    folder: &Path,
    config: &RunConfig,
    spec: Option<&str>,
) -> anyhow::Result<Dataset> {
    let place = named(config, spec);
    let data = data_of_run(folder, config, place.as_deref())
        .map_err(|error| runs::of_pipeline(error, GoOn::Train))?;
    // The windows of a detector's run are nothing that the user has named.
    if let DataPlace::Named(_) = config.data_place() {
        remember_dataset(&data);
    }
    Ok(data)
}

/// The test images of `--data`, and a line on standard error where they come from. Without
/// `--data`, a blob in a run folder is given that run's data. An array is in the units of the model's
/// own file.
pub(super) fn test_images(spec: Option<&str>, model: &Path) -> anyhow::Result<Images> {
    if let Some(array) = spec.map(Path::new).filter(|spec| arrays::is_array(spec)) {
        let blob = read_blob(model)?;
        let (numbers, runner) = (arrays::read(array)?, Runner::new(&blob)?);
        return runner.images(&numbers).with_context(|| array.display().to_string());
    }
    let folder = folder_of(model);
    let (images, origin) = match spec {
        None if run::is_run(folder) => {
            let config = run::read_config(folder)?;
            test_images_of_run(folder, &config, named(&config, None).as_deref())
                .map_err(|error| runs::of_pipeline(error, GoOn::Train))?
        }
        _ => data::load_half(spec, Half::Test)?,
    };
    tell_origin(&origin, images.len(), "test");
    Ok(images)
}

/// The place of a run's data that the user names now, or named once before.
pub(super) fn named(config: &RunConfig, spec: Option<&str>) -> Option<String> {
    if let (None, DataPlace::Named(_)) = (spec, config.data_place()) {
        let places = remembered::recall(&config.data.digest).unwrap_or_default();
        return places.first().and_then(|place| place.to_str()).map(str::to_owned);
    }
    spec.map(str::to_owned)
}

/// The files that a detector's run began with: a dataset by its name, or what the user has named on
/// this machine. No path of the configuration is opened.
pub(super) fn recordings_of(config: &DetectConfig) -> Option<Vec<PathBuf>> {
    match &*config.source {
        [name] if is_dataset(name) => Some(vec![name.into()]),
        _ => remembered::recall(&remembered_as(config)),
    }
}

/// What the files of a detector's run are remembered by.
fn remembered_as(config: &DetectConfig) -> String {
    config.source(Vec::new(), Memory::default()).remembered_as(&config.source_digest)
}

/// Remembers where the files of a detector's run lie, which the user has named.
pub(super) fn remember_recordings(config: &DetectConfig, files: &[PathBuf]) {
    remember(&remembered_as(config), files);
}

/// The same as [`recordings_of`], or else an error that asks for `--data` with `what`.
pub(super) fn named_recordings(config: &DetectConfig, what: &str) -> anyhow::Result<Vec<PathBuf>> {
    recordings_of(config).with_context(|| {
        format!(
            "the files of the detector's run have not been named on this machine; its maker called \
             them {}: give --data with {what}",
            text::line(config.source.join(", "))
        )
    })
}

/// Remembers where a dataset lies, if the user has named its folder.
pub(super) fn remember_dataset(data: &Dataset) {
    if let Origin::Folder(folder) = &data.origin {
        remember(&data.digest(), std::slice::from_ref(folder));
    }
}

/// Remembers where the data of this digest lies. What comes of it needs no more than `--data` again.
pub(super) fn remember(digest: &str, paths: &[PathBuf]) {
    if let Err(error) = remembered::remember(digest, paths) {
        tell!("note: cannot remember where the data is ({error}): going on with it takes --data");
    }
}

/// Says which images are used.
pub(super) fn tell_origin(origin: &Origin, count: usize, split: &str) {
    tell!("{count} {split} images from {origin}");
}

/// Writes a result to a path that the user typed, whole or not at all. Links are followed, but not in
/// a run folder.
pub(super) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    check_folder(path)?;
    if run::write_in_run(path, bytes).map_err(runs::with_remedy)? {
        return Ok(());
    }
    write_atomically(path, bytes).map_err(|error| unwritten(path, &error))
}

/// Writes a result to a file that this program has named: no link of that name is followed.
pub(super) fn write_beside(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    check_folder(path)?;
    Folder::open(folder_of(path))
        .and_then(|folder| folder.replace(path.file_name().unwrap_or_default(), bytes))
        .map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &io::Error) -> anyhow::Error {
    let path = path.display();
    anyhow!(
        "cannot write {path}: {error}; {}, then give the same command again",
        disk::remedy(error)
    )
}

/// Refuses a file in a folder that is not there.
pub(super) fn check_folder(path: &Path) -> anyhow::Result<()> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        bail!("cannot write {}: there is no folder {}", path.display(), folder.display());
    }
    Ok(())
}

fn unusable_weights(path: &Path, folder: &Path, config: &RunConfig) -> String {
    let path = path.display();
    let mut text = format!("{path} is not a file of weights");
    if folder.join(run::file::CHECKPOINT).exists() {
        let again = shell::resume(folder, config);
        text += &format!(" ({again} writes it again from the checkpoint)");
    }
    text
}
