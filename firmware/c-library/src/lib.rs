//! The static library for programs in C: the functions of [`ae_c`], and what a program in C cannot
//! bring.
#![no_std]

pub use ae_c::*;

/// What no function of the library reaches but the check of a signature, where it never comes up. A
/// linker that drops what is not called drops this too.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
