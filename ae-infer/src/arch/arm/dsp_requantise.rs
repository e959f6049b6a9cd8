//! Requantisation by [`Rounding::Twice`](ae_core::Rounding) on Arm cores with DSP instructions, for kernels
//! in assembly.

/// Lines of assembly for programs that round twice; for others there are none.
#[cfg(feature = "double-rounding")]
macro_rules! where_twice {
    ($($text:tt)*) => {
        concat!($($text)*)
    };
}
#[cfg(not(feature = "double-rounding"))]
macro_rules! where_twice {
    ($($text:tt)*) => {
        ""
    };
}

/// Brings the sum in `$sum` to its value. `$shift` holds the shift − 1, and `$constant` the constant of the
/// requantisation; `$low` and `$high` are lost, and `$high` may be `$constant`.
///
/// To the product is added what stands in `$high` and `$low`: the constant, and a step of 2^30 with the
/// sum's sign. A negative step takes 1 from the high word and gives the low one its highest bit.
#[cfg(feature = "double-rounding")]
macro_rules! twice {
    ($sum:literal, $multiplier:literal, $constant:literal, $shift:literal, $low:literal, $high:literal) => {
        concat!(
            concat!("add ", $high, ", ", $constant, ", ", $sum, ", asr #31\n"),
            concat!("and ", $low, ", ", $sum, ", #0x80000000\n"),
            concat!("orr ", $low, ", ", $low, ", #0x40000000\n"),
            concat!("smlal ", $low, ", ", $high, ", ", $sum, ", ", $multiplier, "\n"),
            concat!("asr ", $sum, ", ", $high, ", ", $shift, "\n"),
            concat!("ssat ", $sum, ", #8, ", $sum, ", asr #1\n"),
        )
    };
}

#[cfg(feature = "double-rounding")]
pub(super) use twice;
pub(super) use where_twice;
