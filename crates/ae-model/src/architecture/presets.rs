//! Architectures that have a name.

use std::fmt;

use ae_core::MAX_WIDTH;

use super::{Architecture, Extent, LayerKind, LayerTable, Map, Outputs};

/// An architecture with a name, whose strides and widths follow from the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// For images: three convolutions with strides, and back a convolution and two transposed ones.
    Conv,
    /// For signals: up to three convolutions over time, and as many transposed ones back. The rows
    /// of an image are its samples.
    Conv1d,
    /// For both: depthwise and pointwise convolutions, pooling and upsampling.
    Separable,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Conv, Self::Conv1d, Self::Separable];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conv => "conv",
            Self::Conv1d => "conv1d",
            Self::Separable => "separable",
        }
    }

    /// The preset of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The layers for such data and so many latent values.
    #[must_use]
    pub fn architecture(self, data: Map, latent: usize) -> Architecture {
        match self {
            Self::Conv => conv(data, latent),
            Self::Conv1d => conv1d(as_signal(data), latent),
            Self::Separable => separable(data, latent),
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The rows of an image as samples.
fn as_signal(data: Map) -> Map {
    match data.height {
        1 => data,
        height => Map { height: 1, width: height, channels: data.width * data.channels },
    }
}

/// 3 × 3 with a stride of 2 to 16, 24 and 48 channels, dense; and back from a map that is twice as
/// large as the last one, with fewer channels: a dense layer has weights and a bias, a multiplier and
/// a shift for each of its values. Every layer but one of those behind it reads 3 × 3.
fn conv(data: Map, latent: usize) -> Architecture {
    let steps = image_steps(data, &[16, 24, 48]);
    let mut layers = Builder::new(data);
    for step in &steps {
        layers.encode(convolution(LayerKind::Convolution, step.kernel([3, 3]), step.stride));
        layers.encoder_channels(step.after.channels);
    }
    let before_last = &steps[..steps.len() - 1];
    let map = last_map(data, before_last);
    layers.through_latent(latent, Map { channels: fitting(20, map), ..map });
    layers.decode(LayerTable {
        channels: Some(map.channels),
        ..convolution(LayerKind::Convolution, kernel_in(map, [3, 3]), [1, 1])
    });
    for (index, step) in before_last.iter().enumerate().rev() {
        let (taps, channels) = match index {
            0 => (kernel_in(step.after, [3, 3]), data.channels),
            _ => ([1, 1], before_last[index - 1].after.channels),
        };
        let kernel = [taps[0] * step.stride[0], taps[1] * step.stride[1]];
        layers.decode(LayerTable {
            kernel: Some(Extent::Each(kernel)),
            ..transposed(*step, channels)
        });
    }
    layers.architecture
}

/// Kernels of 9, 5 and 3 samples, and back with kernels that are as long as the strides. A window too
/// short for all of them has fewer.
fn conv1d(data: Map, latent: usize) -> Architecture {
    let narrow = data.channels.saturating_mul(2).next_multiple_of(8).clamp(16, 32);
    let steps = signal_steps(data, [narrow, narrow.max(16) + 16, narrow.max(16) + 16]);
    let mut layers = Builder::new(data);
    for (step, kernel) in steps.iter().zip(SIGNAL_KERNELS) {
        let kernel = step.kernel([1, kernel]);
        layers.encode(convolution(LayerKind::Convolution, kernel, step.stride));
        layers.encoder_channels(step.after.channels);
    }
    layers.through_latent(latent, last_map(data, &steps));
    for (index, step) in steps.iter().enumerate().rev() {
        let channels = match index {
            0 => data.channels,
            _ => steps[index - 1].after.channels,
        };
        layers.decode(transposed(*step, channels));
    }
    layers.architecture
}

/// A convolution with a stride, then blocks of a depthwise and a pointwise convolution, in front of
/// the last of which the map is pooled; back with blocks of a pointwise convolution, upsampling and a
/// depthwise one, and a pointwise one to the channels of the data.
fn separable(data: Map, latent: usize) -> Architecture {
    let (steps, kernels) = match data.is_signal() {
        true => (signal_steps(data, [16, 32, 32]), SIGNAL_KERNELS.map(|samples| [1, samples])),
        false => (image_steps(data, &[16, 32]), [[3, 3]; MOST_STEPS]),
    };
    let mut layers = Builder::new(data);
    for (index, (step, kernel)) in steps.iter().zip(kernels).enumerate() {
        let kernel = step.kernel(kernel);
        if index == 0 {
            layers.encode(convolution(LayerKind::Convolution, kernel, step.stride));
        } else {
            let is_last = index + 1 == steps.len();
            if is_last {
                layers.encode(LayerTable {
                    kernel: Some(Extent::Each(step.stride)),
                    ..LayerTable::new(LayerKind::Maximum)
                });
            }
            let stride = if is_last { [1, 1] } else { step.stride };
            layers.encode(convolution(LayerKind::Depthwise, kernel, stride));
            layers.encode(convolution(LayerKind::Convolution, [1, 1], [1, 1]));
        }
        layers.encoder_channels(step.after.channels);
    }
    layers.through_latent(latent, last_map(data, &steps));
    for (index, (step, kernel)) in steps.iter().zip(kernels).enumerate().rev() {
        let channels = match index {
            0 => fitting(8, data),
            _ => steps[index - 1].after.channels,
        };
        // The channels change while the map is small.
        layers.decode(pointwise(channels));
        layers.decode(LayerTable {
            factor: Some(Extent::Each(step.stride)),
            size: Some(Extent::Each([step.before.height, step.before.width])),
            ..LayerTable::new(LayerKind::Upsampling)
        });
        layers.decode(convolution(LayerKind::Depthwise, step.kernel(kernel), [1, 1]));
    }
    layers.decode(pointwise(data.channels));
    layers.architecture
}

/// A map, and the smaller one with other channels that strides make of it.
#[derive(Clone, Copy)]
struct Step {
    before: Map,
    stride: [usize; 2],
    after: Map,
}

impl Step {
    /// An axis too short to be made shorter keeps its length.
    fn of(before: Map, stride: [usize; 2], channels: usize) -> Self {
        let stride_of = |length: usize, stride| if length < 2 * stride { 1 } else { stride };
        let stride = [stride_of(before.height, stride[0]), stride_of(before.width, stride[1])];
        let mut after = Map {
            height: before.height.div_ceil(stride[0]),
            width: before.width.div_ceil(stride[1]),
            channels: 1,
        };
        after.channels = fitting(channels, after);
        Self { before, stride, after }
    }

    /// The kernel of what makes the smaller map.
    fn kernel(&self, wanted: [usize; 2]) -> [usize; 2] {
        kernel_in(self.before, wanted)
    }
}

/// A kernel without taps that lie in the padding at every position.
fn kernel_in(map: Map, wanted: [usize; 2]) -> [usize; 2] {
    let most = |length: usize| 2 * length.max(1) - 1;
    [wanted[0].min(most(map.height)), wanted[1].min(most(map.width))]
}

/// Fewer than the channels wanted where a blob could not hold so large a map.
fn fitting(channels: usize, map: Map) -> usize {
    let places = map.height.saturating_mul(map.width).max(1);
    channels.min(MAX_WIDTH / places).max(1)
}

/// Most values of a map in front of a dense layer: of more, no dense layer is quantised.
const MOST_DENSE: usize = 8192;

/// More are not needed for any map that a blob can hold.
const MOST_STEPS: usize = 8;

/// Samples of the kernels over time.
const SIGNAL_KERNELS: [usize; MOST_STEPS] = [9, 5, 3, 3, 3, 3, 3, 3];

/// As many strides of 2 as there are numbers of channels, and more for a large image.
fn image_steps(data: Map, channels: &[usize]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for index in 0..MOST_STEPS {
        if index >= channels.len() && last_map(data, &steps).values() <= MOST_DENSE {
            break;
        }
        let channels = channels[index.min(channels.len() - 1)];
        steps.push(Step::of(last_map(data, &steps), [2, 2], channels));
    }
    steps
}

/// Strides of about 4, 2 and 2, and more for a long window. Those that divide it come first. At least
/// four samples are left.
fn signal_steps(data: Map, channels: [usize; 3]) -> Vec<Step> {
    const LEAST: usize = 4;
    let mut steps: Vec<Step> = Vec::new();
    let channels = channels.into_iter().chain([channels[2]; MOST_STEPS - 3]);
    for channels in channels {
        let before = last_map(data, &steps);
        if steps.len() >= 3 && before.values() <= MOST_DENSE {
            break;
        }
        let wanted: &[usize] = if steps.is_empty() { &[4, 3, 5, 2] } else { &[2, 3] };
        let fits = |stride: &&usize| before.width >= LEAST * **stride;
        let divides = |stride: &&usize| before.width.is_multiple_of(**stride);
        let dividing = wanted.iter().filter(fits).find(divides);
        match dividing.or_else(|| wanted.iter().find(fits)) {
            Some(&stride) => steps.push(Step::of(before, [1, stride], channels)),
            None if steps.is_empty() => steps.push(Step::of(before, [1, 1], channels)),
            None => break,
        }
    }
    steps
}

/// What the steps make of the data.
fn last_map(data: Map, steps: &[Step]) -> Map {
    steps.last().map_or(data, |step| step.after)
}

fn convolution(kind: LayerKind, kernel: [usize; 2], stride: [usize; 2]) -> LayerTable {
    LayerTable {
        kernel: Some(Extent::Each(kernel)),
        stride: Some(Extent::Each(stride)),
        ..LayerTable::new(kind)
    }
}

fn pointwise(channels: usize) -> LayerTable {
    LayerTable { channels: Some(channels), ..convolution(LayerKind::Convolution, [1, 1], [1, 1]) }
}

/// The way back through a step. What a stride that does not divide the map made too many is left out.
fn transposed(step: Step, channels: usize) -> LayerTable {
    LayerTable {
        channels: Some(channels),
        kernel: Some(Extent::Each(step.stride)),
        stride: Some(Extent::Each(step.stride)),
        size: Some(Extent::Each([step.before.height, step.before.width])),
        ..LayerTable::new(LayerKind::Transposed)
    }
}

struct Builder {
    architecture: Architecture,
}

impl Builder {
    fn new(data: Map) -> Self {
        let (encoder, decoder) = (Vec::new(), Vec::new());
        Self { architecture: Architecture { input: data.into(), encoder, decoder } }
    }

    fn encode(&mut self, layer: LayerTable) {
        self.architecture.encoder.push(layer);
    }

    /// Channels of the layer encoded last.
    fn encoder_channels(&mut self, channels: usize) {
        if let Some(last) = self.architecture.encoder.last_mut() {
            last.channels = Some(channels);
        }
    }

    fn decode(&mut self, layer: LayerTable) {
        self.architecture.decoder.push(layer);
    }

    /// Dense to the latent, and dense to the map that it came from.
    fn through_latent(&mut self, latent: usize, map: Map) {
        let dense = |outputs| LayerTable {
            outputs: Some(Outputs::Count(outputs)),
            ..LayerTable::new(LayerKind::Dense)
        };
        self.encode(dense(latent));
        self.decode(dense(map.values()));
        self.decode(LayerTable {
            height: Some(map.height),
            width: Some(map.width),
            channels: Some(map.channels),
            ..LayerTable::new(LayerKind::Reshape)
        });
    }
}
