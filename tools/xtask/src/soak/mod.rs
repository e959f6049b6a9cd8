//! Many inferences on an emulated board while the host watches: every result and the stack.

mod judge;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use ae_boards::{Board, Image, watch};
use ae_conformance::soak::{Inputs, Plan, Room, block};
use ae_core::{Contract, F32, Header, Int8};
use ae_infer::{Autoencoder, Compute};
use anyhow::{Context, Result, bail};

use crate::models::Model;
use crate::{command, firmware};
use judge::Judge;

/// The feature that the programs are built with.
const FEATURE: &str = "soak";
/// The package that has them.
const PACKAGE: &str = "ae-emulated";

/// The programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// As it should be.
    Soak,
    /// Takes more and more stack.
    Deepens,
}

impl Program {
    const ALL: [Self; 2] = [Self::Soak, Self::Deepens];

    fn name(self) -> &'static str {
        match self {
            Self::Soak => "soak",
            Self::Deepens => "soak-deepens",
        }
    }
}

/// A soak in which every block was equal and took the same stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Soaked {
    pub(crate) plan: Plan,
    /// As the board says itself.
    pub(crate) kernel: String,
    /// After the first block and after the last.
    pub(crate) stack_bytes: u32,
    /// From the start of the emulator to its end.
    pub(crate) time: Duration,
}

impl Soaked {
    pub(crate) fn inferences(&self) -> u64 {
        u64::from(self.plan.blocks) * u64::from(self.plan.inferences)
    }
}

/// Builds the programs for an emulated board; [`run`] runs them.
///
/// # Errors
/// They do not build.
pub(crate) fn build(board: &Board) -> Result<()> {
    let features = [&board.features[..], &[FEATURE.to_owned()]].concat();
    let with_programs = Board { features, ..board.clone() };
    // Boards with one target share the folder, and the names of programs.
    let _lock = firmware::lock()?;
    let mut build = firmware::cargo_for(&with_programs, "build")?;
    build.args(["--quiet", "--package", PACKAGE]);
    for program in Program::ALL {
        build.args(["--bin", program.name()]);
    }
    command::run(&mut build)?;
    let built = firmware::build_folder()?.join(&board.target).join("release");
    for program in Program::ALL {
        let place = place(board, program)?;
        fs::create_dir_all(place.parent().context("a file in a folder")?)?;
        fs::copy(built.join(program.name()), &place)?;
    }
    Ok(())
}

/// Where [`build`] puts a program: boards with one target would overwrite each other's.
fn place(board: &Board, program: Program) -> Result<std::path::PathBuf> {
    let folder = firmware::build_folder()?.join(FEATURE).join(&board.name);
    Ok(folder.join(program.name()).with_extension("elf"))
}

/// Soaks `board`, which holds `on_board`, while this machine computes the same with `here`, and
/// stops at the first block that is wrong. `progress` is told each block that was right.
///
/// # Errors
/// The board cannot be emulated, or what it says is not as it should be.
pub(crate) fn run(
    board: &'static Board,
    program: Program,
    on_board: &Model,
    here: &Model,
    plan: Plan,
    progress: impl FnMut(u32),
) -> Result<Soaked> {
    let image = Image::parse(fs::read(place(board, program)?)?)?;
    let mut elf = tempfile::Builder::new().suffix(".elf").tempfile()?;
    elf.write_all(&image.with_model(&on_board.blob).context("the model does not fit")?)?;
    match Header::check(&here.blob)?.contract {
        Contract::Int8 => {
            let expected = expected::<Int8<'_>>(&here.blob, plan)?;
            watch_board(board, elf.path(), plan, expected, progress)
        }
        Contract::F32 => {
            let expected = expected::<F32>(&here.blob, plan)?;
            watch_board(board, elf.path(), plan, expected, progress)
        }
    }
}

/// Block after block, what the board should find.
fn expected<'a, A: Compute<'a, Element: Default>>(
    blob: &'a [u8],
    plan: Plan,
) -> Result<impl FnMut() -> Result<u32> + use<'a, A>> {
    let model = Autoencoder::<A>::load(blob)?;
    let header = model.model().header();
    let mut pixels = vec![0; header.features as usize];
    let mut reconstruction = pixels.clone();
    let mut scratch: Vec<A::Element> = Vec::new();
    scratch.resize_with(header.scratch_len(), Default::default);
    let mut inputs = Inputs::new(plan.seed);
    Ok(move || {
        let mut room = Room {
            pixels: &mut pixels,
            reconstruction: &mut reconstruction,
            scratch: &mut scratch,
        };
        Ok(block(&model, &mut inputs, plan.inferences, &mut room)?)
    })
}

fn watch_board(
    board: &'static Board,
    elf: &Path,
    plan: Plan,
    expected: impl FnMut() -> Result<u32>,
    mut progress: impl FnMut(u32),
) -> Result<Soaked> {
    let start = Instant::now();
    let mut judge = Judge::new(plan, expected);
    let mut fault = None;
    let status = watch(board, elf, &plan.to_bytes(), |line| match judge.hear(line) {
        Ok(()) => {
            progress(judge.blocks());
            ControlFlow::Continue(())
        }
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    match status {
        Some(status) if status.success() => judge.verdict(start.elapsed()),
        _ => bail!("the program ended with {status:?} after {} blocks", judge.blocks()),
    }
}
