//! The program `ae-train`; see [`ae_train::cli`].
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ae_train::cli::main()
}
