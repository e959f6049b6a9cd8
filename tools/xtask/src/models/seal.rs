//! Layers become a blob with the digests that its self-test compares with.

use ae_core::{Arithmetic, Description, Detection, LayerSpec, PartSpec, Provenance, crc32c};
use anyhow::Result;

/// What running a draft on an image gives: the latent's bytes, and the digest of every layer.
pub(super) type Run = (Vec<u8>, Vec<u32>);

/// Writes a model whose digests are still missing, has `run` run it on `image`, and writes it with
/// the digests found.
///
/// # Errors
/// The model breaks a rule of the format, or cannot be run.
pub(super) fn seal<'a, A: Arithmetic<'a>>(
    mut encoder: Vec<LayerSpec<'a, A>>,
    mut decoder: Vec<LayerSpec<'a, A>>,
    latent_map: &[u8],
    detection: Option<Detection<'_>>,
    image: &[u8],
    run: impl Fn(&[u8], &[u8]) -> Result<Run>,
) -> Result<Vec<u8>> {
    let latent_len = encoder.last().map_or(0, |layer| layer.outputs as usize);
    let blank = vec![0; latent_len * size_of::<A::Element>()];
    let mut model_id = [0; 16];
    let draft = ae_core::write_to_vec(&description(
        model_id,
        latent_map,
        detection,
        (&encoder, image),
        (&decoder, &blank),
    ))?;
    let (latent, digests) = run(&draft, image)?;
    for (layer, digest) in encoder.iter_mut().chain(&mut decoder).zip(digests) {
        layer.digest = digest;
    }
    model_id[..4].copy_from_slice(&crc32c(&draft).to_le_bytes());
    Ok(ae_core::write_to_vec(&description(
        model_id,
        latent_map,
        detection,
        (&encoder, image),
        (&decoder, &latent),
    ))?)
}

fn description<'d, 'm, A>(
    model_id: [u8; 16],
    latent_map: &'d [u8],
    detection: Option<Detection<'d>>,
    encoder: (&'d [LayerSpec<'m, A>], &'d [u8]),
    decoder: (&'d [LayerSpec<'m, A>], &'d [u8]),
) -> Description<'d, 'm, A> {
    let tool = concat!("xtask ", env!("CARGO_PKG_VERSION"));
    let part = |(layers, test_input)| Some(PartSpec { layers, test_input });
    Description {
        model_id,
        latent_map,
        provenance: Provenance { tool, config: &[], data: &[] },
        detection,
        encoder: part(encoder),
        decoder: part(decoder),
    }
}
