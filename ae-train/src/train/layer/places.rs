//! Where the positions of a layer read and write, found once for each layer.

use ae_core::{Axis, Spatial};

/// Neighbouring values that are copied together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// The first, where they are read.
    pub(super) from: usize,
    /// The first, where they are written.
    pub(super) to: usize,
    pub(super) length: usize,
}

/// What positions read, as a matrix with a row for each: by height, width and channel, zeros in the
/// padding.
#[derive(Debug)]
pub(super) struct Fields {
    /// Of all positions, from an input into a row.
    runs: Vec<Run>,
    /// Runs before those of each position, and all of them.
    before: Vec<usize>,
    /// Values of a row.
    field: usize,
    /// Values of an input.
    inputs: usize,
    /// The rows are the input as it is.
    pub(super) is_input: bool,
}

impl Fields {
    pub(super) fn new(spatial: &Spatial) -> Self {
        let Spatial { height, width, .. } = *spatial;
        let channels = usize::from(spatial.channels_in);
        let (columns, kernel) = (usize::from(width.inputs), usize::from(width.kernel));
        let mut runs: Vec<Run> = Vec::new();
        let mut before = vec![0];
        for (row, column) in positions(spatial) {
            let of_position = runs.len();
            for (down, input_row) in inside(&height, row) {
                for (right, input_column) in inside(&width, column) {
                    let from = (input_row * columns + input_column) * channels;
                    let to = (down * kernel + right) * channels;
                    join(&mut runs, of_position, Run { from, to, length: channels });
                }
            }
            before.push(runs.len());
        }
        let (field, inputs) = (spatial.field(), spatial.inputs());
        let whole = |(position, run): (usize, &Run)| {
            *run == Run { from: position * field, to: 0, length: field }
        };
        let is_input = runs.len() * field == inputs && runs.iter().enumerate().all(whole);
        Self { runs, before, field, inputs, is_input }
    }

    /// Positions of a sample.
    fn positions(&self) -> usize {
        self.before.len() - 1
    }

    /// The rows of as many positions as there is room for, from the given one on, counted through
    /// all samples.
    pub(super) fn gather(&self, inputs: &[f32], first: usize, rows: &mut [f32]) {
        for (position, row) in (first..).zip(rows.chunks_exact_mut(self.field)) {
            let (input, runs) = self.of(position);
            let input = &inputs[input * self.inputs..][..self.inputs];
            if runs.iter().map(|run| run.length).sum::<usize>() < self.field {
                row.fill(0.0);
            }
            for &Run { from, to, length } in runs {
                row[to..to + length].copy_from_slice(&input[from..from + length]);
            }
        }
    }

    /// Adds the rows to the values that they were gathered from.
    pub(super) fn scatter(&self, rows: &[f32], first: usize, inputs: &mut [f32]) {
        for (position, row) in (first..).zip(rows.chunks_exact(self.field)) {
            let (input, runs) = self.of(position);
            let input = &mut inputs[input * self.inputs..][..self.inputs];
            for &Run { from, to, length } in runs {
                let (sums, values) = (&mut input[from..from + length], &row[to..to + length]);
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }

    /// The sample of a position, and its runs.
    fn of(&self, position: usize) -> (usize, &[Run]) {
        let (input, position) = (position / self.positions(), position % self.positions());
        (input, &self.runs[self.before[position]..self.before[position + 1]])
    }
}

/// How the outputs of positions lie in the map, where they are not simply side by side.
#[derive(Debug)]
pub(super) struct Interleave {
    /// From the values of all positions of a sample to its outputs, each of which one run writes.
    runs: Vec<Run>,
    /// Values of all positions.
    values: usize,
    outputs: usize,
}

impl Interleave {
    /// `None` where outputs lie as positions do.
    pub(super) fn new(spatial: &Spatial) -> Option<Self> {
        if !spatial.is_interleaved() {
            return None;
        }
        let Spatial { height, width, .. } = *spatial;
        let (channels, columns) = (usize::from(spatial.channels_out), spatial.columns());
        let mut runs: Vec<Run> = Vec::new();
        for row in 0..usize::from(height.outputs) {
            let (down, phase_down) = of_output(&height, row);
            for column in 0..usize::from(width.outputs) {
                let (right, phase_right) = of_output(&width, column);
                let position = down * width.positions() + right;
                let phase = phase_down * usize::from(width.interleave) + phase_right;
                let from = position * columns + phase * channels;
                let to = (row * usize::from(width.outputs) + column) * channels;
                join(&mut runs, 0, Run { from, to, length: channels });
            }
        }
        let values = spatial.positions() * columns;
        Some(Self { runs, values, outputs: spatial.outputs() })
    }

    /// The outputs of all samples.
    pub(super) fn outputs(&self, values: &[f32]) -> Vec<f32> {
        let mut all = vec![0.0; values.len() / self.values * self.outputs];
        let samples = values.chunks_exact(self.values).zip(all.chunks_exact_mut(self.outputs));
        for (values, outputs) in samples {
            for &Run { from, to, length } in &self.runs {
                outputs[to..to + length].copy_from_slice(&values[from..from + length]);
            }
        }
        all
    }

    /// The values of the positions of all samples; zeros where one is no output.
    pub(super) fn values(&self, outputs: &[f32]) -> Vec<f32> {
        let mut all = vec![0.0; outputs.len() / self.outputs * self.values];
        let samples = outputs.chunks_exact(self.outputs).zip(all.chunks_exact_mut(self.values));
        for (outputs, values) in samples {
            for &Run { from, to, length } in &self.runs {
                values[from..from + length].copy_from_slice(&outputs[to..to + length]);
            }
        }
        all
    }
}

/// What the positions of a layer read that treats each channel by itself.
#[derive(Debug)]
pub(super) struct Taps {
    /// For all positions those inside the input: the tap, and where its first channel is.
    taps: Vec<(usize, usize)>,
    /// Taps before those of each position, and all of them.
    before: Vec<usize>,
    pub(super) channels: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

impl Taps {
    pub(super) fn new(spatial: &Spatial) -> Self {
        let Spatial { height, width, .. } = *spatial;
        let channels = usize::from(spatial.channels_in);
        let (columns, kernel) = (usize::from(width.inputs), usize::from(width.kernel));
        let mut taps = Vec::new();
        let mut before = vec![0];
        for (row, column) in positions(spatial) {
            for (down, input_row) in inside(&height, row) {
                taps.extend(inside(&width, column).map(|(right, input_column)| {
                    (down * kernel + right, (input_row * columns + input_column) * channels)
                }));
            }
            before.push(taps.len());
        }
        Self { taps, before, channels, inputs: spatial.inputs(), outputs: spatial.outputs() }
    }

    /// For each position its taps inside the input: the tap, and where its first channel is.
    pub(super) fn positions(&self) -> impl Iterator<Item = &[(usize, usize)]> {
        self.before.windows(2).map(|ends| &self.taps[ends[0]..ends[1]])
    }
}

/// Rows and columns of all positions, in order.
fn positions(spatial: &Spatial) -> impl Iterator<Item = (usize, usize)> {
    let (rows, columns) = (spatial.height.positions(), spatial.width.positions());
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// The taps of a position that are inside, each with its input.
fn inside(axis: &Axis, position: usize) -> impl Iterator<Item = (usize, usize)> {
    let taps = 0..usize::from(axis.kernel);
    taps.filter_map(move |tap| axis.input(position, tap).map(|input| (tap, input)))
}

/// The position of an output, and which of its outputs it is.
pub(super) fn of_output(axis: &Axis, output: usize) -> (usize, usize) {
    let (at, interleave) = (output + usize::from(axis.crop), usize::from(axis.interleave));
    (at / interleave, at % interleave)
}

/// Adds a run, to the last one if it goes on from there. Those before `first` stay as they are.
fn join(runs: &mut Vec<Run>, first: usize, run: Run) {
    match runs[first..].last_mut() {
        Some(last) if last.from + last.length == run.from && last.to + last.length == run.to => {
            last.length += run.length;
        }
        _ => runs.push(run),
    }
}
