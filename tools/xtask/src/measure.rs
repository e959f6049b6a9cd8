//! What the firmware's program `bench` finds on an emulated board, and what is counted of it.

use std::fs;

use ae_boards::Board;
use anyhow::{Context, Result, bail};

use crate::counting::{Mix, Profile, Stretch, Timing, count};
use crate::emulate;
use crate::models::{Model, Shape, pieces};

/// What one model takes on one board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) found: Found,
    pub(crate) shape: Shape,
    /// Of one inference.
    pub(crate) mix: Mix,
    /// Of each layer, in the order of the shape.
    pub(crate) layers: Vec<u64>,
    /// Of one inference, where the core's timing is published.
    pub(crate) estimated_cycles: Option<u64>,
    /// Of all samples from a decision to the next, where the model has a detection section.
    pub(crate) window_instructions: Option<u64>,
    /// What the firmware was built by, as it says itself.
    pub(crate) compiler: String,
}

/// What the program says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kernel: String,
    pub(crate) contract: String,
    pub(crate) parts: String,
    pub(crate) load_instructions: u64,
    /// By the board's timer, so no more exact than a tick.
    timed_instructions: u64,
    pub(crate) load_stack_bytes: u64,
    pub(crate) stack_bytes: u64,
    pub(crate) model_bytes: u64,
    pub(crate) buffer_bytes: u64,
    pub(crate) detector: Option<Detector>,
}

/// What the program says of a detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detector {
    /// The detector's own value, the model's in it.
    pub(crate) detector_bytes: u64,
    pub(crate) sample_bytes: u64,
    timed_instructions: u64,
    pub(crate) stack_bytes: u64,
}

impl Measured {
    /// Instructions of one inference.
    pub(crate) fn instructions(&self) -> u64 {
        self.mix.total()
    }

    /// RAM that a program needs for the model: buffers, the loaded model's own value, and the stack
    /// of loading or of an inference, whichever is more.
    pub(crate) fn ram_bytes(&self) -> u64 {
        self.found.buffer_bytes + self.found.model_bytes + self.stack_bytes(self.found.stack_bytes)
    }

    /// The stack of work that comes after loading, or that of loading where it is more.
    fn stack_bytes(&self, of_work: u64) -> u64 {
        of_work.max(self.found.load_stack_bytes)
    }

    /// RAM of watching a signal: buffers, the window among them, a sample, the detector's own value
    /// with the model's in it, and the stack of loading or of the sample that ends a window.
    pub(crate) fn detector_ram_bytes(&self) -> Option<u64> {
        let Detector { detector_bytes, sample_bytes, stack_bytes, .. } =
            self.found.detector.as_ref()?;
        let stack_bytes = self.stack_bytes(*stack_bytes);
        Some(self.found.buffer_bytes + sample_bytes + detector_bytes + stack_bytes)
    }
}

/// Runs `bench` with `model`; the firmware is built already. A model over maps is tested first, so that
/// a figure is of the right result: other suites compare whole dense models.
///
/// # Errors
/// The model does not fit, a program fails, or counter and timer disagree.
pub(crate) fn measure(board: &'static Board, model: &Model) -> Result<Measured> {
    let shape = Shape::of(&model.blob)?;
    if shape.is_spatial {
        test(board, model)?;
    }
    let elf = emulate::with_model(board, "bench", Some(model))?;
    let (run, profile) = count(board, elf.path())?;
    let line = run.output.lines().find(|line| line.starts_with("bench: "));
    let Some(line) = line.filter(|_| run.status.success()) else {
        bail!("bench on {} ended with {}: {}", board.name, run.status, run.output.trim());
    };
    let mut found = parse(board, line)?;
    let detector = run.output.lines().find(|line| line.starts_with("detector: "));
    found.detector = detector.map(|line| parse_detector(board, line)).transpose()?;
    let watches = found.detector.is_some();
    let pieces = pieces(&model.blob)?;
    let inference = inference(&profile, pieces.len(), watches)?;
    let mut layers = vec![0; shape.layers.len()];
    for (layer, stretch) in pieces.iter().zip(inference) {
        layers[*layer] += profile.mix(stretch).total();
    }
    let mut mix = Mix::default();
    inference.iter().for_each(|stretch| mix += profile.mix(stretch));
    agree(board, found.timed_instructions, mix.total())?;
    let window_instructions = found.detector.as_ref().map(|detector| {
        // Behind both inferences, and what lies between them and the window.
        let stretch = profile.stretches.get(2 * (pieces.len() + 2) + 1);
        let counted = profile.mix(stretch.context("bench marks no window")?).total();
        agree(board, detector.timed_instructions, counted)?;
        anyhow::Ok(counted)
    });
    let window_instructions = window_instructions.transpose()?;
    let estimated_cycles = Timing::of(&board.core).map(|timing| {
        inference.iter().map(|stretch| timing.cycles(&profile, stretch)).sum::<u64>()
    });
    let compiler = compiler(&fs::read(elf.path())?)?;
    Ok(Measured { found, shape, mix, layers, estimated_cycles, window_instructions, compiler })
}

/// Runs `selftest` with `model`, which compares the digest of every layer.
fn test(board: &'static Board, model: &Model) -> Result<()> {
    let elf = emulate::with_model(board, "selftest", Some(model))?;
    let run = ae_boards::run(board, elf.path())?;
    if run.status.success() {
        return Ok(());
    }
    bail!("{} on {} ended with {}: {}", model.name, board.name, run.status, run.output.trim());
}

/// The stretches of the first inference: one a piece of a layer's output, and what comes behind the
/// last one.
fn inference(profile: &Profile, pieces: usize, watches: bool) -> Result<&[Stretch]> {
    let stretches = profile.stretches.get(1..).and_then(|rest| rest.get(..=pieces));
    // `bench` runs the model twice, and twice a window, and nothing is counted behind the last mark.
    let windows = if watches { 4 } else { 0 };
    let (expected, found) = (2 * (pieces + 2) + windows, profile.stretches.len());
    stretches
        .filter(|_| found == expected)
        .with_context(|| format!("bench came to {found} marks, not {expected}"))
}

/// Whether the timer, which counts ticks of several instructions, says the same as the counter.
pub(crate) fn agree(board: &Board, timed: u64, counted: u64) -> Result<()> {
    /// Reading the timer, and the marks themselves.
    const BESIDE: u64 = 200;
    let tick = board.emulator.as_ref().map_or(0, |emulator| emulator.instructions(1));
    if timed.abs_diff(counted) > 2 * (tick + 1) + BESIDE {
        bail!("{}: {counted} instructions counted, {timed} by the board's timer", board.name);
    }
    Ok(())
}

/// The compiler's own words in the section `.comment`.
pub(crate) fn compiler(elf: &[u8]) -> Result<String> {
    use object::{Object, ObjectSection};
    let file = object::File::parse(elf)?;
    let comment = file.section_by_name(".comment").context("the firmware names no compiler")?;
    let text = String::from_utf8_lossy(comment.data()?).into_owned();
    let words = text.split('\0').find(|words| words.starts_with("rustc"));
    Ok(words.context("the firmware names no rustc")?.to_owned())
}

fn parse(board: &Board, line: &str) -> Result<Found> {
    let text = |name: &str| value(line, name).map(str::to_owned);
    let number = |name: &str| number(line, name);
    let instructions = |name: &str| instructions(board, line, name);
    Ok(Found {
        kernel: text("kernel")?,
        contract: text("contract")?,
        parts: text("parts")?,
        load_instructions: instructions("load_ticks")?,
        timed_instructions: instructions("ticks")?,
        load_stack_bytes: number("load_stack_bytes")?,
        stack_bytes: number("stack_bytes")?,
        model_bytes: number("model_bytes")?,
        buffer_bytes: number("buffer_bytes")?,
        detector: None,
    })
}

fn parse_detector(board: &Board, line: &str) -> Result<Detector> {
    Ok(Detector {
        detector_bytes: number(line, "detector_bytes")?,
        sample_bytes: number(line, "sample_bytes")?,
        timed_instructions: instructions(board, line, "window_ticks")?,
        stack_bytes: number(line, "window_stack_bytes")?,
    })
}

/// The value of a name in a line of `name=value` pairs.
pub(crate) fn value<'l>(line: &'l str, name: &str) -> Result<&'l str> {
    let mut pairs = line.split_whitespace().filter_map(|word| word.split_once('='));
    let pair = pairs.find(|(found, _)| *found == name);
    Ok(pair.with_context(|| format!("bench tells no {name}: {line}"))?.1)
}

/// The same of a number.
pub(crate) fn number(line: &str, name: &str) -> Result<u64> {
    value(line, name)?.parse().with_context(|| format!("{name}: {line}"))
}

/// Ticks in instructions.
fn instructions(board: &Board, line: &str, name: &str) -> Result<u64> {
    let emulator = board.emulator.as_ref().context("an emulated board")?;
    Ok(emulator.instructions(number(line, name)?))
}

#[cfg(test)]
mod tests {
    use ae_boards::Board;

    use super::{agree, parse, parse_detector};

    #[test]
    fn ticks_become_instructions() {
        let board = Board::find("mps2-an386").unwrap();
        let line = "bench: board=mps2 core=Cortex-M4 kernel=dsp contract=int8 parts=both load_ticks=10 \
                    ticks=3 load_stack_bytes=1152 stack_bytes=520 model_bytes=124 buffer_bytes=13";
        let found = parse(board, line).unwrap();
        assert_eq!((found.load_instructions, found.timed_instructions), (400, 120));
        assert_eq!(found.kernel, "dsp");
        let error = parse(board, "bench: core=x").unwrap_err().to_string();
        assert!(error.contains("bench tells no kernel"), "{error}");
        let too_many = line.replace("ticks=3", "ticks=too-many");
        assert!(parse(board, &too_many).is_err());
        let line =
            "detector: detector_bytes=240 sample_bytes=12 window_ticks=3 window_stack_bytes=600";
        let found = parse_detector(board, line).unwrap();
        assert_eq!((found.sample_bytes, found.timed_instructions), (12, 120));
        assert!(parse_detector(board, &line.replace("=600", "=too-many")).is_err());
    }

    #[test]
    fn a_counter_that_disagrees_with_the_timer_is_refused() {
        let board = Board::find("mps2-an386").unwrap();
        assert!(agree(board, 2_652_360, 2_652_321).is_ok());
        let error = agree(board, 2_652_360, 2_651_900).unwrap_err().to_string();
        assert_eq!(error, "mps2-an386: 2651900 instructions counted, 2652360 by the board's timer");
    }
}
