//! Statistics of a frame's samples.

use super::{halved, logarithm, short};

/// The statistics of the set, of the samples of one channel.
pub(super) fn of(samples: &[i16], set: u8) -> Vec<i16> {
    let count = samples.len() as i128;
    let bits = count.ilog2();
    let samples: Vec<i128> = samples.iter().map(|&sample| sample.into()).collect();
    let mean = halved(samples.iter().sum::<i128>() + count / 2, bits);
    let differences: Vec<i128> = samples.iter().map(|sample| sample - mean).collect();
    let squares: i128 = differences.iter().map(|it| it.pow(2)).sum();
    let rms = halved(logarithm(squares) - 256 * i128::from(bits), 1);
    let range = samples.iter().max().expect("samples") - samples.iter().min().expect("samples");
    let peak = differences.iter().map(|it| it.abs()).max().expect("samples");
    let signs = differences.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0));

    let mut kept = differences.iter().map(|it| it.abs()).collect::<Vec<i128>>();
    while kept.iter().any(|&it| it >= 1 << 13) {
        kept.iter_mut().for_each(|it| *it /= 2);
    }
    let sum = |power| kept.iter().map(|it| it.pow(power)).sum::<i128>();
    let kurtosis = logarithm(sum(4)) + 256 * i128::from(bits) - 2 * logarithm(sum(2));

    let is_constant = squares == 0;
    let all = [
        mean,
        rms,
        logarithm(range),
        if is_constant { 0 } else { logarithm(peak) - rms },
        if is_constant { 0 } else { kurtosis },
        signs.count() as i128,
    ];
    (0..6).filter(|bit| set >> bit & 1 == 1).map(|bit| short(all[bit])).collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_square_wave_has_the_statistics_of_one() {
        // ±1000 around 7: the logarithm of 1000 is 9.966. The kurtosis is 1, but for a rounding.
        let samples: Vec<i16> = (0..64).map(|at| if at % 8 < 4 { 1007 } else { -993 }).collect();
        assert_eq!(of(&samples, 63), [7, 2551, 2807, 0, 1, 15]);
        assert_eq!(of(&samples, 0b10_0001), [7, 15]);
        assert_eq!(of(&[-5; 32], 63), [-5, -640, 0, 0, 0, 0]);
        assert_eq!(of(&[0, 1, 1, 1].repeat(8), 1), [1]);
    }
}
