//! The int8 contract once more, from what FORMAT.md says and in the plainest way: 64-bit sums,
//! requantised by an exact division in 128 bits. Nothing of the engine's arithmetic is used.

use ae_core::{Int8, Int8Model, Layer, Part};

/// A model as the oracle sees it.
#[derive(Debug, Clone)]
pub struct Oracle {
    encoder: Vec<OracleLayer>,
    decoder: Vec<OracleLayer>,
}

#[derive(Debug, Clone)]
struct OracleLayer {
    inputs: usize,
    weights: Vec<i64>,
    biases: Vec<i64>,
    multipliers: Vec<i64>,
    shifts: Vec<u32>,
    zero_point: i64,
    tables: Vec<[u8; 256]>,
}

impl Oracle {
    /// Reads the layers of a model; a part that is missing has none.
    #[must_use]
    pub fn of(model: &Int8Model<'_>) -> Self {
        let read = |part: Option<&Part<'_, Int8<'_>>>| -> Vec<OracleLayer> {
            part.map_or(Vec::new(), |part| part.layers().map(|l| OracleLayer::of(&l)).collect())
        };
        Self { encoder: read(model.encoder()), decoder: read(model.decoder()) }
    }

    /// What every layer of the encoder gives for an image; the last is the latent.
    ///
    /// # Shapes
    /// `pixels` has as many as the first layer has inputs; one row a layer comes back.
    #[must_use]
    pub fn encode(&self, pixels: &[u8]) -> Vec<Vec<i64>> {
        let centred = pixels.iter().map(|&pixel| i64::from(pixel) - 128).collect();
        run(&self.encoder, centred)
    }

    /// What every layer of the decoder gives for a latent; the last is the pixels, 0…255.
    #[must_use]
    pub fn decode(&self, latent: &[i64]) -> Vec<Vec<i64>> {
        let mut outputs = run(&self.decoder, latent.to_vec());
        if let Some(pixels) = outputs.last_mut() {
            // A pixel is the table's byte without sign.
            pixels.iter_mut().for_each(|value| *value &= 255);
        }
        outputs
    }
}

fn run(layers: &[OracleLayer], mut values: Vec<i64>) -> Vec<Vec<i64>> {
    let mut outputs = Vec::new();
    for layer in layers {
        values = layer.run(&values);
        outputs.push(values.clone());
    }
    outputs
}

impl OracleLayer {
    /// Weights row after row, zeros up to a multiple of 4 bytes, biases, multipliers, shifts.
    fn of(layer: &Layer<'_, Int8<'_>>) -> Self {
        let (inputs, outputs) = (layer.inputs(), layer.outputs());
        let biases = (inputs * outputs).next_multiple_of(4);
        let multipliers = biases + 4 * outputs;
        let shifts = multipliers + 4 * outputs;
        let data = layer.data();
        let words = |at: usize| -> Vec<i64> {
            let words = data[at..][..4 * outputs].chunks(4);
            words.map(|w| i64::from(i32::from_le_bytes([w[0], w[1], w[2], w[3]]))).collect()
        };
        Self {
            inputs,
            weights: data[..inputs * outputs].iter().map(|&byte| i64::from(byte as i8)).collect(),
            biases: words(biases),
            multipliers: words(multipliers),
            shifts: data[shifts..].iter().map(|&shift| u32::from(shift)).collect(),
            zero_point: i64::from(layer.arithmetic().zero_point()),
            tables: layer.arithmetic().tables().to_vec(),
        }
    }

    /// Outputs as i8, whatever they stand for.
    fn run(&self, inputs: &[i64]) -> Vec<i64> {
        assert_eq!(inputs.len(), self.inputs, "as many inputs as the layer has");
        let rows = self.weights.chunks(self.inputs).enumerate();
        rows.map(|(channel, row)| {
            let products = row.iter().zip(inputs).map(|(weight, input)| weight * input);
            let sum = self.biases[channel] + products.sum::<i64>();
            let value = requantise(sum, self.multipliers[channel], self.shifts[channel]);
            let value = (value + self.zero_point).clamp(-128, 127);
            if self.tables.is_empty() {
                return value;
            }
            // Each table but the last serves as many channels.
            let span = self.biases.len().div_ceil(self.tables.len());
            i64::from(self.tables[channel / span][(value + 128) as usize] as i8)
        })
        .collect()
    }
}

/// `⌊sum · multiplier / 2^(32 + shift) + 1/2⌋`.
fn requantise(sum: i64, multiplier: i64, shift: u32) -> i64 {
    let numerator = i128::from(sum) * i128::from(multiplier);
    let denominator = 1_i128 << (32 + shift);
    // ⌊n/d + 1/2⌋ = ⌊(2n + d) / 2d⌋
    (2 * numerator + denominator).div_euclid(2 * denominator) as i64
}

#[cfg(test)]
mod tests {
    use super::requantise;

    #[test]
    fn halves_round_up() {
        // A multiplier of 2^30 and a shift of 1 are an eighth.
        let eighth = |sum| requantise(sum, 1 << 30, 1);
        assert_eq!([40, 44, 43, -44, -45, -36].map(eighth), [5, 6, 5, -5, -6, -4]);
    }
}
