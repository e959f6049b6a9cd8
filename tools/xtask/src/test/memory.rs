//! The kernels' tests once more, with every access of memory watched.

use anyhow::Result;

use super::bulk::{AVX2, forced, kernel_tests};
use crate::{command, setup};

/// Where both tools can watch.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Runs the tests under Valgrind and with the address sanitizer, and says what was left out.
///
/// # Errors
/// A test fails, or one of the tools has something to say.
pub(super) fn run() -> Result<Option<&'static str>> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Ok(Some("Valgrind and sanitizer left out: not x86-64 Linux"));
    }
    let mut sanitized = kernel_tests(TARGET, "-Zsanitizer=address")?;
    command::run(sanitized.env("RUSTC_BOOTSTRAP", "1"))?;
    if !setup::has_valgrind() {
        return Ok(Some("Valgrind left out: not installed"));
    }
    // What the step `bulk` has built. Left to itself, a kernel for more than Valgrind knows is not
    // chosen either.
    let mut watched = kernel_tests(TARGET, &forced(AVX2))?;
    let valgrind = "valgrind --quiet --error-exitcode=9";
    command::run(watched.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", valgrind))?;
    Ok(None)
}
