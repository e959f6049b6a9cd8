//! The firmware of every board builds, and its inference path is small and cannot panic.

use ae_boards::{Board, Firmware, PROGRAMS};
use anyhow::{Result, bail};

use crate::firmware;
use crate::footprint::{self, Probe};

/// Most bytes of code and constants on a Cortex-M4: of the forward pass, and with the loader.
const LIMITS: [(Probe, u64); 2] = [(Probe::Forward, 4 * 1024), (Probe::Loader, 12 * 1024)];
/// The target that the limits are for.
const LIMITED: &str = "thumbv7em-none-eabihf";

pub(super) fn run() -> Result<String> {
    let mut faults = Vec::new();
    let mut found = String::new();
    for target in footprint::targets() {
        for (probe, limit) in LIMITS {
            let footprint = footprint::build(target, probe)?;
            if !footprint.forbidden.is_empty() {
                faults
                    .push(format!("{target}, {probe:?}: links {}", footprint.forbidden.join(", ")));
            }
            if target == LIMITED {
                let bytes = footprint.code_bytes;
                found += &format!("{probe:?} {bytes} bytes, ");
                if bytes > limit {
                    faults.push(format!("{target}, {probe:?}: {bytes} bytes, at most {limit}"));
                }
            }
        }
    }
    for board in Board::all() {
        firmware::build(board)?;
        for program in PROGRAMS {
            let built = Firmware::read(&firmware::folder()?, board, program)?;
            let heap =
                built.image.symbols()?.into_iter().find(|name| name.contains("__rust_alloc"));
            if let Some(name) = heap {
                faults.push(format!("{}, {program}: links a heap: {name}", board.name));
            }
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    Ok(format!("{found}no panic, no heap; {} boards", Board::all().len()))
}
