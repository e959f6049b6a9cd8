//! Numbers that look random and are the same on every machine.

/// A stream of numbers that its seed decides (SplitMix64: Steele, Lea, Flood, "Fast splittable
/// pseudorandom number generators", 2014).
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

    /// A whole number below `limit`, which is at least 1.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.bits() >> 32) as usize) % limit
    }

    /// A byte; both ends come up often.
    pub fn byte(&mut self) -> u8 {
        match self.below(8) {
            0 => 0,
            1 => 255,
            _ => self.bits() as u8,
        }
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
}
