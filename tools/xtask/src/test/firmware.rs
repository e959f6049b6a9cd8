//! The firmware of every board builds, and its inference path is small and cannot panic.

use ae_boards::{Board, Firmware, PROGRAMS};
use anyhow::{Context, Result, bail};

use super::wrong_keys;
use crate::footprint::{self, Kinds, Probe};
use crate::{firmware, gate};

/// Most bytes of code and constants on a Cortex-M4, by the kernel and the kinds of layers: of the
/// forward pass, and with the loader. The portable kernel takes the least; the core's own are one for
/// each layout.
const LIMITS: [(&str, Kinds, Probe, u64); 6] = [
    ("portable", Kinds::Dense, Probe::Forward, 4 * 1024),
    ("portable", Kinds::Dense, Probe::Loader, 13_408),
    ("dsp", Kinds::Dense, Probe::Forward, 7 * 1024),
    ("dsp", Kinds::Dense, Probe::Loader, 16_768),
    ("dsp", Kinds::Convolutions, Probe::Forward, 23 * 1024),
    ("dsp", Kinds::All, Probe::Forward, 27 * 1024),
];
/// Most bytes that the check of a signature adds.
const SIGNATURE_LIMIT: u64 = 16 * 1024;
/// Most bytes that a store and an update add.
const STORE_LIMIT: u64 = 8 * 1024;
/// Most bytes that calibration and drift add.
const COMPANIONS_LIMIT: u64 = 3584;
/// Most bytes that all of these add.
const TOGETHER_LIMIT: u64 = 12 * 1024;
/// The target that the limits are for.
const LIMITED: &str = "thumbv7em-none-eabihf";

pub(super) fn run() -> Result<String> {
    let mut faults = Vec::new();
    let mut note = String::new();
    let limited = footprint::cores().into_iter().filter(|core| core.target == LIMITED);
    let portable = limited.map(|core| Board { kernel: "portable".to_owned(), ..core.clone() });
    for core in footprint::cores().into_iter().cloned().chain(portable) {
        let dense = [
            Probe::Forward,
            Probe::Loader,
            Probe::Float,
            Probe::Detector,
            Probe::Companions,
            Probe::Store,
        ];
        let dense = dense.map(|probe| (Kinds::Dense, probe));
        // Of the other kinds what is limited: programs with all of them are looked through elsewhere.
        let others = LIMITS.into_iter().filter(|(kernel, kinds, ..)| {
            core.target == LIMITED && core.kernel == *kernel && *kinds != Kinds::Dense
        });
        let others = others.map(|(_, kinds, probe, _)| (kinds, probe));
        for (kinds, probe) in dense.into_iter().chain(others) {
            match check(&core, kinds, probe) {
                Ok(found) => note += &found,
                Err(error) => {
                    let Board { target, kernel, .. } = &core;
                    faults.push(format!("{target}, {kernel}, {kinds:?} {probe:?}: {error:#}"));
                }
            }
        }
    }
    for core in footprint::cores().into_iter().filter(|core| has_no_fpu(core)) {
        if let Err(error) = check_float(core) {
            faults.push(format!("{}, {}: {error:#}", core.target, core.kernel));
        }
    }
    if let Err(error) = wrong_keys::run() {
        faults.push(format!("wrong public keys: {error:#}"));
    }
    for board in Board::all() {
        if let Err(error) = build(board) {
            faults.push(format!("{}: {error:#}", board.name));
        }
        if let Err(error) = gate::build_or_check_trial(board) {
            faults.push(format!("{} for signed models: {error:#}", board.name));
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    let added = signature_bytes()?;
    note += &format!("the check of a signature adds {added} bytes, ");
    let stored = store_bytes()?;
    note += &format!("a store and an update {stored} bytes at most, ");
    let watching = added_bytes(LIMITED, Probe::Detector, Probe::Loader)?;
    note += &format!("a detector {watching} bytes and no float arithmetic, ");
    for (name, target) in [("Cortex-M4", LIMITED), ("Cortex-M0", "thumbv6m-none-eabi")] {
        let added = added_bytes(target, Probe::Companions, Probe::Detector)?;
        if added > COMPANIONS_LIMIT {
            bail!(
                "calibration and drift add {added} bytes on a {name}, at most {COMPANIONS_LIMIT}"
            );
        }
        let stored = added_bytes(target, Probe::Store, Probe::Loader)?;
        let (together, line) = (added + stored, added_bytes(target, Probe::Update, Probe::Store)?);
        if together > TOGETHER_LIMIT {
            bail!(
                "calibration, drift, store and update add {together} bytes on a {name}, at most \
                 {TOGETHER_LIMIT}"
            );
        }
        note += &format!(
            "on a {name} calibration and drift {added} bytes, with store and update {together}, the \
             answers to a host {line} more, "
        );
    }
    Ok(format!("{note}no panic, no heap; {} boards", Board::all().len()))
}

/// What the check of a signature adds to the inference path on a Cortex-M4. It links the panics of
/// the crate that checks, which never come up, so it is no probe that must be free of them.
fn signature_bytes() -> Result<u64> {
    let core = footprint::cores().into_iter().find(|core| core.target == LIMITED);
    let core = core.context("a Cortex-M4")?;
    let bytes = |probe| anyhow::Ok(footprint::build(core, probe)?.code_bytes);
    let added = bytes(Probe::Signed)?.saturating_sub(bytes(Probe::Loader)?);
    if added > SIGNATURE_LIMIT {
        bail!("the check of a signature adds {added} bytes, at most {SIGNATURE_LIMIT}");
    }
    Ok(added)
}

/// What a store and an update add to the inference path, on the core where it is the most.
fn store_bytes() -> Result<u64> {
    let mut most = 0;
    for core in footprint::cores() {
        let bytes = |probe| anyhow::Ok(footprint::build(core, probe)?.code_bytes);
        let added = bytes(Probe::Store)?.saturating_sub(bytes(Probe::Loader)?);
        if added > STORE_LIMIT {
            let Board { target, kernel, .. } = core;
            bail!("{target}, {kernel}: a store adds {added} bytes, at most {STORE_LIMIT}");
        }
        most = most.max(added);
    }
    Ok(most)
}

/// What one probe has more than another.
fn added_bytes(target: &str, more: Probe, less: Probe) -> Result<u64> {
    let core = footprint::cores().into_iter().find(|core| core.target == target);
    let core = core.with_context(|| format!("a board of {target}"))?;
    let bytes = |probe| anyhow::Ok(footprint::build(core, probe)?.code_bytes);
    Ok(bytes(more)?.saturating_sub(bytes(less)?))
}

/// Where float arithmetic is done by functions, which can be seen.
fn has_no_fpu(core: &Board) -> bool {
    !core.target.ends_with("hf")
}

/// Counts are watched without float arithmetic, and real values are not, or this would say nothing.
fn check_float(core: &Board) -> Result<()> {
    for probe in [Probe::Detector, Probe::Companions] {
        let float = footprint::build(core, probe)?.float;
        if !float.is_empty() {
            bail!("a detector of counts links {}", float.join(", "));
        }
    }
    if footprint::build(core, Probe::DetectorValues)?.float.is_empty() {
        bail!("no float arithmetic is found in a detector of real values");
    }
    Ok(())
}

/// What to say of a probe that keeps the rules.
fn check(core: &Board, kinds: Kinds, probe: Probe) -> Result<String> {
    let footprint = footprint::build_with(core, kinds, probe)?;
    if !footprint.forbidden.is_empty() {
        bail!("links {}", footprint.forbidden.join(", "));
    }
    let is_limited = |&&(kernel, of, limited, _): &&(&str, Kinds, Probe, u64)| {
        core.target == LIMITED && core.kernel == kernel && (kinds, probe) == (of, limited)
    };
    let Some((kernel, .., limit)) = LIMITS.iter().find(is_limited) else {
        return Ok(String::new());
    };
    let bytes = footprint.code_bytes;
    if bytes > *limit {
        bail!("{bytes} bytes, at most {limit}");
    }
    Ok(format!("{kernel} {kinds:?} {probe:?} {bytes} bytes, "))
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
