//! The int8 contract.

use ae_core::{Int8, Layer, Rounding, Spatial, SpatialKind, Weights};

use super::{Output, outputs, taps};
use crate::arch::Input;
use crate::arch::all::int8::finish;

/// Computes a layer of any kind but dense.
#[inline(never)]
pub(crate) fn compute<'a>(layer: &Layer<'a, Int8<'a>>, x: Input<'_>, y: &mut [u8]) {
    let Some(spatial) = layer.spatial() else { return };
    let layer = layer.as_dense();
    for (y, output) in y.iter_mut().zip(outputs(&spatial)) {
        *y = match spatial.kind {
            SpatialKind::Convolution => convolution(&layer, &spatial, x, &output),
            SpatialKind::Depthwise => depthwise(&layer, &spatial, x, &output),
            SpatialKind::Maximum | SpatialKind::Average | SpatialKind::Upsampling => {
                let values = taps(&spatial, output.position).flatten();
                let mut values = values.map(|at| value(x, at.wrapping_add(output.channel)));
                let value = match spatial.kind {
                    SpatialKind::Maximum => values.max().unwrap_or(-128),
                    SpatialKind::Average => mean(values, layer.arithmetic().rounding()),
                    _ => values.next().unwrap_or_default(),
                };
                look_up(&layer, output.channel, value)
            }
        };
    }
}

/// A value by its index.
fn value(x: Input<'_>, at: usize) -> i32 {
    let (bytes, flipped) = x.bytes();
    bytes.get(at).map_or(0, |byte| i32::from((byte ^ flipped) as i8))
}

fn convolution<'a>(
    layer: &Layer<'a, Int8<'a>>,
    spatial: &Spatial,
    x: Input<'_>,
    output: &Output,
) -> u8 {
    let channels = usize::from(spatial.channels_in);
    let weights = layer.weights();
    let row = output.phase.wrapping_mul(spatial.channels_out.into()).wrapping_add(output.channel);
    let (mut sum, mut input) = (0_i32, 0_usize);
    for at in taps(spatial, output.position) {
        for channel in 0..channels {
            let x = match at {
                Some(at) => value(x, at.wrapping_add(channel)),
                None => layer.arithmetic().padding().into(),
            };
            sum = sum.wrapping_add(i32::from(weights.at(row, input)).wrapping_mul(x));
            input = input.wrapping_add(1);
        }
    }
    finish(&layer.channel(&weights, row), sum)
}

fn depthwise<'a>(
    layer: &Layer<'a, Int8<'a>>,
    spatial: &Spatial,
    x: Input<'_>,
    output: &Output,
) -> u8 {
    let data = layer.taps();
    let mut sum = 0_i32;
    for (tap, at) in taps(spatial, output.position).enumerate() {
        let weight = data.tap(tap).get(output.channel).map_or(0, |&weight| i32::from(weight as i8));
        let x = match at {
            Some(at) => value(x, at.wrapping_add(output.channel)),
            None => layer.arithmetic().padding().into(),
        };
        sum = sum.wrapping_add(weight.wrapping_mul(x));
    }
    let parameters = Weights::Rows(*data.parameters());
    finish(&layer.channel(&parameters, output.channel), sum)
}

/// The mean, rounded half up; half away from zero where layers round twice.
fn mean(values: impl Iterator<Item = i32>, rounding: Rounding) -> i32 {
    let (sum, count) = values.fold((0_i32, 0_i32), |(sum, count), value| {
        (sum.wrapping_add(value), count.wrapping_add(1))
    });
    let is_down = rounding != Rounding::Once && sum < 0;
    let twice = sum.wrapping_mul(2).wrapping_add(count).wrapping_sub(is_down.into());
    twice.checked_div_euclid(count.wrapping_mul(2)).unwrap_or_default().clamp(-128, 127)
}

/// The byte of a value, by its channel's table if there is one.
fn look_up(layer: &Layer<'_, Int8<'_>>, channel: usize, value: i32) -> u8 {
    let table = channel.checked_div(layer.table_span());
    let value = value as u8;
    match table.and_then(|table| layer.arithmetic().tables().get(table)) {
        Some(table) => table.get(usize::from(value ^ 0x80)).copied().unwrap_or_default(),
        None => value,
    }
}
