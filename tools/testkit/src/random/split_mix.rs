//! A generator that any seed is good for.

/// A stream of numbers that its seed decides (SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `limit`, which is at least 1.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    /// A whole number of `low` to `high`, both among them.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// One of `some`, which are not none.
    pub fn one_of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len())]
    }

    /// A number of −1 to below 1 with 24 bits, which an f32 holds exactly.
    pub fn signed_unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
    }

    /// A finite number, mostly of a magnitude from 2^-5 to 8, sometimes subnormal or huge.
    pub fn real(&mut self) -> f32 {
        let bits = self.bits() as u32;
        let exponent = match self.below(500) {
            0 => 0,
            1 => 200,
            _ => 122 + self.below(8) as u32,
        };
        f32::from_bits(bits & 0x807f_ffff | exponent << 23)
    }

    /// Any number: infinities and what is not a number are among them.
    pub fn any_real(&mut self) -> f32 {
        if self.below(4) == 0 { f32::from_bits(self.bits() as u32) } else { self.real() }
    }

    /// A byte; one in four is 0 and one in eight 255, as in pictures.
    pub fn pixel(&mut self) -> u8 {
        match self.below(8) {
            0 | 1 => 0,
            2 => 255,
            _ => self.bits() as u8,
        }
    }

    /// Puts the items in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(feature = "std")]
impl SplitMix64 {
    /// As many [pixels](Self::pixel).
    pub fn pixels(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.pixel()).collect()
    }

    /// As many bytes, each value as often as any other.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.bits() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn the_stream_is_splitmix64() {
        assert_eq!(SplitMix64::new(1_234_567).bits(), 6_457_827_717_110_365_317);
    }

    #[test]
    fn both_ends_come_up() {
        let mut random = SplitMix64::new(0);
        let weights: Vec<i64> = (0..10_000).map(|_| random.between(-127, 127)).collect();
        assert_eq!((weights.iter().min(), weights.iter().max()), (Some(&-127), Some(&127)));
    }
}
