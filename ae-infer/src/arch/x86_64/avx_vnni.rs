//! Sums of the int8 contract on x86-64 with AVX2 and its instructions for dot products of bytes.

use core::arch::x86_64::{_mm256_dpbusd_avx_epi32, _mm256_set1_epi32};

use super::avx2::{self, PAIRS, load, store};
use crate::arch::line::Line;
use crate::arch::tile::{QUADS, Quad};

/// See [`Kernel::outputs`](crate::arch::tile::Kernel::outputs). The weights have no residuals.
#[target_feature(enable = "avx2,avxvnni")]
pub(super) fn outputs(quads: &[Quad<'_>; QUADS], x: &[Line], y: &mut [Line]) {
    for (quad, y) in quads.iter().zip(y) {
        let mut sums = [Line::ZERO; 4];
        for pair in 0..PAIRS {
            add_products(quad, x, &mut sums, pair);
        }
        avx2::finish(&sums, quad, y);
    }
}

/// The sums of four outputs, for the samples of a pair of registers.
#[target_feature(enable = "avx2,avxvnni")]
#[inline]
fn add_products(quad: &Quad<'_>, x: &[Line], to: &mut [Line; 4], pair: usize) {
    let mut sums = quad.biases.map(|bias| [_mm256_set1_epi32(bias as i32); 2]);
    let [a, b, c, d] = quad.chains.map(<[_]>::as_flattened);
    for (x, (((a, b), c), d)) in x.iter().zip(a.iter().zip(b).zip(c).zip(d)) {
        let x = load(x, pair);
        for (sums, &weights) in sums.iter_mut().zip([a, b, c, d]) {
            let weights = _mm256_set1_epi32(weights as i32);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = _mm256_dpbusd_avx_epi32(*sum, x, weights);
            }
        }
    }
    for (to, sums) in to.iter_mut().zip(sums) {
        store(sums, to, pair);
    }
}
