//! `cargo xtask size`.

use std::path::PathBuf;

use ae_boards::{Board, Firmware, Needs, PROGRAMS, Sizes};
use ae_core::Header;
use anyhow::Result;

use crate::bench::has_maps;
use crate::footprint::{self, Kinds, Probe};
use crate::measure::measure;
use crate::models::given_or_seeded;
use crate::store_ram::{self, StoreRam};
use crate::{Outcome, firmware};

/// Show how much flash, RAM and stack the firmware takes on each board, and whether a model fits.
///
/// There are four tables: the inference path by itself for each target; on emulated boards the RAM of
/// learning in place, of a store and of updates; the firmware's programs by section; and models in the
/// board's layout, with flash, RAM and, on emulated boards, the stack that the firmware's `bench`
/// measures.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The boards. Without any, all.
    boards: Vec<String>,
    /// The blobs. Without this option, those that `bench --boards` makes.
    #[arg(long, value_name = "BLOB")]
    model: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let boards = firmware::chosen(&args.boards)?;
    let models = given_or_seeded(&args.model)?;
    for board in &boards {
        firmware::build(board)?;
    }

    println!(
        "| target | kernel | forward pass, int8 | with convolutions | with all kinds of layers | dense, with the loader | the same for f32 | with a detector of counts | with calibration and drift | with the check of a signature | with a store | with updates over a line |"
    );
    println!("| --- | --- |{}", " ---: |".repeat(10));
    let is_chosen = |core: &&Board| {
        boards.iter().any(|it| (&it.target, &it.kernel) == (&core.target, &core.kernel))
    };
    for core in footprint::cores().into_iter().filter(is_chosen) {
        let probes = [
            (Kinds::Dense, Probe::Forward),
            (Kinds::Convolutions, Probe::Forward),
            (Kinds::All, Probe::Forward),
            (Kinds::Dense, Probe::Loader),
            (Kinds::Dense, Probe::Float),
            (Kinds::Dense, Probe::Detector),
            (Kinds::Dense, Probe::Companions),
            (Kinds::Dense, Probe::Signed),
            (Kinds::Dense, Probe::Store),
            (Kinds::Dense, Probe::Update),
        ];
        let bytes = probes.map(|(kinds, probe)| {
            anyhow::Ok(footprint::build_with(core, kinds, probe)?.code_bytes.to_string())
        });
        let bytes = bytes.into_iter().collect::<Result<Vec<_>>>()?;
        let Board { target, kernel, .. } = core;
        println!("| {target} | {kernel} | {} |", bytes.join(" | "));
    }

    println!(
        "\n| board | core | what learns | store | deeper than a model's check | RAM added | deepest call by itself |"
    );
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    for board in store_ram::boards().filter(|board| boards.contains(board)) {
        let found = store_ram::measure(board)?;
        let StoreRam { companions_bytes, store_bytes, deeper_bytes, deepest, alone } = &found;
        println!(
            "| {} | {} | {companions_bytes} | {store_bytes} | `{deepest}`, {deeper_bytes} | {} | `{}`, {} |",
            board.name,
            board.core,
            found.bytes(),
            alone.1,
            alone.0
        );
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
            // A board without the code for maps refuses them, whatever their size.
            if model.is_spatial()? && !has_maps(board) {
                continue;
            }
            let model = model.arranged(board)?;
            let header = Header::read(&model.blob)?;
            let built = read(board, "equivalence")?;
            let needs = Needs::of(&header, &built.image);
            let fits = built.fit(&header);
            // It has more code than the others, and on the smallest board less room for a model.
            let measured = read(board, "bench")?.fit(&header).is_ok();
            let stack = if fits.is_ok() && measured && board.emulator.is_some() {
                let found = measure(board, &model)?.found;
                format!("{} | {}", found.stack_bytes, found.load_stack_bytes)
            } else {
                " | ".to_owned()
            };
            println!(
                "| {} | {} | {} | {} | {} | {} | {stack} | {} |",
                board.name,
                model.name,
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
