//! Numbers by lot.

use ae_import::Function;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Numbers by lot.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 on, less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end as u64) as usize
    }

    /// Both ends included.
    pub(crate) fn within(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// From −1 to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.0.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0
    }

    pub(crate) fn units(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| scale * self.unit()).collect()
    }

    pub(crate) fn function(&mut self) -> Function {
        let number = self.unit().abs();
        self.of(&[
            Function::Relu,
            Function::Relu6,
            Function::LeakyRelu(number),
            Function::LeakyRelu(-number),
            Function::Elu(number),
            Function::Elu(-number),
            Function::Sigmoid,
            Function::Tanh,
            Function::Gelu,
            Function::Silu,
            Function::Softplus,
        ])
    }
}
