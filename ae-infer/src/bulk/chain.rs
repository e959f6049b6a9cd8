//! Weights whose sums stay in 16 bits.
//!
//! `vpmaddubsw` multiplies bytes u from 0 to 255 by weights w and adds neighbouring products in 16
//! bits: twice the products of an instruction that adds in 32 bits. A *chain* adds up the sums of
//! six such instructions, in two lanes of twelve products each, before they go to 32 bits. Such a
//! sum lies between −255 · N and 255 · P, where N and P are the sums of the magnitudes of the
//! lane's negative and of its positive weights, and so does every part of it; if both are at most
//! 128, nothing leaves 16 bits or saturates.
//!
//! Most chains of a trained model are like that. From others, some weights are taken out, into a
//! *residual* of single dwords that are computed by themselves. So any weights give exact sums,
//! and large ones are slower: at worst, four times.

use crate::arch::tile::CHAIN;

/// Four weights: two for each of two lanes.
type Dword = [i8; 4];

/// Takes out of the chain what it cannot hold: shows `residual` dwords and their places in the
/// chain. Chain and residual add up to what the chain was, and in each the weights of one sign in a
/// lane sum up to `limit` at most, which is at least the largest weight.
pub(super) fn split(
    chain: &mut [Dword; CHAIN],
    limit: i32,
    mut residual: impl FnMut(usize, Dword),
) {
    loop {
        let excess = excess(chain, limit);
        // The dword that brings the chain nearest to the limits.
        let relief = |dword: &Dword| {
            let parts = magnitudes(dword);
            let reliefs = parts.iter().zip(excess).map(|(&part, excess)| part.min(excess));
            reliefs.fold(0, i32::saturating_add)
        };
        let most = chain.iter_mut().enumerate().max_by_key(|(_, dword)| relief(dword));
        let Some((index, dword)) = most.filter(|(_, dword)| relief(dword) > 0) else { return };
        let [a, b, c, d] = *dword;
        let (b_out, d_out) = (beside(a, b, limit), beside(c, d, limit));
        residual(index, [a, b_out, c, d_out]);
        *dword = [0, b.wrapping_sub(b_out), 0, d.wrapping_sub(d_out)];
    }
}

/// As much of `b` as a lane holds together with `a`.
fn beside(a: i8, b: i8, limit: i32) -> i8 {
    if (a < 0) != (b < 0) {
        return b;
    }
    let room = limit.saturating_sub(magnitude(a));
    let part = magnitude(b).min(room) as i8;
    if b < 0 { part.wrapping_neg() } else { part }
}

/// How far the chain is above the limit in each lane and sign; 0 where it is not.
fn excess(chain: &[Dword; CHAIN], limit: i32) -> [i32; 4] {
    let mut sums = [0_i32; 4];
    for dword in chain {
        for (sum, part) in sums.iter_mut().zip(magnitudes(dword)) {
            *sum = sum.saturating_add(part);
        }
    }
    sums.map(|sum| sum.saturating_sub(limit).max(0))
}

/// Sums of the positive weights and of the negative ones' magnitudes, lane by lane.
fn magnitudes(&[a, b, c, d]: &Dword) -> [i32; 4] {
    let positive = |a: i8, b: i8| magnitude(a.max(0)).saturating_add(magnitude(b.max(0)));
    let negative = |a: i8, b: i8| magnitude(a.min(0)).saturating_add(magnitude(b.min(0)));
    [positive(a, b), negative(a, b), positive(c, d), negative(c, d)]
}

fn magnitude(weight: i8) -> i32 {
    i32::from(weight.unsigned_abs())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use ae_testkit::random::SplitMix64;

    use super::{CHAIN, Dword, excess, magnitudes, split};

    fn check(chain: [Dword; CHAIN]) -> usize {
        let mut rest = chain;
        let mut sums = chain.map(|_| [0_i32; 4]);
        let mut residual = Vec::new();
        split(&mut rest, 128, |index, dword| residual.push((index, dword)));
        assert_eq!(excess(&rest, 128), [0; 4], "{chain:?}");
        for &(index, dword) in
            residual.iter().chain(&rest.into_iter().enumerate().collect::<Vec<_>>())
        {
            assert!(magnitudes(&dword).iter().all(|&sum| sum <= 128), "{chain:?}");
            for (sum, weight) in sums[index].iter_mut().zip(dword) {
                *sum += i32::from(weight);
            }
        }
        assert_eq!(sums, chain.map(|dword| dword.map(i32::from)));
        residual.len()
    }

    #[test]
    fn the_parts_are_within_the_limit_and_add_up() {
        assert_eq!(check([[10; 4]; CHAIN]), 0);
        assert_eq!(check([[21, -21, 0, 21]; CHAIN]), 0);
        assert_eq!(check([[22, -21, 0, 21]; CHAIN]), 1);
        for weight in [-127, 127] {
            assert_eq!(check([[weight; 4]; CHAIN]), 11);
        }
        let mut random = SplitMix64::new(1);
        for _ in 0..10_000 {
            let chain = [(); CHAIN].map(|()| [(); 4].map(|()| random.between(-127, 127) as i8));
            check(chain);
        }
    }
}
