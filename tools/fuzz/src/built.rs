//! How this was built. Only a build of the fuzzer can ask.

#[cfg(not(overflow_checks))]
compile_error!("fuzzing without overflow checks finds no overflow");
#[cfg(not(debug_assertions))]
compile_error!("fuzzing without debug assertions finds less");

/// The sanitizer that is built in.
pub(crate) const SANITIZER: &str = if cfg!(sanitize = "address") { "address" } else { "none" };
