//! A Fourier transform of real values on Arm cores with DSP instructions. It has the items of the
//! [portable](crate::arch::all::fourier) one, whose pages say what is computed.
//!
//! `SMULWB` and `SMULWT` give the floor of a product with half of a word over 2^16, and `SMLAWT` adds
//! it: a number is turned by five instructions, and a sum and a difference of it take four. Two steps
//! are made at a time, so that numbers are loaded and stored half as often.

mod gather;
mod split;
mod steps;

pub(crate) use gather::gather;
pub(crate) use split::split;
pub(crate) use steps::transform;

use crate::features::TURN_BY;

/// Whether there are as many words as a frame may have samples: the functions do nothing with others.
fn is_frame(words: &[i32]) -> bool {
    (32..=2 * TURN_BY).contains(&words.len()) && words.len().is_power_of_two()
}

/// Turns the number in `$real` and `$imaginary` by the twiddle in `$twiddle` and makes half of it. The
/// real part goes to `$to`, the imaginary one stays; `$real` is lost.
macro_rules! half_turned {
    ($to:literal, $real:literal, $imaginary:literal, $twiddle:literal) => {
        concat!(
            concat!("smulwb ", $to, ", ", $real, ", ", $twiddle, "\n"),
            concat!("smlawt ", $to, ", ", $imaginary, ", ", $twiddle, ", ", $to, "\n"),
            concat!("smulwb ", $imaginary, ", ", $imaginary, ", ", $twiddle, "\n"),
            concat!("smulwt ", $real, ", ", $real, ", ", $twiddle, "\n"),
            concat!("sub ", $imaginary, ", ", $imaginary, ", ", $real, "\n"),
        )
    };
}

use half_turned;
