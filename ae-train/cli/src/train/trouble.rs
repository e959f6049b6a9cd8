//! What is said when a run cannot go on: what is kept, and how to continue.

use ae_run::{CheckpointError, Run, RunError, file};
use ae_train::train::Trainer;
use anyhow::anyhow;

use crate::files::remedy;

/// After Ctrl-C.
pub(super) fn stopped(run: &Run, trainer: &Trainer<'_>) -> anyhow::Error {
    anyhow!(
        "stopped after {} of {} epochs, all kept; go on with: ae-train train --resume {}",
        trainer.epochs_done(),
        trainer.recipe().epochs,
        run.path().display()
    )
}

/// When the run's folder cannot be made or opened.
pub(super) fn at_the_start(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(RunError::Io { source, action, .. }) if *action != "read" => {
            anyhow!("{error}; {}, then give the same command again", remedy(source))
        }
        _ => error,
    }
}

/// When a file cannot be written and `kept` epochs are in the checkpoint.
pub(super) fn in_run(
    error: anyhow::Error,
    run: &Run,
    trainer: &Trainer<'_>,
    kept: u32,
) -> anyhow::Error {
    match error.downcast_ref() {
        Some(RunError::Io { source, .. }) => anyhow!(
            "{error}; {kept} of {} epochs are kept; {}, then go on with: ae-train train --resume {}",
            trainer.recipe().epochs,
            remedy(source),
            run.path().display()
        ),
        _ => error,
    }
}

/// When the checkpoint cannot be used. The result of a training does not depend on where it is
/// continued from, so an older checkpoint, or none, costs time and nothing else.
pub(super) fn checkpoint(error: CheckpointError, run: &Run) -> anyhow::Error {
    let [current, previous] = [file::CHECKPOINT, file::PREVIOUS].map(|name| run.path().join(name));
    let way = if previous.exists() {
        format!(
            "the one of the epoch before is kept: mv {} {}",
            previous.display(),
            current.display()
        )
    } else {
        format!("without it the training begins at epoch 1: rm {}", current.display())
    };
    let folder = run.path().display();
    anyhow!(
        "{}: {error}; {way}, then ae-train train --resume {folder} ends with the same weights",
        current.display()
    )
}
