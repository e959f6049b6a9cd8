//! Kernels by architecture, and the one place where they are chosen.
//!
//! | folder | what is there |
//! | --- | --- |
//! | `all` | portable kernels: compiled everywhere, and the measure of all others |
//! | `arm`, `riscv` | kernels for microcontrollers, which take a sample at a time |
//! | `x86_64`, `aarch64` | kernels for hosts, which take a tile of samples at a time |
//!
//! Layers over maps that keep their channels apart go through [`depthwise`] and [`pooling`], which give
//! kernels a [`job`] for each run of positions.
//!
//! This module only chooses. `build.rs` knows the core, and says so in `ae_kernel` and `vfp`; it
//! sets `bulk` where many samples can be taken at a time.

pub(crate) mod all;
pub(crate) mod depthwise;
mod input;
pub(crate) mod job;
pub(crate) mod pooling;

#[cfg(any(
    ae_kernel = "thumbv6m",
    ae_kernel = "thumbv7m",
    ae_kernel = "dsp",
    ae_kernel = "mve",
    vfp
))]
mod arm;
#[cfg(ae_kernel = "rv32")]
mod riscv;

#[cfg(all(bulk, ae_kernel = "host", target_arch = "aarch64"))]
mod aarch64;
#[cfg(bulk)]
pub(crate) mod line;
#[cfg(bulk)]
pub(crate) mod tile;
#[cfg(all(bulk, ae_kernel = "host", target_arch = "x86_64"))]
mod x86_64;

pub(crate) use input::Input;

use ae_core::Rounding;

/// What a kernel of the core's own computes that brings sums back to i8.
#[derive(Clone, Copy)]
pub(crate) enum Own {
    Dense,
    Convolution,
    Depthwise,
}

impl Own {
    /// Whether such a kernel knows how to round like this. The portable ones do, and take what others do
    /// not know. Kernels that give sums need to know nothing.
    pub(crate) const fn rounds(self, rounding: Rounding) -> bool {
        match rounding {
            Rounding::Once => true,
            #[cfg(feature = "double-rounding")]
            Rounding::Twice => match self {
                Self::Dense => cfg!(any(ae_kernel = "dsp", ae_kernel = "mve")),
                Self::Convolution => cfg!(ae_kernel = "dsp"),
                Self::Depthwise => false,
            },
        }
    }
}

// int8 layers in rows, some outputs at a time.
core::cfg_select! {
    ae_kernel = "thumbv6m" => { pub(crate) use arm::thumbv6m as int8_rows; }
    any(ae_kernel = "thumbv7m", ae_kernel = "dsp") => { pub(crate) use arm::thumbv7m as int8_rows; }
    ae_kernel = "rv32" => { pub(crate) use riscv::rv32 as int8_rows; }
    all(bulk, ae_kernel = "host", target_arch = "x86_64") => {
        pub(crate) use x86_64::rows as int8_rows;
    }
    _ => { pub(crate) use all::int8 as int8_rows; }
}

/// The name of what sums rows.
pub(crate) fn rows_name() -> &'static str {
    core::cfg_select! {
        all(bulk, ae_kernel = "host", target_arch = "x86_64") => { int8_rows::name() }
        _ => { int8_rows::NAME }
    }
}

/// Whether one-hot layers are computed row by row. The smallest cores have no flash to spare for that,
/// and compute them weight by weight.
pub(crate) const ONE_HOT_BY_ROW: bool = cfg!(not(ae_kernel = "thumbv6m"));

/// Whether rows of a one-hot layer are computed some at a time: where the sums are a function of the
/// core's own, which a second caller makes no larger.
pub(crate) const ONE_HOT_IN_BLOCKS: bool = cfg!(any(ae_kernel = "thumbv7m", ae_kernel = "dsp"));

// int8 layers as a whole: those that the kernel `takes`.
core::cfg_select! {
    ae_kernel = "dsp" => { pub(crate) use arm::dsp as int8_whole; }
    ae_kernel = "mve" => { pub(crate) use arm::mve as int8_whole; }
    ae_kernel = "thumbv6m" => { pub(crate) use arm::thumbv6m_dense as int8_whole; }
    all(bulk, ae_kernel = "host", target_arch = "x86_64") => {
        pub(crate) use x86_64::dense as int8_whole;
    }
    _ => { pub(crate) use all::int8 as int8_whole; }
}

/// The name of what computes layers as a whole.
pub(crate) fn whole_name() -> &'static str {
    core::cfg_select! {
        all(bulk, ae_kernel = "host", target_arch = "x86_64") => { int8_rows::name() }
        _ => { int8_whole::NAME }
    }
}

/// Whether rows are computed some at a time where no kernel takes the whole layer. The smallest cores have one
/// that takes every layer with a block of rows.
pub(crate) const BLOCKS_OF_ROWS: bool = cfg!(not(ae_kernel = "thumbv6m"));

// Positions of convolutions in int8.
core::cfg_select! {
    ae_kernel = "dsp" => { pub(crate) use arm::dsp_convolution as convolution; }
    ae_kernel = "mve" => { pub(crate) use arm::mve_convolution as convolution; }
    _ => { pub(crate) use all::convolution; }
}

// What a position of a convolution reads, side by side.
core::cfg_select! {
    any(ae_kernel = "thumbv6m", ae_kernel = "thumbv7m") => {
        pub(crate) use arm::thumbv6m_copy as int8_copy;
    }
    _ => { pub(crate) use all::copy as int8_copy; }
}

// Outputs of two positions of a convolution in rows.
core::cfg_select! {
    ae_kernel = "thumbv6m" => { pub(crate) use arm::thumbv6m_pairs as int8_pairs; }
    ae_kernel = "thumbv7m" => { pub(crate) use arm::thumbv7m_pairs as int8_pairs; }
    ae_kernel = "rv32" => { pub(crate) use riscv::rv32_pairs as int8_pairs; }
    _ => { pub(crate) use all::pairs as int8_pairs; }
}

// The only output of neighbouring positions of a convolution.
core::cfg_select! {
    ae_kernel = "thumbv6m" => { pub(crate) use arm::thumbv6m_single as int8_line; }
    _ => { pub(crate) use all::single as int8_line; }
}

// The sums of the only output of two positions of a convolution.
core::cfg_select! {
    ae_kernel = "thumbv7m" => { pub(crate) use arm::thumbv7m_single as int8_single; }
    ae_kernel = "rv32" => { pub(crate) use riscv::rv32_single as int8_single; }
    _ => { pub(crate) use all::single as int8_single; }
}

// Channels side by side in depthwise convolutions and in pools, of int8.
core::cfg_select! {
    ae_kernel = "dsp" => { pub(crate) use arm::dsp_depthwise as depthwise_groups; }
    ae_kernel = "mve" => { pub(crate) use arm::mve_depthwise as depthwise_groups; }
    ae_kernel = "thumbv6m" => { pub(crate) use arm::thumbv6m_depthwise as depthwise_groups; }
    ae_kernel = "thumbv7m" => { pub(crate) use arm::thumbv7m_depthwise as depthwise_groups; }
    ae_kernel = "rv32" => { pub(crate) use riscv::rv32_depthwise as depthwise_groups; }
    _ => { pub(crate) use all::depthwise as depthwise_groups; }
}
core::cfg_select! {
    ae_kernel = "dsp" => { pub(crate) use arm::dsp_pooling as pooling_groups; }
    ae_kernel = "mve" => { pub(crate) use arm::mve_pooling as pooling_groups; }
    _ => { pub(crate) use all::pooling as pooling_groups; }
}

/// Whether portable code computes channels of a depthwise convolution side by side. Where a kernel takes all
/// that are many, that would be code for little.
pub(crate) const PORTABLE_GROUPS: bool =
    cfg!(not(any(ae_kernel = "thumbv6m", ae_kernel = "dsp", ae_kernel = "mve")));

// The tables behind layers over maps.
core::cfg_select! {
    ae_kernel = "mve" => { pub(crate) use arm::mve::look_up_all as look_up; }
    _ => { pub(crate) use all::int8::look_up; }
}

// How a sum is brought back to i8.
core::cfg_select! {
    ae_kernel = "thumbv6m" => { pub(crate) use all::int8::requantise_in_halves as requantise; }
    _ => { pub(crate) use all::int8::requantise; }
}

// Spectra of signals, and products of more than 32 bits in them.
#[cfg(feature = "signal-features")]
core::cfg_select! {
    any(ae_kernel = "dsp", ae_kernel = "mve") => { pub(crate) use arm::dsp_fourier as fourier; }
    _ => { pub(crate) use all::fourier; }
}
#[cfg(feature = "signal-features")]
core::cfg_select! {
    ae_kernel = "thumbv6m" => { pub(crate) use all::halves as wide; }
    _ => { pub(crate) use all::wide; }
}

// f32 layers.
core::cfg_select! {
    vfp => { pub(crate) use arm::vfp as f32; }
    all(bulk, ae_kernel = "host", target_arch = "x86_64") => {
        pub(crate) use x86_64::columns as f32;
    }
    _ => { pub(crate) use all::f32; }
}

/// The [activation](crate::activation::apply) of each number by a host's kernel, if it has one for that.
pub(crate) fn activate(_activation: ae_core::Activation, _numbers: &mut [f32]) -> bool {
    core::cfg_select! {
        all(bulk, ae_kernel = "host") => { line::activate(_activation, _numbers) }
        _ => { false }
    }
}

// Layers of either contract, a tile of samples at a time.
core::cfg_select! {
    not(bulk) => {}
    all(ae_kernel = "host", target_arch = "x86_64") => {
        pub(crate) use x86_64::kernel::X86 as TileKernel;
    }
    all(ae_kernel = "host", target_arch = "aarch64") => {
        pub(crate) use aarch64::neon::Neon as TileKernel;
    }
    _ => { pub(crate) use all::absent::Absent as TileKernel; }
}
