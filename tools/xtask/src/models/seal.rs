//! Layers become a blob with the digests that its self-test compares with.

use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::{Blob, Layer, Part};
use ae_testkit::seal::crc32c;

/// An autoencoder whose encoder is tested with `image` and whose decoder with what the encoder
/// makes of it. Its id is the checksum of the same model without digests, id and latent values.
pub(super) fn seal<A: Arithmetic>(
    [encoder, decoder]: [Vec<Layer<A>>; 2],
    latent_map: Vec<u8>,
    detection: Vec<u8>,
    image: Vec<u8>,
) -> Vec<u8> {
    let mut model = of_encoder(encoder, latent_map, detection, &image);
    let mut latent = Vec::new();
    for &value in model.encode(&image).last() {
        A::push_bytes(value, &mut latent);
    }
    let decoder = |test_input| Some(Part { layers: decoder.clone(), test_input });
    model.decoder = decoder(vec![0; latent.len()]);
    set_id(&mut model);
    model.decoder = decoder(latent);
    model.with_digests().write()
}

/// An encoder alone.
pub(super) fn seal_encoder<A: Arithmetic>(
    encoder: Vec<Layer<A>>,
    latent_map: Vec<u8>,
    image: Vec<u8>,
) -> Vec<u8> {
    let mut model = of_encoder(encoder, latent_map, Vec::new(), &image);
    set_id(&mut model);
    model.with_digests().write()
}

fn set_id<A: Arithmetic>(model: &mut Blob<A>) {
    let checksum = crc32c(&model.write()).to_le_bytes();
    model.model_id[..4].copy_from_slice(&checksum);
}

fn of_encoder<A: Arithmetic>(
    encoder: Vec<Layer<A>>,
    latent_map: Vec<u8>,
    detection: Vec<u8>,
    image: &[u8],
) -> Blob<A> {
    Blob {
        model_id: [0; 16],
        in_strips: false,
        latent_map,
        tool: concat!("xtask ", env!("CARGO_PKG_VERSION")).into(),
        config: Vec::new(),
        data: Vec::new(),
        detection,
        encoder: Some(Part { layers: encoder, test_input: image.to_vec() }),
        decoder: None,
    }
}
