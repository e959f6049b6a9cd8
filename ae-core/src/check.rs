//! Whether a blob is a model that can be run on any input.
//!
//! The check keeps nothing of what it reads but a few numbers, and each of its steps is a function of
//! its own: so their frames do not add up, and a board loads a model on the stack that an inference
//! takes.

use crate::canonical::Reader;
use crate::contract::Contract;
use crate::error::LoadError;
use crate::format::MAX_LAYERS;
use crate::geometry::{Chain, SpatialKind};
use crate::header::Header;
use crate::layer::{Arithmetic, Layer};
use crate::model::{Preamble, body, latent_pairs};
use crate::part::PartKind;

/// Length and checksum, then form, then meaning, then that no byte is left.
#[inline(never)]
pub(crate) fn check<'a, A: Arithmetic<'a>>(blob: &'a [u8]) -> Result<(), LoadError> {
    check_body::<A>(blob, check_header(blob, A::CONTRACT)?)
}

/// The same of a blob whose checksum was compared before.
#[inline(never)]
pub(crate) fn check_prechecked<'a, A: Arithmetic<'a>>(blob: &'a [u8]) -> Result<(), LoadError> {
    check_body::<A>(blob, check_prechecked_header(blob, A::CONTRACT)?)
}

/// Everything behind the header, with [what it says](check_header).
#[inline(always)]
fn check_body<'a, A: Arithmetic<'a>>(
    blob: &'a [u8],
    (latent, in_strips): (usize, bool),
) -> Result<(), LoadError> {
    let mut reader = body(blob);
    check_preamble(&mut reader, latent.saturating_mul(A::LATENT_MAP_BYTES))?;
    const PARTS: [PartKind; 2] = [PartKind::Encoder, PartKind::Decoder];
    let mut has_strips = false;
    for part in PARTS {
        let mut chain = Chain::with_strips(in_strips);
        for left in (0..check_count(&mut reader, part)?).rev() {
            let is_output = left == 0 && part == PartKind::Decoder;
            check_layer::<A>(&mut reader, &mut chain, part, is_output)?;
        }
        check_test_input(&mut reader, part, &chain, size_of::<A::Element>())?;
        check_sizes(blob, part, &chain)?;
        has_strips |= SpatialKind::ANY && chain.has_strips();
    }
    // A model that gains nothing by strips has one header, as every other.
    if SpatialKind::ANY && in_strips && !has_strips {
        return Err(LoadError::HeaderDisagrees { field: "in_strips", header: 1, body: 0 });
    }
    reader.finish()
}

/// The seal, and the contract. Gives the number of latent values, and whether layers over maps are computed
/// in strips.
#[inline(never)]
fn check_header(blob: &[u8], expected: Contract) -> Result<(usize, bool), LoadError> {
    facts(Header::check(blob)?, expected)
}

/// The same without the checksum.
#[inline(never)]
fn check_prechecked_header(blob: &[u8], expected: Contract) -> Result<(usize, bool), LoadError> {
    facts(Header::check_prechecked(blob)?, expected)
}

#[inline(always)]
fn facts(header: Header, expected: Contract) -> Result<(usize, bool), LoadError> {
    if header.contract != expected {
        return Err(LoadError::WrongContract { expected, found: header.contract });
    }
    Ok((header.latent as usize, header.in_strips))
}

/// What stands before the parts. Of the detection section only the length is read.
#[inline(never)]
fn check_preamble(reader: &mut Reader<'_>, expected: usize) -> Result<(), LoadError> {
    let Preamble { latent_map, .. } = reader.take()?;
    if latent_map.len() != expected {
        return Err(LoadError::LatentMapLength { expected, found: latent_map.len() });
    }
    for (latent, (scale, offset)) in latent_pairs(latent_map).enumerate() {
        if !(scale.is_finite() && scale > 0.0 && offset.is_finite()) {
            return Err(LoadError::LatentMapValue { latent });
        }
    }
    reader.take::<&[u8]>().map(|_| ())
}

/// How many layers the next part has, 0 if it is absent.
#[inline(never)]
fn check_count(reader: &mut Reader<'_>, part: PartKind) -> Result<u32, LoadError> {
    // The tag of an option and a bool are the same byte in postcard.
    if !reader.take::<bool>()? {
        return Ok(0);
    }
    let count: u32 = reader.take()?;
    if count == 0 || count as usize > MAX_LAYERS {
        return Err(LoadError::LayerCount { part, limit: MAX_LAYERS, found: count });
    }
    Ok(count)
}

/// The next layer, and that it fits the one before.
#[inline(never)]
fn check_layer<'a, A: Arithmetic<'a>>(
    reader: &mut Reader<'a>,
    chain: &mut Chain,
    part: PartKind,
    is_output: bool,
) -> Result<(), LoadError> {
    let layer: Layer<'a, A> = reader.take()?;
    layer
        .check(reader.offset(), is_output)
        .and_then(|()| chain.push(layer.geometry(), layer.arithmetic().storage()))
        .map_err(|error| LoadError::Layer { part, index: chain.layers(), error })
}

/// The test input of a part whose layers are `chain`, if it has any; a latent value has
/// `latent_bytes`.
fn check_test_input(
    reader: &mut Reader<'_>,
    part: PartKind,
    chain: &Chain,
    latent_bytes: usize,
) -> Result<(), LoadError> {
    if chain.layers() == 0 {
        return Ok(());
    }
    let element = match part {
        PartKind::Encoder => 1,
        PartKind::Decoder => latent_bytes,
    };
    let (expected, found) = (chain.inputs().saturating_mul(element), reader.take::<&[u8]>()?.len());
    if found == expected {
        Ok(())
    } else {
        Err(LoadError::TestInputLength { part, expected, found })
    }
}

/// The header repeats what the body holds; both must say the same.
#[inline(never)]
fn check_sizes(blob: &[u8], part: PartKind, chain: &Chain) -> Result<(), LoadError> {
    let header = Header::read(blob)?;
    let agree = |field, header: u32, body: usize| {
        let body = u32::try_from(body).unwrap_or(u32::MAX);
        if header == body {
            Ok(())
        } else {
            Err(LoadError::HeaderDisagrees { field, header, body })
        }
    };
    let is_there = chain.layers() > 0;
    let (features, latent) = match part {
        PartKind::Encoder => {
            agree("has_encoder", header.has_encoder.into(), is_there.into())?;
            agree("encoder_scratch", header.encoder_scratch, chain.scratch())?;
            (chain.inputs(), chain.outputs())
        }
        PartKind::Decoder => {
            agree("has_decoder", header.has_decoder.into(), is_there.into())?;
            agree("decoder_scratch", header.decoder_scratch, chain.scratch())?;
            (chain.outputs(), chain.inputs())
        }
    };
    if is_there {
        agree("features", header.features, features)?;
        agree("latent", header.latent, latent)?;
    }
    Ok(())
}
