//! Every kernel that this processor has, not the chosen one alone, gives what plain code gives.

extern crate std;
use std::vec::Vec;

use ae_core::{F32, Requant, Rounding};
use ae_testkit::draw;
use ae_testkit::float::Activation;
use ae_testkit::random::SplitMix64;

use super::kernel::X86;
use super::rows::{self, Inputs, ROWS};
use super::{columns_avx2, columns_avx512};
use crate::Autoencoder;
use crate::arch::all::f32 as portable;
use crate::arch::line::{Line, SAMPLES};
use crate::arch::tile::{CHAIN, Kernel, QUADS, Quad};

/// Four weights, and what is summed of their products with the bytes of a word.
fn word(weights: [i8; 4]) -> u32 {
    u32::from_le_bytes(weights.map(|weight| weight as u8))
}

fn product(weights: u32, x: u32) -> i32 {
    let pairs = weights.to_le_bytes().into_iter().zip(x.to_le_bytes());
    pairs.map(|(weight, x)| i32::from(weight as i8) * i32::from(x)).sum()
}

/// What a quad's four outputs are, as a word of its line.
fn expected(quad: &Quad<'_>, x: &[Line], sample: usize) -> u32 {
    let mut bytes = [0; 4];
    for (output, byte) in bytes.iter_mut().enumerate() {
        let weights = quad.chains[output].as_flattened();
        let products = weights.iter().zip(x).map(|(&weights, x)| product(weights, x.0[sample]));
        let sum = products.fold(quad.biases[output] as i32, i32::wrapping_add);
        let (multiplier, constant) = (quad.multipliers[output], quad.constants[output]);
        let requant = Requant::of(multiplier as i32, constant as i32, quad.shifts[output]);
        *byte = requant.rounded(quad.rounding).apply(sum) as u8 ^ 0x80;
    }
    u32::from_le_bytes(bytes)
}

/// A quad of random numbers, with these weights.
fn quad<'m>(
    chains: [&'m [[u32; CHAIN]]; 4],
    rounding: Rounding,
    random: &mut SplitMix64,
) -> Quad<'m> {
    let shift = random.between(1, 22) as u8;
    let zero_point = random.between(-128, 127) as i8;
    let multiplier = random.between(1 << 24, i32::MAX.into()) as i32;
    let requant = Requant::new(multiplier, shift.into(), zero_point);
    Quad {
        biases: [(); 4].map(|()| random.between(-1_000_000, 1_000_000) as u32),
        multipliers: [requant.multiplier() as u32; 4],
        constants: [requant.constant() as u32; 4],
        shifts: [requant.shift(); 4],
        rounding,
        chains,
        residuals: [&[]; 4],
    }
}

#[test]
fn quads_of_every_length() {
    let mut random = SplitMix64::new(1);
    for kernel in X86::all() {
        // Chains are within the limit as they are.
        let largest = if kernel.chain_limit() == i32::MAX { 128 } else { 10 };
        for count in [0, 1, 2, 3, 33] {
            for &rounding in Rounding::ALL {
                let mut chain = || {
                    let mut weight = || random.between(-largest, largest.min(127)) as i8;
                    [(); CHAIN].map(|()| word([(); 4].map(|()| weight())))
                };
                let rows =
                    [(); 4 * QUADS].map(|()| (0..count).map(|_| chain()).collect::<Vec<_>>());
                let [a, b, c, d, e, f, g, h] = rows.each_ref().map(|row| &**row);
                let quads = [[a, b, c, d], [e, f, g, h]].map(|it| quad(it, rounding, &mut random));
                let mut line =
                    || Line([(); SAMPLES].map(|()| random.between(0, u32::MAX.into()) as u32));
                let x: Vec<_> = (0..count * CHAIN).map(|_| line()).collect();
                for lines in [1, 2] {
                    let mut y = [Line::ZERO; QUADS];
                    kernel.outputs(&quads, &x, &mut y[..lines]);
                    for (quad, y) in quads.iter().zip(&y).take(lines) {
                        for (sample, &found) in y.0.iter().enumerate() {
                            let expected = expected(quad, &x, sample);
                            assert_eq!(found, expected, "{kernel:?}, {count} chains, {rounding:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn rows_of_every_length() {
    let mut random = SplitMix64::new(1);
    let kernels: Vec<_> = X86::all().map(Some).chain([None]).collect();
    for len in (0..200).chain([255, 256, 257, 784]) {
        for extreme in [false, true] {
            let mut byte = |values: [u8; 4]| {
                if extreme { values[random.pixel() as usize % 4] } else { random.pixel() }
            };
            let weights: Vec<_> = (0..ROWS * len).map(|_| byte([0x80, 0x81, 0x7f, 0x80])).collect();
            let bytes: Vec<_> = (0..len).map(|_| byte([0, 0xff, 0x80, 0x7f])).collect();
            for flipped in [0, 0x80] {
                let x = Inputs { bytes: &bytes, flipped };
                let sum = |row: usize| {
                    let weights = &weights[row * len..][..len];
                    let pairs = weights.iter().zip(&bytes);
                    let product = |(&weight, &byte): (&u8, &u8)| {
                        i32::from(weight as i8) * (i32::from(byte ^ flipped) - 128)
                    };
                    pairs.map(product).sum::<i32>()
                };
                let expected: [i32; ROWS] = std::array::from_fn(sum);
                for &kernel in &kernels {
                    let found = rows::sums(kernel, &weights, x);
                    assert_eq!(found, expected, "{kernel:?}, {len} inputs");
                }
            }
        }
    }
}

/// Adds products of the inputs from this one on to sums.
type Add<'f> = &'f dyn Fn(usize, &[f32], &mut [f32]);

#[test]
#[allow(
    unsafe_code,
    reason = "functions with these instructions are called where there is a proof"
)]
fn columns_of_every_length() {
    let mut random = SplitMix64::new(1);
    for outputs in (1..70).chain([127, 128, 129, 255, 256, 257, 300, 784]) {
        let inputs = 1 + outputs % 9;
        let blob = draw::float(&[inputs, outputs], &[Activation::Identity], &mut random).write();
        let model = Autoencoder::<F32>::load(&blob).unwrap();
        let layer = model.model().encoder().unwrap().layers().next().unwrap();
        let x: Vec<_> = (0..inputs).map(|_| random.any_real()).collect();
        // In two steps, and from an output on that is not the first.
        let first = outputs / 3;
        let (before, behind) = x.split_at(inputs / 2);
        let compute = |add: Add<'_>| {
            let mut sums = std::vec![1.0; outputs - first];
            add(0, before, &mut sums);
            if !before.is_empty() {
                add(before.len(), behind, &mut sums);
            }
            sums.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        };
        let expected =
            compute(&|input, x, sums| portable::add_products(&layer, input, x, first, sums));
        for kernel in X86::all() {
            let found = compute(&|input, x, sums| match kernel {
                // SAFETY: there is an `X86` only where the processor has what it stands for.
                X86::Avx512Vnni { .. } => unsafe {
                    columns_avx512::add_products(&layer, input, x, first, sums);
                },
                // SAFETY: as above.
                _ => unsafe { columns_avx2::add_products(&layer, input, x, first, sums) },
            });
            assert_eq!(found, expected, "{kernel:?}, {outputs} outputs");
        }
    }
}
