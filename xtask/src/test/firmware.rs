//! The firmware of every board builds, and its inference path is small and cannot panic.

use ae_boards::{Board, Firmware, PROGRAMS};
use anyhow::{Result, bail};

use crate::firmware;
use crate::footprint::{self, Probe};

/// Most bytes of code and constants on a Cortex-M4, by the kernel: of the forward pass, and with
/// the loader. The portable kernel takes the least; the core's own are one for each layout.
const LIMITS: [(&str, Probe, u64); 4] = [
    ("portable", Probe::Forward, 4 * 1024),
    ("portable", Probe::Loader, 12 * 1024),
    ("dsp", Probe::Forward, 6 * 1024),
    ("dsp", Probe::Loader, 14 * 1024),
];
/// The target that the limits are for.
const LIMITED: &str = "thumbv7em-none-eabihf";

pub(super) fn run() -> Result<String> {
    let mut faults = Vec::new();
    let mut note = String::new();
    let limited = footprint::cores().into_iter().filter(|core| core.target == LIMITED);
    let portable = limited.map(|core| Board { kernel: "portable".to_owned(), ..core.clone() });
    for core in footprint::cores().into_iter().cloned().chain(portable) {
        for probe in [Probe::Forward, Probe::Loader, Probe::Float] {
            match check(&core, probe) {
                Ok(found) => note += &found,
                Err(error) => {
                    faults.push(format!("{}, {}, {probe:?}: {error:#}", core.target, core.kernel))
                }
            }
        }
    }
    for board in Board::all() {
        if let Err(error) = build(board) {
            faults.push(format!("{}: {error:#}", board.name));
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    Ok(format!("{note}no panic, no heap; {} boards", Board::all().len()))
}

/// What to say of a probe that keeps the rules.
fn check(core: &Board, probe: Probe) -> Result<String> {
    let footprint = footprint::build(core, probe)?;
    if !footprint.forbidden.is_empty() {
        bail!("links {}", footprint.forbidden.join(", "));
    }
    let is_limited = |&&(kernel, limited, _): &&(&str, Probe, u64)| {
        core.target == LIMITED && core.kernel == kernel && probe == limited
    };
    let Some((kernel, _, limit)) = LIMITS.iter().find(is_limited) else {
        return Ok(String::new());
    };
    let bytes = footprint.code_bytes;
    if bytes > *limit {
        bail!("{bytes} bytes, at most {limit}");
    }
    Ok(format!("{kernel} {probe:?} {bytes} bytes, "))
}

fn build(board: &'static Board) -> Result<()> {
    firmware::build(board)?;
    for program in PROGRAMS {
        let built = Firmware::read(&firmware::folder()?, board, program)?;
        let heap = built.image.symbols()?.into_iter().find(|name| name.contains("__rust_alloc"));
        if let Some(name) = heap {
            bail!("{program} links a heap: {name}");
        }
    }
    Ok(())
}
