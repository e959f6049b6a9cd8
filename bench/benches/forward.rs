//! Encode and decode of one image on one thread, in both contracts.
//!
//! The network is that of the article, 784-256-128-20 and back, with pseudo-random weights: the
//! time of a dense layer does not depend on their values.

use std::hint::black_box;

use ae_core::{
    Activation, Arithmetic, Description, F32, Int8, LayerSpec, Layout, PartSpec, Provenance,
};
use ae_infer::{Autoencoder, Compute};
use criterion::{Criterion, Throughput};

const ENCODER: [usize; 4] = [784, 256, 128, 20];
const DECODER: [usize; 4] = [20, 128, 256, 784];
const PIXELS: usize = ENCODER[0];

/// The two activations that recipes use between layers. In int8 both are free: ReLU is the
/// saturation, and any other is a table of 256 entries.
const HIDDEN: [(&str, Activation); 2] = [("relu", Activation::Relu), ("gelu", Activation::Gelu)];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut random = XorShift(0x9e37_79b9);
    let image: Vec<u8> = (0..PIXELS).map(|_| random.below(256) as u8).collect();

    reconstruct::<Int8<'_>>(&mut criterion, "int8", &int8_blob(&mut random), &image);
    for (name, hidden) in HIDDEN {
        let blob = f32_blob(&mut random, hidden);
        reconstruct::<F32>(&mut criterion, &format!("f32-{name}"), &blob, &image);
    }
    criterion.final_summary();
}

/// Measures `encode` and `decode` of `image`; criterion prints images (elements) a second.
fn reconstruct<'a, A: Compute<'a>>(
    criterion: &mut Criterion,
    name: &str,
    blob: &'a [u8],
    image: &[u8],
) {
    let model = Autoencoder::<A>::load(blob).expect("the writer has checked the blob");
    let mut scratch = vec![A::Element::default(); model.model().header().scratch_len()];
    let mut reconstruction = vec![0; PIXELS];

    let mut group = criterion.benchmark_group("reconstruct");
    group.throughput(Throughput::Elements(1));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            model
                .reconstruct(black_box(image), &mut reconstruction, &mut scratch)
                .expect("the buffers have the model's sizes");
            black_box(&reconstruction);
        });
    });
    group.finish();
}

fn int8_blob(random: &mut XorShift) -> Vec<u8> {
    // A zero point of −128 makes the saturation a ReLU.
    let hidden = Int8::new(Layout::Rows, -128, &[]);
    let latent = Int8::new(Layout::Rows, 0, &[]);
    let table: Vec<u8> = (0..=255).collect();
    let pixels = Int8::new(Layout::Rows, 0, &table);

    let encoder = data_sections(&ENCODER, |inputs, outputs| int8_data(random, inputs, outputs));
    let decoder = data_sections(&DECODER, |inputs, outputs| int8_data(random, inputs, outputs));
    let test_latent = [0; ENCODER[3]];
    blob(
        &specs(&ENCODER, [hidden, hidden, latent], &encoder),
        &specs(&DECODER, [hidden, hidden, pixels], &decoder),
        &[scale_one(); ENCODER[3]].concat(),
        &test_latent,
    )
}

/// The latent map's entry of a scale of 1 and an offset of 0.
fn scale_one() -> [u8; 8] {
    let mut entry = [0; 8];
    entry[..4].copy_from_slice(&1_f32.to_le_bytes());
    entry
}

/// Weights row after row, padding to 4 bytes, biases, multipliers, shifts.
fn int8_data(random: &mut XorShift, inputs: usize, outputs: usize) -> Vec<u8> {
    // 2^30 and a shift of 10 divide by 2^12: about what brings such sums back to i8.
    const MULTIPLIER: i32 = 1 << 30;
    const SHIFT: u8 = 10;
    let weight = |_| (random.below(255) as i32 - 127) as i8 as u8;
    let mut data: Vec<u8> = (0..inputs * outputs).map(weight).collect();
    data.resize(data.len().next_multiple_of(4), 0);
    data.extend(std::iter::repeat_n(0_i32.to_le_bytes(), outputs).flatten());
    data.extend(std::iter::repeat_n(MULTIPLIER.to_le_bytes(), outputs).flatten());
    data.extend(std::iter::repeat_n(SHIFT, outputs));
    data
}

fn f32_blob(random: &mut XorShift, hidden: Activation) -> Vec<u8> {
    let [hidden, latent, pixels] =
        [hidden, Activation::Identity, Activation::Sigmoid].map(F32::new);
    let encoder = data_sections(&ENCODER, |inputs, outputs| f32_data(random, inputs, outputs));
    let decoder = data_sections(&DECODER, |inputs, outputs| f32_data(random, inputs, outputs));
    blob(
        &specs(&ENCODER, [hidden, hidden, latent], &encoder),
        &specs(&DECODER, [hidden, hidden, pixels], &decoder),
        &[],
        &[0; 4 * ENCODER[3]],
    )
}

/// Weights input after input, Glorot-uniform so that activations keep their size, and zero biases.
fn f32_data(random: &mut XorShift, inputs: usize, outputs: usize) -> Vec<u8> {
    let limit = (6.0 / (inputs + outputs) as f32).sqrt();
    let weight = |_| limit * (random.below(1 << 16) as f32 / f32::from(1_u16 << 15) - 1.0);
    let weights = (0..inputs * outputs).map(weight);
    weights.chain(std::iter::repeat_n(0.0, outputs)).flat_map(f32::to_le_bytes).collect()
}

/// The data section of each layer between two neighbouring widths.
fn data_sections(
    widths: &[usize; 4],
    mut data: impl FnMut(usize, usize) -> Vec<u8>,
) -> [Vec<u8>; 3] {
    [0, 1, 2].map(|layer| data(widths[layer], widths[layer + 1]))
}

fn specs<'m, A: Copy>(
    widths: &[usize; 4],
    arithmetic: [A; 3],
    data: &'m [Vec<u8>; 3],
) -> [LayerSpec<'m, A>; 3] {
    [0, 1, 2].map(|layer| LayerSpec {
        inputs: widths[layer] as u32,
        outputs: widths[layer + 1] as u32,
        digest: 0,
        arithmetic: arithmetic[layer],
        data: &data[layer],
    })
}

fn blob<'m, A: Arithmetic<'m>>(
    encoder: &[LayerSpec<'m, A>],
    decoder: &[LayerSpec<'m, A>],
    latent_map: &[u8],
    test_latent: &[u8],
) -> Vec<u8> {
    let data_len: usize = encoder.iter().chain(decoder).map(|layer| layer.data.len()).sum();
    // The rest of a blob, test image and tables included, is far smaller than this.
    let mut blob = vec![0; data_len + 8192];
    let description = Description {
        model_id: [0; 16],
        latent_map,
        provenance: Provenance { tool: "bench", config: &[], data: &[] },
        encoder: Some(PartSpec { layers: encoder, test_input: &[0; PIXELS] }),
        decoder: Some(PartSpec { layers: decoder, test_input: test_latent }),
    };
    let len = ae_core::write(&description, &mut blob).expect("the model is valid");
    blob.truncate(len);
    blob
}

/// Marsaglia's generator (Journal of Statistical Software 8(14), 2003).
struct XorShift(u32);

impl XorShift {
    /// Uniform in 0…`bound` − 1, near enough for bounds far below 2^24.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) % bound
    }
}
