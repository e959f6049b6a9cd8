//! The model that a user runs.

use ae_core::{Checked, F32, Int8, Layer, LoadError, Model, Part, PartKind, Prechecked};

use crate::compute::{Compute, ComputeLayer, Latent};
use crate::error::{InferError, SelfTestError};
use crate::score::squared_error;
use crate::self_test::Found;
use crate::trace::Trace;
use crate::values::{Sink, Source};
use crate::walk::walk;

/// A loaded model that can be run.
///
/// Buffers are the caller's. Pixels in and out have [`ae_core::features`] bytes, the latent
/// [`ae_core::latent_len`] elements; a scratch of [`ae_core::scratch_len`] elements serves every
/// method. An element is an i8 or an f32, after the contract. What a buffer held before does not
/// matter, and a method that fails leaves nothing of use in it.
#[derive(Debug, Clone, Copy)]
pub struct Autoencoder<'a, A> {
    model: Model<'a, A>,
}

/// The latent, and the scratch behind it.
type Split<'s, E> = (&'s mut [E], &'s mut [E]);

/// An autoencoder in the int8 contract.
pub type Int8Autoencoder<'a> = Autoencoder<'a, Int8<'a>>;
/// An autoencoder in the f32 contract.
pub type F32Autoencoder<'a> = Autoencoder<'a, F32>;

impl<'a, A> From<Model<'a, A>> for Autoencoder<'a, A> {
    fn from(model: Model<'a, A>) -> Self {
        Self { model }
    }
}

impl<'a, A: Compute<'a>> Autoencoder<'a, A> {
    /// Reads and checks a blob in place.
    ///
    /// # Errors
    /// As [`Model::parse`]; and [`LoadError::FloatMode`] for an f32 model where the program has set
    /// the core's float arithmetic to something else than the format's. It must not do so later.
    pub fn load(blob: &'a [u8]) -> Result<Self, LoadError> {
        Self::read(Checked::of(blob)?)
    }

    /// [`load`](Self::load) for a blob whose checksum need not be compared again.
    /// Everything else is checked.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for a checksum that differs.
    pub fn load_prechecked(blob: Prechecked<'a>) -> Result<Self, LoadError> {
        Self::read(Checked::of_prechecked(blob)?)
    }

    #[inline(always)]
    fn read(checked: Checked<'a, A>) -> Result<Self, LoadError> {
        if A::is_kept() { checked.read() } else { Err(LoadError::FloatMode) }
    }

    /// What the blob says of itself.
    #[must_use]
    pub fn model(&self) -> &Model<'a, A> {
        &self.model
    }

    /// The name of the kernel that computes the model's first layer on the core that this was
    /// built for.
    #[must_use]
    pub fn kernel(&self) -> &'static str {
        let parts = [self.model.encoder(), self.model.decoder()];
        let first = parts.into_iter().flatten().find_map(|part| part.layers().next());
        first.map_or("", |layer| <A as ComputeLayer<'a, A::Element, A::Element>>::kernel(&layer))
    }

    /// Pixels to latent. A scratch of [`ae_core::encode_scratch_len`] elements is enough.
    ///
    /// # Errors
    /// No encoder in the blob, or a buffer of the wrong size.
    pub fn encode(
        &self,
        pixels: &[u8],
        latent: &mut [A::Element],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        self.encode_traced(pixels, latent, scratch, &mut ())
    }

    /// Latent to pixels. A scratch of [`ae_core::decode_scratch_len`] elements is enough.
    ///
    /// # Errors
    /// No decoder in the blob, or a buffer of the wrong size.
    pub fn decode(
        &self,
        latent: &[A::Element],
        pixels: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        self.decode_traced(latent, pixels, scratch, &mut ())
    }

    /// Pixels to latent and back. The latent is left at the front of `scratch`.
    ///
    /// # Errors
    /// A part missing in the blob, or a buffer of the wrong size.
    pub fn reconstruct(
        &self,
        pixels: &[u8],
        reconstruction: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        self.reconstruct_traced(pixels, reconstruction, scratch, &mut ())
    }

    /// [`reconstruct`](Self::reconstruct), and the [`squared_error`] of the reconstruction.
    ///
    /// # Errors
    /// As [`reconstruct`](Self::reconstruct).
    pub fn score(
        &self,
        pixels: &[u8],
        reconstruction: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<u64, InferError> {
        self.reconstruct(pixels, reconstruction, scratch)?;
        Ok(squared_error(pixels, reconstruction))
    }

    /// [`encode`](Self::encode) that shows every layer's output to `trace`.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_traced(
        &self,
        pixels: &[u8],
        latent: &mut [A::Element],
        scratch: &mut [A::Element],
        trace: &mut impl Trace,
    ) -> Result<(), InferError> {
        let encoder = self.encoder()?;
        self.check(pixels.len(), latent.len())?;
        check_scratch(self.model.header().encoder_scratch, scratch.len())?;
        let ends = (Source::Pixels(pixels), Sink::Elements(latent));
        walk(encoder.layers(), self.model.header().in_strips, ends, scratch, trace)
    }

    /// [`decode`](Self::decode) that shows every layer's output to `trace`.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_traced(
        &self,
        latent: &[A::Element],
        pixels: &mut [u8],
        scratch: &mut [A::Element],
        trace: &mut impl Trace,
    ) -> Result<(), InferError> {
        let decoder = self.decoder()?;
        self.check(pixels.len(), latent.len())?;
        check_scratch(self.model.header().decoder_scratch, scratch.len())?;
        let ends = (Source::Elements(latent), Sink::Pixels(pixels));
        walk(decoder.layers(), self.model.header().in_strips, ends, scratch, trace)
    }

    /// [`reconstruct`](Self::reconstruct) that shows every layer's output to `trace`.
    ///
    /// # Errors
    /// As [`reconstruct`](Self::reconstruct).
    pub fn reconstruct_traced(
        &self,
        pixels: &[u8],
        reconstruction: &mut [u8],
        scratch: &mut [A::Element],
        trace: &mut impl Trace,
    ) -> Result<(), InferError> {
        let (latent, scratch) = self.split_latent(scratch)?;
        self.encode_traced(pixels, latent, scratch, trace)?;
        self.decode_traced(latent, reconstruction, scratch, trace)
    }

    /// Runs the blob's own test vector and compares every layer's digest, in the parts that the
    /// blob holds. `pixels` is a buffer for the decoder's output; it may be empty where the blob
    /// has no decoder.
    ///
    /// # Errors
    /// The first layer that differs, or a buffer of the wrong size.
    pub fn self_test(
        &self,
        pixels: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<(), SelfTestError> {
        let (latent, scratch) = self.split_latent(scratch)?;
        if let Some(encoder) = self.model.encoder() {
            let mut found = Found::new();
            self.encode_traced(encoder.test_input(), latent, scratch, &mut found)?;
            found.compare(PartKind::Encoder, encoder)?;
        }
        if let Some(decoder) = self.model.decoder() {
            let mut found = Found::new();
            A::Element::read(decoder.test_input(), latent);
            self.decode_traced(latent, pixels, scratch, &mut found)?;
            found.compare(PartKind::Decoder, decoder)?;
        }
        Ok(())
    }

    pub(crate) fn encoder(&self) -> Result<&Part<'a, A>, InferError> {
        self.model.encoder().ok_or(InferError::NoPart { missing: PartKind::Encoder })
    }

    pub(crate) fn decoder(&self) -> Result<&Part<'a, A>, InferError> {
        self.model.decoder().ok_or(InferError::NoPart { missing: PartKind::Decoder })
    }

    pub(crate) fn check(&self, pixels: usize, latent: usize) -> Result<(), InferError> {
        let header = self.model.header();
        let expected = header.features as usize;
        if pixels != expected {
            return Err(InferError::Pixels { expected, found: pixels });
        }
        let expected = header.latent as usize;
        if latent != expected {
            return Err(InferError::Latent { expected, found: latent });
        }
        Ok(())
    }

    /// The latent at the front of the scratch, and the rest.
    fn split_latent<'s>(
        &self,
        scratch: &'s mut [A::Element],
    ) -> Result<Split<'s, A::Element>, InferError> {
        let header = self.model.header();
        let (needed, found) = (header.scratch_len(), scratch.len());
        if found < needed {
            return Err(InferError::Scratch { needed, found });
        }
        scratch
            .split_at_mut_checked(header.latent as usize)
            .ok_or(InferError::Scratch { needed, found })
    }
}

/// The walk would notice too, but could only say what the layer at hand needs.
pub(crate) fn check_scratch(needed: u32, found: usize) -> Result<(), InferError> {
    let needed = needed as usize;
    if found < needed { Err(InferError::Scratch { needed, found }) } else { Ok(()) }
}

/// The layers, the last one without its activation.
pub(crate) fn logit_layers<'a>(
    decoder: &Part<'a, F32>,
) -> impl ExactSizeIterator<Item = Layer<'a, F32>> + Clone + use<'a> {
    let last = decoder.layers().len().saturating_sub(1);
    decoder.layers().enumerate().map(
        move |(index, layer): (usize, Layer<'_, F32>)| {
            if index == last { layer.without_activation() } else { layer }
        },
    )
}
