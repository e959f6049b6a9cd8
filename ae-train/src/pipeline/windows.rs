//! The data of a detector's run: the windows that it was trained and tested on, which it keeps.

use std::path::Path;

use ae_data::{Dataset, Half, Images, Origin, idx};
use ae_run::{Run, RunError, file, read_windows, windows_name};

use super::PipelineError;

/// Windows to train on, and normal ones to test on, of the run in `run`.
pub(super) fn dataset(run: &Path, train: Images, test: Images) -> Dataset {
    let origin = Origin::Folder(run.join(file::WINDOWS));
    Dataset { name: file::WINDOWS.to_owned(), origin, train, test }
}

/// Those that the run in `run` has kept.
pub(super) fn read(run: &Path) -> Result<Dataset, RunError> {
    Ok(dataset(run, read_windows(run, Half::Train)?, read_windows(run, Half::Test)?))
}

/// Writes them into their run.
pub(super) fn write(run: &Run, windows: &Dataset) -> Result<(), PipelineError> {
    let halves = [(Half::Train, &windows.train), (Half::Test, &windows.test)];
    let files = halves.map(|(half, images)| Ok((windows_name(half), idx_file(images)?)));
    let files: Vec<_> = files.into_iter().collect::<Result<_, PipelineError>>()?;
    Ok(run.write_into(file::WINDOWS, &files)?)
}

fn idx_file(windows: &Images) -> Result<Vec<u8>, PipelineError> {
    let dims = [windows.len(), windows.height(), windows.width()];
    Ok(idx::gzip(&idx::write(&dims, windows.pixels())?))
}
