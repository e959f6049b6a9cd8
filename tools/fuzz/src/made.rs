//! Models that are made of random or extreme numbers, with true digests.

use ae_core::{
    Activation, Arithmetic, Description, Detection, F32, F32Model, Int8, Int8Model, LayerSpec,
    Layout, Part, PartKind, PartSpec, Provenance, write,
};
use ae_testkit::random::SplitMix64;

use crate::judge::write_with;
use crate::subject::{Subject, expected_of_test};

/// How weights are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weights {
    /// Any.
    Any,
    /// Most of them small, as trained ones are.
    Small,
    /// Each the least or the largest.
    Extreme,
    /// All the largest.
    Highest,
    /// All the least.
    Lowest,
}

impl Weights {
    pub(crate) const ALL: [Self; 5] =
        [Self::Any, Self::Small, Self::Extreme, Self::Highest, Self::Lowest];

    fn draw(self, random: &mut SplitMix64) -> i8 {
        let mut any = || random.below(255) as i32 - 127;
        match self {
            Self::Any => any() as i8,
            Self::Small => (any() * any() * any() / (127 * 127)) as i8,
            Self::Extreme => [-127, 127][random.below(2)],
            Self::Highest => 127,
            Self::Lowest => -127,
        }
    }
}

/// Which parts a model has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    Both,
    Encoder,
    Decoder,
}

/// A layer to write.
struct Made<A> {
    inputs: usize,
    outputs: usize,
    arithmetic: A,
    data: Vec<u8>,
}

/// An int8 autoencoder of these widths, from pixels to latent; the decoder has them reversed.
/// `tables` is how many a layer gets, layer after layer from the front again.
pub(crate) fn integer(
    widths: &[usize],
    parts: Parts,
    layout: Layout,
    weights: Weights,
    tables: &[usize],
    random: &mut SplitMix64,
) -> Vec<u8> {
    let all_tables: Vec<u8> = (0..256 * 8).map(|_| random.bits() as u8).collect();
    let zero_points = [-128, 0, 127, 5];
    let layer = |index: usize, inputs: usize, outputs: usize, is_output: bool| {
        // Each table is used by some output, and the decoder's last layer has one.
        let wanted = tables[index % tables.len()].max(usize::from(is_output));
        let used = if wanted == 0 { 0 } else { outputs.div_ceil(outputs.div_ceil(wanted)) };
        let zero_point = zero_points[random.below(4)];
        let arithmetic = Int8::new(layout, zero_point, &all_tables[..256 * used.min(8)]);
        let channels = Channels::draw(inputs, outputs, weights, random);
        let data = match layout {
            Layout::Rows => channels.rows(),
            Layout::RowPairs => channels.row_pairs(),
        };
        Made { inputs, outputs, arithmetic, data }
    };
    let latent_map = [0, 0, 128, 63, 0, 0, 0, 0].repeat(widths[widths.len() - 1]);
    let stacks = stacks(widths, layer);
    blob(&stacks, parts, &latent_map, random, 1, integer_digests)
}

/// An f32 autoencoder of these widths.
pub(crate) fn float(
    widths: &[usize],
    parts: Parts,
    activations: &[Activation],
    random: &mut SplitMix64,
) -> Vec<u8> {
    let mut numbers = SplitMix64::new(random.bits());
    let layer = |index: usize, inputs: usize, outputs: usize, _| {
        let values = (0..(inputs + 1) * outputs).map(|_| numbers.real());
        let data = values.flat_map(f32::to_le_bytes).collect();
        let arithmetic = F32::new(activations[index % activations.len()]);
        Made { inputs, outputs, arithmetic, data }
    };
    let stacks = stacks(widths, layer);
    blob(&stacks, parts, &[], random, 4, float_digests)
}

/// The numbers of a layer's outputs.
struct Channels {
    inputs: usize,
    weights: Vec<i8>,
    biases: Vec<i32>,
    multipliers: Vec<i32>,
    shifts: Vec<u8>,
}

impl Channels {
    /// Where weights are extreme, biases are as large as the loader accepts with them.
    fn draw(inputs: usize, outputs: usize, kind: Weights, random: &mut SplitMix64) -> Self {
        let weights: Vec<i8> = (0..inputs * outputs).map(|_| kind.draw(random)).collect();
        let mut drawn =
            Self { inputs, weights, biases: vec![], multipliers: vec![], shifts: vec![] };
        for output in 0..outputs {
            let row = &drawn.weights[output * inputs..][..inputs];
            let sum: i32 = row.iter().map(|weight| i32::from(weight.unsigned_abs())).sum();
            let most = i32::MAX - 128 * sum;
            let bias = match random.below(8) {
                0 => most,
                1 => -most,
                _ => random.below(20_000) as i32 - 10_000,
            };
            drawn.biases.push(bias.clamp(-most, most));
            drawn.multipliers.push(match random.below(8) {
                0 => 0,
                1 => i32::MAX,
                2 => 1,
                _ => (random.bits() >> 33) as i32,
            });
            drawn.shifts.push(match random.below(8) {
                0 => 1,
                1 => 22,
                _ => 5 + random.below(6) as u8,
            });
        }
        drawn
    }

    fn rows(&self) -> Vec<u8> {
        let mut data: Vec<u8> = self.weights.iter().map(|&weight| weight as u8).collect();
        data.resize(data.len().next_multiple_of(4), 0);
        let numbers = self.biases.iter().chain(&self.multipliers);
        data.extend(numbers.flat_map(|number| number.to_le_bytes()));
        data.extend(&self.shifts);
        data
    }

    fn row_pairs(&self) -> Vec<u8> {
        let outputs = self.biases.len();
        let weight = |output: usize, input: usize| {
            let is_there = output < outputs && input < self.inputs;
            if is_there { i16::from(self.weights[output * self.inputs + input]) } else { 0 }
        };
        let mut data = Vec::new();
        for first in (0..outputs).step_by(4) {
            for quad in (0..self.inputs).step_by(4) {
                for pair in [first, first + 2] {
                    let lanes = (quad..quad + 4)
                        .map(|input| 256 * weight(pair + 1, input) + weight(pair, input));
                    data.extend(lanes.flat_map(i16::to_le_bytes));
                }
            }
            for numbers in [&self.biases, &self.multipliers] {
                let four = (first..first + 4).map(|at| numbers.get(at).copied().unwrap_or(0));
                data.extend(four.flat_map(i32::to_le_bytes));
            }
            data.extend((first..first + 4).map(|at| self.shifts.get(at).copied().unwrap_or(0)));
        }
        data
    }
}

/// The layers of encoder and decoder, whichever the model has.
fn stacks<A>(
    widths: &[usize],
    mut layer: impl FnMut(usize, usize, usize, bool) -> Made<A>,
) -> [Vec<Made<A>>; 2] {
    let count = widths.len() - 1;
    let pairs = widths.windows(2);
    let encoder = pairs.clone().enumerate().map(|(at, pair)| layer(at, pair[0], pair[1], false));
    let encoder = encoder.collect();
    let decoder = pairs.rev().enumerate();
    let decoder =
        decoder.map(|(at, pair)| layer(count + at, pair[1], pair[0], at + 1 == count)).collect();
    [encoder, decoder]
}

/// The blob of these layers, tested with random inputs. `digests` are those of a blob, and
/// `element` is how many bytes a latent value has.
fn blob<'m, A: Arithmetic<'m>>(
    stacks: &'m [Vec<Made<A>>; 2],
    parts: Parts,
    latent_map: &[u8],
    random: &mut SplitMix64,
    element: usize,
    digests: fn(&[u8]) -> [Vec<u32>; 2],
) -> Vec<u8> {
    let [encoder, decoder] = stacks;
    let pixels: Vec<u8> = (0..encoder[0].inputs).map(|_| random.pixel()).collect();
    let latents = (0..decoder[0].inputs).flat_map(|_| random.real().to_le_bytes());
    let latents: Vec<u8> = latents.take(decoder[0].inputs * element).collect();
    let specs = |digests: [Vec<u32>; 2]| {
        let [a, b] = digests;
        [(encoder, a), (decoder, b)].map(|(layers, digests)| {
            let layers = layers.iter().enumerate().map(|(at, made)| LayerSpec {
                inputs: made.inputs as u32,
                outputs: made.outputs as u32,
                digest: digests.get(at).copied().unwrap_or(0),
                arithmetic: made.arithmetic,
                data: &made.data,
            });
            layers.collect::<Vec<_>>()
        })
    };
    let mut written = Vec::new();
    for turn in 0..2 {
        let specs = specs(if turn == 0 { [vec![], vec![]] } else { digests(&written) });
        let description = Description {
            model_id: *b"a model for fuzz",
            latent_map,
            provenance: Provenance { tool: "fuzz", config: &[7, 8], data: &[9] },
            detection: None,
            encoder: (parts != Parts::Decoder)
                .then_some(PartSpec { layers: &specs[0], test_input: &pixels }),
            decoder: (parts != Parts::Encoder)
                .then_some(PartSpec { layers: &specs[1], test_input: &latents }),
        };
        let data_len: usize = encoder.iter().chain(decoder).map(|made| made.data.len()).sum();
        // Tables, test inputs and the rest of few layers are shorter than this.
        let mut buffer = vec![0; data_len + 32_768];
        let len = write(&description, &mut buffer).expect("a model that the format can hold");
        buffer.truncate(len);
        written = buffer;
    }
    written
}

/// The same model with this detection section.
pub(crate) fn detecting(blob: &[u8], section: Detection<'_>) -> Vec<u8> {
    let mut buffer = vec![0; blob.len() + 4096];
    let len = match Int8Model::parse(blob) {
        Ok(model) => write_with(&model, Some(section), &mut buffer),
        Err(_) => {
            let model = F32Model::parse(blob).expect("the writer has checked it");
            write_with(&model, Some(section), &mut buffer)
        }
    };
    buffer.truncate(len.expect("a section that a detector can follow"));
    buffer
}

fn integer_digests(blob: &[u8]) -> [Vec<u32>; 2] {
    let model = Int8Model::parse(blob).expect("the writer has checked it");
    both_digests(model.encoder(), model.decoder())
}

fn float_digests(blob: &[u8]) -> [Vec<u32>; 2] {
    let model = F32Model::parse(blob).expect("the writer has checked it");
    both_digests(model.encoder(), model.decoder())
}

fn both_digests<'a, A: Subject<'a>>(
    encoder: Option<&Part<'a, A>>,
    decoder: Option<&Part<'a, A>>,
) -> [Vec<u32>; 2] {
    [(encoder, PartKind::Encoder), (decoder, PartKind::Decoder)]
        .map(|(part, kind)| part.map_or_else(Vec::new, |part| expected_of_test(part, kind).digests))
}
