//! The program `ae-fleet`: one file a verb.
//!
//! It asks an archive of a fleet's signals what the fleet's models say of it. Results go to standard
//! output, progress and errors to standard error. The exit code is 0 for success, 1 where a folder of
//! models holds one that is not what its name says, and 2 for an error or a stop.
#![forbid(unsafe_code)]
// All that is said goes through `terminal`.
#![cfg_attr(not(test), deny(clippy::print_stderr, clippy::print_stdout))]

mod calibrate;
mod cells;
mod compare;
mod drift;
mod engine;
mod generate;
mod input;
mod model;
mod models;
mod output;
mod progress;
mod query;
mod quote;
mod reading;
mod report;
mod score;
mod sizes;
mod sql;
mod table;
mod terminal;
mod thresholds;
mod trouble;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Score an archive of a fleet's signals with the models of its boards.
///
/// The archive is files of Parquet, CSV or Arrow, on this machine or in an object store. Its rows are
/// windows, or samples that windows are cut from. All scores, thresholds and alarms are the integers
/// that a board computes. It runs on all cores of this machine, or on a cluster with --scheduler.
///
/// Exit codes: 0 for success, 1 where a folder of models holds a damaged one, 2 for an error or a stop.
#[derive(Debug, Parser)]
#[command(name = "ae-fleet", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Score(score::Args),
    Calibrate(calibrate::Args),
    Compare(compare::Args),
    Drift(drift::Args),
    Report(report::Args),
    Sql(sql::Args),
    #[command(subcommand)]
    Models(models::Verb),
    #[command(hide = true)]
    Generate(generate::Args),
}

/// What a verb found, when it met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Mismatch,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return terminal::tell_usage(&usage),
    };
    let result = match cli.verb {
        Verb::Score(args) => engine::run(&args.engine, score::run(&args)),
        Verb::Calibrate(args) => engine::run(&args.engine, calibrate::run(&args)),
        Verb::Compare(args) => engine::run(&args.engine, compare::run(&args)),
        Verb::Drift(args) => engine::run(&args.engine, drift::run(&args)),
        Verb::Report(args) => engine::run(&args.engine, report::run(&args)),
        Verb::Sql(args) => engine::run(&args.engine, sql::run(&args)),
        Verb::Models(verb) => models::run(&verb),
        Verb::Generate(args) => generate::run(&args),
    };
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Mismatch) => ExitCode::from(1),
        Err(error) => {
            terminal::tell(format_args!("error: {}", trouble::message(&error)));
            ExitCode::from(2)
        }
    }
}
