//! From a file to blobs.

use ae_core::{Contract, PartSelection, Provenance, Rounding};
use ae_data::Images;
use ae_data::npy::{Numbers, Values};
use ae_engine::EngineError;
use ae_quantize::{Coarse, QuantizeError, Seal, Watch, float_blob, int8_blob};
use sha2::{Digest, Sha256};

use crate::agreement::of_quantised;
use crate::lower::{IntegerModel, RealModel};
use crate::{
    Agreement, AgreementError, Difference, Division, ImportError, LayerSource, Lowered, Making,
    Notes, Origin, OutputPixels, PixelMap, ReadOptions, Runner, SourceModel, lower, read,
};

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
    /// What the file holds.
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

/// What quantising costs.
#[derive(Clone, Debug)]
pub struct Quantised {
    /// Inputs that it was done on.
    pub samples: usize,
    /// The int8 blob's outputs against those of the f32 blob.
    pub agreement: Agreement,
    /// Channels that lose much because of one weight.
    pub coarse: Vec<Coarse>,
    /// What each layer loses against the same of the float model, the encoder's layers first.
    pub layers: Vec<LayerLoss>,
}

/// What a layer loses by quantising, together with those before it.
#[derive(Clone, Debug)]
pub struct LayerLoss {
    /// What the file calls what the layer gives. Empty where it does not have it.
    pub name: String,
    /// How far the int8 layer's outputs are from those of the float model.
    pub difference: Difference,
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
    let model = read(file, &settings.read)?;
    let making = Making {
        tool: settings.tool,
        digest: Sha256::digest(file).into(),
        parts: PartSelection::Both,
        division: division(&model, settings.latent_layer)?,
        output: settings.output,
    };
    match lower(&model, settings.rounding)? {
        Lowered::Integers(_) if calibration.is_some() => Err(MakeError::Calibration),
        Lowered::Integers(integers) => of_integers(model, &integers, &making),
        Lowered::Real(_) if settings.rounding != Rounding::Once => Err(MakeError::Rounding),
        Lowered::Real(real) => {
            let real = real.of_windows(settings.channels)?;
            of_real(model, &real, &making, calibration, watch)
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
    real: &RealModel,
    making: &Making<'_>,
    calibration: Option<&Numbers>,
    watch: &mut Watch<'_>,
) -> Result<Imported, MakeError> {
    // In its own units: pixels would cost it some of its last bits.
    let plain = [PixelMap::PLAIN];
    let made = real.network(&plain, making.division)?;
    let origin = Origin { layers: made.sources, ..real.origin(&plain, making) };
    let config = origin.to_bytes();
    let test_image = real.test_image();
    let seal = Seal {
        parts: making.parts,
        latent_map: &[],
        provenance: Provenance { tool: making.tool, config: &config, data: &[] },
        test_image: &test_image,
    };
    let float = float_blob(&made.network, &seal).map_err(QuantizeError::from)?;
    let mut imported =
        Imported { model, notes: made.notes, int8: None, float: None, quantised: None };
    if let Some(inputs) = calibration {
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

/// The int8 blob of a model of real numbers.
fn quantise(
    real: &RealModel,
    making: &Making<'_>,
    inputs: &Numbers,
    watch: &mut Watch<'_>,
) -> Result<(ae_quantize::Quantised, Notes, Vec<LayerLoss>), MakeError> {
    let values = in_order(real, inputs)?;
    let maps = real.pixel_maps(&values)?;
    let made = real.network(&maps, making.division)?;
    let map = |at: usize| maps[at % real.values() % maps.len()];
    let pixels = values.iter().enumerate().map(|(at, &value)| map(at).pixel(value));
    let images = Images::new(pixels.collect(), 1, real.values()).map_err(|_| {
        AgreementError::Width { what: "the data", expected: real.values(), found: inputs.width() }
    })?;
    let config = real.origin(&maps, making).to_bytes();
    let seal = Seal {
        parts: making.parts,
        latent_map: &[],
        provenance: Provenance { tool: making.tool, config: &config, data: &images.digest() },
        test_image: images.image(0),
    };
    let (notes, sources) = (made.notes.clone(), made.sources.clone());
    let float = float_blob(&made.network, &seal).map_err(QuantizeError::from)?;
    let quantised = int8_blob(&made.bounded(), &images, &seal, watch)?;
    let blobs = [&float[..], &quantised.bytes];
    let differences = of_quantised(blobs, &quantised.meanings, &maps, &values, real.values())?;
    let name = |source: Option<LayerSource>| source.map_or_else(String::new, |source| source.name);
    let losses = sources.into_iter().map(name).zip(differences);
    let losses = losses.map(|(name, difference)| LayerLoss { name, difference }).collect();
    Ok((quantised, notes, losses))
}

/// The data as f32, in the blob's order.
fn in_order(real: &RealModel, numbers: &Numbers) -> Result<Vec<f32>, MakeError> {
    let (expected, found) = (real.values(), numbers.width());
    if numbers.samples == 0 {
        return Err(QuantizeError::NoCalibration.into());
    }
    if expected != found {
        return Err(AgreementError::Width { what: "the data", expected, found }.into());
    }
    let Values::F32(values) = &numbers.values else {
        return Err(AgreementError::Type { what: "inputs" }.into());
    };
    Ok(crate::agreement::ordered(real.channels_first(), values))
}

/// What int8 costs: the outputs of both blobs for the same inputs.
fn against_float(float: &[u8], int8: &[u8], inputs: &Numbers) -> Result<Agreement, AgreementError> {
    debug_assert_eq!(ae_engine::contract_of(float).map_err(EngineError::from)?, Contract::F32);
    let outputs = Runner::new(float)?.values(inputs)?;
    let outputs = Numbers { values: Values::F32(outputs), ..inputs.clone() };
    Runner::new(int8)?.compare(inputs, &outputs)
}
