//! Shapes that do not fit, and windows that cannot be.

use ae_import::Operation::{
    Average, ChannelsFirst, ChannelsLast, Depthwise, GlobalAverage, Identity, Maximum, Reshape,
    Upsampling,
};
use ae_import::{Convolution, Operation, Padding};

use crate::common::parts::{convolution, depthwise, model};
use crate::{c, d, of, p, refused, t};

#[test]
fn sizes_at_both_ends() {
    assert_eq!(
        of(&[], vec![GlobalAverage]),
        "the input has the shape [] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    assert_eq!(
        of(&[2, 3, 4, 5], vec![d(120, 2)]),
        "the input has the shape [2, 3, 4, 5] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    assert_eq!(
        of(&[0], vec![d(0, 2)]),
        "the input has the shape [0] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    assert_eq!(
        of(&[256, 256], vec![d(65_536, 2)]),
        "the input has the shape [256, 256] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    assert_eq!(
        of(&[usize::MAX, usize::MAX], vec![Identity]),
        "the input has the shape [18446744073709551615, 18446744073709551615] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    assert_eq!(
        of(&[4], vec![d(4, 2), d(2, 3)]),
        "this is no autoencoder: what goes in is 4 values, and what comes out is 3 values; an autoencoder's output has the size of its input",
    );
    assert_eq!(
        of(&[4], vec![d(4, 4)]),
        "encoder and decoder need a layer each, and the number of layers is 1; import a model with a latent between two layers",
    );
    assert_eq!(
        of(&[4], vec![]),
        "encoder and decoder need a layer each, and the number of layers is 0; import a model with a latent between two layers",
    );
    let mut first = model(&[2, 2, 2], vec![c(|_| ()), ChannelsLast, c(|_| ())]);
    first.channels_first = true;
    assert_eq!(
        refused(&first),
        "the values that come out stand in another order than those that go in; let input and output have the same shape",
    );
}

#[test]
fn shapes_between_operators() {
    assert_eq!(
        of(&[4], vec![d(5, 2), d(2, 4)]),
        "operator 0, `op0` (Dense): it takes 5 values, and what comes in is 4 values; the file contradicts itself: write it again",
    );
    assert_eq!(
        of(&[4], vec![d(4, 2), c(|_| ())]),
        "operator 1, `op1` (Convolution): it works over a map, and 2 values come in; the file contradicts itself: write it again",
    );
    assert_eq!(
        of(&[4], vec![ChannelsFirst]),
        "operator 0, `op0` (ChannelsFirst): it works over a map, and 4 values come in; the file contradicts itself: write it again",
    );
    assert_eq!(
        of(&[4], vec![d(4, 0), d(0, 4)]),
        "operator 0, `op0` (Dense): a width is 0, expected 1 to 65535; the file contradicts itself: write it again",
    );
    assert_eq!(
        of(&[4], vec![d(4, 8), Reshape(vec![3, 3])]),
        "operator 1, `op1` (Reshape): the shape [3, 3] is not one for 8 values; one to three dimensions beside the batch are understood",
    );
    assert_eq!(
        of(&[4], vec![Reshape(vec![usize::MAX, usize::MAX, 4])]),
        "operator 0, `op0` (Reshape): the shape [18446744073709551615, 18446744073709551615, 4] is not one for 4 values; one to three dimensions beside the batch are understood",
    );
    let first = |operations| {
        let mut model = model(&[2, 2, 2], operations);
        model.channels_first = true;
        refused(&model)
    };
    assert_eq!(
        first(vec![c(|_| ()), Reshape(vec![4, 2, 1])]),
        "operator 1, `op1` (Reshape): it makes a map of 2×1×4 of one of 2×2×2, with channels first; write the model with channels last",
    );
    let one = c(|it| *it = Convolution { padding: Padding::Same, ..convolution(2, 1) });
    assert_eq!(
        first(vec![one, Reshape(vec![2, 2, 1])]),
        "operator 1, `op1` (Reshape): it sees values of one map as another, 2×1×2; write the model with channels last",
    );
}

#[test]
fn windows() {
    let of = |operation: Operation| of(&[4, 4, 2], vec![operation]);
    assert_eq!(
        of(c(|it| it.channels_in = 3)),
        "operator 0, `op0` (Convolution): the channels that it takes are 3, and what comes in is a map of 4×4×2; the file contradicts itself: write it again",
    );
    assert_eq!(
        of(c(|it| it.kernel = [0, 3])),
        "operator 0, `op0` (Convolution): its kernel of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(c(|it| it.stride = [1, 70_000])),
        "operator 0, `op0` (Convolution): its stride of 70000 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(c(|it| it.dilation = [0, 1])),
        "operator 0, `op0` (Convolution): its dilation of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(c(|it| (it.kernel, it.padding) = ([5, 3], Padding::Valid))),
        "operator 0, `op0` (Convolution): its kernel of 5 is longer than the map of 4; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [3, 0], after: [0, 0] };
    assert_eq!(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): the padding of its height is 3, expected 0 to 2; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [0, 0], after: [0, 3] };
    assert_eq!(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): the last position of its width is 4, expected 0 to 3; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [usize::MAX, 0], after: [usize::MAX, 0] };
    assert_eq!(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): its padded map of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(Maximum(p(|it| it.kernel = [5, 5]))),
        "operator 0, `op0` (Maximum): its kernel of 5 is longer than the map of 4; make the model with a layer that fits",
    );
    assert_eq!(
        of(Average(p(|it| {
            (it.padding, it.counts_padding, it.stride) = (Padding::Same, true, [3; 2])
        }))),
        "operator 0, `op0` (Average): its mean counts the padding as zeros; here a mean is that of what lies in the map: pool without padding",
    );
    assert_eq!(
        of(Upsampling([0, 1])),
        "operator 0, `op0` (Upsampling): its output of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(Upsampling([1, usize::MAX])),
        "operator 0, `op0` (Upsampling): its output of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(Upsampling([100, 100])),
        "operator 0, `op0` (Upsampling): a width is 320000, expected 1 to 65535; make the model with a layer that fits",
    );
    assert_eq!(
        of(Depthwise(depthwise(2, 0))),
        "operator 0, `op0` (Depthwise): its number of channels of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    let mut wide = depthwise(2, 1);
    wide.multiplier = usize::MAX;
    assert_eq!(
        of(Depthwise(wide)),
        "operator 0, `op0` (Depthwise): its number of channels of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
}

#[test]
fn transposed_convolutions() {
    let of = |operation: Operation| of(&[4, 4, 2], vec![operation]);
    assert_eq!(
        of(t(|it| it.padding = Padding::Explicit { before: [4, 0], after: [4, 0] })),
        "operator 0, `op0` (Transposed): its padding cuts off all of the 8 outputs that it reaches; make the model with a layer that fits",
    );
    assert_eq!(
        of(t(|it| it.padding = Padding::Explicit { before: [2, 0], after: [0, 0] })),
        "operator 0, `op0` (Transposed): 2 outputs are cut off, more than a kernel of 2 reaches; make the model with a layer that fits",
    );
    assert_eq!(
        of(t(|it| it.padding = Padding::Explicit { before: [usize::MAX, 0], after: [1, 0] })),
        "operator 0, `op0` (Transposed): its padding cuts off all of the 8 outputs that it reaches; make the model with a layer that fits",
    );
    assert_eq!(
        of(t(|it| it.output_padding = [0, usize::MAX])),
        "operator 0, `op0` (Transposed): its output of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(t(|it| it.stride = [1, 0])),
        "operator 0, `op0` (Transposed): its stride of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    assert_eq!(
        of(t(|it| it.channels_in = 1)),
        "operator 0, `op0` (Transposed): the channels that it takes are 1, and what comes in is a map of 4×4×2; the file contradicts itself: write it again",
    );
}
