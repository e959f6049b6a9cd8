//! The RAM that a board takes to learn in place, to keep what it has learnt, and to take a new model.

use ae_boards::Board;
use anyhow::{Result, bail, ensure};

use crate::firmware;
use crate::measure::{number, value};

/// The program, and the feature that it is built with.
const PROGRAM: &str = "store";
/// The package that has it.
const PACKAGE: &str = "ae-emulated";
/// Too small for the program, which has code of all that may be there; another board has its core.
const TOO_SMALL: &str = "microbit";
/// Most bytes that may be added to the RAM of a program that runs a model, beside those remembered.
pub(crate) const LIMIT: u64 = 1024;

/// The calls, but for the check of a model, which `boot` and `finish` have below them.
const CALLS: [&str; 10] = [
    "learn",
    "resume",
    "provision",
    "open",
    "boot",
    "remember",
    "begin",
    "write",
    "finish",
    "confirm",
];

/// What one board takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreRam {
    /// A calibration of ten scores, and a drift.
    pub(crate) companions_bytes: u64,
    /// The store and the slots, without what is remembered.
    pub(crate) store_bytes: u64,
    /// By how much the deepest call goes deeper than loading the model and its self-test, which a program
    /// has stack for anyway; and which call that is.
    pub(crate) deeper_bytes: u64,
    pub(crate) deepest: &'static str,
    /// The stack of the deepest call that looks at no model, and which one that is.
    pub(crate) alone: (u64, &'static str),
}

impl StoreRam {
    /// What is added to the RAM of a program that runs a model.
    pub(crate) fn bytes(&self) -> u64 {
        self.companions_bytes + self.store_bytes + self.deeper_bytes
    }

    fn of(said: &str) -> Result<Self> {
        let line = |name: &str| said.lines().find(|line| line.starts_with(name)).unwrap_or(said);
        let (values, stack) = (line("values: "), line("stack: "));
        let (mut most, mut alone) = ((0, ""), (0, ""));
        for call in CALLS {
            let bytes = number(stack, call)?;
            ensure!(bytes > 0, "no stack was measured of `{call}`: {stack}");
            most = most.max((bytes, call));
            if !["boot", "finish"].contains(&call) {
                alone = alone.max((bytes, call));
            }
        }
        let (bytes, deepest) = most;
        Ok(Self {
            companions_bytes: number(values, "companions_bytes")?,
            store_bytes: number(values, "store_bytes")? + number(values, "slots_bytes")?,
            deeper_bytes: bytes.saturating_sub(number(stack, "verify")?),
            deepest,
            alone,
        })
    }

    /// # Errors
    /// It is more than the [`LIMIT`].
    pub(crate) fn check(&self) -> Result<()> {
        let (bytes, Self { companions_bytes, store_bytes, deeper_bytes, deepest, .. }) =
            (self.bytes(), self);
        if bytes > LIMIT {
            bail!(
                "{bytes} bytes of RAM, at most {LIMIT}: {companions_bytes} of what learns, \
                 {store_bytes} of the store, {deeper_bytes} that `{deepest}` goes deeper than the \
                 check of a model"
            );
        }
        Ok(())
    }
}

/// The boards that it is measured on.
pub(crate) fn boards() -> impl Iterator<Item = &'static Board> {
    let boards = Board::all().iter().filter(|board| board.emulator.is_some());
    boards.filter(|board| board.package == PACKAGE && board.name != TOO_SMALL)
}

/// Runs the program on an emulated board.
///
/// # Errors
/// It does not build or fails.
pub(crate) fn measure(board: &'static Board) -> Result<StoreRam> {
    let flags = firmware::rustflags(&board.target, &board.kernel);
    let elf = firmware::build_by_feature(board, PROGRAM, &flags, &[])?;
    let run = ae_boards::run(board, elf.path())?;
    let said = run.output.trim();
    if !run.status.success() || value(said, "verify").is_err() {
        bail!("{PROGRAM} on {} ended with {}: {said}", board.name, run.status);
    }
    StoreRam::of(said)
}

#[cfg(test)]
mod tests {
    use super::StoreRam;

    const SAID: &str = "values: board=mps2 core=Cortex-M4 companions_bytes=312 store_bytes=120 \
                        slots_bytes=24 remembered_bytes=96\n\
                        stack: verify=900 learn=80 resume=300 provision=410 open=350 boot=1300 \
                        remember=200 begin=250 write=300 finish=1250 confirm=210";

    #[test]
    fn what_goes_deeper_than_the_check_of_a_model_counts() {
        let found = StoreRam::of(SAID).unwrap();
        assert_eq!((found.deeper_bytes, found.deepest), (400, "boot"));
        assert_eq!(found.alone, (410, "provision"));
        assert_eq!(found.bytes(), 312 + 144 + 400);
        assert!(found.check().is_ok());
        let found = StoreRam::of(&SAID.replace("provision=410", "provision=1310")).unwrap();
        assert_eq!((found.deeper_bytes, found.deepest), (410, "provision"));
        let shallow = SAID.replace("boot=1300", "boot=900").replace("finish=1250", "finish=899");
        assert_eq!(StoreRam::of(&shallow).unwrap().deeper_bytes, 0);
    }

    #[test]
    fn too_much_is_told_with_the_call_that_takes_it() {
        let found = StoreRam::of(&SAID.replace("write=300", "write=1469")).unwrap();
        let error = found.check().unwrap_err().to_string();
        assert_eq!(
            error,
            "1025 bytes of RAM, at most 1024: 312 of what learns, 144 of the store, 569 that `write` \
             goes deeper than the check of a model"
        );
        for wrong in ["verify=900", "write=300", "slots_bytes=24"] {
            let (name, _) = wrong.split_once('=').unwrap();
            assert!(StoreRam::of(&SAID.replace(wrong, "")).is_err(), "{name}");
            assert!(StoreRam::of(&SAID.replace(wrong, &format!("{name}=too-many"))).is_err());
        }
        assert!(StoreRam::of(&SAID.replace("write=300", "write=0")).is_err());
    }
}
