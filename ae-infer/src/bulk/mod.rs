//! Many samples at a time, for hosts: the bits of [`Autoencoder`]'s methods, sooner.
//!
//! The module is there for every target with an operating system, and for x86-64 and AArch64
//! without one. Firmware of a microcontroller is built without it.
//!
//! A tile of 32 samples goes through all layers together. The samples lie side by side in the lanes
//! of vector registers, so a weight is read once for all of them, no register is summed across, and
//! the f32 contract's sums keep their order. A position of a convolution is a dense layer over what it
//! reads, whose lines are gathered side by side; other layers over maps go channel by channel. The
//! kernel is chosen when the program runs, and [`kernel`] names it:
//!
//! | name | where |
//! | --- | --- |
//! | `avx512-vnni` | x86-64 with AVX-512F, BW, DQ, VL and VNNI |
//! | `avx-vnni` | x86-64 with AVX2 and AVX-VNNI, for the int8 contract; f32 is as with AVX2 |
//! | `avx2` | x86-64 with AVX2 |
//! | `neon` | AArch64 |
//! | `portable` | other processors: the samples go through [`Autoencoder`] one after the other |
//!
//! `--cfg ae_kernel="portable"` in `RUSTFLAGS` forces the last one, and `--cfg ae_kernel="avx2"` or
//! `"avx-vnni"` one that a processor with more has too. Arm's `dotprod` and `i8mm` are not used: Rust's
//! intrinsics for them are not stable.
//!
//! ```
//! use ae_infer::Int8Autoencoder;
//! use ae_infer::bulk::Bulk;
//!
//! let model = Int8Autoencoder::load(include_bytes!(concat!(
//!     env!("CARGO_MANIFEST_DIR"),
//!     "/../tests/golden/tiny.int8.aeb"
//! )))?;
//! let mut memory = vec![0; Bulk::memory_len(&model)];
//! let bulk = Bulk::new(model, &mut memory)?;
//! let mut scratch = vec![0; bulk.scratch_len()];
//!
//! let images = [10, 200, 30, 120].repeat(100);
//! let mut reconstructions = vec![0; images.len()];
//! bulk.reconstruct(&images, &mut reconstructions, &mut scratch)?;
//! assert_eq!(reconstructions, [254, 82, 184, 254].repeat(100));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod carry;
mod chain;
mod convolution;
mod evidence;
mod f32;
mod int8;
mod places;
mod visit;
mod walk;

use ae_core::{Arithmetic, F32};

use crate::arch::TileKernel;
use crate::arch::tile::Kernel;
use crate::autoencoder::{Autoencoder, logit_layers};
use crate::compute::Compute;
use crate::error::InferError;

pub use evidence::evidence;
pub use visit::{BulkVisitor, with_model};
use walk::{Carry, Tiles, Walk};

/// An arithmetic that can be computed for many samples at a time: [`Int8`](ae_core::Int8) and
/// [`F32`].
pub trait BulkCompute<'a>:
    Compute<'a> + Tiles<'a> + Carry<u8> + Carry<<Self as Arithmetic<'a>>::Element>
{
}

impl<'a> BulkCompute<'a> for ae_core::Int8<'a> {}
impl BulkCompute<'_> for F32 {}

/// The name of the kernel that [`Bulk`] uses on this processor: `avx512-vnni`, `avx-vnni`, `avx2`,
/// `neon`, or `portable`.
#[must_use]
pub fn kernel() -> &'static str {
    TileKernel::detect().map_or("portable", TileKernel::name)
}

/// So many rounds of f32 that are multiplied and added in registers alone, as fast as the processor can
/// without fusing the two: what no f32 kernel exceeds. Gives how many were multiplied and added, for who
/// measures the time; `None` where there is no kernel, or it does not know.
#[doc(hidden)]
#[must_use]
pub fn unfused_peak(rounds: u32) -> Option<u64> {
    TileKernel::detect()?.peak(rounds)
}

/// A model prepared for many samples at a time. See the [module](self).
///
/// Samples stand one after the other in the buffers: pixels [`ae_core::features`] bytes each,
/// latents [`ae_core::latent_len`] elements each. There may be any number of them. They are
/// computed in tiles of 32, and a last one that is not full takes as long as one that is.
///
/// As with [`Autoencoder`], the caller owns the memory, what a buffer held before does not matter,
/// and a method that fails leaves nothing of use in it.
#[derive(Debug, Clone, Copy)]
pub struct Bulk<'a, 'm, A> {
    model: Autoencoder<'a, A>,
    /// `None`: one sample after the other.
    kernel: Option<TileKernel>,
    /// The prepared weights of the encoder and of the decoder.
    encoder: &'m [u32],
    decoder: &'m [u32],
}

/// The samples that go in or come out, and the values of each.
type Samples<S> = (S, usize);

impl<'a, 'm, A: BulkCompute<'a>> Bulk<'a, 'm, A> {
    /// Words of memory for the prepared weights of `model`: for int8 somewhat more
    /// than a byte a trained weight, up to five an extreme one, four more a weight of a depthwise
    /// convolution, and more in layers of few inputs; four bytes for an f32 weight of any other layer;
    /// nothing for the portable kernel. It depends on the kernel and on the values of the weights, and
    /// reads them all.
    #[must_use]
    pub fn memory_len(model: &Autoencoder<'a, A>) -> usize {
        let parts = [model.model().encoder(), model.model().decoder()];
        match TileKernel::detect() {
            Some(kernel) => {
                let lens = parts.into_iter().flatten().map(|part| walk::memory_len(kernel, part));
                lens.fold(0, usize::saturating_add)
            }
            None => 0,
        }
    }

    /// Puts the weights into `memory` in the order in which the kernel reads them.
    ///
    /// # Errors
    /// The memory has fewer words than [`memory_len`](Self::memory_len) says.
    pub fn new(model: Autoencoder<'a, A>, memory: &'m mut [u32]) -> Result<Self, InferError> {
        let Some(kernel) = TileKernel::detect() else {
            return Ok(Self { model, kernel: None, encoder: &[], decoder: &[] });
        };
        let found = memory.len();
        let too_small = || InferError::Memory { needed: Self::memory_len(&model), found };
        let (encoder, rest) =
            walk::prepare(kernel, model.model().encoder(), memory).ok_or_else(too_small)?;
        let (decoder, _) =
            walk::prepare(kernel, model.model().decoder(), rest).ok_or_else(too_small)?;
        Ok(Self { model, kernel: Some(kernel), encoder, decoder })
    }

    /// Elements of scratch for every method, whatever the number of samples.
    #[must_use]
    pub fn scratch_len(&self) -> usize {
        match self.kernel {
            Some(_) => walk::scratch_len(self.model.model()),
            None => self.model.model().header().scratch_len(),
        }
    }

    /// Pixels to latents.
    ///
    /// # Errors
    /// No encoder in the blob, buffers that do not hold the same number of whole samples, or a
    /// scratch that is too small.
    pub fn encode(
        &self,
        pixels: &[u8],
        latents: &mut [A::Element],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        let encoder = self.model.encoder()?;
        let (features, latent) = self.sizes();
        self.run(
            (pixels, features),
            (latents, latent),
            scratch,
            |walk| walk.through(encoder.layers(), self.encoder),
            |pixels, latent, scratch| self.model.encode(pixels, latent, scratch),
        )
    }

    /// Latents to pixels.
    ///
    /// # Errors
    /// No decoder in the blob, buffers that do not hold the same number of whole samples, or a
    /// scratch that is too small.
    pub fn decode(
        &self,
        latents: &[A::Element],
        pixels: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        let decoder = self.model.decoder()?;
        let (features, latent) = self.sizes();
        self.run(
            (latents, latent),
            (pixels, features),
            scratch,
            |walk| walk.through(decoder.layers(), self.decoder),
            |latent, pixels, scratch| self.model.decode(latent, pixels, scratch),
        )
    }

    /// Pixels to latents and back.
    ///
    /// # Errors
    /// A part missing in the blob, buffers that do not hold the same number of whole samples, or a
    /// scratch that is too small.
    pub fn reconstruct(
        &self,
        pixels: &[u8],
        reconstructions: &mut [u8],
        scratch: &mut [A::Element],
    ) -> Result<(), InferError> {
        let (encoder, decoder) = (self.model.encoder()?, self.model.decoder()?);
        let (features, _) = self.sizes();
        self.run(
            (pixels, features),
            (reconstructions, features),
            scratch,
            |walk| {
                walk.through(encoder.layers(), self.encoder);
                walk.through(decoder.layers(), self.decoder);
            },
            |pixels, reconstruction, scratch| {
                self.model.reconstruct(pixels, reconstruction, scratch)
            },
        )
    }

    /// Runs `tile` on one tile after the other, or `single` on one sample after the other.
    fn run<X, Y>(
        &self,
        (input, input_width): Samples<&[X]>,
        (output, output_width): Samples<&mut [Y]>,
        scratch: &mut [A::Element],
        tile: impl Fn(&mut Walk<'_>),
        single: impl Fn(&[X], &mut [Y], &mut [A::Element]) -> Result<(), InferError>,
    ) -> Result<(), InferError>
    where
        A: Carry<X> + Carry<Y>,
    {
        // No width of a model is 0.
        let samples = input.len().div_ceil(input_width.max(1));
        for (found, width) in [(input.len(), input_width), (output.len(), output_width)] {
            let expected = samples.saturating_mul(width);
            if found != expected {
                return Err(InferError::Samples { expected, found });
            }
        }
        let (needed, found) = (self.scratch_len(), scratch.len());
        if found < needed {
            return Err(InferError::Scratch { needed, found });
        }
        let Some(kernel) = self.kernel else {
            let mut samples =
                input.chunks(input_width.max(1)).zip(output.chunks_mut(output_width.max(1)));
            return samples.try_for_each(|(x, y)| single(x, y, scratch));
        };
        let mut walk = Walk::new::<A>(kernel, self.model.model(), scratch);
        let inputs = input.chunks(walk::tile_len(input_width));
        for (input, output) in inputs.zip(output.chunks_mut(walk::tile_len(output_width))) {
            walk.take::<A, _>(input, input_width);
            tile(&mut walk);
            walk.give::<A, _>(output, output_width);
        }
        Ok(())
    }

    /// Values of one sample: pixels, latent.
    fn sizes(&self) -> (usize, usize) {
        let header = self.model.model().header();
        (header.features as usize, header.latent as usize)
    }
}

impl Bulk<'_, '_, F32> {
    /// Pixels to what the decoder's last layer holds before its activation, as
    /// [`Autoencoder::decode_logits`] gives it.
    ///
    /// # Errors
    /// As [`reconstruct`](Self::reconstruct).
    pub fn reconstruct_logits(
        &self,
        pixels: &[u8],
        logits: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<(), InferError> {
        let (encoder, decoder) = (self.model.encoder()?, self.model.decoder()?);
        let (features, latent) = self.sizes();
        self.run(
            (pixels, features),
            (logits, features),
            scratch,
            |walk| {
                walk.through(encoder.layers(), self.encoder);
                walk.through(logit_layers(decoder), self.decoder);
            },
            |pixels, logits, scratch| {
                let (needed, found) = (latent, scratch.len());
                let (latent, scratch) = scratch
                    .split_at_mut_checked(latent)
                    .ok_or(InferError::Scratch { needed, found })?;
                self.model.encode(pixels, latent, scratch)?;
                self.model.decode_logits(latent, logits, scratch)
            },
        )
    }
}
