//! Every kernel that this processor has gives what one number after the other gives.

extern crate std;
use std::vec::Vec;

use ae_core::Activation;
use ae_testkit::random::SplitMix64;

use super::{Kernel, PANEL, ROW};
use crate::activation::apply;
use crate::arch::TileKernel;
use crate::arch::all::functions;
use crate::arch::line::{Line, SAMPLES};
use crate::f32::Outcome;

#[cfg(target_arch = "x86_64")]
fn kernels() -> Vec<TileKernel> {
    TileKernel::all().collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn kernels() -> Vec<TileKernel> {
    TileKernel::detect().into_iter().collect()
}

/// How far the numbers are apart that a function is tried on: a prime, so that all kinds of bits come
/// up. `AE_TEST_ALL=1` tries all 2^32, which takes some minutes.
fn step() -> usize {
    if std::env::var_os("AE_TEST_ALL").is_some() { 1 } else { 1997 }
}

/// Lines of numbers, which no two lines share.
fn lines() -> impl Iterator<Item = Line> {
    let step = step();
    (0..=u32::MAX).step_by(step * SAMPLES).map(move |first| {
        let mut before = 0;
        Line([(); SAMPLES].map(|()| {
            let bits = first.wrapping_add(before);
            before += step as u32;
            // A sum is never a signalling NaN, which compilers do not keep apart.
            if f32::from_bits(bits).is_nan() { bits | 0x0040_0000 } else { bits }
        }))
    })
}

#[test]
fn every_activation_has_the_bits_of_the_portable_one() {
    let kernels = kernels();
    let activations = [
        Activation::Identity,
        Activation::Relu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Sigmoid,
        #[cfg(feature = "activations")]
        Activation::Relu6,
        #[cfg(feature = "activations")]
        Activation::Elu(ae_core::Factor::new(1.5)),
        #[cfg(feature = "activations")]
        Activation::Tanh,
    ];
    for activation in activations {
        for line in lines() {
            let expected = line.0.map(|bits| apply(activation, f32::from_bits(bits)).to_bits());
            for kernel in &kernels {
                let mut found = [line];
                kernel.activate(activation, &mut found);
                assert_eq!(found[0].0, expected, "{kernel:?}, {activation:?} of {:08x?}", line.0);
            }
        }
    }
}

/// A kernel that takes some numbers for ordinary and computes none of them would pass the test above.
#[test]
fn numbers_below_80_are_ordinary() {
    assert!(functions::are_ordinary(&Line([(-79.9_f32).to_bits(); SAMPLES])));
    for number in [80.0, -80.0, f32::INFINITY, f32::NAN] {
        let mut line = Line::ZERO;
        line.0[SAMPLES - 1] = number.to_bits();
        assert!(!functions::are_ordinary(&line), "{number}");
    }
}

#[test]
fn pixels_become_numbers_and_numbers_pixels() {
    for kernel in kernels() {
        for pixel in 0..=u8::MAX {
            let pixels = [pixel, pixel.wrapping_add(1), pixel ^ 0xff, 7];
            let mut reals = [Line::ZERO; 4];
            kernel.to_reals(&Line([u32::from_le_bytes(pixels); SAMPLES]), &mut reals);
            for (real, pixel) in reals.iter().zip(pixels) {
                assert_eq!(real.0, [(f32::from(pixel) / 255.0).to_bits(); SAMPLES], "{kernel:?}");
            }
        }
        for line in lines() {
            let mut bytes = Line::ZERO;
            kernel.to_pixels(&[line, Line::ZERO, line, line], &mut bytes);
            for (bits, found) in line.0.into_iter().zip(bytes.0) {
                let pixel: u8 = Outcome::from_real(f32::from_bits(bits));
                let expected = u32::from_le_bytes([pixel, 0, pixel, pixel]);
                assert_eq!(found, expected, "{kernel:?} of {bits:08x}");
            }
        }
    }
}

#[test]
fn tables_and_words_of_samples() {
    let mut random = SplitMix64::new(1);
    for kernel in kernels() {
        let table = [(); 256].map(|()| random.pixel());
        for first in (0..=u8::MAX).step_by(4) {
            let bytes = [first, first + 1, first + 2, first + 3];
            let mut line = Line([u32::from_le_bytes(bytes); SAMPLES]);
            kernel.look_up(&mut line, &table);
            let expected = bytes.map(|byte| table[usize::from(byte)] ^ 0x80);
            assert_eq!(line.0, [u32::from_le_bytes(expected); SAMPLES], "{kernel:?}");
        }
        let mut rows = [[0; ROW]; SAMPLES];
        rows.as_flattened_mut()
            .iter_mut()
            .for_each(|word| *word = random.between(0, u32::MAX.into()) as u32);
        let (mut lines, mut back) = ([Line::ZERO; ROW], [[0; ROW]; SAMPLES]);
        kernel.to_lines(&rows, 0x8000_0001, &mut lines);
        for (sample, row) in rows.iter().enumerate() {
            assert_eq!(lines.map(|line| line.0[sample] ^ 0x8000_0001), *row, "{kernel:?}");
        }
        kernel.to_rows(&lines, 0x8000_0001, &mut back);
        assert_eq!(back, rows, "{kernel:?}");
    }
}

#[test]
fn products_are_added_in_order_and_none_is_fused() {
    let mut random = SplitMix64::new(1);
    for kernel in kernels() {
        for inputs in [0, 1, 2, 3, 40] {
            let mut real = || random.any_real().to_bits();
            let weights: Vec<_> = (0..inputs).map(|_| [(); PANEL].map(|()| real())).collect();
            let x: Vec<_> = (0..inputs).map(|_| Line([(); SAMPLES].map(|()| real()))).collect();
            let mut sums = [(); PANEL].map(|()| Line([(); SAMPLES].map(|()| real())));
            let mut expected = sums;
            for (output, line) in expected.iter_mut().enumerate() {
                for (sample, sum) in line.0.iter_mut().enumerate() {
                    for (weights, x) in weights.iter().zip(&x) {
                        let product = f32::from_bits(weights[output]) * f32::from_bits(x.0[sample]);
                        *sum = (f32::from_bits(*sum) + product).to_bits();
                    }
                }
            }
            kernel.panel(&weights, &x, &mut sums);
            let is_nan = |bits| f32::from_bits(bits).is_nan();
            for (found, expected) in sums.iter().zip(&expected) {
                for (&found, &expected) in found.0.iter().zip(&expected.0) {
                    // Which NaN comes of two is not fixed.
                    assert!(found == expected || is_nan(found) && is_nan(expected), "{kernel:?}");
                }
            }
        }
    }
}
