//! A model that is part of a program.

use ae_core::{Arithmetic, F32, Int8};

/// Includes a blob and everything that its header says, as a module.
///
/// `include_model!(mod NAME = "FILE")` takes a file as [`include_bytes!`] does. The header, the
/// length and the checksum are checked when the program is compiled; [`Model::parse`]'s other
/// checks are made by `load` when it runs. The blob lies on a boundary of 16 bytes. The checksum
/// takes the compiler some four seconds for a million bytes.
///
/// | in the module | what it is |
/// | --- | --- |
/// | `BLOB` | the blob's bytes |
/// | `HEADER` | its [`Header`](ae_core::Header) |
/// | `FEATURES`, `LATENT`, `SCRATCH` | elements of the buffers |
/// | `Element` | `i8` or `f32`, by the contract |
/// | `Model` | [`Int8Autoencoder`](crate::Int8Autoencoder) or [`F32Autoencoder`](crate::F32Autoencoder) |
/// | `load()` | the model, after all checks |
/// | `pixels()`, `latent()`, `scratch()` | zeroed buffers of just the right size |
///
/// ```
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb")
/// );
///
/// let model = tiny::load()?;
/// let (mut reconstruction, mut scratch) = (tiny::pixels(), tiny::scratch());
/// let error = model.score(&[10, 200, 30, 120], &mut reconstruction, &mut scratch)?;
/// assert_eq!((reconstruction, error), ([254, 82, 184, 254], 115_132));
/// assert_eq!((tiny::FEATURES, tiny::LATENT, tiny::SCRATCH), (4, 2, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A file that is not a blob, or is damaged, does not compile:
///
/// ```compile_fail
/// ae_infer::include_model!(mod model = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
/// ```
///
/// [`Model::parse`]: ae_core::Model::parse
#[macro_export]
macro_rules! include_model {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $file:expr) => {
        $(#[$attribute])*
        $visibility mod $name {
            #![allow(dead_code, reason = "a program need not use all of it")]

            #[repr(C, align(16))]
            struct Aligned<Bytes: ?Sized>(Bytes);

            static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!($file));

            /// The blob.
            pub static BLOB: &[u8] = &ALIGNED.0;

            /// The blob's header; reading it checks length and checksum.
            #[allow(long_running_const_eval, reason = "the checksum is of the whole blob")]
            pub const HEADER: $crate::Header = match $crate::Header::check(include_bytes!($file)) {
                Ok(header) => header,
                Err($crate::LoadError::UnsupportedVersion { .. }) => {
                    panic!(concat!($file, " is of another version of the format"))
                }
                Err($crate::LoadError::LengthMismatch { .. }) => {
                    panic!(concat!($file, " was cut or extended"))
                }
                Err($crate::LoadError::ChecksumMismatch { .. }) => {
                    panic!(concat!($file, " is damaged: its checksum differs"))
                }
                Err(_) => panic!(concat!($file, " is not a blob")),
            };

            /// Pixels of one input and of one reconstruction.
            pub const FEATURES: usize = HEADER.features as usize;
            /// Latent values.
            pub const LATENT: usize = HEADER.latent as usize;
            /// Elements of a scratch for every operation.
            pub const SCRATCH: usize = HEADER.scratch_len();

            type Arithmetic =
                <$crate::OfContract<{ HEADER.contract as u16 }> as $crate::Select>::Arithmetic;
            /// An activation or a latent value.
            pub type Element =
                <$crate::OfContract<{ HEADER.contract as u16 }> as $crate::Select>::Element;
            /// The model, loaded.
            pub type Model = $crate::Autoencoder<'static, Arithmetic>;

            /// Loads the model.
            ///
            /// # Errors
            /// What the loader finds that cannot be found at compile time.
            pub fn load() -> Result<Model, $crate::LoadError> {
                Model::load(BLOB)
            }

            /// A buffer for an image.
            pub const fn pixels() -> [u8; FEATURES] {
                [0; FEATURES]
            }

            /// A buffer for a latent.
            pub const fn latent() -> [Element; LATENT] {
                [0 as Element; LATENT]
            }

            /// A buffer for the activations between layers.
            pub const fn scratch() -> [Element; SCRATCH] {
                [0 as Element; SCRATCH]
            }
        }
    };
}

/// The contract of this number, for [`include_model!`].
#[doc(hidden)]
pub struct OfContract<const NUMBER: u16>;

/// The arithmetic of a contract, for [`include_model!`].
#[doc(hidden)]
pub trait Select {
    type Arithmetic;
    type Element;
}

impl Select for OfContract<{ ae_core::Contract::Int8 as u16 }> {
    type Arithmetic = Int8<'static>;
    type Element = <Int8<'static> as Arithmetic<'static>>::Element;
}

impl Select for OfContract<{ ae_core::Contract::F32 as u16 }> {
    type Arithmetic = F32;
    type Element = <F32 as Arithmetic<'static>>::Element;
}
