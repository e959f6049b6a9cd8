//! What the two contracts have in common.

use std::fmt::{Arguments, Debug};

use crate::reader::Reader;
use crate::spatial::{Shape, Spatial};

/// A layer's numbers in one of the contracts, and what it makes of values. The implementations
/// calculate as `FORMAT.md` says, in the plainest way.
pub trait Arithmetic: Debug + Clone + PartialEq {
    /// The header's number of the contract.
    const CONTRACT: u16;

    /// What goes into a layer and comes out of it.
    type Value: Copy + Debug + PartialOrd;

    /// Reads what stands between a layer's digest and the next layer.
    ///
    /// # Panics
    /// If it breaks a rule of the format.
    fn read(reader: &mut Reader<'_>, layer: Arguments<'_>, shape: Shape) -> Self;
    /// Adds what stands between a layer's digest and its padding.
    fn write(&self, body: &mut Vec<u8>);
    /// The layer data. `inputs` are those that a sum is of.
    fn data(&self, inputs: usize) -> Vec<u8>;
    /// Elements that a dense layer needs between its inputs and outputs.
    fn room(&self, inputs: usize) -> usize;
    /// Elements that a convolution needs between its inputs and outputs.
    fn room_of_positions(&self, spatial: &Spatial) -> usize;

    /// The layer with the same sums, of which the largest is marked.
    #[must_use]
    fn into_one_hot(self) -> Self;

    /// A pixel as it goes into the first layer.
    fn of_pixel(pixel: u8) -> Self::Value;
    /// Latent values from their bytes.
    fn of_bytes(bytes: &[u8]) -> Vec<Self::Value>;
    /// What a dense layer makes of `x`.
    ///
    /// # Panics
    /// If the layer has another number of inputs.
    fn outputs(&self, x: &[Self::Value]) -> Vec<Self::Value>;
    /// What a layer makes of the sum of `x` with weights of its own.
    ///
    /// # Panics
    /// If there are no such weights.
    fn output(&self, output: usize, x: &[Self::Value]) -> Self::Value;
    /// What a convolution reads outside its map.
    fn padding(&self) -> Self::Value;
    /// The mean of values.
    ///
    /// # Panics
    /// If there is no value.
    fn mean(&self, values: &[Self::Value]) -> Self::Value;
    /// What a layer without weights makes of a value of a channel.
    fn passed(&self, channel: usize, channels: usize, value: Self::Value) -> Self::Value;
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
