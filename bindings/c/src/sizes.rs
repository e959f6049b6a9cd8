//! What a blob's header says, before a model is loaded.

#![allow(unsafe_code, reason = "pointers from C, and a name that C finds")]

use ae_core::{F32Model, Header, Int8Model, LoadError, SampleKind, window_len};

use crate::error::{Error, Result, number};
use crate::memory::{Input, Region, check_apart, give};

/// An arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Contract {
    /// Integers from pixel to pixel: the functions that begin with `ae_int8_`.
    Int8 = 0,
    /// Real numbers: the functions that begin with `ae_f32_`.
    F32 = 1,
}

/// The type of a sample's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Samples {
    /// The blob has no detection section.
    None = 0,
    /// `uint8_t`.
    U8 = 1,
    /// `int16_t`.
    I16 = 2,
    /// `float`.
    F32 = 3,
}

/// How long the buffers of a model are. An element is an `int8_t` or a `float`, by the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Sizes {
    /// Which functions run the model.
    pub contract: Contract,
    /// 1 if there is an encoder, otherwise 0.
    pub has_encoder: u32,
    /// 1 if there is a decoder, otherwise 0.
    pub has_decoder: u32,
    /// Pixels of one input, and of one reconstruction.
    pub features: u32,
    /// Latent values.
    pub latent: u32,
    /// Elements of a scratch for every function.
    pub scratch: u32,
    /// Elements of a scratch for encoding alone.
    pub encode_scratch: u32,
    /// Elements of a scratch for decoding alone.
    pub decode_scratch: u32,
    /// The type of a detector's samples.
    pub samples: Samples,
    /// Values of a detector's sample.
    pub channels: u32,
    /// Bytes of a detector's window.
    pub window: u32,
    /// Values of a frame, where features are computed of the signal; otherwise 0.
    pub frame: u32,
    /// Elements of the buffer `runs` of companions that look at every channel: values of a sample, or of a
    /// frame, where features are computed of the signal.
    pub runs: u32,
}

/// Reads what a blob says of its sizes. All of the blob is checked, its checksum too; whether this
/// core can run it, loading tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ae_sizes_of(blob: *const u8, blob_len: usize, sizes: *mut Sizes) -> Error {
    // SAFETY: the caller's word.
    number(unsafe { sizes_of(Input { pointer: blob, count: blob_len }, sizes) })
}

unsafe fn sizes_of(blob: Input<u8>, sizes: *mut Sizes) -> Result<()> {
    check_apart(&[Region::one(sizes)?], &[blob.region()?])?;
    // SAFETY: checked; the memory is the caller's word.
    let found = read(unsafe { blob.elements() })?;
    // SAFETY: the same.
    unsafe { give(sizes, found) };
    Ok(())
}

fn read(blob: &[u8]) -> Result<Sizes> {
    let header = Header::check(blob)?;
    let (contract, detection) = match header.contract {
        ae_core::Contract::Int8 => (Contract::Int8, Int8Model::parse(blob)?.detection()?),
        ae_core::Contract::F32 => (Contract::F32, F32Model::parse(blob)?.detection()?),
    };
    let (mut samples, mut channels, mut frame, mut runs) = (Samples::None, 0, 0, 0);
    if let Some(detection) = detection {
        samples = match detection.kind() {
            SampleKind::Pixels => Samples::U8,
            SampleKind::Counts => Samples::I16,
            SampleKind::Values => Samples::F32,
        };
        frame = detection.features.map_or(0, |of| of.frame_values());
        runs = detection.channels(header.features as usize).map_err(LoadError::Detection)?;
        channels = detection.features.map_or(runs, |of| of.channels.into());
    }
    let short = |size: usize| u32::try_from(size).map_err(|_| Error::Format);
    Ok(Sizes {
        contract,
        has_encoder: header.has_encoder.into(),
        has_decoder: header.has_decoder.into(),
        features: header.features,
        latent: header.latent,
        scratch: short(header.scratch_len())?,
        encode_scratch: header.encoder_scratch,
        decode_scratch: header.decoder_scratch,
        samples,
        channels: short(channels)?,
        window: short(window_len(blob).ok_or(Error::Format)?)?,
        frame: short(frame)?,
        runs: short(runs)?,
    })
}
