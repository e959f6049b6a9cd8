//! Files that Keras wrote.

use ae_import::{Function, Numbers, Operation, Padding, Pool, SourceFormat, Value};

use super::pattern::{
    Window, affine, batch_normalization, convolution, depthwise, function, keras_dense, number,
    transposed, variance, window,
};
use super::{assert_operators, read_file, refusal};

fn value(name: &str, shape: &[usize]) -> Value {
    Value { name: name.to_owned(), shape: shape.to_vec(), codes: None }
}

/// An encoder and a decoder inside a model, in both formats.
#[test]
fn models_inside_a_model_are_opened() {
    let operators = [
        ("encoder/dense", "Dense", keras_dense([6, 4], 0, Some(1))),
        ("encoder/dense", "Activation", function(Function::Relu)),
        (
            "encoder/batch_normalization",
            "BatchNormalization",
            batch_normalization(4, 0.001, Some(2), Some(3), 4),
        ),
        ("encoder/dropout", "Dropout", Operation::Identity),
        ("encoder/latent", "Dense", keras_dense([4, 2], 6, Some(7))),
        ("decoder/dense_1", "Dense", keras_dense([2, 4], 8, None)),
        ("decoder/leaky_re_lu", "LeakyReLU", function(Function::LeakyRelu(0.1))),
        ("decoder/dense_2", "Dense", keras_dense([4, 6], 9, Some(10))),
        ("decoder/dense_2", "Activation", function(Function::Sigmoid)),
    ];
    for (name, format) in
        [("dense.keras", SourceFormat::KerasArchive), ("dense.h5", SourceFormat::KerasHdf5)]
    {
        let model = read_file(name);
        assert_operators(&model.operators, &operators);
        assert_eq!((model.format, model.channels_first), (format, false));
        assert_eq!(model.input, value("window", &[6]));
        assert_eq!(model.output, value("decoder/dense_2", &[6]));
    }
}

/// The format is told by the content, so an HDF5 file may be called `.keras`, and may stand behind
/// other bytes.
#[test]
fn an_hdf5_file_may_begin_later() {
    let model = read_file("dense.h5");
    let mut bytes = vec![0; 512];
    bytes.extend(super::file("dense.h5"));
    // The superblock says where the file begins and ends: its base address is 512 bytes further.
    // An HDF5 file of version 0 has them at 24 and 40.
    for at in [24, 40] {
        let place = 512 + at..512 + at + 8;
        let address = u64::from_le_bytes(bytes[place.clone()].try_into().unwrap());
        bytes[place].copy_from_slice(&(address + 512).to_le_bytes());
    }
    assert_eq!(ae_import::read(&bytes, &Default::default()).unwrap(), model);
}

#[test]
fn files_of_keras_2_are_read() {
    let model = read_file("keras2.h5");
    let operators = [
        ("dense", "Dense", keras_dense([4, 2], 0, Some(1))),
        ("dense", "Activation", function(Function::Relu6)),
        ("bn", "BatchNormalization", batch_normalization(2, 0.001, Some(2), Some(3), 4)),
        ("leaky", "LeakyReLU", function(Function::LeakyRelu(0.3))),
        ("decoder/dense_1", "Dense", keras_dense([2, 3], 6, Some(7))),
        ("decoder/dense_1", "Activation", function(Function::Relu)),
        ("decoder/dense_2", "Dense", keras_dense([3, 4], 8, Some(9))),
    ];
    assert_operators(&model.operators, &operators);
    assert_eq!(model.input, value("input_1", &[4]));
    assert_eq!(model.output, value("decoder/dense_2", &[4]));
}

fn pool(kernel: [usize; 2], stride: [usize; 2]) -> Pool {
    Pool { kernel, stride, padding: Padding::Same, counts_padding: false }
}

#[test]
fn layers_over_maps_are_read() {
    let same = |kernel| Window { padding: Padding::Same, ..window(kernel) };
    let strided = |kernel, stride, padding| Window { stride, padding, ..window(kernel) };
    let zeros = Padding::Explicit { before: [1, 2], after: [0, 1] };
    let cut = Padding::Explicit { before: [0, 0], after: [1, 1] };
    let apart = Window { dilation: [2, 2], ..same([2, 2]) };
    let model = read_file("maps.keras");
    let operators = [
        ("rescaling", "Rescaling", affine([(0.5, 0.25), (0.5, -0.25)].into_iter())),
        (
            "conv2d",
            "ZeroPadding2D + Conv2D",
            convolution(strided([2, 3], [2, 2], zeros), [2, 3], 0, Some(1)),
        ),
        ("conv2d", "Activation", function(Function::Relu6)),
        (
            "batch_normalization_1",
            "BatchNormalization",
            batch_normalization(3, 0.25, None, Some(2), 3),
        ),
        ("re_lu", "ReLU", function(Function::Relu6)),
        ("gaussian_noise", "GaussianNoise", Operation::Identity),
        ("depthwise_conv2d", "DepthwiseConv2D", depthwise(same([3, 3]), 3, 2, 5, Some(6))),
        ("depthwise_conv2d", "Activation", function(Function::Silu)),
        ("spatial_dropout2d", "SpatialDropout2D", Operation::Identity),
        ("max_pooling2d", "MaxPooling2D", Operation::Maximum(pool([2, 2], [1, 1]))),
        ("average_pooling2d", "AveragePooling2D", Operation::Average(pool([2, 1], [2, 1]))),
        ("separable_conv2d/depthwise", "SeparableConv2D", depthwise(same([2, 2]), 6, 2, 7, None)),
        (
            "separable_conv2d/pointwise",
            "SeparableConv2D",
            convolution(window([1, 1]), [12, 3], 8, Some(9)),
        ),
        ("separable_conv2d", "Activation", function(Function::Elu(1.0))),
        ("up_sampling2d", "UpSampling2D", Operation::Upsampling([2, 1])),
        ("conv2d_1", "Conv2D", convolution(apart, [3, 2], 10, None)),
        ("activation", "Activation", function(Function::Tanh)),
        (
            "conv2d_transpose",
            "Conv2DTranspose",
            transposed(strided([3, 3], [2, 2], Padding::Same), [0, 0], [2, 2], 11, Some(12)),
        ),
        ("conv2d_transpose", "Activation", function(Function::Softplus)),
        (
            // A stride beyond the kernel leaves places behind the last value that it gives as well.
            "conv2d_transpose_1",
            "Conv2DTranspose",
            transposed(strided([2, 1], [3, 2], Padding::Valid), [1, 1], [2, 1], 13, None),
        ),
        (
            "conv2d_transpose_2",
            "Conv2DTranspose",
            transposed(strided([3, 3], [2, 2], cut), [0, 0], [1, 2], 14, Some(15)),
        ),
        (
            "conv2d_transpose_3",
            "Conv2DTranspose",
            transposed(strided([4, 2], [2, 2], Padding::Valid), [1, 1], [2, 2], 16, Some(17)),
        ),
        ("elu", "ELU", function(Function::Elu(0.5))),
        ("dense_3", "Dense", convolution(window([1, 1]), [2, 3], 18, Some(19))),
        ("dense_3", "Activation", function(Function::Gelu)),
        ("global_average_pooling2d", "GlobalAveragePooling2D", Operation::GlobalAverage),
        ("global_average_pooling2d", "GlobalAveragePooling2D", Operation::Reshape(vec![3])),
        ("dense_4", "Dense", keras_dense([3, 4], 20, Some(21))),
        ("dense_4", "Activation", function(Function::LeakyRelu(0.25))),
        ("reshape", "Reshape", Operation::Reshape(vec![2, 2])),
        ("flatten", "Flatten", Operation::Reshape(vec![4])),
    ];
    assert_operators(&model.operators, &operators);
    assert_eq!(model.input, value("input_layer", &[9, 8, 2]));
    assert_eq!(model.output, value("flatten", &[4]));
}

#[test]
fn layers_over_signals_are_read() {
    let same = |taps| Window { padding: Padding::Same, ..window([1, taps]) };
    let zeros = Padding::Explicit { before: [0, 1], after: [0, 2] };
    let model = read_file("signal.keras");
    let normalization = affine((0..2).map(|i| {
        let deviation = variance(1, i).sqrt();
        (1.0 / deviation, -number(0, i) / deviation)
    }));
    let operators = [
        ("normalization", "Normalization", normalization),
        (
            "conv1d",
            "ZeroPadding1D + Conv1D",
            convolution(
                Window { stride: [1, 2], padding: zeros, ..window([1, 3]) },
                [2, 3],
                3,
                Some(4),
            ),
        ),
        ("conv1d", "Activation", function(Function::LeakyRelu(0.2))),
        (
            "batch_normalization_2",
            "BatchNormalization",
            batch_normalization(3, 0.001, Some(5), None, 6),
        ),
        ("spatial_dropout1d", "SpatialDropout1D", Operation::Identity),
        ("depthwise_conv1d", "DepthwiseConv1D", depthwise(same(2), 3, 2, 8, None)),
        ("separable_conv1d/depthwise", "SeparableConv1D", depthwise(same(3), 6, 1, 9, None)),
        (
            "separable_conv1d/pointwise",
            "SeparableConv1D",
            convolution(window([1, 1]), [6, 2], 10, None),
        ),
        ("max_pooling1d", "MaxPooling1D", Operation::Maximum(pool([1, 2], [1, 2]))),
        ("average_pooling1d", "AveragePooling1D", Operation::Average(pool([1, 2], [1, 1]))),
        ("up_sampling1d", "UpSampling1D", Operation::Upsampling([1, 3])),
        (
            "conv1d_transpose",
            "Conv1DTranspose",
            transposed(Window { stride: [1, 2], ..same(4) }, [0, 0], [2, 2], 11, Some(12)),
        ),
        ("dense_5", "Dense", convolution(window([1, 1]), [2, 2], 13, Some(14))),
        ("dense_5", "Activation", function(Function::Tanh)),
        ("activity_regularization", "ActivityRegularization", Operation::Identity),
        ("global_average_pooling1d", "GlobalAveragePooling1D", Operation::GlobalAverage),
        ("normalization_1", "Normalization", affine([(0.5, -0.25)].into_iter())),
        ("flatten_1", "Flatten", Operation::Reshape(vec![2])),
    ];
    assert_operators(&model.operators, &operators);
    assert_eq!(model.input, value("input_layer_1", &[12, 2]));
    assert_eq!(model.output, value("flatten_1", &[2]));
}

/// The pattern's numbers are the same in every width.
#[test]
fn numbers_of_half_the_width_are_widened() {
    for name in ["float16.keras", "bfloat16.keras"] {
        let model = read_file(name);
        let dense: Vec<&Operation> =
            model.operators.iter().map(|operator| &operator.operation).collect();
        let expected = [
            keras_dense([3, 2], 0, Some(1)),
            function(Function::Relu),
            keras_dense([2, 3], 2, Some(3)),
        ];
        assert_eq!(dense, expected.iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn weights_without_a_model_are_refused() {
    let expected = "the file holds a Keras model's weights, without the model; write model and \
                    weights with `model.save(\"model.keras\")`";
    assert_eq!(refusal(&super::file("refused_alone.weights.h5")), expected);
}

/// The tests compare: another number in a weight is a difference.
#[test]
fn a_number_that_differs_is_noticed() {
    let model = read_file("dense.keras");
    let Operation::Dense(mut dense) = model.operators[0].operation.clone() else { panic!() };
    let Numbers::Real { weights, .. } = &mut dense.numbers else { panic!() };
    weights[23] += f32::EPSILON;
    assert_ne!(Operation::Dense(dense), keras_dense([6, 4], 0, Some(1)));
}
