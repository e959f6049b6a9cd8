//! The two arithmetic contracts, as types that are free of lifetimes.

use ae_core::{Activation, Arithmetic, F32, Int8, Layout, Rounding};
use ae_infer::{Compute, Latent};

/// A contract whose arithmetic may borrow from any blob.
pub trait ContractFamily {
    /// The arithmetic of a blob that lives for `'a`.
    type Arithmetic<'a>: Compute<'a> + Arithmetic<'a, Element = Self::Element>;
    /// Activations and latent values.
    type Element: Latent + Default + Send + Sync;

    /// What a layer has beside its data.
    type Parameters: Clone + Sync;

    /// The same as the format writes it.
    fn arithmetic(parameters: &Self::Parameters) -> Self::Arithmetic<'_>;

    /// Latent values as a blob's test input stores them.
    fn latent_bytes(latent: &[Self::Element]) -> Vec<u8>;
}

/// [`Int8`].
#[derive(Debug, Clone, Copy)]
pub struct Int8Contract;

/// [`F32`].
#[derive(Debug, Clone, Copy)]
pub struct F32Contract;

/// What an int8 layer has beside its data; see [`Int8`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Int8Parameters {
    /// Of a layer whose sums are requantised.
    Requantised {
        /// How the sums are rounded.
        rounding: Rounding,
        /// Of the requantised output.
        zero_point: i8,
        /// What a convolution reads outside its map; 0 where there is nothing to read.
        padding: i8,
        /// Behind the requantisation, 256 bytes each; the first entry of a table is that of −128.
        tables: Vec<u8>,
    },
    /// Of a layer whose largest sum is marked: [`Int8::ONE_HOT`].
    OneHot,
}

impl ContractFamily for Int8Contract {
    type Arithmetic<'a> = Int8<'a>;
    type Element = i8;
    type Parameters = Int8Parameters;

    fn arithmetic(parameters: &Int8Parameters) -> Int8<'_> {
        match parameters {
            Int8Parameters::Requantised { rounding, zero_point, padding, tables } => {
                let int8 = Int8::new(Layout::Rows, *zero_point, tables).with_padding(*padding);
                int8.rounded(*rounding)
            }
            Int8Parameters::OneHot => Int8::ONE_HOT,
        }
    }

    fn latent_bytes(latent: &[i8]) -> Vec<u8> {
        latent.iter().map(|&value| value as u8).collect()
    }
}

impl ContractFamily for F32Contract {
    type Arithmetic<'a> = F32;
    type Element = f32;
    type Parameters = Activation;

    fn arithmetic(parameters: &Activation) -> F32 {
        F32::new(*parameters)
    }

    fn latent_bytes(latent: &[f32]) -> Vec<u8> {
        latent.iter().flat_map(|value| value.to_le_bytes()).collect()
    }
}
