//! Layers with windows.

use ae_import::{Codes, Convolution, Dense, Depthwise, Numbers, Padding, Pool, Transposed};

use super::Map;

/// Weights and biases as real numbers.
struct Reals {
    weights: Vec<f64>,
    bias: Vec<f64>,
}

/// `output` says which output a weight belongs to.
fn reals(numbers: &Numbers, codes: Option<Codes>, output: impl Fn(usize) -> usize) -> Reals {
    match numbers {
        Numbers::Real { weights, bias } => Reals {
            weights: weights.iter().copied().map(f64::from).collect(),
            bias: bias.iter().copied().map(f64::from).collect(),
        },
        Numbers::Integers { weights, scales, bias } => {
            let input = f64::from(codes.expect("integers come in").scale);
            let scale =
                |output: usize| f64::from(scales[if scales.len() == 1 { 0 } else { output }]);
            let weights = weights.iter().enumerate();
            let bias = bias.iter().enumerate();
            Reals {
                weights: weights.map(|(at, w)| f64::from(*w) * scale(output(at))).collect(),
                bias: bias.map(|(at, b)| f64::from(*b) * scale(at) * input).collect(),
            }
        }
    }
}

pub(super) fn dense(dense: &Dense, input: &[f64], codes: Option<Codes>) -> Vec<f64> {
    assert_eq!(input.len(), dense.inputs);
    let numbers = reals(&dense.numbers, codes, |at| at / dense.inputs);
    let rows = numbers.weights.chunks(dense.inputs).zip(&numbers.bias);
    rows.map(|(row, bias)| row.iter().zip(input).map(|(w, x)| w * x).sum::<f64>() + bias).collect()
}

/// Positions, and places before the first.
fn positions(
    places: usize,
    axis: usize,
    [kernel, stride, dilation]: [usize; 3],
    padding: Padding,
) -> (usize, usize) {
    let reach = (kernel - 1) * dilation + 1;
    let (before, after) = match padding {
        Padding::Valid => (0, 0),
        Padding::Explicit { before, after } => (before[axis], after[axis]),
        Padding::Same => {
            let positions = places.div_ceil(stride);
            let missing = ((positions - 1) * stride + reach).saturating_sub(places);
            return (positions, missing / 2);
        }
    };
    ((places + before + after - reach) / stride + 1, before)
}

/// Which tap, and the row and the column of the map that it reads.
type Tap = (usize, usize, usize);

/// For each position, by height and width, the taps that lie in the map.
fn windows(
    map: &Map,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
) -> (usize, usize, Vec<Vec<Tap>>) {
    let sizes = |axis: usize| [kernel[axis], stride[axis], dilation[axis]];
    let (height, top) = positions(map.height, 0, sizes(0), padding);
    let (width, left) = positions(map.width, 1, sizes(1), padding);
    let mut all = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let taps = (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx)));
        let inside = taps.filter_map(|(ky, kx)| {
            let row = (y * stride[0] + ky * dilation[0]).checked_sub(top)?;
            let column = (x * stride[1] + kx * dilation[1]).checked_sub(left)?;
            let inside = row < map.height && column < map.width;
            inside.then_some((ky * kernel[1] + kx, row, column))
        });
        all.push(inside.collect());
    }
    (height, width, all)
}

pub(super) fn convolution(conv: &Convolution, map: &Map, codes: Option<Codes>) -> Map {
    assert_eq!(map.channels, conv.channels_in);
    let taps = conv.kernel[0] * conv.kernel[1];
    let reads = conv.channels_in / conv.groups;
    let of_output = taps * reads;
    let numbers = reals(&conv.numbers, codes, |at| at / of_output);
    let (height, width, windows) =
        windows(map, conv.kernel, conv.stride, conv.dilation, conv.padding);
    let mut data = Vec::new();
    for window in windows {
        for output in 0..conv.channels_out {
            let mut sum = numbers.bias[output];
            for &(tap, y, x) in &window {
                let first = output / (conv.channels_out / conv.groups) * reads;
                for channel in 0..reads {
                    let weight = output * of_output + tap * reads + channel;
                    sum += numbers.weights[weight] * map.at(y, x, first + channel);
                }
            }
            data.push(sum);
        }
    }
    Map { height, width, channels: conv.channels_out, data }
}

pub(super) fn depthwise(conv: &Depthwise, map: &Map, codes: Option<Codes>) -> Map {
    assert_eq!(map.channels, conv.channels);
    let channels = conv.channels * conv.multiplier;
    let numbers = reals(&conv.numbers, codes, |at| at % channels);
    let (height, width, windows) =
        windows(map, conv.kernel, conv.stride, conv.dilation, conv.padding);
    let mut data = Vec::new();
    for window in windows {
        for output in 0..channels {
            let terms = window.iter().map(|&(tap, y, x)| {
                numbers.weights[tap * channels + output] * map.at(y, x, output / conv.multiplier)
            });
            data.push(terms.sum::<f64>() + numbers.bias[output]);
        }
    }
    Map { height, width, channels, data }
}

pub(super) fn transposed(conv: &Transposed, map: &Map, codes: Option<Codes>) -> Map {
    assert_eq!(map.channels, conv.channels_in);
    let taps = conv.kernel[0] * conv.kernel[1];
    let numbers = reals(&conv.numbers, codes, |at| at / (taps * conv.channels_in));
    let places = [map.height, map.width];
    let mut sizes = [(0, 0); 2];
    for (axis, size) in sizes.iter_mut().enumerate() {
        let full = (places[axis] - 1) * conv.stride[axis] + conv.kernel[axis];
        let (before, out) = match conv.padding {
            Padding::Valid => (0, full),
            Padding::Explicit { before, after } => {
                (before[axis], full - before[axis] - after[axis])
            }
            Padding::Same => {
                let out = places[axis] * conv.stride[axis];
                (full.saturating_sub(out) / 2, out)
            }
        };
        *size = (before, out + conv.output_padding[axis]);
    }
    let [(top, height), (left, width)] = sizes;
    let channels = conv.channels_out;
    let mut data: Vec<f64> = numbers.bias.repeat(height * width);
    for (y, x) in (0..map.height).flat_map(|y| (0..map.width).map(move |x| (y, x))) {
        for tap in 0..taps {
            let (ky, kx) = (tap / conv.kernel[1], tap % conv.kernel[1]);
            let row = (y * conv.stride[0] + ky).checked_sub(top).filter(|row| *row < height);
            let column = (x * conv.stride[1] + kx).checked_sub(left).filter(|at| *at < width);
            let Some((row, column)) = row.zip(column) else { continue };
            for output in 0..channels {
                for channel in 0..map.channels {
                    let weight = (output * taps + tap) * map.channels + channel;
                    data[(row * width + column) * channels + output] +=
                        numbers.weights[weight] * map.at(y, x, channel);
                }
            }
        }
    }
    Map { height, width, channels, data }
}

pub(super) fn pool(pool: &Pool, map: &Map, mean: bool) -> Map {
    let (height, width, windows) = windows(map, pool.kernel, pool.stride, [1, 1], pool.padding);
    let mut data = Vec::new();
    for window in windows {
        for channel in 0..map.channels {
            let values = window.iter().map(|&(_, y, x)| map.at(y, x, channel));
            data.push(if mean {
                let counted = pool.kernel[0] * pool.kernel[1];
                let count = if pool.counts_padding { counted } else { window.len() };
                values.sum::<f64>() / count as f64
            } else {
                values.fold(f64::NEG_INFINITY, f64::max)
            });
        }
    }
    Map { height, width, channels: map.channels, data }
}
