//! What `--calibrate` names.

use std::num::NonZeroUsize;

use ae_data::npy::Numbers;
use ae_data::signal::{is_images, windows};
use anyhow::bail;

use super::Args;
use crate::arrays;
use crate::model_windows;

/// Inputs of a model.
pub(super) enum Calibration {
    /// As the model takes them.
    Inputs(Numbers),
    /// Windows of a signal.
    Windows {
        /// Window after window, sample after sample.
        values: Vec<f32>,
        /// Values of a sample.
        channels: usize,
    },
}

/// Inputs of a model that takes so many values.
pub(super) fn read(args: &Args, values: usize) -> anyhow::Result<Calibration> {
    if let [one] = &args.calibrate[..] {
        let spec = one.to_string_lossy();
        if is_images(&spec) {
            args.check_no_signals("--calibrate names images")?;
            return Ok(Calibration::Inputs(arrays::images(&spec)?));
        }
        if arrays::is_array(one) {
            let inputs = arrays::read(one)?;
            // What has the model's own size is its inputs, and what cannot be samples of a signal is to
            // be.
            let is_signal = matches!(inputs.shape[..], [columns] if columns != 0
                && columns != values && values.is_multiple_of(columns));
            if !is_signal && args.columns.given().is_none() {
                args.check_no_signals("--calibrate names inputs")?;
                return Ok(Calibration::Inputs(inputs));
            }
        }
    }
    let name = args.file.display();
    let source = args.columns.source(args.calibrate.clone());
    let (signals, pieces) = model_windows::normal(source, &args.normal, args.columns.missing())?;
    let window = model_windows::window(values, signals.channels.len(), name)?;
    let stride = args.stride.map_or(window, NonZeroUsize::get);
    let all = windows(&signals, &pieces, window, stride)?;
    if all.is_empty() {
        bail!("--calibrate names no normal samples");
    }
    let values = all.iter().flat_map(|&at| signals.window(at, window)).copied().collect();
    tell!("{} windows of {window} samples of {}", all.len(), signals.channels.join(", "));
    Ok(Calibration::Windows { values, channels: signals.channels.len() })
}
