//! The program `ae-train`; see [`ae_train::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ae_train::cli::main()
}
