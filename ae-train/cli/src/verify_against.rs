//! `ae-train verify --against`.

mod layers;

use std::path::Path;

use ae_core::Contract;
use ae_import::{Agreement, Runner};
use serde::Serialize;

use super::{Outcome, arrays, print_each, print_json};

/// The largest difference of an f32 model's output, over the standard deviation of the outputs.
const F32_TOLERANCE: f64 = 1e-5;

/// The same over the largest output: where outputs hardly differ from each other, these are f32's last
/// bits.
const F32_BITS: f64 = 1e-6;

/// By how much the error of an int8 model may be above that of the runtime.
const RISE_TOLERANCE: f64 = 0.01;

#[derive(Serialize)]
struct Report {
    equal: bool,
    values: usize,
    /// Of a model of integers.
    #[serde(skip_serializing_if = "Option::is_none")]
    differ: Option<usize>,
    largest: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    mse: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mse_of_runtime: Option<f64>,
}

/// Compares a blob's outputs for `data` with those in `against`.
pub(super) fn run(blob: &[u8], data: &Path, against: &Path, json: bool) -> anyhow::Result<Outcome> {
    if arrays::are_named(against) {
        return layers::run(blob, data, against, json);
    }
    let (inputs, outputs) = (arrays::read(data)?, arrays::read(against)?);
    let agreement = Runner::new(blob)?.compare(&inputs, &outputs)?;
    let (report, lines) = describe(&agreement, inputs.samples);
    if json {
        print_json(&report)?;
    } else {
        print_each(lines)?;
    }
    Ok(if report.equal { Outcome::Success } else { Outcome::Mismatch })
}

fn describe(agreement: &Agreement, samples: usize) -> (Report, Vec<String>) {
    match *agreement {
        Agreement::Integers { bytes, differ, largest, first } => {
            let lines = match first {
                None => vec![format!("equal: all {bytes} bytes of {samples} samples")],
                Some((sample, value)) => vec![format!(
                    "DIFFERENT: {differ} of {bytes} bytes, by at most {largest}; the first is value \
                     {value} of sample {sample}"
                )],
            };
            let report = Report {
                equal: differ == 0,
                values: bytes,
                differ: Some(differ),
                largest: largest.into(),
                mse: None,
                mse_of_runtime: None,
            };
            (report, lines)
        }
        Agreement::Real { values, largest, relative, errors: [runtime, blob], contract } => {
            let rise = blob / runtime - 1.0;
            let equal = match contract {
                Contract::F32 => largest <= F32_TOLERANCE || relative <= F32_BITS,
                // Without an error there, none is allowed here.
                Contract::Int8 => blob <= runtime * (1.0 + RISE_TOLERANCE),
            };
            let word = if equal { "equal" } else { "DIFFERENT" };
            let lines = vec![
                format!(
                    "{word}: {values} values of {samples} samples differ by at most {largest:.3e} \
                     standard deviations"
                ),
                format!(
                    "mean squared error: {blob:.6e}, the runtime's {runtime:.6e}, {:+.3} %",
                    100.0 * rise
                ),
            ];
            let report = Report {
                equal,
                values,
                differ: None,
                largest,
                mse: Some(blob),
                mse_of_runtime: Some(runtime),
            };
            (report, lines)
        }
    }
}
