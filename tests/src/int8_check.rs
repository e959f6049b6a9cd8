//! The engine's int8 path against the oracle of `ae-testkit`, value by value.

use ae_core::{Int8Model, Layers};
use ae_infer::{Digests, Int8Autoencoder, squared_error};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::int8::Int8;

use crate::alone::{blob_of_layer, run};
use crate::compare::{Mismatch, exactly};

/// A blob prepared to be compared with the oracle.
pub struct Int8Check<'a> {
    engine: Int8Autoencoder<'a>,
    /// Each layer as a blob of its own.
    encoder: Vec<Vec<u8>>,
    decoder: Vec<Vec<u8>>,
}

impl<'a> Int8Check<'a> {
    /// Of a blob with both parts.
    ///
    /// # Panics
    /// If the blob is not valid, or one part is missing.
    #[must_use]
    pub fn new(blob: &'a [u8]) -> Self {
        let engine = Int8Autoencoder::load(blob).expect("a valid int8 blob");
        let layers = |layers: Layers<'_, _>| layers.map(|layer| blob_of_layer(&layer)).collect();
        let (encoder, decoder) = {
            let model: &Int8Model<'_> = engine.model();
            let (encoder, decoder) = (model.encoder(), model.decoder());
            (
                layers(encoder.expect("an encoder").layers()),
                layers(decoder.expect("a decoder").layers()),
            )
        };
        Self { engine, encoder, decoder }
    }

    /// Compares an image's latent, its reconstruction, the digest of every layer and the score;
    /// with `each_layer` also every layer by itself, on the input that the oracle has for it.
    ///
    /// # Errors
    /// The first thing that differs, with every position.
    ///
    /// # Panics
    /// If the oracle is of another shape.
    pub fn image(
        &self,
        oracle: &Blob<Int8>,
        pixels: &[u8],
        each_layer: bool,
    ) -> Result<(), Mismatch> {
        let encoded = oracle.encode(pixels);
        let latent = encoded.last();
        let decoded = oracle.decode(latent);
        if each_layer {
            let centred: Vec<i64> = pixels.iter().map(|&pixel| Int8::of_pixel(pixel)).collect();
            layers("encoder", &self.encoder, &centred, &encoded.outputs)?;
            layers("decoder", &self.decoder, latent, &decoded.outputs)?;
        }
        let header = self.engine.model().header();
        let mut scratch = vec![0_i8; header.scratch_len()];
        let mut found_latent = vec![0_i8; header.latent as usize];
        let mut reconstruction = vec![0_u8; pixels.len()];
        let mut digests = Digests::default();
        let infer = "buffers of the header's sizes";
        self.engine
            .encode_traced(pixels, &mut found_latent, &mut scratch, &mut digests)
            .expect(infer);
        exactly("latent", &found_latent, latent)?;
        self.engine
            .decode_traced(&found_latent, &mut reconstruction, &mut scratch, &mut digests)
            .expect(infer);
        let expected: Vec<i64> =
            decoded.last().iter().map(|&value| i64::from(Int8::pixel(value))).collect();
        exactly("reconstruction", &reconstruction, &expected)?;

        let expected_digests: Vec<i64> =
            encoded.digests.iter().chain(&decoded.digests).map(|&digest| digest.into()).collect();
        exactly("digests", digests.as_slice(), &expected_digests)?;

        let score = self.engine.score(pixels, &mut reconstruction, &mut scratch).expect(infer);
        let pairs = pixels.iter().zip(&expected);
        let expected_score: i64 = pairs.map(|(&p, &r)| (i64::from(p) - r).pow(2)).sum();
        exactly("score", &[score as i64], &[expected_score])?;
        exactly("score's pixels", &reconstruction, &expected)?;
        assert_eq!(squared_error(pixels, &reconstruction), score);
        Ok(())
    }
}

/// Each layer by itself. Outputs are compared as bytes, since the decoder's last are pixels.
fn layers(
    part: &str,
    blobs: &[Vec<u8>],
    first_input: &[i64],
    expected: &[Vec<i64>],
) -> Result<(), Mismatch> {
    let inputs = std::iter::once(first_input).chain(expected.iter().map(Vec::as_slice));
    for (index, ((blob, input), expected)) in blobs.iter().zip(inputs).zip(expected).enumerate() {
        let found: Vec<u8> = run(blob, input).iter().map(|&value| value as u8).collect();
        let expected: Vec<i64> = expected.iter().map(|value| value & 255).collect();
        exactly(format!("{part} layer {index}, as bytes"), &found, &expected)?;
    }
    Ok(())
}
