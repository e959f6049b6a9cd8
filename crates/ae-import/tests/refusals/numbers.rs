//! Numbers of layers, sizes of blobs, and what pixels stand for.

use ae_import::Operation::{Depthwise, Function, Identity};
use ae_import::{Convolution, Division, Making, Numbers, Operation, PixelMap};

use crate::common::made::{self, MAKING};
use crate::common::parts::{affine, convolution, dense, depthwise, model, of_integers};
use crate::{d, of, refused};

#[test]
fn numbers_of_layers() {
    let with = |change: &dyn Fn(&mut Vec<f32>, &mut Vec<f32>)| {
        let mut layer = dense(4, 4);
        if let Numbers::Real { weights, bias } = &mut layer.numbers {
            change(weights, bias);
        }
        of(&[4], vec![Operation::Dense(layer), d(4, 4)])
    };
    assert_eq!(
        with(&|weights, _| weights.truncate(15)),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 15; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|weights, _| weights.clear()),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 0; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|weights, _| weights.push(0.0)),
        "operator 0, `op0` (Dense): its sizes ask for 16 weights, and it has 17; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|_, bias| bias.truncate(1)),
        "operator 0, `op0` (Dense): its sizes ask for 4 biases, and it has 1; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|weights, _| weights[3] = f32::NAN),
        "operator 0, `op0` (Dense): one of its numbers is not finite; train the model again",
    );
    assert_eq!(
        with(&|_, bias| bias[3] = f32::INFINITY),
        "operator 0, `op0` (Dense): one of its numbers is not finite; train the model again",
    );
    assert_eq!(
        of(&[4], vec![affine(&[], &[]), d(4, 4)]),
        "operator 0, `op0` (Affine): it has 0 numbers, and what comes in is 4 values; a number for all values, or one for each channel, is understood",
    );
    assert_eq!(
        of(&[4], vec![affine(&[1.0; 3], &[0.0]), d(4, 4)]),
        "operator 0, `op0` (Affine): it has 3 numbers, and what comes in is 4 values; a number for all values, or one for each channel, is understood",
    );
    assert_eq!(
        of(&[4], vec![affine(&[1.0], &[f32::NAN]), d(4, 4)]),
        "operator 0, `op0` (Affine): one of its numbers is not finite; train the model again",
    );
    let slope = ae_import::Function::LeakyRelu(f32::NAN);
    assert_eq!(
        of(&[4], vec![d(4, 4), Function(slope)]),
        "operator 1, `op1` (Function): one of its numbers is not finite; train the model again",
    );
    // Numbers that are finite, and no longer so when they are put together.
    assert_eq!(
        of(&[4], vec![affine(&[3e38], &[0.0]), d(4, 4), affine(&[3e38], &[0.0]), d(4, 4)]),
        "with what is folded into layer 0 its numbers are beyond those of an f32; make the model with smaller numbers",
    );
}

#[test]
fn sizes_of_blobs() {
    let many = |count: usize| (0..count).map(|_| d(1, 1)).collect::<Vec<_>>();
    assert_eq!(
        of(&[1], many(65)),
        "operator 64, `op64` (Dense): 64 layers come before it, and a blob has at most 64; make the model with fewer layers",
    );
    assert_eq!(
        of(&[1], many(40)),
        "the decoder has 39 layers, and a part of a blob has at most 32; let the encoder end with another layer, or make the model with fewer layers",
    );
    let mut integers = of_integers(&[1], many(40));
    assert_eq!(
        refused(&integers),
        "the decoder has 39 layers, and a part of a blob has at most 32; let the encoder end with another layer, or make the model with fewer layers",
    );
    integers = of_integers(&[1], many(65));
    assert_eq!(
        refused(&integers),
        "operator 64, `op64` (Dense): 64 layers come before it, and a blob has at most 64; make the model with fewer layers",
    );
    // A few weights, and many zeros between them.
    let mut wide = depthwise(1000, 2);
    (wide.kernel, wide.numbers) =
        ([1; 2], Numbers::Real { weights: vec![1.0; 2000], bias: vec![0.0; 2000] });
    assert_eq!(
        of(&[1, 1000], vec![Depthwise(wide)]),
        "operator 0, `op0` (Depthwise): with it 2000 weights of the file take 2000000 in a blob, most of them 0; make the model with a layer that fits",
    );
    let large = Convolution {
        numbers: Numbers::Real { weights: vec![0.0; 127 * 127 * 4], bias: vec![0.0; 2] },
        kernel: [127; 2],
        ..convolution(2, 2)
    };
    assert_eq!(
        of(&[180, 180, 2], vec![Operation::Convolution(large)]),
        "operator 0, `op0` (Convolution): it makes 2090318400 products, expected at most 1073741824; make the model with a layer that fits",
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
    assert_eq!(
        real(2).to_string(),
        "the encoder cannot end with operator 2: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    assert_eq!(
        real(1).to_string(),
        "the encoder cannot end with operator 1: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    assert_eq!(
        real(7).to_string(),
        "the encoder cannot end with operator 7: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
    assert_eq!(
        integers(2).to_string(),
        "the encoder cannot end with operator 2: no layer but the last ends there; name the operator of another layer for the end of the encoder",
    );
}

#[test]
fn data_and_pixels() {
    let real = made::real(&model(&[4], vec![d(4, 2), d(2, 4)])).unwrap();
    let maps = |data: &[f32]| real.pixel_maps(data).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        maps(&[]),
        "the data has 0 values, no multiple of 4; give inputs of the model's own size"
    );
    assert_eq!(
        maps(&[1.0; 6]),
        "the data has 6 values, no multiple of 4; give inputs of the model's own size",
    );
    assert_eq!(
        maps(&[0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0]),
        "value 1 of sample 1 of the data is NaN; leave out samples with numbers that are not finite",
    );
    let network = |count: usize| {
        let maps = vec![PixelMap { scale: 0.5, offset: 0.0 }; count];
        real.network(&maps, MAKING.division).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        network(0),
        "there are 0 maps of pixels for 4 values; give one for all values, or one for each channel or value",
    );
    assert_eq!(
        network(3),
        "there are 3 maps of pixels for 4 values; give one for all values, or one for each channel or value",
    );
}
