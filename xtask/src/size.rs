//! `cargo xtask size`.

use std::fs;
use std::path::PathBuf;

use ae_boards::{Board, Firmware, Needs, PROGRAMS, Sizes};
use ae_core::Header;
use anyhow::{Context, Result};

use crate::bench::models;
use crate::footprint::{self, Probe};
use crate::measure::measure;
use crate::{Outcome, firmware};

/// Show what the firmware takes of each board, and whether a model fits.
///
/// Three tables: the inference path by itself for each target, the firmware's programs by section,
/// and models with flash, RAM and, on emulated boards, the stack that the firmware's `bench` finds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these boards.
    boards: Vec<String>,
    /// Blobs; without any, those of the README's first command.
    #[arg(long, value_name = "BLOB")]
    model: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let boards = firmware::chosen(&args.boards)?;
    let models = models(&args.model)?;
    for board in &boards {
        firmware::build(board)?;
    }

    println!("| target | kernel | forward pass, int8 | with the loader | the same for f32 |");
    println!("| --- | --- | ---: | ---: | ---: |");
    for core in footprint::cores() {
        let [forward, loader, float] = [Probe::Forward, Probe::Loader, Probe::Float]
            .map(|it| footprint::build(core, it).map(|found| found.code_bytes));
        let Board { target, kernel, .. } = core;
        println!("| {target} | {kernel} | {} | {} | {} |", forward?, loader?, float?);
    }

    println!("\n| board | program | code | constants | variables | zeros |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for board in &boards {
        for program in PROGRAMS {
            let Sizes { text, rodata, data, bss, .. } = read(board, program)?.image.sizes();
            println!("| {} | {program} | {text} | {rodata} | {data} | {bss} |", board.name);
        }
    }

    println!("\n| board | model | flash | of | buffers | of | stack | stack of loading | fits |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    for board in &boards {
        for model in &models {
            let blob =
                fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
            let header =
                Header::read(&blob).with_context(|| format!("{} is no model", model.display()))?;
            let built = read(board, "equivalence")?;
            let needs = Needs::of(&header, &built);
            let fits = ae_boards::fit(&header, &built);
            let stack = if fits.is_ok() && board.emulator.is_some() {
                let found = measure(board, model)?;
                format!("{} | {}", found.stack_bytes, found.load_stack_bytes)
            } else {
                " | ".to_owned()
            };
            println!(
                "| {} | {} | {} | {} | {} | {} | {stack} | {} |",
                board.name,
                model.file_name().unwrap_or_default().display(),
                needs.flash,
                needs.flash_room,
                needs.buffers,
                needs.buffer_room,
                fits.map_or_else(|error| error.to_string(), |_| "yes".to_owned())
            );
        }
    }
    Ok(Outcome::Success)
}

fn read(board: &'static Board, program: &str) -> Result<Firmware> {
    Ok(Firmware::read(&firmware::folder()?, board, program)?)
}
