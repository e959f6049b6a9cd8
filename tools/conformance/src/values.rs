//! How weights and inputs are drawn.

use ae_testkit::random::XorShift32;

/// Values between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    Random,
    Lowest,
    Highest,
    /// One end, then the other.
    Alternating,
}

impl Values {
    pub(crate) const ALL: [Self; 4] =
        [Self::Random, Self::Lowest, Self::Highest, Self::Alternating];

    /// The value at `place`, `lowest` to 127.
    pub(crate) fn at(self, place: usize, lowest: i8, random: &mut XorShift32) -> i8 {
        match self {
            Self::Random => {
                let span = 128 - i32::from(lowest);
                (i32::from(lowest) + random.below(span as u32) as i32) as i8
            }
            Self::Lowest => lowest,
            Self::Highest => 127,
            Self::Alternating if place.is_multiple_of(2) => lowest,
            Self::Alternating => 127,
        }
    }
}
