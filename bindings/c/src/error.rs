//! What can go wrong, as a number for C.

use ae_core::{LayerError, LoadError};
use ae_infer::{CalibrationError, DetectorError, InferError, SelfTestError, StateError};

/// What a function found; 0 is success. `ae_error_text` has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Error {
    /// Success.
    Ok = 0,

    /// A pointer is null.
    Null = 1,
    /// A pointer is not on the boundary that its type asks for.
    Misaligned = 2,
    /// A length reaches past the end of the address space.
    Length = 3,
    /// A buffer that is written to lies over another one.
    Overlap = 4,
    /// The struct was never filled by a load or a begin that succeeded.
    NotLoaded = 5,

    /// The bytes are no blob of this version: too few, another beginning, another version.
    NoBlob = 16,
    /// The blob was cut or extended.
    BlobLength = 17,
    /// The blob was changed after it was made: its checksum differs.
    Checksum = 18,
    /// The blob has the other contract.
    Contract = 19,
    /// The blob breaks a rule of the format.
    Format = 20,
    /// The blob needs code that this library was built without.
    NotBuilt = 21,
    /// The core's float arithmetic is set to something else than the format's.
    FloatMode = 22,

    /// The blob has no encoder.
    NoEncoder = 32,
    /// The blob has no decoder.
    NoDecoder = 33,
    /// Not as many pixels as the model has features.
    Pixels = 34,
    /// Not as many latent values as the model has.
    Latent = 35,
    /// The scratch is too small.
    Scratch = 36,
    /// A layer gives another result than where the model was made.
    SelfTest = 37,

    /// The blob has no detection section.
    NoDetection = 48,
    /// The blob's detection section is refused.
    Detection = 49,
    /// The buffer for the window is too small.
    Window = 50,
    /// The samples have another type than the blob's map takes.
    SampleType = 51,
    /// The sample has too few or too many values.
    Channels = 52,
    /// No features are computed of the signal, so there are windows and no frames.
    NoFeatures = 53,
    /// Not as many values as a frame has.
    Frame = 54,

    /// The 32 bytes are no public key that may be used.
    Key = 64,
    /// There is no signature behind the blob, or one of another version.
    NotSigned = 65,
    /// The signature is not that of the key's holder over these bytes.
    Signature = 66,
    /// The signature is right and the model is older than what may run.
    TooOld = 67,
    /// The file names a key that is not among those that were passed.
    OtherKey = 68,
    /// The signature is right and the model is for another purpose.
    Purpose = 69,
    /// The purpose that was passed is no name of 1 to 16 letters, digits and signs of ASCII.
    PurposeName = 70,

    /// A rate of companions is not in 1 to 999,999 parts per million.
    AlarmRate = 80,
    /// With so few scores there is no threshold, or no bound of low scores, for its rate.
    TooFewScores = 81,
    /// The buffer for the scores that are kept is too small.
    Kept = 82,
    /// The blob has the thresholds of too few of its maker's groups.
    TooFewGroups = 83,
    /// Not as many bytes as the state of the companions has.
    StateLength = 84,
    /// The state is of companions of another model.
    StateModel = 85,
    /// The state is of companions with another plan.
    StatePlan = 86,
    /// No companions have such a state.
    State = 87,

    /// Something that this version of the library has no number for.
    Other = 99,
}

/// How a function ends: `?` inside, and a number for C outside.
pub(crate) type Result<T> = core::result::Result<T, Error>;

/// The number of a result.
pub(crate) fn number(result: Result<()>) -> Error {
    match result {
        Ok(()) => Error::Ok,
        Err(error) => error,
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::TooShort { .. }
            | LoadError::BadMagic { .. }
            | LoadError::UnsupportedVersion { .. }
            | LoadError::UnknownContract { .. }
            | LoadError::UnknownParts { .. } => Self::NoBlob,
            LoadError::LengthMismatch { .. } => Self::BlobLength,
            LoadError::ChecksumMismatch { .. } => Self::Checksum,
            LoadError::WrongContract { .. } => Self::Contract,
            LoadError::Layer {
                error: LayerError::KindNotBuilt { .. } | LayerError::RoundingNotBuilt,
                ..
            } => Self::NotBuilt,
            LoadError::FloatMode => Self::FloatMode,
            LoadError::Detection(_) => Self::Detection,
            _ => Self::Format,
        }
    }
}

impl From<InferError> for Error {
    fn from(error: InferError) -> Self {
        match error {
            InferError::NoPart { missing: ae_core::PartKind::Encoder } => Self::NoEncoder,
            InferError::NoPart { missing: ae_core::PartKind::Decoder } => Self::NoDecoder,
            InferError::Pixels { .. } => Self::Pixels,
            InferError::Latent { .. } => Self::Latent,
            InferError::Scratch { .. } => Self::Scratch,
            _ => Self::Other,
        }
    }
}

impl From<SelfTestError> for Error {
    fn from(error: SelfTestError) -> Self {
        match error {
            SelfTestError::Differs { .. } => Self::SelfTest,
            SelfTestError::Infer(error) => error.into(),
            _ => Self::Other,
        }
    }
}

impl From<DetectorError> for Error {
    fn from(error: DetectorError) -> Self {
        match error {
            DetectorError::Load(error) => error.into(),
            DetectorError::NoDetection => Self::NoDetection,
            DetectorError::Infer(error) => error.into(),
            DetectorError::Window { .. } => Self::Window,
            DetectorError::Samples { .. } => Self::SampleType,
            DetectorError::Channels { .. } => Self::Channels,
            DetectorError::NoFeatures => Self::NoFeatures,
            DetectorError::Frame { .. } => Self::Frame,
            _ => Self::Other,
        }
    }
}

impl From<CalibrationError> for Error {
    fn from(error: CalibrationError) -> Self {
        match error {
            CalibrationError::AlarmRate { .. } => Self::AlarmRate,
            CalibrationError::TooFewScores { .. } => Self::TooFewScores,
            CalibrationError::Room { .. } => Self::Kept,
            CalibrationError::TooFewGroups { .. } => Self::TooFewGroups,
            _ => Self::Other,
        }
    }
}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Length { .. } => Self::StateLength,
            _ => Self::State,
        }
    }
}
