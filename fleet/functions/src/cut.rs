//! `ae_windows`: the windows of a signal, as a detector cuts them.

use std::sync::Arc;

use ae_core::{SampleKind, Samples};
use datafusion::arrow::array::{ArrayRef, Float32Array, Int16Array, UInt8Array};
use datafusion::common::utils::SingleRowListArrayBuilder;
use datafusion::common::{Result, ScalarValue};

use crate::error::FunctionError;
use crate::model::Model;
use crate::stream::Follow;

/// Cuts a device's signal.
#[derive(Debug)]
pub(crate) struct Cut {
    /// Values of a window.
    len: usize,
    /// Samples from the end of a window to the end of the next.
    stride: u64,
    /// Samples of a window.
    window: u64,
    /// The last values, as many as a window has, and more before they are thrown away together.
    last: Values,
    /// Samples until the next window ends.
    ahead: u64,
}

/// Values of one of the types.
#[derive(Debug)]
enum Values {
    Pixels(Vec<u8>),
    Counts(Vec<i16>),
    Reals(Vec<f32>),
}

impl Cut {
    pub(crate) fn new(model: &Model) -> Result<Self, FunctionError> {
        let detection = model.detector()?;
        let window = detection.signal_window().into();
        let last = match model.kind() {
            SampleKind::Pixels => Values::Pixels(Vec::new()),
            SampleKind::Counts => Values::Counts(Vec::new()),
            SampleKind::Values => Values::Reals(Vec::new()),
        };
        let stride = detection.signal_stride().into();
        Ok(Self { len: model.window_values(), stride, window, last, ahead: window })
    }
}

/// Keeps the last `len` values, and throws the others away when they are as many.
fn keep<T: Copy>(last: &mut Vec<T>, more: &[T], len: usize) {
    if last.len() >= 2 * len {
        last.drain(..last.len() - len);
    }
    last.extend_from_slice(more);
}

/// The last `len` values.
fn tail<T: Copy>(last: &[T], len: usize) -> Vec<T> {
    last[last.len().saturating_sub(len)..].to_vec()
}

impl Follow for Cut {
    fn take(&mut self, sample: Samples<'_>) -> Result<Option<ScalarValue>> {
        let len = self.len;
        match (&mut self.last, sample) {
            (Values::Pixels(last), Samples::Pixels(more)) => keep(last, more, len),
            (Values::Counts(last), Samples::Counts(more)) => keep(last, more, len),
            (Values::Reals(last), Samples::Values(more)) => keep(last, more, len),
            // The type was compared with the model's.
            _ => return Ok(None),
        }
        self.ahead -= 1;
        if self.ahead > 0 {
            return Ok(None);
        }
        self.ahead = self.stride;
        let window: ArrayRef = match &self.last {
            Values::Pixels(last) => Arc::new(UInt8Array::from(tail(last, len))),
            Values::Counts(last) => Arc::new(Int16Array::from(tail(last, len))),
            Values::Reals(last) => Arc::new(Float32Array::from(tail(last, len))),
        };
        Ok(Some(SingleRowListArrayBuilder::new(window).build_list_scalar()))
    }

    fn restart(&mut self) {
        self.ahead = self.window;
        match &mut self.last {
            Values::Pixels(last) => last.clear(),
            Values::Counts(last) => last.clear(),
            Values::Reals(last) => last.clear(),
        }
    }
}
