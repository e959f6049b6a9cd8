//! A blob that has been checked, and its parts read in place.

use core::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::canonical::Reader;
use crate::check::{check, check_prechecked};
use crate::detection::{Detection, GroupThresholds};
use crate::error::{DetectionError, FeaturesError, LoadError};
use crate::geometry::Totals;
use crate::header::Header;
use crate::layer::{Arithmetic, Layer};

/// Where a model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance<'a> {
    /// Name and version of the program that wrote the blob.
    pub tool: &'a str,
    /// Digest of the training configuration.
    pub config: &'a [u8],
    /// Digest of the dataset.
    pub data: &'a [u8],
}

/// What stands in the body before the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preamble<'a> {
    pub(crate) input: InputMap,
    pub(crate) latent_map: &'a [u8],
    #[serde(borrow)]
    pub(crate) provenance: Provenance<'a>,
}

/// How the encoder's input becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum InputMap {
    /// u8 pixels `p`: the i8 `p − 128` in the int8 contract, `p / 255` in the f32 contract.
    Pixels,
}

/// A model, read in place and found runnable on any input.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a, A> {
    header: Header,
    preamble: Preamble<'a>,
    /// The bytes of the detection section.
    detection: Reader<'a>,
    encoder: Option<Part<'a, A>>,
    decoder: Option<Part<'a, A>>,
}

/// An encoder or a decoder: layers, and a test vector with a digest after each of them.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a, A> {
    layers: Layers<'a, A>,
    test_input: &'a [u8],
}

/// The layers of a part in order. Each is read from the blob when it is asked for, so a model
/// takes the same few words of RAM however deep it is.
#[derive(Clone, Copy)]
pub struct Layers<'a, A> {
    reader: Reader<'a>,
    left: usize,
    arithmetic: PhantomData<fn() -> A>,
}

impl<A> core::fmt::Debug for Layers<'_, A> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Layers").field("left", &self.left).finish()
    }
}

/// A blob that was found to be a model, and is not yet read: for who decides something in between.
///
/// Reading it anew keeps the model out of the frames of the check, so that loading takes less stack.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a, A> {
    blob: &'a [u8],
    arithmetic: PhantomData<fn() -> A>,
}

/// A blob whose checksum was compared before, and need not be compared again: because a compiler did it
/// for a blob that is part of the program, or the program itself at an earlier start.
///
/// That is all that is taken on trust. Everything else is checked as in any other blob, so whatever the
/// bytes are, a model of them runs safely. But damage since then is not found: worn flash can give
/// wrong results.
///
/// ```
/// use ae_core::{Int8Model, LoadError, Prechecked};
///
/// let mut blob =
///     include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb")).to_vec();
/// blob[16] ^= 1; // The checksum.
/// assert!(matches!(Int8Model::parse(&blob), Err(LoadError::ChecksumMismatch { .. })));
/// assert!(Int8Model::parse_prechecked(Prechecked::trust(&blob)).is_ok());
///
/// blob[0] ^= 1; // The format's mark.
/// let error = Int8Model::parse_prechecked(Prechecked::trust(&blob)).unwrap_err();
/// assert!(matches!(error, LoadError::BadMagic { .. }));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Prechecked<'a>(&'a [u8]);

impl<'a> Prechecked<'a> {
    /// Says that the blob's checksum was found right before.
    #[must_use]
    pub const fn trust(blob: &'a [u8]) -> Self {
        Self(blob)
    }
}

impl<'a, A: Arithmetic<'a>> Checked<'a, A> {
    /// Checks a blob: length and checksum, then form, then meaning, then that no byte is left.
    ///
    /// # Errors
    /// The first thing that is wrong, with its numbers.
    pub fn of(blob: &'a [u8]) -> Result<Self, LoadError> {
        check::<A>(blob)?;
        Ok(Self { blob, arithmetic: PhantomData })
    }

    /// [`of`](Self::of) without the checksum.
    ///
    /// # Errors
    /// As [`of`](Self::of), but for a checksum that differs.
    pub fn of_prechecked(blob: Prechecked<'a>) -> Result<Self, LoadError> {
        check_prechecked::<A>(blob.0)?;
        Ok(Self { blob: blob.0, arithmetic: PhantomData })
    }

    /// The model, as itself or in something that holds it.
    ///
    /// # Errors
    /// None: what was checked can be read.
    #[inline(never)]
    pub fn read<M: From<Model<'a, A>>>(self) -> Result<M, LoadError> {
        let (header, mut reader) = (Header::read(self.blob)?, body(self.blob));
        let preamble = reader.take_again()?;
        let detection: &'a [u8] = reader.take_again()?;
        let detection = Reader::new(detection, reader.offset().saturating_sub(detection.len()));
        let encoder = Part::read(&mut reader);
        let decoder = Part::read(&mut reader);
        Ok(Model { header, preamble, detection, encoder, decoder }.into())
    }
}

impl<'a, A: Arithmetic<'a>> Model<'a, A> {
    /// Checks a blob: length and checksum, then form, then meaning, then that no byte is left.
    ///
    /// # Errors
    /// The first thing that is wrong, with its numbers.
    pub fn parse(blob: &'a [u8]) -> Result<Self, LoadError> {
        Checked::of(blob)?.read()
    }

    /// [`parse`](Self::parse) without the checksum.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), but for a checksum that differs.
    pub fn parse_prechecked(blob: Prechecked<'a>) -> Result<Self, LoadError> {
        Checked::of_prechecked(blob)?.read()
    }

    /// The fixed header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Pixels to latent, unless the blob holds the decoder alone.
    #[must_use]
    pub fn encoder(&self) -> Option<&Part<'a, A>> {
        self.encoder.as_ref()
    }

    /// Latent to pixels, unless the blob holds the encoder alone.
    #[must_use]
    pub fn decoder(&self) -> Option<&Part<'a, A>> {
        self.decoder.as_ref()
    }

    /// Parameters and multiply-adds of all layers.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let parts = self.encoder.iter().chain(&self.decoder);
        Totals::of(parts.flat_map(Part::layers).map(|layer| layer.geometry()))
    }

    /// Where the model comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance<'a> {
        &self.preamble.provenance
    }

    /// What the blob says to a detector, if it does. It is checked here, and not by
    /// [`parse`](Self::parse): a program without a detector holds no code for it.
    ///
    /// # Errors
    /// A detection section that cannot be read, or that no detector could follow.
    pub fn detection(&self) -> Result<Option<Detection<'a>>, LoadError> {
        let mut reader = self.detection;
        if reader.remaining() == 0 {
            return Ok(None);
        }
        let mut detection: Detection<'a> = reader.take()?;
        if reader.remaining() != 0 {
            detection.smoothing = reader.take()?;
            let has_groups = detection.smoothing & Detection::WITH_GROUPS != 0;
            if has_groups {
                detection.smoothing &= !Detection::WITH_GROUPS;
                detection.groups = GroupThresholds(reader.take()?);
                if detection.groups.is_empty() {
                    return Err(DetectionError::Groups { found: 0 }.into());
                }
            }
            if reader.remaining() != 0 {
                // A program without them holds no code to read them either.
                if !cfg!(feature = "signal-features") {
                    return Err(DetectionError::from(FeaturesError::NotBuilt).into());
                }
                detection.features = Some(reader.take()?);
            } else if detection.smoothing == 0 && !has_groups {
                // Without it the section is shorter.
                return Err(DetectionError::Smoothing { found: 0 }.into());
            }
        }
        reader.finish()?;
        detection.check(self.header.features as usize)?;
        Ok(Some(detection))
    }

    /// For each latent value the `(scale, offset)` that make it real: `scale · q + offset`.
    /// Empty in the f32 contract, whose latents are real already.
    pub fn latent_map(&self) -> impl Iterator<Item = (f32, f32)> + use<'a, A> {
        latent_pairs(self.preamble.latent_map)
    }
}

impl<'a, A: Arithmetic<'a>> Part<'a, A> {
    /// The layers, first to last.
    #[must_use]
    pub fn layers(&self) -> Layers<'a, A> {
        self.layers
    }

    /// The input that the layers' digests belong to: pixels for an encoder, latent values (i8, or
    /// f32 as four little-endian bytes) for a decoder.
    #[must_use]
    pub fn test_input(&self) -> &'a [u8] {
        self.test_input
    }

    /// An `Option<Part>` that has been checked.
    #[inline(never)]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        // The tag of an option and a bool are the same byte in postcard.
        if !reader.read::<bool>()? {
            return None;
        }
        let left = reader.read::<u32>()? as usize;
        let layers = Layers { reader: *reader, left, arithmetic: PhantomData };
        for _ in 0..left {
            reader.read::<Layer<'a, A>>()?;
        }
        Some(Self { layers, test_input: reader.read()? })
    }
}

impl<'a, A: Arithmetic<'a>> Iterator for Layers<'a, A> {
    type Item = Layer<'a, A>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.reader.read()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a, A: Arithmetic<'a>> ExactSizeIterator for Layers<'a, A> {}

/// What stands behind the header.
pub(crate) fn body(blob: &[u8]) -> Reader<'_> {
    Reader::new(blob.get(Header::LEN..).unwrap_or_default(), Header::LEN)
}

/// Scale and offset of each latent value.
pub(crate) fn latent_pairs(map: &[u8]) -> impl Iterator<Item = (f32, f32)> {
    map.as_chunks::<8>().0.iter().map(|&[a, b, c, d, e, f, g, h]| {
        (f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h]))
    })
}
