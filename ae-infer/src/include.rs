//! A model that is part of a program.

use ae_core::{Arithmetic, F32, Int8};

/// Includes a blob and everything that its header says, as a module.
///
/// `include_model!(mod NAME = "FILE")` takes a file as [`include_bytes!`] does. When the program is
/// compiled, the header, the length and the checksum are checked, and each size against the format
/// and the file's length. [`Model::parse`]'s other checks are made by `load` when the program runs.
/// The blob lies on a boundary of 16 bytes.
///
/// | in the module | what it is |
/// | --- | --- |
/// | `BLOB` | the blob's bytes |
/// | `HEADER` | its [`Header`](crate::Header) |
/// | `FEATURES`, `LATENT`, `SCRATCH`, `WINDOW`, `FRAME` | elements of the buffers |
/// | `Element` | `i8` or `f32`, by the contract |
/// | `Model` | [`Int8Autoencoder`](crate::Int8Autoencoder) or [`F32Autoencoder`](crate::F32Autoencoder) |
/// | `Detector<'m>`, `Sampler<'m>`, `Judge<'m>` | [`Detector`](crate::Detector) and its halves, for the model |
/// | `load()` | the model, after all checks |
/// | `load_prechecked()` | the model, after all checks but that of the checksum, which the compiler made |
/// | `pixels()`, `latent()`, `scratch()`, `window()`, `frame()` | zeroed buffers of just the right size |
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
/// assert_eq!(tiny::load_prechecked()?.model().header(), model.model().header());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The blob lies with the program's constants. A `section` puts it elsewhere, such as into a second
/// flash that the linker script knows:
///
/// ```
/// # #[cfg(target_os = "linux")]
/// ae_infer::include_model!(
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb"),
///     section = ".model_flash"
/// );
/// ```
///
/// The memory must be readable, and set up before `load`. An attribute `link_section` on the module
/// does not compile, for it would move nothing:
///
/// ```compile_fail
/// ae_infer::include_model!(
///     #[unsafe(link_section = ".model_flash")]
///     mod tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tiny.int8.aeb")
/// );
/// ```
///
/// A file that is not a blob, is damaged, or says sizes that it cannot have, does not compile:
///
/// ```compile_fail
/// ae_infer::include_model!(mod model = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
/// ```
///
/// [`Model::parse`]: ae_core::Model::parse
#[macro_export]
macro_rules! include_model {
    (
        $(#[$($attribute:tt)*])* $visibility:vis mod $name:ident = $file:expr
        $(, section = $section:literal)? $(,)?
    ) => {
        $($crate::refuse_link_section! { $($attribute)* })*
        $(#[$($attribute)*])*
        $visibility mod $name {
            #![allow(dead_code, reason = "a program need not use all of it")]

            #[repr(C, align(16))]
            struct Aligned<Bytes>(Bytes);

            const BYTES: &[u8] = include_bytes!($file);

            $(
                #[allow(unsafe_code, reason = "the program names a section for constants")]
                #[unsafe(link_section = $section)]
            )?
            static ALIGNED: Aligned<[u8; BYTES.len()]> = Aligned(*include_bytes!($file));

            /// The blob.
            pub static BLOB: &[u8] = &ALIGNED.0;

            /// The blob's header; reading it checks length and checksum.
            #[allow(long_running_const_eval, reason = "the checksum is of the whole blob")]
            pub const HEADER: $crate::Header = match $crate::Header::check_included(BYTES) {
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
                Err($crate::LoadError::HeaderSize { .. }) => panic!(concat!(
                    $file,
                    " is not a blob: its header says a size that the format or the file's length ",
                    "does not allow"
                )),
                Err(_) => panic!(concat!($file, " is not a blob")),
            };

            /// Pixels of one input and of one reconstruction.
            pub const FEATURES: usize = HEADER.features as usize;
            /// Latent values.
            pub const LATENT: usize = HEADER.latent as usize;
            /// Elements of a scratch for every operation.
            pub const SCRATCH: usize = HEADER.scratch_len();

            /// Bytes of a detector's window, and of what features of the signal are computed in.
            pub const WINDOW: usize = match $crate::window_len(BYTES) {
                Some(len) => len,
                None => panic!(concat!($file, " is not a blob: its body cannot be read")),
            };

            /// Values of a frame of all channels, which a sampler hands to a judge where features of
            /// the signal are computed; 0 where none are.
            pub const FRAME: usize = match $crate::frame_len(BYTES) {
                Some(len) => len,
                None => panic!(concat!($file, " is not a blob: its body cannot be read")),
            };

            type Arithmetic =
                <$crate::OfContract<{ HEADER.contract as u16 }> as $crate::Select>::Arithmetic;
            /// An activation or a latent value.
            pub type Element =
                <$crate::OfContract<{ HEADER.contract as u16 }> as $crate::Select>::Element;
            /// The model, loaded.
            pub type Model = $crate::Autoencoder<'static, Arithmetic>;
            /// A detector with the model, in buffers that live for `'m`.
            pub type Detector<'m> = $crate::Detector<'static, 'm, Arithmetic>;
            /// The half of a detector that takes samples.
            pub type Sampler<'m> = $crate::Sampler<'static, 'm>;
            /// The half of a detector that decides.
            pub type Judge<'m> = $crate::Judge<'static, 'm, Arithmetic>;

            /// Loads the model.
            ///
            /// # Errors
            /// What the loader finds that cannot be found at compile time.
            pub fn load() -> Result<Model, $crate::LoadError> {
                Model::load(BLOB)
            }

            /// Loads the model without its checksum, which was compared when the program was compiled:
            /// for a start that trusts the memory with the program.
            ///
            /// # Errors
            /// As `load`; damage since then is not found.
            pub fn load_prechecked() -> Result<Model, $crate::LoadError> {
                Model::load_prechecked($crate::Prechecked::trust(BLOB))
            }

            /// A buffer for an image.
            pub const fn pixels() -> [u8; FEATURES] {
                [0; FEATURES]
            }

            /// A buffer for a detector's window, and for the features of the signal.
            pub const fn window() -> [u8; WINDOW] {
                [0; WINDOW]
            }

            /// A buffer for a frame on its way from a sampler to a judge.
            pub const fn frame() -> [i16; FRAME] {
                [0; FRAME]
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

/// Refuses an attribute that would be ignored, for [`include_model!`].
#[doc(hidden)]
#[macro_export]
macro_rules! refuse_link_section {
    (link_section $($rest:tt)*) => {
        compile_error!(
            "link_section moves no model: write include_model!(mod NAME = FILE, section = SECTION)"
        );
    };
    (unsafe(link_section $($rest:tt)*)) => {
        $crate::refuse_link_section! { link_section }
    };
    ($($other:tt)*) => {};
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
