//! A generator of 32-bit operations alone, for boards.

/// A stream of numbers (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003).
#[derive(Debug, Clone)]
pub struct XorShift32(u32);

impl Default for XorShift32 {
    /// One stream, always the same.
    fn default() -> Self {
        Self(0x9e37_79b9)
    }
}

impl XorShift32 {
    /// The stream of a seed. Its state never begins with 0, which it would never leave.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self(0x9e37_79b9 ^ seed.wrapping_mul(0x85eb_ca6b) | 1)
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A whole number below `limit`, which is at least 1. It is uniform, near enough, for small
    /// limits.
    pub fn below(&mut self, limit: u32) -> u32 {
        (self.bits() >> 8) % limit
    }
}

#[cfg(test)]
mod tests {
    use super::XorShift32;

    #[test]
    fn the_stream_is_marsaglias() {
        // The state 2463534242 and its successor stand in the article.
        assert_eq!(XorShift32(2_463_534_242).bits(), 723_471_715);
    }

    #[test]
    fn no_seed_gives_a_stream_of_zeros() {
        // The inverse of the factor times the constant would cancel it.
        for seed in [0, 1, u32::MAX] {
            assert_ne!(XorShift32::new(seed).bits(), 0);
        }
    }
}
