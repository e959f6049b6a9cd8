//! Numbers through an f32 model, neither made pixels nor made of pixels.

use crate::autoencoder::{F32Autoencoder, check_scratch, logit_layers};
use crate::error::InferError;
use crate::trace::Trace;
use crate::values::{Sink, Source};
use crate::walk::walk;

impl F32Autoencoder<'_> {
    /// [`encode`](Self::encode) of numbers that are not those of pixels. A pixel p is the number
    /// p / 255; here any may come in.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_values(
        &self,
        values: &[f32],
        latent: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<(), InferError> {
        self.encode_values_traced(values, latent, scratch, &mut ())
    }

    /// [`encode_values`](Self::encode_values) that shows every layer's output to `trace`.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_values_traced(
        &self,
        values: &[f32],
        latent: &mut [f32],
        scratch: &mut [f32],
        trace: &mut impl Trace,
    ) -> Result<(), InferError> {
        let encoder = self.encoder()?;
        self.check(values.len(), latent.len())?;
        check_scratch(self.model().header().encoder_scratch, scratch.len())?;
        let ends = (Source::Elements(values), Sink::Elements(latent));
        walk(encoder.layers(), self.model().header().in_strips, ends, scratch, trace)
    }

    /// [`decode`](Self::decode) to numbers before they are made pixels: they are neither rounded nor
    /// clipped.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_values(
        &self,
        latent: &[f32],
        values: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<(), InferError> {
        self.decode_values_traced(latent, values, scratch, &mut ())
    }

    /// [`decode_values`](Self::decode_values) that shows every layer's output to `trace`.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_values_traced(
        &self,
        latent: &[f32],
        values: &mut [f32],
        scratch: &mut [f32],
        trace: &mut impl Trace,
    ) -> Result<(), InferError> {
        let decoder = self.decoder()?;
        self.check(values.len(), latent.len())?;
        check_scratch(self.model().header().decoder_scratch, scratch.len())?;
        let ends = (Source::Elements(latent), Sink::Elements(values));
        walk(decoder.layers(), self.model().header().in_strips, ends, scratch, trace)
    }

    /// Latent to what the decoder's last layer holds before its activation.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_logits(
        &self,
        latent: &[f32],
        logits: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<(), InferError> {
        let decoder = self.decoder()?;
        self.check(logits.len(), latent.len())?;
        check_scratch(self.model().header().decoder_scratch, scratch.len())?;
        let ends = (Source::Elements(latent), Sink::Elements(logits));
        walk(logit_layers(decoder), self.model().header().in_strips, ends, scratch, &mut ())
    }
}
