//! The figures as tables, and as JSON.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::frame::{self, FrameRow};
use super::{CodeBytes, Row, flash_bytes};
use crate::counting::{Kind, Timing};
use crate::measure::Measured;

/// What stands below the tables.
const NOTES: &str = "\
Instructions are counted one by one in the emulator, the same in every run; they are not cycles. An \
inference is encode and decode.
Flash is code and constants of the inference path with the loader, linked by itself, and the blob. \
RAM is buffers, the loaded model's own value, and the stack of loading or of one inference, whichever \
is more. All in bytes.
A window is all samples from a decision to the next. RAM of watching is buffers, the window among \
them, a sample, the detector's own value with the model's in it, and the stack of loading or of a \
window.
";

pub(super) fn tables(rows: &[Row], code: &CodeBytes) -> String {
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all");
    line("| board | core | kernel | model | layout | instructions | per multiply-add | cycles, estimated | flash | RAM | stack | loading | stack of loading |".into());
    line(
        "| --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
            .into(),
    );
    for row in rows {
        let (board, model) = (&row.board.name, &row.model.name);
        match &row.measured {
            Ok(m) => line(format!(
                "| {board} | {} | {} | {model} | {} | {} | {:.3} | {} | {} | {} | {} | {} | {} |",
                row.board.core,
                m.found.kernel,
                m.shape.layout,
                m.instructions(),
                per_mac(m),
                m.estimated_cycles.map_or_else(String::new, |cycles| cycles.to_string()),
                flash_bytes(row, code),
                m.ram_bytes(),
                m.found.stack_bytes,
                m.found.load_instructions,
                m.found.load_stack_bytes,
            )),
            Err(error) => {
                line(format!("| {board} | | | {model} | | {error:#} | | | | | | | |"));
            }
        }
    }
    let measured = || rows.iter().filter_map(|row| Some((row, row.measured.as_ref().ok()?)));
    line(format!("\n| board | model | {} |", Kind::ALL.map(Kind::name).join(" | ")));
    line(format!("| --- | --- |{}", " ---: |".repeat(Kind::ALL.len())));
    for (row, m) in measured() {
        let shares = Kind::ALL.map(|kind| format!("{:.1} %", 100.0 * m.mix.share(kind)));
        line(format!("| {} | {} | {} |", row.board.name, row.model.name, shares.join(" | ")));
    }
    line(
        "\n| board | model | instructions of each layer, encoder first, and per multiply-add |"
            .into(),
    );
    line("| --- | --- | --- |".into());
    for (row, m) in measured() {
        let layers = m.shape.layers.iter().zip(&m.layers).map(|(layer, instructions)| {
            format!("{instructions} ({:.2})", ratio(*instructions, layer.macs))
        });
        let layers: Vec<String> = layers.collect();
        line(format!("| {} | {} | {} |", row.board.name, row.model.name, layers.join(", ")));
    }
    line(
        "\n| board | model | instructions of a window | RAM of watching | detector | stack |"
            .into(),
    );
    line("| --- | --- | ---: | ---: | ---: | ---: |".into());
    for (row, m) in measured() {
        let Some(detector) = &m.found.detector else { continue };
        line(format!(
            "| {} | {} | {} | {} | {} | {} |",
            row.board.name,
            row.model.name,
            m.window_instructions.unwrap_or_default(),
            m.detector_ram_bytes().unwrap_or_default(),
            detector.detector_bytes,
            detector.stack_bytes,
        ));
    }
    line(format!("\n{}", NOTES.trim_end()));
    for rule in rules(rows) {
        line(format!("Cycles, {rule}. docs/benchmarks.md has all of it."));
    }
    text
}

/// By what the cycles of these rows were estimated.
fn rules(rows: &[Row]) -> Vec<&'static str> {
    let mut rules: Vec<&str> =
        rows.iter().filter_map(|row| Timing::of(&row.board.core)).map(Timing::rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn ratio(instructions: u64, macs: u64) -> f64 {
    instructions as f64 / macs.max(1) as f64
}

fn per_mac(measured: &Measured) -> f64 {
    ratio(measured.instructions(), measured.shape.macs())
}

/// An array with an object for each row.
pub(super) fn json(rows: &[Row], code: &CodeBytes, frames: &[FrameRow]) -> Result<String> {
    let rows = rows.iter().map(|row| object(row, code));
    let rows: Vec<Value> = rows.chain(frames.iter().map(frame::object)).collect();
    Ok(serde_json::to_string_pretty(&rows)?)
}

/// Rounded to what is worth reading.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn object(row: &Row, code: &CodeBytes) -> Value {
    let (board, model) = (&row.board.name, &row.model.name);
    let m = match &row.measured {
        Ok(measured) => measured,
        Err(error) => {
            return json!({ "board": board, "model": model, "error": format!("{error:#}") });
        }
    };
    let layers = m.shape.layers.iter().zip(&m.layers).map(|(layer, instructions)| {
        json!({ "name": layer.name, "instructions": instructions, "macs": layer.macs })
    });
    let mix: Map<String, Value> = Kind::ALL
        .map(|kind| (kind.name().to_owned(), json!(rounded(m.mix.share(kind)))))
        .into_iter()
        .collect();
    json!({
        "board": board,
        "core": row.board.core,
        "kernel": m.found.kernel,
        "model": model,
        "contract": m.found.contract,
        "parts": m.found.parts,
        "layout": m.shape.layout,
        "instructions": m.instructions(),
        "macs": m.shape.macs(),
        "instructions_per_mac": rounded(per_mac(m)),
        "layers": layers.collect::<Vec<_>>(),
        "mix": mix,
        "estimated_cycles": m.estimated_cycles,
        "estimated_cycles_rule": Timing::of(&row.board.core).map(Timing::rule),
        "load_instructions": m.found.load_instructions,
        "blob_bytes": row.model.blob.len(),
        "flash_bytes": flash_bytes(row, code),
        "buffer_bytes": m.found.buffer_bytes,
        "model_bytes": m.found.model_bytes,
        "stack_bytes": m.found.stack_bytes,
        "load_stack_bytes": m.found.load_stack_bytes,
        "ram_bytes": m.ram_bytes(),
        "window_instructions": m.window_instructions,
        "detector_bytes": m.found.detector.as_ref().map(|detector| detector.detector_bytes),
        "detector_stack_bytes": m.found.detector.as_ref().map(|detector| detector.stack_bytes),
        "detector_ram_bytes": m.detector_ram_bytes(),
        "compiler": m.compiler,
    })
}
