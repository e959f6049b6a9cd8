//! The project's own commands: `cargo xtask <verb>`.
//!
//! Exit codes: 0 for success, 1 if a step of `test` or an emulated program failed, 2 for an error.
#![forbid(unsafe_code)]

mod abreast;
mod bench;
mod c;
mod call_graph;
mod command;
mod counting;
mod demo;
mod deny;
mod emulate;
mod fashion_mnist;
mod firmware;
mod fleet;
mod footprint;
mod fuzz;
mod gate;
mod links;
mod measure;
mod models;
mod panic_paths;
mod sample;
mod setup;
mod size;
mod soak;
mod store_ram;
mod test;
mod watch;
mod workspace;

use std::process::ExitCode;

use ae_boards::EmulatorError;
use clap::{Parser, Subcommand};

/// Checks, measures and remakes what is in this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Test(test::Args),
    Setup(setup::Args),
    Firmware(firmware::Args),
    Emulate(emulate::Args),
    Size(size::Args),
    Bench(bench::Args),
    Demo(demo::Args),
    Sample(sample::Args),
    Watch(watch::Args),
    Fuzz(fuzz::Args),
    Deny(deny::Args),
    CLibrary(c::Args),
    CPackage(c::package::Args),
}

/// What a verb found, when it met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Failed,
}

fn main() -> ExitCode {
    let result = match Cli::parse().verb {
        Verb::Test(args) => test::run(&args),
        Verb::Setup(args) => setup::run(&args),
        Verb::Firmware(args) => firmware::run(&args),
        Verb::Emulate(args) => emulate::run(&args),
        Verb::Size(args) => size::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Sample(args) => sample::run(&args),
        Verb::Watch(args) => watch::run(&args),
        Verb::Fuzz(args) => fuzz::run(&args),
        Verb::Deny(args) => deny::run(&args),
        Verb::CLibrary(args) => c::run(&args),
        Verb::CPackage(args) => c::package::run(&args),
    };
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}{}", remedy(&error));
            ExitCode::from(2)
        }
    }
}

/// What a user can do where the error of a library does not say it.
fn remedy(error: &anyhow::Error) -> &'static str {
    match error.downcast_ref() {
        Some(EmulatorError::Missing { .. }) => {
            "; `cargo xtask setup` installs it where there is apt; elsewhere install QEMU with the \
             system's package manager"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::CommandFactory;

    use super::{Cli, workspace};

    #[test]
    fn the_page_of_commands_has_every_command_and_no_other() {
        let page = fs::read_to_string(workspace::root().join("docs/commands.md")).unwrap();
        let (_, page) = page.split_once("\n## cargo xtask\n").unwrap();
        let mut shown: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split(['`', ' ']).next())
            .collect();
        shown.sort_unstable();
        // `bench` has a line for each of its measurements.
        shown.dedup();
        let cli = Cli::command();
        let mut known: Vec<&str> = cli.get_subcommands().map(|verb| verb.get_name()).collect();
        known.sort_unstable();
        assert_eq!(shown, known);
    }
}
