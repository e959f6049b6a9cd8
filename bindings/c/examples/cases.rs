//! Reads a file of cases in Rust and compares what the engine gives, bit by bit, as `tests/cases.c` does in
//! C: `cases FILE`.

#[path = "../tests/cases/direct.rs"]
mod direct;
#[path = "../tests/cases/reader.rs"]
mod reader;

use std::process::ExitCode;
use std::{env, fs};

use ae_testkit::cases::Totals;

fn main() -> ExitCode {
    let Some(path) = env::args_os().nth(1) else {
        eprintln!("usage: cases FILE");
        return ExitCode::from(2);
    };
    let checked = match fs::read(&path) {
        Ok(file) => reader::check(&file, &direct::Direct),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    };
    match checked {
        Ok(Totals { models, images, decisions, scores }) => {
            println!(
                "cases: {models} models, {images} images, {decisions} decisions, {scores} scores, all \
                 equal"
            );
            ExitCode::SUCCESS
        }
        Err(differs) => {
            println!("cases: {differs}");
            ExitCode::FAILURE
        }
    }
}
