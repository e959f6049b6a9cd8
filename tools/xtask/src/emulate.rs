//! `cargo xtask emulate`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use ae_boards::{Board, Firmware};
use ae_files::text;
use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

use crate::gate::Gate;
use crate::models::Model;
use crate::{Outcome, firmware};

/// Run a program of the firmware on an emulated board.
///
/// If the environment variable `AE_PUBLIC_KEY=NAME.pub` is set, the firmware runs signed models only.
/// Beside it, `AE_NEXT_PUBLIC_KEY=NAME.pub` is a second key whose models it runs, `AE_PURPOSE=NAME`
/// what they have to be signed for, and `AE_LEAST_MODEL_VERSION=N` their least version.
///
/// The exit code is 1 if the program found a mismatch or failed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The board, such as mps2-an386.
    board: String,
    /// The program: selftest or bench. The others, equivalence and monitor, wait for a host:
    /// `ae-train verify --board` and `ae-train monitor --board` run them.
    #[arg(default_value = "selftest")]
    program: String,
    /// The model to put on the board. Without this option, the smallest of the repository.
    #[arg(long, value_name = "BLOB")]
    model: Option<PathBuf>,
}

/// Programs that wait for a host, and the command of `ae-train` that is it.
const HOSTS: [(&str, &str); 2] = [("equivalence", "verify"), ("monitor", "monitor")];

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let board = Board::find(&args.board)?;
    if board.emulator.is_none() {
        bail!(
            "{} is not emulated; `ae-train flash MODEL --board {0}` flashes a real one",
            board.name
        );
    }
    if !ae_boards::PROGRAMS.contains(&&*args.program) {
        bail!(
            "there is no program `{}`; there are {}",
            args.program,
            ae_boards::PROGRAMS.join(", ")
        );
    }
    if let Some((program, verb)) = HOSTS.into_iter().find(|(program, _)| *program == args.program) {
        bail!("{program} waits for a host: `ae-train {verb} MODEL --board {}` is one", board.name);
    }
    firmware::build_into(&firmware::folder()?, board, Gate::of_environment()?.as_ref())?;
    let model = args.model.as_deref().map(Model::read).transpose()?;
    let elf = with_model(board, &args.program, model.as_ref())?;
    let run = if args.program == "bench" {
        ae_boards::icount_run(board, elf.path(), &[])
    } else {
        ae_boards::run(board, elf.path())
    };
    let run = run.context("`cargo xtask setup` installs the emulators")?;
    // The model, whose names may be shown, can be from anyone.
    print!("{}", text::lines(&run.output));
    eprint!("{}", text::lines(&run.errors));
    Ok(if run.status.success() { Outcome::Success } else { Outcome::Failed })
}

/// The program with a model in its place, or without a model as it was built, in a file that is
/// gone when the value is dropped.
///
/// # Errors
/// The program is not built, or the model does not fit.
pub(crate) fn with_model(
    board: &'static Board,
    program: &str,
    model: Option<&Model>,
) -> Result<NamedTempFile> {
    let built = Firmware::read(&firmware::folder()?, board, program)?;
    let elf = match model {
        None => fs::read(&built.path)?,
        Some(model) => built.with_model(&model.blob).with_context(|| model.name.clone())?.0,
    };
    let mut file = tempfile::Builder::new().suffix(".elf").tempfile()?;
    file.write_all(&elf)?;
    Ok(file)
}
