//! From a file to blobs.

mod quantised;

use ae_core::{PartSelection, Provenance, Rounding};
use ae_data::npy::{Numbers, Values};
use ae_quantize::{QuantizeError, Seal, Watch, float_blob_of};
use sha2::{Digest, Sha256};

use crate::agreement::in_file_order;
use crate::lower::{IntegerModel, RealModel};
use crate::{
    AgreementError, Division, ImportError, Lowered, Making, Notes, Origin, OutputPixels, PixelMap,
    ReadOptions, SourceModel, lower, read,
};

pub use quantised::{LayerLoss, Quantised};
use quantised::{against_float, quantise};

/// How a file is imported.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'s> {
    /// Name and version of the program.
    pub tool: &'s str,
    /// What the file does not say.
    pub read: ReadOptions,
    /// The name of the operator that the encoder ends in; without it, the narrowest.
    pub latent_layer: Option<&'s str>,
    /// Of a model of windows, the values of a sample: values that are so many apart are of one channel,
    /// and their pixels stand for the same numbers.
    pub channels: Option<usize>,
    /// What pixels come out of a model of integers.
    pub output: OutputPixels,
    /// How the sums of a model of integers are rounded: as LiteRT does, once, or as TensorFlow Lite Micro
    /// does, twice.
    pub rounding: Rounding,
}

/// What was made of a file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the file holds, without the numbers of its operators.
    pub model: SourceModel,
    /// What became of it.
    pub notes: Notes,
    /// The int8 blob: of a model of integers, or of one of real numbers with data to quantise it on.
    pub int8: Option<Vec<u8>>,
    /// The f32 blob of a model of real numbers.
    pub float: Option<Vec<u8>>,
    /// Of a model that was quantised, what int8 costs on that data.
    pub quantised: Option<Quantised>,
}

/// Why a file is not imported.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The file.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// It cannot be quantised, or is no model that a blob can hold.
    #[error(transparent)]
    Quantize(#[from] QuantizeError),
    /// The data does not fit the model.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// No operator has the name.
    #[error("no operator is called `{name}`; there are {}", names.join(", "))]
    LatentLayer {
        /// The name that was given.
        name: String,
        /// Those that there are.
        names: Vec<String>,
    },
    /// Data for a model that is not quantised.
    #[error("the file's integers are kept, so there is nothing to calibrate")]
    Calibration,
    /// A rounding for a model whose numbers are no integers.
    #[error("the file's numbers are real, and those of its int8 blob are rounded once")]
    Rounding,
}

/// Makes blobs of a model file. `calibration` are inputs of the model, in the file's order and units.
///
/// # Errors
/// The file is not understood, or its model cannot be a blob.
pub fn import(
    file: &[u8],
    settings: &Settings<'_>,
    calibration: Option<&Numbers>,
    watch: &mut Watch<'_>,
) -> Result<Imported, MakeError> {
    open(file, settings)?.make(calibration, watch)
}

/// A model file that is understood. Its bytes are no longer needed.
#[derive(Clone, Debug)]
pub struct Opened<'s> {
    model: SourceModel,
    lowered: Lowered,
    making: Making<'s>,
}

/// Reads a model file, and makes layers of its operators.
///
/// # Errors
/// The file is not understood.
pub fn open<'s>(file: &[u8], settings: &Settings<'s>) -> Result<Opened<'s>, MakeError> {
    let mut model = read(file, &settings.read)?;
    let making = Making {
        tool: settings.tool,
        digest: Sha256::digest(file).into(),
        parts: PartSelection::Both,
        division: division(&model, settings.latent_layer)?,
        output: settings.output,
    };
    let lowered = match lower(&mut model, settings.rounding)? {
        Lowered::Real(_) if settings.rounding != Rounding::Once => {
            return Err(MakeError::Rounding);
        }
        Lowered::Real(real) => Lowered::Real(real.of_windows(settings.channels)?),
        integers => integers,
    };
    Ok(Opened { model, lowered, making })
}

impl Opened<'_> {
    /// Values of an input, of a model that can be calibrated.
    ///
    /// # Errors
    /// It is of integers, which are kept.
    pub fn values(&self) -> Result<usize, MakeError> {
        match &self.lowered {
            Lowered::Real(real) => Ok(real.values()),
            Lowered::Integers(_) => Err(MakeError::Calibration),
        }
    }

    /// The same model, whose inputs are windows of a signal: the values of a channel get one range,
    /// where the settings have not said another number of channels.
    ///
    /// # Errors
    /// Windows of such samples have another size.
    pub fn of_windows(self, channels: usize) -> Result<Self, MakeError> {
        let lowered = match self.lowered {
            Lowered::Real(real) if real.channels().is_none() => {
                Lowered::Real(real.of_windows(Some(channels))?)
            }
            other => other,
        };
        Ok(Self { lowered, ..self })
    }

    /// Inputs in the order of the file, of windows that stand sample after sample.
    #[must_use]
    pub fn inputs_of_windows(&self, windows: Vec<f32>) -> Numbers {
        let (width, order) = match &self.lowered {
            Lowered::Real(real) => (real.values(), real.channels_first()),
            Lowered::Integers(_) => (windows.len(), None),
        };
        let values = in_file_order(order, &windows);
        let samples = windows.len() / width.max(1);
        Numbers { samples, shape: vec![width], values: Values::F32(values) }
    }

    /// Makes the blobs. `calibration` are inputs of the model, in the file's order and units.
    ///
    /// # Errors
    /// The model cannot be a blob, or not be calibrated on these inputs.
    pub fn make(
        self,
        calibration: Option<&Numbers>,
        watch: &mut Watch<'_>,
    ) -> Result<Imported, MakeError> {
        let Self { model, lowered, making } = self;
        match lowered {
            Lowered::Integers(_) if calibration.is_some() => Err(MakeError::Calibration),
            Lowered::Integers(integers) => of_integers(model, &integers, &making),
            Lowered::Real(real) => of_real(model, real, &making, calibration, watch),
        }
    }
}

fn division(model: &SourceModel, name: Option<&str>) -> Result<Division, MakeError> {
    let Some(name) = name else { return Ok(Division::Narrowest) };
    let position = model.operators.iter().position(|it| it.name == name || it.short_name() == name);
    position.map(Division::Behind).ok_or_else(|| MakeError::LatentLayer {
        name: name.to_owned(),
        names: model.operators.iter().map(|it| it.short_name().to_owned()).collect(),
    })
}

fn of_integers(
    model: SourceModel,
    integers: &IntegerModel,
    making: &Making<'_>,
) -> Result<Imported, MakeError> {
    let int8 = integers.blob(making)?;
    let notes = integers.notes.clone();
    Ok(Imported { model, notes, int8: Some(int8), float: None, quantised: None })
}

fn of_real(
    model: SourceModel,
    real: RealModel,
    making: &Making<'_>,
    calibration: Option<&Numbers>,
    watch: &mut Watch<'_>,
) -> Result<Imported, MakeError> {
    // In its own units: pixels would cost it some of its last bits.
    let plain = [PixelMap::PLAIN];
    let made = real.network(&plain, making.division)?;
    let origin = Origin { layers: made.sources, ..real.origin(&plain, making) };
    let (config, test_image) = (origin.to_bytes(), real.test_image());
    // Its numbers are in the network, and stay here only if they are needed again.
    let real = calibration.is_some().then_some(real);
    let seal = Seal {
        parts: making.parts,
        latent_map: &[],
        provenance: Provenance { tool: making.tool, config: &config, data: &[] },
        test_image: &test_image,
    };
    let float = float_blob_of(made.network, &seal).map_err(QuantizeError::from)?;
    let mut imported =
        Imported { model, notes: made.notes, int8: None, float: None, quantised: None };
    if let (Some(inputs), Some(real)) = (calibration, &real) {
        let (quantised, notes, layers) = quantise(real, making, inputs, watch)?;
        imported.quantised = Some(Quantised {
            samples: inputs.samples,
            agreement: against_float(&float, &quantised.bytes, inputs)?,
            coarse: quantised.coarse,
            layers,
        });
        (imported.int8, imported.notes) = (Some(quantised.bytes), notes);
    }
    imported.float = Some(float);
    Ok(imported)
}
