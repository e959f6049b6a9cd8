//! The files beside this test, and what their runtimes give.

use std::fs;
use std::path::PathBuf;

use ae_import::{ImportError, ReadOptions, SourceModel, read};

use crate::common::forward::codes::in_reals;

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(name)
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn load(name: &str) -> SourceModel {
    read(&bytes(name), &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Why a file is refused, in words.
pub(crate) fn refused(name: &str) -> String {
    match read(&bytes(name), &ReadOptions::default()) {
        Err(error @ (ImportError::Operator { .. } | ImportError::Unfit { .. })) => {
            error.to_string()
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// What the format calls the operators.
pub(crate) fn kinds(model: &SourceModel) -> Vec<&str> {
    model.operators.iter().map(|operator| operator.kind.as_str()).collect()
}

/// Inputs and outputs of the runtime; of integers their codes.
pub(crate) fn recorded(name: &str) -> [Vec<f64>; 2] {
    let path = path(&format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut lines = text.lines().map(|line| {
        line.split(' ').map(|number| number.parse().expect("a number")).collect::<Vec<f64>>()
    });
    [lines.next().expect("inputs"), lines.next().expect("outputs")]
}

/// Checks that what was read computes what the runtime did, but for so much of its largest output.
pub(crate) fn agrees(name: &str, tolerance: f64) {
    let model = load(name);
    let [input, wanted] = recorded(name);
    let found = in_reals(&model, &input);
    assert_eq!(found.len(), wanted.len(), "{name}");
    let largest = wanted.iter().fold(0f64, |largest, value| largest.max(value.abs()));
    assert!(largest > 0.0, "{name} gives nothing to compare");
    for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        let differs = (found - wanted).abs();
        assert!(differs <= tolerance * largest, "{name}: output {at} is {found}, not {wanted}");
    }
}

/// As [`agrees`], where integers go in and come out: to one step.
pub(crate) fn integers_agree(name: &str) {
    let model = load(name);
    let [input, wanted] = recorded(name);
    let codes =
        |value: &ae_import::Value| value.codes.unwrap_or_else(|| panic!("{name}: no codes"));
    let (into, out) = (codes(&model.input), codes(&model.output));
    let reals: Vec<f64> = input
        .iter()
        .map(|code| (code - f64::from(into.zero_point)) * f64::from(into.scale))
        .collect();
    let found = in_reals(&model, &reals);
    assert_eq!(found.len(), wanted.len(), "{name}");
    assert!(wanted.iter().any(|code| *code != f64::from(out.zero_point)), "{name}");
    for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        let found = (found / f64::from(out.scale) + f64::from(out.zero_point)).round();
        assert!((found - wanted).abs() <= 1.0, "{name}: output {at} is {found}, not {wanted}");
    }
}
