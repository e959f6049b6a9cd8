//! A model that queries run.

use std::sync::OnceLock;

use ae_core::{Contract, Detection, F32, Header, Int8, Layout, LoadError, SampleKind, arrange};
use ae_infer::bulk::{Bulk, BulkCompute};
use ae_infer::{Autoencoder, F32Autoencoder, Int8Autoencoder};

use crate::digest::Digest;
use crate::error::{FunctionError, ModelError};

/// A model, and what it says of its windows. Its bytes stay until the process ends.
#[derive(Debug)]
pub struct Model {
    digest: Digest,
    blob: &'static [u8],
    windows: WindowShape,
    detection: Option<Detection<'static>>,
    /// Values of a latent.
    latent: usize,
    /// Values of a reconstruction.
    features: usize,
    bulk: OnceLock<Prepared>,
    single: OnceLock<Loaded>,
}

/// What a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WindowShape {
    /// The type of the values.
    pub(crate) kind: SampleKind,
    /// Values of a sample.
    pub(crate) channels: usize,
    /// Samples of a window.
    pub(crate) samples: usize,
}

impl WindowShape {
    /// Values of a window.
    pub(crate) const fn values(&self) -> usize {
        self.samples.saturating_mul(self.channels)
    }
}

/// A model for many windows at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Prepared {
    /// In the int8 contract.
    Int8(Bulk<'static, 'static, Int8<'static>>),
    /// In the f32 contract.
    F32(Bulk<'static, 'static, F32>),
}

/// A model for one window at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loaded {
    /// In the int8 contract.
    Int8(Int8Autoencoder<'static>),
    /// In the f32 contract.
    F32(F32Autoencoder<'static>),
}

impl Model {
    /// Loads a blob whose digest is known.
    ///
    /// # Errors
    /// It is no model, or its detection section is refused.
    pub(crate) fn load(digest: Digest, blob: Vec<u8>) -> Result<Self, ModelError> {
        // Kept for ever, as the model is.
        let blob: &'static [u8] = blob.leak();
        let refused = |error| ModelError::Load { digest, error };
        let header = Header::check(blob).map_err(refused)?;
        let loaded = Loaded::of(blob).map_err(refused)?;
        let detection = match loaded {
            Loaded::Int8(model) => model.model().detection(),
            Loaded::F32(model) => model.model().detection(),
        };
        let detection = detection.map_err(refused)?;
        let features = header.features as usize;
        let windows = match &detection {
            None => WindowShape { kind: SampleKind::Pixels, channels: features, samples: 1 },
            Some(of) => WindowShape {
                kind: of.kind(),
                channels: of
                    .signal_channels(features)
                    .map_err(|error| refused(LoadError::Detection(error)))?,
                samples: of.signal_window() as usize,
            },
        };
        Ok(Self {
            digest,
            blob,
            windows,
            detection,
            latent: header.latent as usize,
            features,
            bulk: OnceLock::new(),
            single: OnceLock::new(),
        })
    }

    /// The SHA-256 of its blob.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Its detection section; `None` of a model without a detector, whose score is the squared error.
    #[must_use]
    pub const fn detection(&self) -> Option<&Detection<'static>> {
        self.detection.as_ref()
    }

    /// The type of a window's values.
    #[must_use]
    pub const fn kind(&self) -> SampleKind {
        self.windows.kind
    }

    /// Values of a sample.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.windows.channels
    }

    /// Samples of a window.
    #[must_use]
    pub const fn window(&self) -> usize {
        self.windows.samples
    }

    /// Values of a window: what `ae_score` takes.
    #[must_use]
    pub const fn window_values(&self) -> usize {
        self.windows.values()
    }

    pub(crate) const fn shape(&self) -> &WindowShape {
        &self.windows
    }

    pub(crate) const fn latent(&self) -> usize {
        self.latent
    }

    pub(crate) const fn features(&self) -> usize {
        self.features
    }

    /// The detection section, where one is needed.
    pub(crate) fn detector(&self) -> Result<&Detection<'static>, FunctionError> {
        self.detection().ok_or(FunctionError::NoDetector { digest: self.digest })
    }

    /// Prepared for many windows at a time, once.
    pub(crate) fn bulk(&self) -> Result<Prepared, FunctionError> {
        if let Some(&prepared) = self.bulk.get() {
            return Ok(prepared);
        }
        let refused = |error| ModelError::Load { digest: self.digest, error };
        let prepared = match Loaded::of(self.blob).map_err(refused)? {
            Loaded::Int8(model) => Prepared::Int8(prepare(model)?),
            Loaded::F32(model) => Prepared::F32(prepare(model)?),
        };
        Ok(*self.bulk.get_or_init(|| prepared))
    }

    /// Arranged for one window at a time, once.
    pub(crate) fn single(&self) -> Result<Loaded, FunctionError> {
        if let Some(&loaded) = self.single.get() {
            return Ok(loaded);
        }
        // As it is where it cannot be arranged: the results are the same.
        let blob = match Header::check(self.blob).map(|header| header.contract) {
            Ok(Contract::Int8) => arrange(self.blob, Layout::Rows).map(|blob| &*blob.leak()),
            _ => Ok(self.blob),
        };
        let loaded = Loaded::of(blob.unwrap_or(self.blob));
        let loaded = loaded.map_err(|error| ModelError::Load { digest: self.digest, error })?;
        Ok(*self.single.get_or_init(|| loaded))
    }
}

impl Loaded {
    fn of(blob: &'static [u8]) -> Result<Self, LoadError> {
        Ok(match Header::check(blob)?.contract {
            Contract::Int8 => Self::Int8(Autoencoder::load(blob)?),
            Contract::F32 => Self::F32(Autoencoder::load(blob)?),
        })
    }
}

fn prepare<A: BulkCompute<'static>>(
    model: Autoencoder<'static, A>,
) -> Result<Bulk<'static, 'static, A>, FunctionError> {
    Ok(Bulk::new(model, vec![0; Bulk::memory_len(&model)].leak())?)
}
