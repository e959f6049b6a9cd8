//! The kernels' tests once more, with every access of memory watched.

use anyhow::Result;

use crate::{command, setup, workspace};

/// Where both tools can watch.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// The tests of the crate that has unsafe code: its own, and all kernels against one sample at a
/// time.
const TESTS: &str = "test --release --package ae-infer --lib --test bulk";

/// Runs the tests under Valgrind and with the address sanitizer, and says what was left out.
///
/// # Errors
/// A test fails, or one of the tools has something to say.
pub(super) fn run() -> Result<Option<&'static str>> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Ok(Some("Valgrind and sanitizer left out: not x86-64 Linux"));
    }
    let folder = workspace::target_folder()?.join("fuzz").join("kernels");
    let mut sanitized = command::cargo(TESTS);
    sanitized.args(["--target", TARGET, "--target-dir"]).arg(&folder);
    sanitized.env("RUSTFLAGS", "-Zsanitizer=address").env("RUSTC_BOOTSTRAP", "1");
    command::run(&mut sanitized)?;
    if !setup::has_valgrind() {
        return Ok(Some("Valgrind left out: not installed"));
    }
    let mut watched = command::cargo(TESTS);
    let valgrind = "valgrind --quiet --error-exitcode=9";
    command::run(watched.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", valgrind))?;
    Ok(None)
}
