//! Layers that work position by position, as Burn's functions compute them.

use ae_core::{Axis, Spatial, SpatialKind};
use burn::nn::Linear;
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions, PadMode};
use burn::tensor::{Device, Tensor, TensorData};

/// The sums of a layer, its bias added.
///
/// Burn's maps have their channels first, and its functions leave out a position that reaches into
/// the padding behind the inputs; so that is added as far as the last position goes.
///
/// # Shapes
///
/// `[samples, inputs]` → `[samples, outputs]`
///
/// # Panics
///
/// When a layer with weights comes without them, or values and layer do not fit.
pub(super) fn sums(spatial: &Spatial, linear: Option<&Linear>, values: Tensor<2>) -> Tensor<2> {
    let [samples, _] = values.dims();
    let Spatial { height, width, .. } = *spatial;
    let channels = usize::from(spatial.channels_in);
    let (rows, columns) = (usize::from(height.inputs), usize::from(width.inputs));
    let map = values.reshape([samples, rows, columns, channels]).permute([0, 3, 1, 2]);
    let weights = || linear.expect("a layer with weights has them").weight.val();
    let [down, right] = [height, width].map(|axis| usize::from(axis.kernel));
    let positions = match spatial.kind {
        SpatialKind::Convolution => {
            let kernel = weights().reshape([down, right, channels, spatial.columns()]);
            conv2d(map, kernel.permute([3, 2, 0, 1]), None, options(spatial, 1))
        }
        SpatialKind::Depthwise => {
            let kernel = weights().reshape([down, right, 1, channels]).permute([3, 2, 0, 1]);
            conv2d(map, kernel, None, options(spatial, channels))
        }
        SpatialKind::Maximum => {
            // A number that is never the largest; with padding of Burn's own, a gradient could go there.
            let padding = [padding(&height), padding(&width)];
            let map = map.pad(padding, PadMode::Constant(f32::NEG_INFINITY));
            let options = MaxPoolOptions::new([down, right]);
            let options = options.with_stride(both(spatial, |axis| axis.stride));
            max_pool2d(map, options.with_dilation(both(spatial, |axis| axis.dilation)))
        }
        SpatialKind::Average => {
            let ones = Tensor::ones([channels, 1, down, right], &map.device());
            let sums = conv2d(map, ones, None, options(spatial, channels));
            cut(sums, spatial) / counts(spatial)
        }
        SpatialKind::Upsampling => map.repeat_dim(1, factor(&height) * factor(&width)),
    };
    let bias = linear.and_then(|linear| linear.bias.as_ref());
    let positions = match bias.map(|bias| bias.val()) {
        Some(bias) => positions + bias.reshape([1, -1, 1, 1]),
        None => positions,
    };
    outputs(spatial, cut(positions, spatial))
}

/// As many positions as the layer has.
fn cut(positions: Tensor<4>, spatial: &Spatial) -> Tensor<4> {
    let [samples, values, ..] = positions.dims();
    let (rows, columns) = (spatial.height.positions(), spatial.width.positions());
    positions.slice([0..samples, 0..values, 0..rows, 0..columns])
}

/// Puts the values of positions, `[samples, phases · channels, rows, columns]`, where they belong.
fn outputs(spatial: &Spatial, positions: Tensor<4>) -> Tensor<2> {
    let [samples, _, rows, columns] = positions.dims();
    let Spatial { height, width, .. } = *spatial;
    let [down, right] = [factor(&height), factor(&width)];
    let channels = usize::from(spatial.channels_out);
    let phases: Tensor<6> = positions.reshape([samples, down, right, channels, rows, columns]);
    let map: Tensor<4> = phases.permute([0, 4, 1, 5, 2, 3]).reshape([
        samples,
        rows * down,
        columns * right,
        channels,
    ]);
    let range = |axis: Axis| {
        let crop = usize::from(axis.crop);
        crop..crop + usize::from(axis.outputs)
    };
    map.slice([0..samples, range(height), range(width), 0..channels])
        .reshape([samples, spatial.outputs()])
}

/// How many inputs each position of an average reads, `[1, 1, rows, columns]`.
fn counts(spatial: &Spatial) -> Tensor<4> {
    let Spatial { height, width, .. } = *spatial;
    let inside = |axis: Axis, position: usize| {
        (0..usize::from(axis.kernel)).filter(|&tap| axis.input(position, tap).is_some()).count()
    };
    let (rows, columns) = (height.positions(), width.positions());
    let of_row = |row: usize| {
        (0..columns).map(move |column| (inside(height, row) * inside(width, column)) as f32)
    };
    let counts: Vec<f32> = (0..rows).flat_map(of_row).collect();
    Tensor::from_data(TensorData::new(counts, [1, 1, rows, columns]), &Device::default())
}

fn options(spatial: &Spatial, groups: usize) -> ConvOptions<2> {
    let [down, right] = [padding(&spatial.height), padding(&spatial.width)];
    let mut options = ConvOptions::new(
        both(spatial, |axis| axis.stride),
        [0, 0],
        both(spatial, |axis| axis.dilation),
        groups,
    );
    options.padding = [down, right];
    options
}

/// Padding before and behind the inputs.
fn padding(axis: &Axis) -> (usize, usize) {
    let before = usize::from(axis.before);
    let reach = (axis.positions() - 1) * usize::from(axis.stride) + axis.extent();
    (before, reach.saturating_sub(before + usize::from(axis.inputs)))
}

fn both(spatial: &Spatial, of: fn(&Axis) -> u16) -> [usize; 2] {
    [of(&spatial.height).into(), of(&spatial.width).into()]
}

fn factor(axis: &Axis) -> usize {
    usize::from(axis.interleave)
}
