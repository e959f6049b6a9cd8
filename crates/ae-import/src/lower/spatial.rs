//! The geometry of layers over maps.

use ae_core::{Axis, Geometry, Spatial, SpatialKind};
use ae_model::Map;

use super::chain::{Weighted, Work};
use super::numbers::Arrangement;
use crate::{Convolution, Depthwise, Numbers, Padding, Pool, Transposed};

/// Why a layer cannot be one of a blob: what it is, and what to do.
pub(super) type Why = (String, &'static str);

const OTHER_SHAPE: &str = "make the model with a layer that fits";
pub(super) const CONTRADICTION: &str = "the file contradicts itself: write it again";

/// Weights of 0 that a model may have beside as many as the file has: so no small file makes a large
/// model.
const MOST_ZEROS: usize = 1 << 20;

/// What is said of numbers that no layer can have.
pub(super) fn not_finite() -> Why {
    ("one of its numbers is not finite".to_owned(), "train the model again")
}

/// Whether so many weights may become so many more, of which the others are 0.
pub(super) fn check_zeros(has: usize, count: usize) -> Result<(), Why> {
    if count <= has.saturating_mul(2).saturating_add(MOST_ZEROS) {
        return Ok(());
    }
    let why = format!("with it {has} weights of the file take {count} in a blob, most of them 0");
    Err((why, OTHER_SHAPE))
}

/// A size, within what a blob can hold.
fn narrow(what: &str, number: usize) -> Result<u16, Why> {
    let fits = u16::try_from(number).ok().filter(|&number| number > 0);
    fits.ok_or_else(|| (format!("its {what} of {number} is not 1 to 65,535"), OTHER_SHAPE))
}

/// How positions lie along one direction.
fn axis(
    inputs: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    padding: Padding,
    direction: usize,
) -> Result<Axis, Why> {
    let (inputs, kernel) = (narrow("map", inputs)?, narrow("kernel", kernel)?);
    let (stride, dilation) = (narrow("stride", stride)?, narrow("dilation", dilation)?);
    let axis = match padding {
        Padding::Same => Axis::same_dilated(inputs, kernel, stride, dilation),
        Padding::Valid => Axis::valid_dilated(inputs, kernel, stride, dilation),
        Padding::Explicit { before, after } => {
            let (before, after) = (before[direction], after[direction]);
            let sum = before.saturating_add(after).saturating_add(inputs.into());
            let padded = narrow("padded map", sum)?;
            let axis = Axis::valid_dilated(padded, kernel, stride, dilation);
            Axis { inputs, before: u16::try_from(before).unwrap_or(u16::MAX), ..axis }
        }
    };
    if axis.outputs == 0 {
        let why = format!("its kernel of {} is longer than the map of {inputs}", axis.extent());
        return Err((why, OTHER_SHAPE));
    }
    Ok(axis)
}

fn axes(
    map: Map,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
) -> Result<[Axis; 2], Why> {
    Ok([
        axis(map.height, kernel[0], stride[0], dilation[0], padding, 0)?,
        axis(map.width, kernel[1], stride[1], dilation[1], padding, 1)?,
    ])
}

/// How the outputs of a transposed convolution lie along one direction.
fn transposed_axis(inputs: usize, layer: &Transposed, direction: usize) -> Result<Axis, Why> {
    let (kernel, stride) = (layer.kernel[direction], layer.stride[direction]);
    let [inputs, kernel, stride] =
        [narrow("map", inputs)?, narrow("kernel", kernel)?, narrow("stride", stride)?];
    let (n, k, s) = (usize::from(inputs), usize::from(kernel), usize::from(stride));
    let reached = (n - 1) * s + k;
    let (outputs, cut) = match layer.padding {
        Padding::Same => (Some(n * s), k.saturating_sub(s) / 2),
        Padding::Valid => (Some(reached), 0),
        Padding::Explicit { before, after } => {
            let cut = before[direction].checked_add(after[direction]);
            (cut.and_then(|cut| reached.checked_sub(cut)), before[direction])
        }
    };
    let Some(outputs) = outputs.filter(|&outputs| outputs > 0) else {
        let why = format!("its padding cuts off all of the {reached} outputs that it reaches");
        return Err((why, OTHER_SHAPE));
    };
    let outputs = narrow("output", outputs.saturating_add(layer.output_padding[direction]))?;
    // Outputs that are cut off in front: whole positions first, and the rest of one.
    let (whole, crop) = (cut / s, cut % s);
    let positions = (usize::from(outputs) + crop).div_ceil(s);
    // Where positions go on behind the last place, so must the taps in front: their weights are 0.
    let taps = k.div_ceil(s).max((positions + whole + 1).saturating_sub(n));
    let Some(before) = (taps - 1).checked_sub(whole) else {
        let why = format!("{cut} outputs are cut off, more than a kernel of {k} reaches");
        return Err((why, OTHER_SHAPE));
    };
    Ok(Axis {
        inputs,
        outputs,
        kernel: narrow("kernel", taps)?,
        stride: 1,
        dilation: 1,
        before: u16::try_from(before).unwrap_or(u16::MAX),
        interleave: stride,
        crop: u16::try_from(crop).unwrap_or(u16::MAX),
    })
}

fn spatial(
    kind: SpatialKind,
    channels: (usize, usize),
    [height, width]: [Axis; 2],
) -> Result<Geometry, Why> {
    let channels_in = narrow("number of channels", channels.0)?;
    let channels_out = narrow("number of channels", channels.1)?;
    let geometry = Geometry::Spatial(Spatial { kind, channels_in, channels_out, height, width });
    geometry.check().map_err(|error| (error.to_string(), OTHER_SHAPE))?;
    Ok(geometry)
}

/// A layer whose numbers stand in another order in the file: there a bias for each of `outputs`, and
/// for each of them so many weights.
pub(super) fn weighted(
    geometry: Geometry,
    numbers: &Numbers,
    outputs: usize,
    weights_of_output: usize,
    weight: &dyn Fn(usize, usize) -> Option<usize>,
    row: &dyn Fn(usize) -> usize,
) -> Result<Work, Why> {
    let dense = geometry.weights_as_dense();
    let (rows, columns) = (dense.outputs, dense.inputs);
    let (has, has_biases) = numbers.counts();
    let counts = [
        ("weights", has, outputs.saturating_mul(weights_of_output)),
        ("biases", has_biases, outputs),
    ];
    for (what, found, expected) in counts {
        if found != expected {
            let why = format!("its sizes ask for {expected} {what}, and it has {found}");
            return Err((why, CONTRADICTION));
        }
    }
    check_scales(numbers, outputs)?;
    check_zeros(has, rows.saturating_mul(columns))?;
    let numbers = numbers.arranged(&Arrangement { rows, columns, weight, row });
    Ok(Work::Weighted(Weighted { geometry, numbers }))
}

fn check_scales(numbers: &Numbers, outputs: usize) -> Result<(), Why> {
    let Numbers::Integers { scales, .. } = numbers else { return Ok(()) };
    if scales.len() != 1 && scales.len() != outputs {
        let found = scales.len();
        let why = format!("it has {found} scales, expected 1 or {outputs}, one for each output");
        return Err((why, CONTRADICTION));
    }
    match scales.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
        Some(scale) => {
            let why = format!("one of its scales is {scale}, and a scale is finite and above 0");
            Err((why, CONTRADICTION))
        }
        None => Ok(()),
    }
}

fn expect_channels(expected: usize, map: Map) -> Result<(), Why> {
    if expected == map.channels {
        return Ok(());
    }
    let why =
        format!("the channels that it takes are {expected}, and what comes in is a map of {map}");
    Err((why, CONTRADICTION))
}

impl Convolution {
    pub(super) fn work(&self, map: Map) -> Result<Work, Why> {
        expect_channels(self.channels_in, map)?;
        let axes = axes(map, self.kernel, self.stride, self.dilation, self.padding)?;
        let channels = (self.channels_in, self.channels_out);
        let geometry = spatial(SpatialKind::Convolution, channels, axes)?;
        let parts =
            [self.channels_in, self.channels_out].map(|channels| channels.checked_div(self.groups));
        let [Some(reads), Some(gives)] = parts else {
            return Err(("it divides the channels into 0 groups".to_owned(), CONTRADICTION));
        };
        if reads.checked_mul(self.groups) != Some(self.channels_in)
            || gives.checked_mul(self.groups) != Some(self.channels_out)
        {
            let Self { channels_in, channels_out, groups, .. } = self;
            let why = format!(
                "it divides {channels_in} channels in and {channels_out} channels out into {groups} groups"
            );
            return Err((why, CONTRADICTION));
        }
        let columns = self.kernel[0].saturating_mul(self.kernel[1]).saturating_mul(reads);
        // The weights of the other groups' channels are 0.
        weighted(
            geometry,
            &self.numbers,
            self.channels_out,
            columns,
            &|row, column| {
                let (tap, channel) = (column / self.channels_in, column % self.channels_in);
                (row / gives == channel / reads)
                    .then_some(row * columns + tap * reads + channel % reads)
            },
            &|row| row,
        )
    }
}

impl Depthwise {
    /// A depthwise convolution; where a channel gives several, a convolution whose other weights
    /// are 0.
    pub(super) fn work(&self, map: Map) -> Result<Work, Why> {
        expect_channels(self.channels, map)?;
        let axes = axes(map, self.kernel, self.stride, self.dilation, self.padding)?;
        let channels_out = self.channels.saturating_mul(self.multiplier);
        if self.multiplier == 1 {
            let channels = (self.channels, self.channels);
            let geometry = spatial(SpatialKind::Depthwise, channels, axes)?;
            return weighted(
                geometry,
                &self.numbers,
                self.channels,
                self.kernel[0].saturating_mul(self.kernel[1]),
                &|channel, tap| Some(tap * self.channels + channel),
                &|row| row,
            );
        }
        let channels = (self.channels, channels_out);
        let geometry = spatial(SpatialKind::Convolution, channels, axes)?;
        weighted(
            geometry,
            &self.numbers,
            channels_out,
            self.kernel[0].saturating_mul(self.kernel[1]),
            &|row, column| {
                let (tap, channel) = (column / self.channels, column % self.channels);
                (row / self.multiplier == channel).then_some(tap * channels_out + row)
            },
            &|row| row,
        )
    }
}

impl Transposed {
    pub(super) fn work(&self, map: Map) -> Result<Work, Why> {
        expect_channels(self.channels_in, map)?;
        let axes = [transposed_axis(map.height, self, 0)?, transposed_axis(map.width, self, 1)?];
        let channels = (self.channels_in, self.channels_out);
        let geometry = spatial(SpatialKind::Convolution, channels, axes)?;
        let taps = axes.map(|axis| usize::from(axis.kernel));
        let Self { channels_in, channels_out, kernel, stride, .. } = self;
        weighted(
            geometry,
            &self.numbers,
            *channels_out,
            kernel[0].saturating_mul(kernel[1]).saturating_mul(*channels_in),
            &|row, column| {
                let (phase, channel) = (row / channels_out, row % channels_out);
                let (tap, from) = (column / channels_in, column % channels_in);
                // The later of the taps is the nearer, and so the earlier place of the kernel.
                let place = |tap: usize, phase: usize, direction: usize| {
                    let at = phase + (taps[direction] - 1 - tap) * stride[direction];
                    Some(at).filter(|&at| at < kernel[direction])
                };
                let y = place(tap / taps[1], phase / stride[1], 0)?;
                let x = place(tap % taps[1], phase % stride[1], 1)?;
                Some(((channel * kernel[0] + y) * kernel[1] + x) * channels_in + from)
            },
            &|row| row % channels_out,
        )
    }
}

impl Pool {
    pub(super) fn work(&self, kind: SpatialKind, map: Map) -> Result<Work, Why> {
        let axes = axes(map, self.kernel, self.stride, [1; 2], self.padding)?;
        let geometry = spatial(kind, (map.channels, map.channels), axes)?;
        let is_padded = matches!(geometry, Geometry::Spatial(spatial) if spatial.is_padded());
        if self.counts_padding && is_padded {
            let why = "its mean counts the padding as zeros".to_owned();
            return Err((why, "here a mean is that of what lies in the map: pool without padding"));
        }
        Ok(Work::Passing(geometry))
    }
}

/// The mean of each channel over the whole map.
pub(super) fn global_average(map: Map) -> Result<Work, Why> {
    let axes = [Axis::whole(narrow("map", map.height)?), Axis::whole(narrow("map", map.width)?)];
    spatial(SpatialKind::Average, (map.channels, map.channels), axes).map(Work::Passing)
}

/// Each value repeated.
pub(super) fn upsampling(map: Map, factor: [usize; 2]) -> Result<Work, Why> {
    let mut axes = [Axis::ONE; 2];
    for (axis, (inputs, factor)) in
        axes.iter_mut().zip([(map.height, factor[0]), (map.width, factor[1])])
    {
        narrow("output", inputs.saturating_mul(factor))?;
        *axis = Axis::repeated(narrow("map", inputs)?, narrow("factor", factor)?);
    }
    spatial(SpatialKind::Upsampling, (map.channels, map.channels), axes).map(Work::Passing)
}
