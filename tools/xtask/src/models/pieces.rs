//! In what order layers give their values.

use ae_core::{Contract, F32, Header, Int8};
use ae_infer::{Autoencoder, Compute, Latent, Trace, Value};
use anyhow::Result;

/// For each piece of a layer's output, in the order of an inference, the number of the layer: those of
/// the encoder, then those of the decoder.
///
/// # Errors
/// The blob is not a model.
pub(crate) fn pieces(blob: &[u8]) -> Result<Vec<usize>> {
    match Header::check(blob)?.contract {
        Contract::Int8 => of_contract::<Int8<'_>>(blob),
        Contract::F32 => of_contract::<F32>(blob),
    }
}

fn of_contract<'a, A: Compute<'a>>(blob: &'a [u8]) -> Result<Vec<usize>> {
    let model = Autoencoder::<A>::load(blob)?;
    let (parts, header) = (model.model(), model.model().header());
    let mut scratch = vec![A::Element::default(); header.scratch_len()];
    let mut latent = vec![A::Element::default(); header.latent as usize];
    let mut pixels = vec![0; header.features as usize];
    let mut pieces = Pieces::default();
    if let Some(encoder) = parts.encoder() {
        model.encode_traced(encoder.test_input(), &mut latent, &mut scratch, &mut pieces)?;
    }
    if let Some(decoder) = parts.decoder() {
        A::Element::read(decoder.test_input(), &mut latent);
        model.decode_traced(&latent, &mut pixels, &mut scratch, &mut pieces)?;
    }
    Ok(pieces.layers)
}

#[derive(Default)]
struct Pieces {
    layers: Vec<usize>,
    /// The number of the part's first layer, and of the next part's.
    first: usize,
    next: usize,
}

impl Trace for Pieces {
    fn part(&mut self, layers: usize) {
        (self.first, self.next) = (self.next, self.next + layers);
    }

    fn values<V: Value>(&mut self, layer: usize, _values: &[V]) {
        self.layers.push(self.first + layer);
    }
}
