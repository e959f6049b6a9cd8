//! Numbers that are the same in every run.

/// Marsaglia's generator (Journal of Statistical Software 8(14), 2003).
pub(crate) struct Random(u32);

impl Random {
    pub(crate) fn new() -> Self {
        Self(0x9e37_79b9)
    }

    /// The stream of a seed; it must not begin with 0, which it would never leave.
    pub(crate) fn seeded(seed: u32) -> Self {
        Self(0x9e37_79b9 ^ seed.wrapping_mul(0x85eb_ca6b) | 1)
    }

    pub(crate) fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// Uniform in 0…`bound` − 1, near enough for small bounds.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        (self.bits() >> 8) % bound
    }
}
