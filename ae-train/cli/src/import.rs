//! `ae-train import`.

mod calibration;
mod function;
mod show;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ae_core::{Rounding, arrange};
use ae_files::{make_folder, read_file};
use ae_import as import;
use ae_import::{ImportError, MakeError, OutputPixels, ReadOptions, Settings};
use ae_run::blobs::TOOL;
use anyhow::{Context, bail};
use clap::ValueEnum;

use super::quantising::QuantiseProgress;
use super::signal_args::ColumnArgs;
use super::{Outcome, files, print_each, print_json, quantize};
use calibration::Calibration;
use function::FunctionName;

/// Make a blob of a model from Keras, PyTorch, ONNX or TensorFlow Lite.
///
/// The format is told by the file's content. A model of integers keeps its weights, scales and zero
/// points. A model of real numbers becomes an f32 blob, and with --calibrate an int8 blob too.
/// `ae-train verify BLOB --data IN.npy --against OUT.npy` compares with what your own runtime gives.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model: .tflite, .onnx, .h5, .keras, .safetensors or .pt.
    file: PathBuf,
    /// Quantise a model of real numbers on these inputs: an NPY file of float32, of the shape (samples,
    /// …) that the model takes, in its own units; or CSV, NPY or NPZ files of signals, which are cut
    /// into windows of as many samples as the model takes, each file behind a --calibrate of its own; or
    /// a folder of IDX files or the name of a dataset, whose pixels count as 0 to 1.
    #[arg(long, value_name = "DATA")]
    calibrate: Vec<PathBuf>,
    /// The operator that the encoder ends in, by its name in the file. Without this option, the one
    /// with the fewest outputs.
    #[arg(long, value_name = "NAME")]
    latent_layer: Option<String>,
    /// The function behind each hidden layer, of a file that holds weights alone.
    #[arg(long, value_enum)]
    activation: Option<FunctionName>,
    /// The function behind the last layer, of a file that holds weights alone. Without this option
    /// there is none.
    #[arg(long, value_enum)]
    output_activation: Option<FunctionName>,
    /// The width of the layer that the encoder ends in, of a file that holds weights alone. There is
    /// no function behind it.
    #[arg(long, value_name = "VALUES")]
    latent: Option<usize>,
    /// The channels of a signal, for a model of windows that is to be a detector: values that are so many
    /// apart are of one channel, and get one range. Without this option signals that --calibrate names
    /// say it, and elsewhere each value has its own.
    #[arg(long, value_name = "COUNT", requires = "calibrate")]
    channels: Option<usize>,
    /// Of signals, samples from one window to the next. Without this option no windows overlap.
    #[arg(long, value_name = "SAMPLES", requires = "calibrate", help_heading = "Signals")]
    stride: Option<NonZeroUsize>,
    #[command(flatten)]
    columns: ColumnArgs,
    /// Labels of what is normal. Without labels everything is.
    #[arg(
        long,
        value_name = "A,B,…",
        value_delimiter = ',',
        requires = "calibrate",
        help_heading = "Signals"
    )]
    normal: Vec<String>,
    /// What the pixels are that a model of integers gives.
    #[arg(long, value_enum, default_value_t)]
    output: OutputName,
    /// How the sums of a model of integers are rounded, which its file does not say.
    #[arg(long, value_enum, default_value_t)]
    rounding: RoundingName,
    /// The core or board that an int8 blob is for, such as cortex-m4.
    #[arg(long = "for", value_name = "CORE", value_parser = quantize::core)]
    core: Option<quantize::Core>,
    /// The folder to write the blobs to, without this option the current one. They are called as the file
    /// is: FILE.int8.aeb, FILE.f32.aeb.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What the pixels are that come out.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum OutputName {
    /// In the scale of the input, so that an error is a difference of pixels.
    #[default]
    Input,
    /// The integers of the file's own runtime.
    Runtime,
}

/// Whose rounding it is.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum RoundingName {
    /// Once: as LiteRT rounds.
    #[default]
    Once,
    /// Twice: as TensorFlow Lite Micro, CMSIS-NN and ESP-NN round.
    Tflm,
}

impl From<RoundingName> for Rounding {
    fn from(name: RoundingName) -> Self {
        match name {
            RoundingName::Once => Self::Once,
            RoundingName::Tflm => Self::Twice,
        }
    }
}

impl Args {
    /// Refuses options of signals where there are none, for which the reason is given.
    fn check_no_signals(&self, reason: &str) -> anyhow::Result<()> {
        let stride = self.stride.map(|_| "--stride");
        let normal = (!self.normal.is_empty()).then_some("--normal");
        match self.columns.given().or(normal).or(stride) {
            Some(option) => bail!("{option} is for signals, and {reason}"),
            None => Ok(()),
        }
    }
}

/// Most bytes of a model file.
const MOST_BYTES: u64 = 1 << 30;

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let name = args.file.display();
    let Some(stem) = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else {
        bail!("{name} is no file");
    };
    let bytes = read_file(&args.file, MOST_BYTES).with_context(|| format!("cannot read {name}"))?;
    let settings = Settings {
        tool: TOOL,
        read: ReadOptions {
            activation: args.activation.map(Into::into),
            output_activation: args.output_activation.map(Into::into),
            latent: args.latent,
        },
        latent_layer: args.latent_layer.as_deref(),
        channels: args.channels,
        output: match args.output {
            OutputName::Input => OutputPixels::OfInput,
            OutputName::Runtime => OutputPixels::OfRuntime,
        },
        rounding: args.rounding.into(),
    };
    let in_words = |error| in_words(&args.file, error);
    let opened = import::open(&bytes, &settings).map_err(in_words)?;
    // A large file is not held while its blob is made.
    drop(bytes);
    let (opened, calibration) = if args.calibrate.is_empty() {
        args.check_no_signals("without --calibrate there are none")?;
        (opened, None)
    } else {
        let values = opened.values().map_err(in_words)?;
        match calibration::read(args, values)? {
            Calibration::Inputs(inputs) => (opened, Some(inputs)),
            Calibration::Windows { values, channels } => {
                let opened = opened.of_windows(channels).map_err(in_words)?;
                let inputs = opened.inputs_of_windows(values);
                (opened, Some(inputs))
            }
        }
    };
    let progress = QuantiseProgress::new();
    let imported = opened.make(calibration.as_ref(), &mut |share| {
        progress.at(share);
        ControlFlow::Continue(())
    });
    progress.finish();
    let imported = imported.map_err(in_words)?;
    let int8 = match (&imported.int8, &args.core) {
        (Some(int8), Some(core)) => Some(arrange(int8, core.layout)?),
        (None, Some(core)) => bail!(
            "--for {} is of int8 blobs, and this model is of real numbers: quantise it with --calibrate",
            core.name
        ),
        (int8, None) => int8.clone(),
    };
    if let Some(folder) = &args.out {
        make_folder(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut written = Vec::new();
    for (blob, ending) in [(&int8, "int8"), (&imported.float, "f32")] {
        let Some(blob) = blob else { continue };
        let name = PathBuf::from(format!("{stem}.{ending}.aeb"));
        let path = args.out.as_ref().map_or(name.clone(), |folder| folder.join(name));
        files::write(&path, blob)?;
        written.push((path, blob.len()));
    }
    if args.json {
        print_json(&show::Report::of(&imported, settings.rounding, &written))?;
    } else {
        print_each(show::lines(&args.file, &imported, settings.rounding, &int8, &written)?)?;
    }
    Ok(Outcome::Success)
}

/// The error with the file's name, and with the options that would help.
fn in_words(file: &Path, error: MakeError) -> anyhow::Error {
    let hint = match &error {
        MakeError::Calibration => Some("leave --calibrate out".to_owned()),
        MakeError::Rounding => Some("leave --rounding out".to_owned()),
        MakeError::LatentLayer { .. } => Some("give one of these to --latent-layer".to_owned()),
        MakeError::Import(ImportError::NoActivations) => {
            let names = FunctionName::value_variants().iter();
            let names: Vec<String> = names.map(FunctionName::name).collect();
            Some(format!("give --activation {}", names.join(" | ")))
        }
        _ => None,
    };
    let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
    anyhow::anyhow!("{}: {error}{hint}", file.display())
}
