//! Channels whose many values become a few codes of 8 bits, because a few others stretch their scale.

use std::collections::HashSet;

use super::view::View;
use super::windows::Windows;

/// Codes that nearly all values fall on …
const FEW: usize = 4;

/// … which are so many of all.
const NEARLY_ALL: f64 = 0.9;

/// Different values on each of these codes, on average.
const LEVELS: usize = 8;

/// Different values that there must be, and that are counted.
const LEAST: usize = 32;
const MOST: usize = 1 << 16;

/// Notes of such channels, but for those that [one code](super::notes::one_code) has nearly all of.
pub(super) fn notes(view: View<'_>, train: &Windows, window: usize) -> Vec<String> {
    let names = &view.values().channels;
    let channels = names.len();
    let samples = || train.at.iter().flat_map(|&at| view.window(at, window).chunks(channels));
    let codes = || train.codes.pixels().chunks(channels);
    let of_channel = |channel: usize| {
        let pairs = samples().zip(codes()).map(|(sample, codes)| (sample[channel], codes[channel]));
        let (values, codes) = lost(pairs.clone())?;
        Some(format!(
            "{values} different values of `{}`, {:.0} % of all, become {codes} of 256 codes, so that \
             little is learned of how they differ: if a few far values stretch its scale, mend them or \
             name them as missing; if it is seldom so large, give it a channel of its own",
            names[channel],
            100.0 * NEARLY_ALL
        ))
    };
    (0..channels).filter_map(of_channel).collect()
}

/// How many different values become how few codes, if nearly all do.
fn lost(pairs: impl Iterator<Item = (f32, u8)> + Clone) -> Option<(usize, usize)> {
    let mut counts = [0_usize; 256];
    pairs.clone().for_each(|(_, code)| counts[usize::from(code)] += 1);
    let all: usize = counts.iter().sum();
    let mut order: Vec<usize> = (0..256).collect();
    order.sort_unstable_by_key(|&code| std::cmp::Reverse(counts[code]));
    let (mut few, mut held) = (0, 0);
    while (held as f64) < NEARLY_ALL * all as f64 {
        held += counts[order[few]];
        few += 1;
        if few > FEW {
            return None;
        }
    }
    let is_told = few == 1 && counts[order[0]] as f64 >= super::notes::ONE_CODE * all as f64;
    if few == 0 || is_told {
        return None;
    }
    let mut values = HashSet::new();
    for (value, code) in pairs {
        if values.len() < MOST && order[..few].contains(&usize::from(code)) {
            values.insert(value.to_bits());
        }
    }
    (values.len() >= LEAST.max(LEVELS * few)).then_some((values.len(), few))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(at: usize) -> f32 {
        (at * 7919 % 97) as f32
    }

    #[test]
    fn many_values_on_a_few_codes_are_told() {
        // One sample in twelve is far, so that all others share four codes.
        let pairs = (0..2400).map(|at| match at % 12 {
            0 => (5000.0 + noise(at), (at % 100) as u8),
            _ => (noise(at), 120 + (at % 4) as u8),
        });
        assert_eq!(lost(pairs), Some((97, 4)));
    }

    #[test]
    fn what_keeps_its_levels_is_not_told() {
        let spread = (0..2400).map(|at| (noise(at), (at % 97) as u8));
        let states = (0..2400).map(|at| ((at % 3) as f32, 100 + (at % 3) as u8));
        let one = (0..2400).map(|at| (noise(at), if at == 5 { 255 } else { 128 }));
        assert_eq!((lost(spread), lost(states), lost(one)), (None, None, None));
        assert_eq!(lost(std::iter::empty()), None);
    }
}
