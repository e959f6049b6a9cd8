//! What cannot be lowered is refused by a text that says where, why, and what can be done.

mod common;

use ae_import::Operation::{
    Average, ChannelsFirst, ChannelsLast, Depthwise, Function, GlobalAverage, Identity, Maximum,
    Reshape, Upsampling,
};
use ae_import::{
    Codes, Convolution, Division, Making, Numbers, Operation, Padding, PixelMap, Pool, SourceModel,
    Transposed,
};
use common::made::{self, MAKING};
use common::parts::{
    CODES, affine, convolution, dense, depthwise, model, of_integers, pool, transposed,
};

/// What is said of a model that is not lowered, or of which no blob is made.
fn refused(model: &SourceModel) -> String {
    let made = match model.input.codes {
        Some(_) => made::integers(model)
            .and_then(|integers| integers.blob(&MAKING).map_err(|error| error.to_string())),
        None => made::real(model).and_then(|real| made::float(&real, &[PixelMap::PLAIN])),
    };
    made.expect_err("a refusal")
}

fn of(shape: &[usize], operations: Vec<Operation>) -> String {
    refused(&model(shape, operations))
}

fn d(inputs: usize, outputs: usize) -> Operation {
    Operation::Dense(dense(inputs, outputs))
}

fn c(change: impl Fn(&mut Convolution)) -> Operation {
    let mut it = convolution(2, 2);
    change(&mut it);
    Operation::Convolution(it)
}

fn t(change: impl Fn(&mut Transposed)) -> Operation {
    let mut it = transposed(2, 2);
    change(&mut it);
    Operation::Transposed(it)
}

fn p(change: impl Fn(&mut Pool)) -> Pool {
    let mut it = pool();
    change(&mut it);
    it
}

#[track_caller]
fn says(found: String, expected: &str) {
    assert_eq!(found, expected);
}

#[test]
fn sizes_at_both_ends() {
    says(
        of(&[], vec![GlobalAverage]),
        "the input has the shape [] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    says(
        of(&[2, 3, 4, 5], vec![d(120, 2)]),
        "the input has the shape [2, 3, 4, 5] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    says(
        of(&[0], vec![d(0, 2)]),
        "the input has the shape [0] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    says(
        of(&[256, 256], vec![d(65_536, 2)]),
        "the input has the shape [256, 256] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    says(
        of(&[usize::MAX, usize::MAX], vec![Identity]),
        "the input has the shape [18446744073709551615, 18446744073709551615] beside the batch; one to three dimensions are understood, with at most 65,535 values: write the model with a fixed shape of its input",
    );
    says(
        of(&[4], vec![d(4, 2), d(2, 3)]),
        "this is no autoencoder: what goes in is 4 values, and what comes out is 3 values; an autoencoder's output has the size of its input",
    );
    says(
        of(&[4], vec![d(4, 4)]),
        "encoder and decoder need a layer each, and the number of layers is 1; import a model with a latent between two layers",
    );
    says(
        of(&[4], vec![]),
        "encoder and decoder need a layer each, and the number of layers is 0; import a model with a latent between two layers",
    );
    let mut first = model(&[2, 2, 2], vec![c(|_| ()), ChannelsLast, c(|_| ())]);
    first.channels_first = true;
    says(
        refused(&first),
        "the values that come out stand in another order than those that go in; let input and output have the same shape",
    );
}

#[test]
fn shapes_between_operators() {
    says(
        of(&[4], vec![d(5, 2), d(2, 4)]),
        "operator 0, `op0` (Dense): it takes 5 values, and what comes in is 4 values; the file contradicts itself: write it again",
    );
    says(
        of(&[4], vec![d(4, 2), c(|_| ())]),
        "operator 1, `op1` (Convolution): it works over a map, and 2 values come in; the file contradicts itself: write it again",
    );
    says(
        of(&[4], vec![ChannelsFirst]),
        "operator 0, `op0` (ChannelsFirst): it works over a map, and 4 values come in; the file contradicts itself: write it again",
    );
    says(
        of(&[4], vec![d(4, 0), d(0, 4)]),
        "operator 0, `op0` (Dense): a width is 0, expected 1 to 65535; the file contradicts itself: write it again",
    );
    says(
        of(&[4], vec![d(4, 8), Reshape(vec![3, 3])]),
        "operator 1, `op1` (Reshape): the shape [3, 3] is not one for 8 values; one to three dimensions beside the batch are understood",
    );
    says(
        of(&[4], vec![Reshape(vec![usize::MAX, usize::MAX, 4])]),
        "operator 0, `op0` (Reshape): the shape [18446744073709551615, 18446744073709551615, 4] is not one for 4 values; one to three dimensions beside the batch are understood",
    );
    let first = |operations| {
        let mut model = model(&[2, 2, 2], operations);
        model.channels_first = true;
        refused(&model)
    };
    says(
        first(vec![c(|_| ()), Reshape(vec![4, 2, 1])]),
        "operator 1, `op1` (Reshape): it makes a map of 2×1×4 of one of 2×2×2, with channels first; write the model with channels last",
    );
    let one = c(|it| *it = Convolution { padding: Padding::Same, ..convolution(2, 1) });
    says(
        first(vec![one, Reshape(vec![2, 2, 1])]),
        "operator 1, `op1` (Reshape): it sees values of one map as another, 2×1×2; write the model with channels last",
    );
}

#[test]
fn windows() {
    let of = |operation: Operation| of(&[4, 4, 2], vec![operation]);
    says(
        of(c(|it| it.channels_in = 3)),
        "operator 0, `op0` (Convolution): the channels that it takes are 3, and what comes in is a map of 4×4×2; the file contradicts itself: write it again",
    );
    says(
        of(c(|it| it.kernel = [0, 3])),
        "operator 0, `op0` (Convolution): its kernel of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(c(|it| it.stride = [1, 70_000])),
        "operator 0, `op0` (Convolution): its stride of 70000 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(c(|it| it.dilation = [0, 1])),
        "operator 0, `op0` (Convolution): its dilation of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(c(|it| (it.kernel, it.padding) = ([5, 3], Padding::Valid))),
        "operator 0, `op0` (Convolution): its kernel of 5 is longer than the map of 4; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [3, 0], after: [0, 0] };
    says(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): the padding of its height is 3, expected 0 to 2; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [0, 0], after: [0, 3] };
    says(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): the last position of its width is 4, expected 0 to 3; make the model with a layer that fits",
    );
    let beyond = Padding::Explicit { before: [usize::MAX, 0], after: [usize::MAX, 0] };
    says(
        of(c(|it| it.padding = beyond)),
        "operator 0, `op0` (Convolution): its padded map of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(Maximum(p(|it| it.kernel = [5, 5]))),
        "operator 0, `op0` (Maximum): its kernel of 5 is longer than the map of 4; make the model with a layer that fits",
    );
    says(
        of(Average(p(|it| {
            (it.padding, it.counts_padding, it.stride) = (Padding::Same, true, [3; 2])
        }))),
        "operator 0, `op0` (Average): its mean counts the padding as zeros; here a mean is that of what lies in the map: pool without padding",
    );
    says(
        of(Upsampling([0, 1])),
        "operator 0, `op0` (Upsampling): its output of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(Upsampling([1, usize::MAX])),
        "operator 0, `op0` (Upsampling): its output of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(Upsampling([100, 100])),
        "operator 0, `op0` (Upsampling): a width is 320000, expected 1 to 65535; make the model with a layer that fits",
    );
    says(
        of(Depthwise(depthwise(2, 0))),
        "operator 0, `op0` (Depthwise): its number of channels of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    let mut wide = depthwise(2, 1);
    wide.multiplier = usize::MAX;
    says(
        of(Depthwise(wide)),
        "operator 0, `op0` (Depthwise): its number of channels of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
}

#[test]
fn transposed_convolutions() {
    let of = |operation: Operation| of(&[4, 4, 2], vec![operation]);
    says(
        of(t(|it| it.padding = Padding::Explicit { before: [4, 0], after: [4, 0] })),
        "operator 0, `op0` (Transposed): its padding cuts off all of the 8 outputs that it reaches; make the model with a layer that fits",
    );
    says(
        of(t(|it| it.padding = Padding::Explicit { before: [2, 0], after: [0, 0] })),
        "operator 0, `op0` (Transposed): 2 outputs are cut off, more than a kernel of 2 reaches; make the model with a layer that fits",
    );
    says(
        of(t(|it| it.padding = Padding::Explicit { before: [usize::MAX, 0], after: [1, 0] })),
        "operator 0, `op0` (Transposed): its padding cuts off all of the 8 outputs that it reaches; make the model with a layer that fits",
    );
    says(
        of(t(|it| it.output_padding = [0, usize::MAX])),
        "operator 0, `op0` (Transposed): its output of 18446744073709551615 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(t(|it| it.stride = [1, 0])),
        "operator 0, `op0` (Transposed): its stride of 0 is not 1 to 65,535; make the model with a layer that fits",
    );
    says(
        of(t(|it| it.channels_in = 1)),
        "operator 0, `op0` (Transposed): the channels that it takes are 1, and what comes in is a map of 4×4×2; the file contradicts itself: write it again",
    );
}

#[test]
fn numbers_of_layers() {
    let with = |change: &dyn Fn(&mut Vec<f32>, &mut Vec<f32>)| {
        let mut layer = dense(4, 4);
        if let Numbers::Real { weights, bias } = &mut layer.numbers {
            change(weights, bias);
        }
        of(&[4], vec![Operation::Dense(layer), d(4, 4)])
    };
    says(
        with(&|weights, _| weights.truncate(15)),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 15; the file contradicts itself: write it again",
    );
    says(
        with(&|weights, _| weights.clear()),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 0; the file contradicts itself: write it again",
    );
    says(
        with(&|weights, _| weights.push(0.0)),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 17; the file contradicts itself: write it again",
    );
    says(
        with(&|_, bias| bias.truncate(1)),
        "operator 0, `op0` (Dense): its sizes ask for 4 biases, and it has 1; the file contradicts itself: write it again",
    );
    says(
        with(&|weights, _| weights[3] = f32::NAN),
        "operator 0, `op0` (Dense): one of its numbers is not finite; train the model again",
    );
    says(
        with(&|_, bias| bias[3] = f32::INFINITY),
        "operator 0, `op0` (Dense): one of its numbers is not finite; train the model again",
    );
    says(
        of(&[4], vec![affine(&[], &[]), d(4, 4)]),
        "operator 0, `op0` (Affine): it has 0 numbers, and what comes in is 4 values; a number for all values, or one for each channel, is understood",
    );
    says(
        of(&[4], vec![affine(&[1.0; 3], &[0.0]), d(4, 4)]),
        "operator 0, `op0` (Affine): it has 3 numbers, and what comes in is 4 values; a number for all values, or one for each channel, is understood",
    );
    says(
        of(&[4], vec![affine(&[1.0], &[f32::NAN]), d(4, 4)]),
        "operator 0, `op0` (Affine): one of its numbers is not finite; train the model again",
    );
    let slope = ae_import::Function::LeakyRelu(f32::NAN);
    says(
        of(&[4], vec![d(4, 4), Function(slope)]),
        "operator 1, `op1` (Function): one of its numbers is not finite; train the model again",
    );
    // Numbers that are finite, and no longer so when they are put together.
    says(
        of(&[4], vec![affine(&[3e38], &[0.0]), d(4, 4), affine(&[3e38], &[0.0]), d(4, 4)]),
        "with what is folded into layer 0 its numbers are beyond those of an f32; make the model with smaller numbers",
    );
}

#[test]
fn sizes_of_blobs() {
    let many = |count: usize| (0..count).map(|_| d(1, 1)).collect::<Vec<_>>();
    says(
        of(&[1], many(65)),
        "operator 64, `op64` (Dense): 64 layers come before it, and a blob has at most 64; make the model with fewer layers",
    );
    says(
        of(&[1], many(40)),
        "the decoder has 39 layers, and a part of a blob has at most 32; let the encoder end with another layer, or make the model with fewer layers",
    );
    let mut integers = of_integers(&[1], many(40));
    says(
        refused(&integers),
        "the decoder has 39 layers, and a part of a blob has at most 32; let the encoder end with another layer, or make the model with fewer layers",
    );
    integers = of_integers(&[1], many(65));
    says(
        refused(&integers),
        "operator 64, `op64` (Dense): 64 layers come before it, and a blob has at most 64; make the model with fewer layers",
    );
    // A few weights, and many zeros between them.
    let mut wide = depthwise(1000, 2);
    (wide.kernel, wide.numbers) =
        ([1; 2], Numbers::Real { weights: vec![1.0; 2000], bias: vec![0.0; 2000] });
    says(
        of(&[1, 1000], vec![Depthwise(wide)]),
        "operator 0, `op0` (Depthwise): with it 2000 weights of the file take 2000000 in a blob, most of them 0; make the model with a layer that fits",
    );
    let large = Convolution {
        numbers: Numbers::Real { weights: vec![0.0; 127 * 127 * 4], bias: vec![0.0; 2] },
        kernel: [127; 2],
        ..convolution(2, 2)
    };
    says(
        of(&[180, 180, 2], vec![Operation::Convolution(large)]),
        "operator 0, `op0` (Convolution): it makes 2090318400 products, expected at most 1073741824; make the model with a layer that fits",
    );
}

#[test]
fn integers() {
    let with = |change: &dyn Fn(&mut SourceModel)| {
        let mut model = of_integers(&[4], vec![d(4, 4), d(4, 4)]);
        change(&mut model);
        refused(&model)
    };
    let numbers = |change: &dyn Fn(&mut Vec<i8>, &mut Vec<f32>, &mut Vec<i32>)| {
        with(&|model| {
            if let Operation::Dense(ae_import::Dense {
                numbers: Numbers::Integers { weights, scales, bias },
                ..
            }) = &mut model.operators[1].operation
            {
                change(weights, scales, bias);
            }
        })
    };
    says(
        numbers(&|weights, _, _| weights[6] = -128),
        "operator 1, `op1` (Dense): output 1 has a weight of −128, and the least here is −127; import the float model that it was made from, and have it quantised here",
    );
    says(
        numbers(&|weights, _, _| weights.truncate(3)),
        "operator 1, `op1` (Dense): its sizes ask for 16 weights, and it has 3; the file contradicts itself: write it again",
    );
    says(
        numbers(&|_, scales, _| scales.clear()),
        "operator 1, `op1` (Dense): it has 0 scales, expected 1 or 4, one for each output; the file contradicts itself: write it again",
    );
    says(
        numbers(&|_, scales, _| *scales = vec![1.0; 3]),
        "operator 1, `op1` (Dense): it has 3 scales, expected 1 or 4, one for each output; the file contradicts itself: write it again",
    );
    says(
        numbers(&|_, scales, _| scales[0] = f32::NAN),
        "operator 1, `op1` (Dense): one of its scales is NaN, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    says(
        numbers(&|_, scales, _| scales[0] = -1.0),
        "operator 1, `op1` (Dense): one of its scales is -1, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    says(
        numbers(&|_, scales, _| scales[0] = 0.25),
        "operator 1, `op1` (Dense): output 0 multiplies its sum by 0.25, and here a factor is below 0.25; import the float model that it was made from, and have it quantised here",
    );
    says(
        numbers(&|_, scales, _| scales[0] = f32::MAX),
        "operator 1, `op1` (Dense): output 0 multiplies its sum by 340282346638528860000000000000000000000, and here a factor is below 0.25; import the float model that it was made from, and have it quantised here",
    );
    says(
        numbers(&|_, _, bias| bias[2] = i32::MAX),
        "operator 1, `op1` (Dense): the sum of output 2 can leave 32 bits; import the float model that it was made from, and have it quantised here",
    );
    says(
        numbers(&|_, _, bias| bias[2] = i32::MIN),
        "operator 1, `op1` (Dense): the sum of output 2 can leave 32 bits; import the float model that it was made from, and have it quantised here",
    );
    let scale = |scale: f32| Some(Codes { scale, zero_point: 0 });
    says(
        with(&|model| model.input.codes = scale(f32::INFINITY)),
        "what goes into the model has a scale of inf, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    says(
        with(&|model| model.operators[0].codes = scale(0.0)),
        "operator 0, `op0` (Dense): what it gives has a scale of 0, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    says(
        with(&|model| model.operators[0].codes = None),
        "operator 0, `op0` (Dense): the file does not say what its integers stand for; import the float model that it was made from, and have it quantised here",
    );
    says(
        with(&|model| model.operators[0].operation = d(4, 4)),
        "operator 0, `op0` (Dense): its weights are real numbers among integers; import the float model that it was made from, and have it quantised here",
    );
    says(
        with(&|model| model.input.codes = None),
        "operator 0, `op0` (Dense): its weights are integers among real numbers; write the model in one arithmetic",
    );
    let function = || Function(ae_import::Function::Relu);
    says(
        refused(&of_integers(&[4], vec![function(), d(4, 4)])),
        "operator 0, `op0` (Function): it changes the integers before the first layer; import the float model that it was made from, and have it quantised here",
    );
    says(
        refused(&of_integers(&[4], vec![d(4, 4), affine(&[2.0], &[0.0])])),
        "operator 1, `op1` (Affine): it adds or multiplies integers outside a layer; import the float model that it was made from, and have it quantised here",
    );
    let mut recoded = of_integers(&[4], vec![Identity, d(4, 4)]);
    recoded.operators[0].codes = Some(Codes { scale: 0.25, ..CODES });
    says(
        refused(&recoded),
        "operator 0, `op0` (Identity): it changes the integers before the first layer; import the float model that it was made from, and have it quantised here",
    );
    let mut reshaped = of_integers(&[4], vec![d(4, 4), Reshape(vec![2, 2])]);
    reshaped.operators[1].codes = Some(Codes { scale: 0.25, ..CODES });
    says(
        refused(&reshaped),
        "operator 1, `op1` (Reshape): it changes what the integers stand for, and not only their shape; the file contradicts itself: write it again",
    );
}

#[test]
fn places_to_divide() {
    let names = vec![d(4, 2), Identity, d(2, 4)];
    let real = made::real(&model(&[4], names.clone())).unwrap();
    let integers = made::integers(&of_integers(&[4], names)).unwrap();
    let real = |operator| {
        real.network(&[PixelMap::PLAIN], Division::Behind(operator)).map(|_| ()).unwrap_err()
    };
    let integers = |operator| {
        let division = Division::Behind(operator);
        integers.blob(&Making { division, ..MAKING }).map(|_| ()).unwrap_err()
    };
    says(
        real(2).to_string(),
        "the encoder cannot end with operator 2: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    says(
        real(1).to_string(),
        "the encoder cannot end with operator 1: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    says(
        real(7).to_string(),
        "the encoder cannot end with operator 7: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    says(
        integers(2).to_string(),
        "the encoder cannot end with operator 2: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
}

#[test]
fn data_and_pixels() {
    let real = made::real(&model(&[4], vec![d(4, 2), d(2, 4)])).unwrap();
    let maps = |data: &[f32]| real.pixel_maps(data).map(|_| ()).unwrap_err().to_string();
    says(maps(&[]), "the data has 0 values, no multiple of 4; give inputs of the model's own size");
    says(
        maps(&[1.0; 6]),
        "the data has 6 values, no multiple of 4; give inputs of the model's own size",
    );
    says(
        maps(&[0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0]),
        "value 1 of sample 1 of the data is NaN; leave out samples with numbers that are not finite",
    );
    let network = |count: usize| {
        let maps = vec![PixelMap { scale: 0.5, offset: 0.0 }; count];
        real.network(&maps, MAKING.division).map(|_| ()).unwrap_err().to_string()
    };
    says(
        network(0),
        "there are 0 maps of pixels for 4 values; give one for all values, or one for each channel or value",
    );
    says(
        network(3),
        "there are 3 maps of pixels for 4 values; give one for all values, or one for each channel or value",
    );
}
