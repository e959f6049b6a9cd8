//! What the two contracts have in common.

use std::fmt::{Arguments, Debug};

use crate::reader::Reader;

/// A layer's numbers in one of the contracts, and what it makes of values. The implementations
/// calculate as `FORMAT.md` says, in the plainest way.
pub trait Arithmetic: Debug + Clone + PartialEq {
    /// The header's number of the contract.
    const CONTRACT: u16;

    /// What goes into a layer and comes out of it.
    type Value: Copy + Debug;

    /// Reads what stands between a layer's digest and the next layer.
    ///
    /// # Panics
    /// If it breaks a rule of the format.
    fn read(reader: &mut Reader<'_>, layer: Arguments<'_>, inputs: usize, outputs: usize) -> Self;
    /// Adds what stands between a layer's digest and its padding.
    fn write(&self, body: &mut Vec<u8>);
    /// The layer data.
    fn data(&self, inputs: usize) -> Vec<u8>;
    /// Elements that a layer needs between its inputs and outputs.
    fn room(&self, inputs: usize) -> usize;

    /// The layer with the same sums, of which the largest is marked.
    #[must_use]
    fn into_one_hot(self) -> Self;

    /// A pixel as it goes into the first layer.
    fn of_pixel(pixel: u8) -> Self::Value;
    /// Latent values from their bytes.
    fn of_bytes(bytes: &[u8]) -> Vec<Self::Value>;
    /// What a layer makes of `x`.
    ///
    /// # Panics
    /// If the layer has another number of inputs.
    fn outputs(&self, x: &[Self::Value]) -> Vec<Self::Value>;
    /// What comes out of the decoder's last layer as a pixel.
    fn pixel(value: Self::Value) -> u8;
    /// Adds the bytes of a value that goes on to the next layer or is latent.
    fn push_bytes(value: Self::Value, to: &mut Vec<u8>);
}

/// `hot` where the sum is the largest of all, the first of equal ones, and `cold` elsewhere.
pub(crate) fn one_hot<S: PartialOrd, V: Copy>(sums: &[S], hot: V, cold: V) -> Vec<V> {
    let mut largest = 0;
    for (place, sum) in sums.iter().enumerate() {
        if *sum > sums[largest] {
            largest = place;
        }
    }
    (0..sums.len()).map(|place| if place == largest { hot } else { cold }).collect()
}
