//! What a user can do when a run cannot begin or go on: flags and commands beside the library's
//! errors.

use std::path::Path;

use ae_model::{ArchitectureError, ModelError};
use ae_pca::PcaError;
use ae_quantize::QuantizeError;
use ae_run::{RecipeError, RunError, file};
use ae_train::pipeline::PipelineError;
use ae_train::train::TrainError;
use anyhow::{Error, anyhow};

use super::disk::remedy;
use super::shell::quoted;

/// The command that goes on with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoOn {
    /// `ae-train train --resume FOLDER`.
    Train,
    /// The command that began it.
    SameCommand,
}

impl GoOn {
    fn with(self, run: &Path) -> String {
        match self {
            Self::Train => format!("go on with: ae-train train --resume {}", quoted(run)),
            Self::SameCommand => "the same command goes on".to_owned(),
        }
    }

    fn then(self, run: &Path) -> String {
        match self {
            Self::Train => format!("ae-train train --resume {}", quoted(run)),
            Self::SameCommand => "the same command".to_owned(),
        }
    }
}

/// The error of a pipeline with what helps against it.
pub(crate) fn of_pipeline(error: PipelineError, go_on: GoOn) -> Error {
    use PipelineError as E;
    let told = error.to_string();
    match error {
        E::Stopped { run, .. } => anyhow!("{told}; {}", go_on.with(&run)),
        E::Unwritten { run, source: RunError::Io { source, .. }, .. } => {
            anyhow!("{told}; {}, then {}", remedy(&source), go_on.with(&run))
        }
        E::Unwritten { source, .. } => with_advice(told, &source, go_on),
        E::Run(RunError::Io { source, action, .. }) if action != "read" => {
            anyhow!("{told}; {}, then give the same command again", remedy(&source))
        }
        E::Run(source) => with_advice(told, &source, go_on),
        E::Checkpoint { run, checkpoint, previous, .. } => {
            let way = match previous {
                Some(previous) => format!(
                    "the one of the epoch before is kept: mv {} {}",
                    quoted(&previous),
                    quoted(&checkpoint)
                ),
                None => {
                    format!("without it the training begins at epoch 1: rm {}", quoted(&checkpoint))
                }
            };
            anyhow!("{told}; {way}, then {} ends with the same weights", go_on.then(&run))
        }
        E::ConfigChanged { .. } => anyhow!("{told}; take the change back, or start a new run"),
        E::NoDetector { .. } => anyhow!("{told}; `ae-train detect` makes one"),
        E::NotADetector { .. } | E::NoScores { .. } => anyhow!(
            "{told}; put back the data that the run began with, from which all is made again"
        ),
        E::NotCounts => anyhow!("{told}; give files of the sensor's counts, as the run's own are"),
        E::NoLonger { .. } => anyhow!("{told}; give a larger --epochs, or start a new run"),
        E::IsDetector { run } => anyhow!(
            "{} is a run of `ae-train detect`: ae-train detect --resume {} goes on with it",
            run.display(),
            quoted(&run)
        ),
        E::OtherRun { .. } => anyhow!("{told}; give another --name or --out"),
        E::IsFinished { run } => anyhow!(
            "{told}; give another --name or --out, or train it longer: ae-train detect --resume {} \
             --epochs N",
            quoted(&run)
        ),
        E::RunData { .. } => anyhow!("{told}; if it has moved, give --data"),
        E::Unnamed { .. } => anyhow!("{told}: give --data with its place"),
        E::TooDeep { .. } => anyhow!("{told}; give fewer widths to --hidden"),
        E::LayerTooWide { .. } => anyhow!("{told}; give smaller numbers to --hidden and --latent"),
        E::TooManyLayers { .. } => {
            anyhow!("{told}; give fewer layers in the file of --architecture")
        }
        E::SumTooWide { .. } => {
            anyhow!(
                "{told}; give a smaller --latent, or a stride before it in the file of --architecture"
            )
        }
        E::Quantize(QuantizeError::Activation { .. }) => {
            anyhow!("{told}; change the activation in the file of --architecture")
        }
        E::Pca(PcaError::NotDense) => anyhow!("{told}; give --start glorot"),
        E::LatentAbovePca { .. } => {
            anyhow!("{told}; give a smaller --latent, more normal recordings, or --no-pca")
        }
        E::TooManyPrototypes { .. } => {
            anyhow!("{told}; give a smaller --prototypes, or more normal recordings")
        }
        E::Train(TrainError::NonFiniteLoss { .. } | TrainError::NonFiniteWeight { .. }) => {
            anyhow!("{told}: lower --learning-rate, or raise --warmup-steps")
        }
        E::Train(TrainError::NothingToTie) => anyhow!("{told}; leave --tied out"),
        E::Train(TrainError::NothingToNormalise) => {
            anyhow!("{told}; leave --batch-norm out, or give --hidden")
        }
        E::Train(TrainError::NoMeanOfLatent) => {
            anyhow!("{told}; leave --variational out, or change the file of --architecture")
        }
        E::Train(TrainError::Recipe(RecipeError { field: "start", .. })) => {
            anyhow!("{told}; give --start glorot")
        }
        E::Model(error) | E::Train(TrainError::Model(error)) => match error {
            ModelError::EmptyLatent => anyhow!("{told}; use --latent 1 or more"),
            ModelError::EmptyHidden { .. } => anyhow!("{told}; --hidden gives the widths"),
            ModelError::TooManyParameters { .. } => {
                anyhow!("{told}; give smaller numbers to --hidden and --latent")
            }
            ModelError::Architecture(ArchitectureError::Latent { .. }) => {
                anyhow!("{told}; leave --latent out, or change the file of --architecture")
            }
            ModelError::Architecture(ArchitectureError::Input { .. }) => {
                anyhow!("{told}; change [input] in the file of --architecture, or leave it out")
            }
            ModelError::Architecture(ArchitectureError::Layer { .. }) => {
                anyhow!("{told}; give a smaller --latent, or change the file of --architecture")
            }
            ModelError::Architecture(_) => anyhow!("{told}; change the file of --architecture"),
            other => other.into(),
        },
        E::TooLittleSignal(error) => match error.possible_ppm {
            Some(ppm) => anyhow!("{told}; give --alpha {}", f64::from(ppm) / 1e6),
            None => anyhow!("{told}; --window says how long a window is"),
        },
        E::Data(error) => error.into(),
        E::Windows(error) => error.into(),
        E::Signals(error) => error.into(),
        E::Split(error) => error.into(),
        E::Labels(error) => error.into(),
        E::Conformal(error) => error.into(),
        other => other.into(),
    }
}

/// The error of a run folder with what helps against it, for verbs that read a run or add to it.
pub(crate) fn of_run(error: RunError) -> Error {
    let told = error.to_string();
    with_advice(told, &error, GoOn::Train)
}

/// The same for verbs that write into a run.
pub(crate) fn with_remedy(error: RunError) -> Error {
    match &error {
        RunError::Io { source, .. } => {
            anyhow!("{error}; {}, then give the same command again", remedy(source))
        }
        _ => of_run(error),
    }
}

fn with_advice(told: String, error: &RunError, go_on: GoOn) -> Error {
    match advice(error, go_on) {
        Some(advice) => anyhow!("{told}; {advice}"),
        None => anyhow!(told),
    }
}

fn advice(error: &RunError, go_on: GoOn) -> Option<String> {
    let another = "give the new run another --name or --out";
    Some(match error {
        RunError::Exists { path } => {
            format!("continue it with --resume {}, or {another}", quoted(path))
        }
        RunError::Orphaned { path, .. } => format!(
            "put the run's {} back and continue it with --resume {}, or {another}",
            file::CONFIG,
            quoted(path)
        ),
        RunError::Removed { .. } => match go_on {
            GoOn::Train => "go on where the folder is now: ae-train train --resume FOLDER".into(),
            GoOn::SameCommand => {
                "go on where the folder is now: the same command with --out FOLDER".into()
            }
        },
        RunError::Replaced { path } => {
            format!("if there is no other, {}", go_on.with(path))
        }
        RunError::DataChanged { .. } => {
            "put back the data it began with or name it with --data, or start a new run".into()
        }
        _ => return None,
    })
}
