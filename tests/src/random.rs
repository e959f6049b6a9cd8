//! Numbers that look random and are the same on every machine.

/// A stream of numbers that its seed decides (SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
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

    /// A whole number of 0 to below `limit`, which is at least 1.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    /// A whole number of `low` to `high`, both among them.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// A number of −1 to below 1 with 24 bits, which an f32 holds exactly.
    pub fn signed_unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
    }

    /// A byte; one in four is 0 and one in eight 255, as in pictures.
    pub fn pixel(&mut self) -> u8 {
        match self.below(8) {
            0 | 1 => 0,
            2 => 255,
            _ => self.bits() as u8,
        }
    }

    /// As many pixels.
    pub fn pixels(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.pixel()).collect()
    }

    /// Puts the items in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
