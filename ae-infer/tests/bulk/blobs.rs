//! Blobs with seeded random or extreme numbers.

use ae_core::{
    Activation, Arithmetic, Description, F32, Int8, Int8Model, Layer, LayerSpec, Layout, PartSpec,
    Provenance, Storage, write,
};

/// Marsaglia's generator (Journal of Statistical Software 8(14), 2003).
pub(crate) struct Random(u32);

impl Random {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9)
    }

    pub(crate) fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        (self.bits() >> 8) % bound
    }

    /// A byte; the ends come up often.
    pub(crate) fn pixel(&mut self) -> u8 {
        match self.below(8) {
            0 => 0,
            1 => 255,
            _ => (self.bits() >> 8) as u8,
        }
    }

    /// Finite, mostly of a magnitude from 2^-5 to 8, sometimes subnormal or huge.
    pub(crate) fn real(&mut self) -> f32 {
        let exponent = match self.below(500) {
            0 => 0,
            1 => 200,
            _ => 122 + self.below(8),
        };
        f32::from_bits(self.bits() & 0x807f_ffff | exponent << 23)
    }
}

/// How weights are drawn.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Random,
    /// Most of them small, as trained ones are.
    Trained,
    Lowest,
    Highest,
    Alternating,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] =
        [Self::Random, Self::Trained, Self::Lowest, Self::Highest, Self::Alternating];

    fn weight(self, place: usize, random: &mut Random) -> i8 {
        let mut uniform = || random.below(255) as i32 - 127;
        match self {
            Self::Random => uniform() as i8,
            Self::Trained => (uniform() * uniform() * uniform() / (127 * 127)) as i8,
            Self::Lowest => -127,
            Self::Highest => 127,
            Self::Alternating if place.is_multiple_of(2) => -127,
            Self::Alternating => 127,
        }
    }
}

/// A layer to write.
struct Made<A> {
    inputs: usize,
    outputs: usize,
    arithmetic: A,
    data: Vec<u8>,
}

/// An int8 autoencoder of these widths, from pixels to latent; the decoder has them reversed.
/// `turn` chooses among layouts, zero points and numbers of tables.
pub(crate) fn integer(widths: &[usize], kind: Kind, turn: usize, random: &mut Random) -> Vec<u8> {
    let tables: Vec<u8> = (0..256 * 4).map(|_| random.bits() as u8).collect();
    let layer = |index: usize, inputs: usize, outputs: usize, is_last: bool| {
        // Each table is used by some output, and the decoder's last layer has one.
        let wanted = (turn + index) % 4 + usize::from(is_last);
        let used = if wanted == 0 { 0 } else { outputs.div_ceil(outputs.div_ceil(wanted)) };
        let zero_point = [-128, 0, 127, 5][(turn + index) % 4];
        let arithmetic = Int8::new(Layout::Rows, zero_point, &tables[..256 * used.min(4)]);
        Made { inputs, outputs, arithmetic, data: rows([inputs, outputs], kind, random) }
    };
    let latent_map = [0, 0, 128, 63, 0, 0, 0, 0].repeat(widths[widths.len() - 1]);
    let [encoder, decoder] = parts(widths, layer);
    let blob = blob(&encoder, &decoder, &latent_map, 1);
    if turn.is_multiple_of(2) { blob } else { in_row_pairs(&blob, &latent_map) }
}

/// The data of plain rows. Where numbers are extreme, so are biases, multipliers and shifts.
fn rows([inputs, outputs]: [usize; 2], kind: Kind, random: &mut Random) -> Vec<u8> {
    let mut weights: Vec<i8> = Vec::new();
    for place in 0..inputs * outputs {
        weights.push(kind.weight(place, random));
    }
    let biases: Vec<i32> = weights
        .chunks(inputs)
        .enumerate()
        .map(|(output, row)| {
            let sum: i32 = row.iter().map(|weight| i32::from(weight.unsigned_abs())).sum();
            let most = i32::MAX - 128 * sum;
            match output % 4 {
                0 => most,
                1 => -most,
                _ => random.bits() as i32 % 20_000,
            }
        })
        .collect();
    let multipliers = (0..outputs).map(|output| match output % 8 {
        0 => 0,
        1 => i32::MAX,
        2 => 1,
        _ => (random.bits() >> 1) as i32,
    });
    let multipliers: Vec<i32> = multipliers.collect();
    let shifts = (0..outputs).map(|output| match output % 8 {
        3 => 1,
        4 => 22,
        _ => 5 + random.below(6) as u8,
    });
    let shifts: Vec<u8> = shifts.collect();
    let mut data: Vec<u8> = weights.into_iter().map(|weight| weight as u8).collect();
    data.resize(data.len().next_multiple_of(4), 0);
    data.extend(biases.into_iter().chain(multipliers).flat_map(i32::to_le_bytes));
    data.extend(shifts);
    data
}

/// The same model in the layout of row pairs.
fn in_row_pairs(blob_of_rows: &[u8], latent_map: &[u8]) -> Vec<u8> {
    let model = Int8Model::parse(blob_of_rows).expect("the writer has checked it");
    let [encoder, decoder] = [model.encoder(), model.decoder()].map(|part| {
        let layers = part.expect("both parts are there").layers();
        let made = layers.map(|layer: Layer<'_, Int8<'_>>| {
            let (inputs, outputs) = (layer.inputs(), layer.outputs());
            let mut data =
                vec![0; layer.geometry().data_len(Storage::Int8(Layout::RowPairs)) as usize];
            layer.arrange(Layout::RowPairs, &mut data);
            let arithmetic = layer.arithmetic().with_layout(Layout::RowPairs);
            Made { inputs, outputs, arithmetic, data }
        });
        made.collect::<Vec<_>>()
    });
    blob(&encoder, &decoder, latent_map, 1)
}

/// An f32 autoencoder of these widths with one activation everywhere.
pub(crate) fn float(widths: &[usize], activation: Activation, random: &mut Random) -> Vec<u8> {
    let [encoder, decoder] = parts(widths, |_, inputs, outputs, _| {
        let data = (0..(inputs + 1) * outputs).flat_map(|_| random.real().to_le_bytes()).collect();
        Made { inputs, outputs, arithmetic: F32::new(activation), data }
    });
    blob(&encoder, &decoder, &[], 4)
}

fn parts<A>(
    widths: &[usize],
    mut layer: impl FnMut(usize, usize, usize, bool) -> Made<A>,
) -> [Vec<Made<A>>; 2] {
    let (pairs, count) = (widths.windows(2), widths.len() - 1);
    let encoder = pairs.clone().enumerate().map(|(i, pair)| layer(i, pair[0], pair[1], false));
    let encoder = encoder.collect();
    let decoder = pairs.rev().enumerate();
    let decoder =
        decoder.map(|(i, pair)| layer(count + i, pair[1], pair[0], i + 1 == count)).collect();
    [encoder, decoder]
}

/// `element` is how many bytes a latent value has.
fn blob<'m, A: Arithmetic<'m>>(
    encoder: &'m [Made<A>],
    decoder: &'m [Made<A>],
    latent_map: &[u8],
    element: usize,
) -> Vec<u8> {
    let spec = |made: &'m Made<A>| LayerSpec {
        inputs: made.inputs as u32,
        outputs: made.outputs as u32,
        digest: 0,
        arithmetic: made.arithmetic,
        data: &made.data,
    };
    let layers = [encoder, decoder].map(|part| part.iter().map(spec).collect::<Vec<_>>());
    let [pixels, latent] = [encoder[0].inputs, decoder[0].inputs * element].map(|len| vec![0; len]);
    let description = Description {
        model_id: [0; 16],
        latent_map,
        provenance: Provenance { tool: "tests", config: &[], data: &[] },
        detection: None,
        encoder: Some(PartSpec { layers: &layers[0], test_input: &pixels }),
        decoder: Some(PartSpec { layers: &layers[1], test_input: &latent }),
    };
    let data_len: usize = encoder.iter().chain(decoder).map(|made| made.data.len()).sum();
    // Tables, test inputs and the rest are shorter than this.
    let mut blob = vec![0; data_len + 32_768];
    let len = write(&description, &mut blob).expect("a model that the format can hold");
    blob.truncate(len);
    blob
}
