//! Numbers that look random and are the same on every machine.

/// A stream of numbers that its seed decides (SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An int8 weight: −127 to 127.
    pub(super) fn weight(&mut self) -> i8 {
        ((self.bits() % 255) as i16 - 127) as i8
    }

    /// A number of −1 to below 1 with 24 bits, which an f32 holds exactly.
    pub(super) fn signed_unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
    }

    /// Pixels of an image.
    pub(super) fn pixels(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.bits() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_stream_is_splitmix64_and_weights_have_no_minus_128() {
        assert_eq!(Random::new(1_234_567).bits(), 6_457_827_717_110_365_317);
        let mut random = Random::new(0);
        let weights: Vec<i8> = (0..10_000).map(|_| random.weight()).collect();
        assert_eq!((weights.iter().min(), weights.iter().max()), (Some(&-127), Some(&127)));
    }
}
