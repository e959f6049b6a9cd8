//! The program `ae-train`: one file a verb.
//!
//! Results go to standard output, progress and errors to standard error. The exit code is 0 for
//! success or agreement, 1 for a mismatch or, where that was asked for, an alarm, 2 for an error or a
//! stop.
#![forbid(unsafe_code)]
// All that is said goes through `terminal`.
#![cfg_attr(not(test), deny(clippy::print_stderr, clippy::print_stdout))]

/// Says one line on standard error, as `eprintln!` does, but does not panic where nobody listens: a
/// log that is full, or whose reader has gone, is no reason to end a training.
macro_rules! tell {
    ($($text:tt)*) => { $crate::terminal::tell(format_args!($($text)*)) };
}

mod architecture;
mod arrays;
mod board_bytes;
mod board_model;
mod calibrate;
mod completions;
mod decode;
mod detect;
mod encode;
mod evaluate;
mod export;
mod fetch;
mod fetch_progress;
mod files;
mod flash;
mod import;
mod info;
mod keygen;
mod keys;
mod make_sample;
mod make_watch;
mod model_file;
mod model_windows;
mod monitor;
mod progress;
mod quantising;
mod quantize;
mod reading_args;
mod reconstruct;
mod run_name;
mod sign;
mod signal_args;
mod terminal;
mod tool;
mod train;
mod trouble;
mod update;
mod values;
mod verify;
mod verify_against;
mod verify_board;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use terminal::{print, print_each, print_json, print_lines};

/// Train an autoencoder, quantise it into a blob, and prove that the blob computes the same.
///
/// `ae-train train` does the whole way once: it trains on Fashion-MNIST (or on the sample built
/// into this program), writes the model as an f32 and an int8 blob, runs both with the engine that
/// runs on the board, and reports. The other commands take its run folder or one of its blobs.
///
/// Exit codes: 0 for success or agreement, 1 for a mismatch, 2 for an error or a stop.
#[derive(Debug, Parser)]
#[command(name = "ae-train", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Train(train::Args),
    Detect(Box<detect::Args>),
    Calibrate(calibrate::Args),
    Monitor(monitor::Args),
    Quantize(quantize::Args),
    Import(Box<import::Args>),
    Info(info::Args),
    Evaluate(evaluate::Args),
    Verify(verify::Args),
    Reconstruct(reconstruct::Args),
    Encode(encode::Args),
    Decode(decode::Args),
    Flash(flash::Args),
    Export(export::Args),
    Update(update::Args),
    Keygen(keygen::Args),
    Sign(sign::Args),
    Fetch(fetch::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    MakeSample(make_sample::Args),
    #[command(hide = true)]
    MakeWatch(make_watch::Args),
}

/// What a verb found, when it met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Mismatch,
}

fn main() -> ExitCode {
    terminal::tell_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return terminal::tell_usage(&usage),
    };
    let result = match cli.verb {
        Verb::Train(args) => train::run(args),
        Verb::Detect(args) => detect::run(&args),
        Verb::Calibrate(args) => calibrate::run(&args),
        Verb::Monitor(args) => monitor::run(&args),
        Verb::Quantize(args) => quantize::run(&args),
        Verb::Import(args) => import::run(&args),
        Verb::Info(args) => info::run(&args),
        Verb::Evaluate(args) => evaluate::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Reconstruct(args) => reconstruct::run(&args),
        Verb::Encode(args) => encode::run(&args),
        Verb::Decode(args) => decode::run(&args),
        Verb::Flash(args) => flash::run(&args),
        Verb::Export(args) => export::run(&args),
        Verb::Update(args) => update::run(&args),
        Verb::Keygen(args) => keygen::run(&args),
        Verb::Sign(args) => sign::run(&args),
        Verb::Fetch(args) => fetch::run(&args),
        Verb::Completions(args) => completions::run(&args),
        Verb::MakeSample(args) => make_sample::run(&args),
        Verb::MakeWatch(args) => make_watch::run(&args),
    };
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Mismatch) => ExitCode::from(1),
        Err(error) => {
            tell!("error: {}", message(&error));
            ExitCode::from(2)
        }
    }
}

/// The error, its causes and its remedy. A cause is left out where the message has it already: many
/// errors of the library contain their cause.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    match trouble::remedy(error) {
        Some(remedy) => format!("{message}; {remedy}"),
        None => message,
    }
}
