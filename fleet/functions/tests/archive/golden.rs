//! The blobs of the test kit, and what the engine gives one image at a time.

use ae_infer::{Autoencoder, Compute, InferError, Int8Autoencoder, Visitor, with_model};

pub(crate) fn blob(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

struct Score<'p>(&'p [u8]);

impl<'a> Visitor<'a> for Score<'_> {
    type Output = Result<u64, InferError>;

    fn visit<A: Compute<'a>>(self, model: Autoencoder<'a, A>) -> Self::Output {
        let mut back = vec![0; self.0.len()];
        let mut scratch = vec![A::Element::default(); model.model().header().scratch_len()];
        model.score(self.0, &mut back, &mut scratch)
    }
}

#[allow(dead_code, reason = "not in every program of tests")]
pub(crate) fn score(blob: &[u8], pixels: &[u8]) -> u64 {
    with_model(blob, Score(pixels)).unwrap().unwrap()
}

#[allow(dead_code, reason = "not in every program of tests")]
pub(crate) fn latent(blob: &[u8], pixels: &[u8]) -> Vec<i8> {
    let model = Int8Autoencoder::load(blob).unwrap();
    let header = model.model().header();
    let mut latent = vec![0; header.latent as usize];
    let mut scratch = vec![0; header.scratch_len()];
    model.encode(pixels, &mut latent, &mut scratch).unwrap();
    latent
}
