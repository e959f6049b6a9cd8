//! What can end a pipeline.

use std::error::Error;
use std::path::PathBuf;

use ae_core::{LoadError, RewriteError};
use ae_data::DataError;
use ae_data::idx::IdxError;
use ae_data::signal::{LoadSignalsError, SplitError};
use ae_detect::conformal::ConformalError;
use ae_detect::describe::DescribeError;
use ae_detect::images::LabelError;
use ae_detect::make::MakeError;
use ae_detect::need::TooLittleSignal;
use ae_detect::windows::WindowsError;
use ae_engine::EngineError;
use ae_features::FeatureError;
use ae_files::text;
use ae_infer::DetectorError;
use ae_model::{ArchitectureError, ModelError};
use ae_pca::PcaError;
use ae_quantize::QuantizeError;
use ae_run::{CheckpointError, RunError};

use crate::LogisticPcaError;
use crate::train::TrainError;

/// What can end a pipeline.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The stop flag was raised. The epochs done are in the checkpoint.
    #[error("stopped after {kept} of {epochs} epochs, all kept")]
    Stopped {
        /// The run folder.
        run: PathBuf,
        /// Epochs in the checkpoint.
        kept: u32,
        /// Epochs of the recipe.
        epochs: u32,
    },
    /// The stop flag was raised before there was a run folder.
    #[error("stopped while the model was chosen; nothing is kept")]
    StoppedChoosing,
    /// None of the models that were tried could be trained.
    #[error("none of {tried} models could be trained: {reason}")]
    NoCandidate {
        /// How many were tried.
        tried: usize,
        /// What kept the last from it.
        reason: String,
    },
    /// A blob that was made cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The run folder cannot be made, opened or read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file of a run that has begun cannot be written.
    #[error("{source}; {kept} of {epochs} epochs are kept")]
    Unwritten {
        /// The run folder.
        run: PathBuf,
        /// Epochs in the checkpoint.
        kept: u32,
        /// Epochs of the recipe.
        epochs: u32,
        /// Which file, and why.
        source: RunError,
    },
    /// The checkpoint cannot be used. The result of a training does not depend on where it goes on
    /// from, so an older checkpoint, or none, costs time and nothing else.
    #[error("{}: {source}", checkpoint.display())]
    Checkpoint {
        /// The run folder.
        run: PathBuf,
        /// The checkpoint's file.
        checkpoint: PathBuf,
        /// The file of the epoch before, if it is there.
        previous: Option<PathBuf>,
        /// What is wrong.
        source: Box<CheckpointError>,
    },
    /// The configuration is not the one that the checkpoint was made with.
    #[error("{} was changed since the checkpoint beside it was made", config.display())]
    ConfigChanged {
        /// The configuration's file.
        config: PathBuf,
    },
    /// A run was to be made longer to fewer epochs than it has.
    #[error("{done} epochs are trained already, so the run cannot end after {found}")]
    NoLonger {
        /// Epochs in the checkpoint.
        done: u32,
        /// Epochs that it should have.
        found: u32,
    },
    /// The run folder to go on with is that of a detector.
    #[error("{} is the run of a detector", run.display())]
    IsDetector {
        /// The run folder.
        run: PathBuf,
    },
    /// The run folder is not that of a detector.
    #[error("{} is a run without a detector", run.display())]
    NoDetector {
        /// The run folder.
        run: PathBuf,
    },
    /// A blob of the run that should be a detector is none.
    #[error("{} is not a detector: {reason}", blob.display())]
    NotADetector {
        /// The blob.
        blob: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The calibration scores of the run cannot be used.
    #[error("the calibration scores in {} cannot be used: {reason}", scores.display())]
    NoScores {
        /// The file.
        scores: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The detector takes counts, and further recordings hold other values.
    #[error("the detector takes i16 counts, and the recordings hold other values")]
    NotCounts,
    /// The run folder holds a run with other settings.
    #[error("{} holds another run: its config.toml differs from the settings in {}", run.display(), fields.join(", "))]
    OtherRun {
        /// The run folder.
        run: PathBuf,
        /// The settings that differ, such as `recipe.epochs`.
        fields: Vec<String>,
    },
    /// The run folder holds the finished detector of these settings.
    #[error("{} holds this detector already, finished", run.display())]
    IsFinished {
        /// The run folder.
        run: PathBuf,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Where the data of a run is, only a user can say: no path of its configuration is opened.
    #[error("the data of {} has not been named on this machine; its maker called it {}", run.display(), text::line(called))]
    Unnamed {
        /// The run folder.
        run: PathBuf,
        /// What the run's maker called it.
        called: String,
    },
    /// The data that a run began with cannot be read.
    #[error("cannot read the data that the run began with: {source}")]
    RunData {
        /// Why not.
        source: DataError,
    },
    /// Too little normal signal for the wanted false-alarm rate.
    #[error(transparent)]
    TooLittleSignal(#[from] TooLittleSignal),
    /// More hidden layers than a blob can hold.
    #[error("the model has {found} hidden widths, a blob has at most {most}")]
    TooDeep {
        /// Hidden widths of the encoder.
        found: usize,
        /// As many as can be.
        most: usize,
    },
    /// More layers than a blob can hold.
    #[error("the architecture has {found} layers, a blob has at most {most}")]
    TooManyLayers {
        /// Layers of encoder and decoder.
        found: usize,
        /// As many as can be.
        most: usize,
    },
    /// A layer adds up more products than the quantiser can take.
    #[error(
        "{layer} ({shape}) adds up {found} products for a value, and at most {most} can be quantised"
    )]
    SumTooWide {
        /// The layer, such as `encoder.2`.
        layer: String,
        /// What goes in and what comes out.
        shape: String,
        /// Products of a value.
        found: usize,
        /// As many as can be.
        most: usize,
    },
    /// More inputs than the quantiser can take.
    #[error(
        "images of {found} pixels are too large to be quantised, expected at most {most} pixels"
    )]
    InputTooWide {
        /// The model's inputs.
        found: usize,
        /// As many as can be.
        most: usize,
    },
    /// A wider layer than the quantiser can take.
    #[error("a width of {found} is too large to be quantised, expected at most {most}")]
    LayerTooWide {
        /// The widest hidden layer or the latent.
        found: usize,
        /// As wide as can be.
        most: usize,
    },
    /// More samples in a window than a blob can count.
    #[error("{found} samples are more than 32 bits count")]
    TooManySamples {
        /// Samples of a window or from one to the next.
        found: usize,
    },
    /// Principal components were asked for beside the detector, and there are not so many.
    #[error(
        "the latent size is {latent}, and PCA can have at most {most}, for {windows} training windows of {features} values"
    )]
    LatentAbovePca {
        /// The latent size.
        latent: usize,
        /// As many components as there can be.
        most: usize,
        /// Windows to train on.
        windows: usize,
        /// Values of a window.
        features: usize,
    },
    /// More prototypes were asked for than there are windows.
    #[error("{found} prototypes are more than the {windows} training windows")]
    TooManyPrototypes {
        /// Prototypes asked for.
        found: usize,
        /// Windows to train on.
        windows: usize,
    },
    /// The detector, fed sample by sample, gives other scores than those of the calibration.
    #[error("the detector and the calibration disagree: {found}; please report this")]
    Disagreement {
        /// The first difference.
        found: String,
    },
    /// The training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The network cannot be.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A checkpoint cannot be made of the training.
    #[error("a checkpoint cannot be made: {0}")]
    NoCheckpoint(CheckpointError),
    /// No blob can be made of the network.
    #[error(transparent)]
    Quantize(#[from] QuantizeError),
    /// A blob cannot be run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Principal components cannot be had.
    #[error(transparent)]
    Pca(#[from] PcaError),
    /// Logistic PCA cannot be had.
    #[error(transparent)]
    LogisticPca(#[from] LogisticPcaError),
    /// Signals cannot be read.
    #[error(transparent)]
    Signals(#[from] LoadSignalsError),
    /// Signals cannot be divided.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The recordings give no windows.
    #[error(transparent)]
    Windows(#[from] WindowsError),
    /// Features cannot be computed of the signals.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The labels of images cannot be used.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// There are too few windows for the threshold.
    #[error(transparent)]
    Conformal(#[from] ConformalError),
    /// The model does not become a detector.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// The detector cannot be run.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// The detector cannot be described.
    #[error(transparent)]
    Describe(#[from] DescribeError),
    /// A blob cannot be written again in another layout.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// The windows cannot be written as images.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// A table of figures cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The observer could not draw.
    #[error("cannot draw: {0}")]
    Draw(Box<dyn Error + Send + Sync>),
}

impl From<ArchitectureError> for PipelineError {
    fn from(error: ArchitectureError) -> Self {
        Self::Model(error.into())
    }
}

impl PipelineError {
    /// The same error, of a run whose checkpoint holds `kept` epochs.
    pub(super) fn in_run(self, run: &ae_run::Run, kept: u32, epochs: u32) -> Self {
        match self {
            Self::Run(source) => {
                Self::Unwritten { run: run.path().to_owned(), kept, epochs, source }
            }
            other => other,
        }
    }
}
