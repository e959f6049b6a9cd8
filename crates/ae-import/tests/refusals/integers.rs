//! Models of integers.

use ae_import::Operation::{Function, Identity, Reshape};
use ae_import::{Codes, Numbers, Operation, SourceModel};

use crate::common::parts::{CODES, affine, of_integers};
use crate::{d, refused};

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
    assert_eq!(
        numbers(&|weights, _, _| weights[6] = -128),
        "operator 1, `op1` (Dense): output 1 has a weight of −128, and the least here is −127; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        numbers(&|weights, _, _| weights.truncate(3)),
        "operator 1, `op1` (Dense): its sizes ask for 16 weights, and it has 3; the file contradicts itself: write it again",
    );
    assert_eq!(
        numbers(&|_, scales, _| scales.clear()),
        "operator 1, `op1` (Dense): it has 0 scales, expected 1 or 4, one for each output; the file contradicts itself: write it again",
    );
    assert_eq!(
        numbers(&|_, scales, _| *scales = vec![1.0; 3]),
        "operator 1, `op1` (Dense): it has 3 scales, expected 1 or 4, one for each output; the file contradicts itself: write it again",
    );
    assert_eq!(
        numbers(&|_, scales, _| scales[0] = f32::NAN),
        "operator 1, `op1` (Dense): one of its scales is NaN, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    assert_eq!(
        numbers(&|_, scales, _| scales[0] = -1.0),
        "operator 1, `op1` (Dense): one of its scales is -1, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    assert_eq!(
        numbers(&|_, scales, _| scales[0] = 0.25),
        "operator 1, `op1` (Dense): output 0 multiplies its sum by 0.25, and here a factor is below 0.25; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        numbers(&|_, scales, _| scales[0] = f32::MAX),
        "operator 1, `op1` (Dense): output 0 multiplies its sum by 340282346638528860000000000000000000000, and here a factor is below 0.25; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        numbers(&|_, _, bias| bias[2] = i32::MAX),
        "operator 1, `op1` (Dense): the sum of output 2 can leave 32 bits; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        numbers(&|_, _, bias| bias[2] = i32::MIN),
        "operator 1, `op1` (Dense): the sum of output 2 can leave 32 bits; import the float model that it was made from, and have it quantised here",
    );
    let scale = |scale: f32| Some(Codes { scale, zero_point: 0 });
    assert_eq!(
        with(&|model| model.input.codes = scale(f32::INFINITY)),
        "what goes into the model has a scale of inf, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|model| model.operators[0].codes = scale(0.0)),
        "operator 0, `op0` (Dense): what it gives has a scale of 0, and a scale is finite and above 0; the file contradicts itself: write it again",
    );
    assert_eq!(
        with(&|model| model.operators[0].codes = None),
        "operator 0, `op0` (Dense): the file does not say what its integers stand for; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        with(&|model| model.operators[0].operation = d(4, 4)),
        "operator 0, `op0` (Dense): its weights are real numbers among integers; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        with(&|model| model.input.codes = None),
        "operator 0, `op0` (Dense): its weights are integers among real numbers; write the model in one arithmetic",
    );
    let function = || Function(ae_import::Function::Relu);
    assert_eq!(
        refused(&of_integers(&[4], vec![function(), d(4, 4)])),
        "operator 0, `op0` (Function): it changes the integers before the first layer; import the float model that it was made from, and have it quantised here",
    );
    assert_eq!(
        refused(&of_integers(&[4], vec![d(4, 4), affine(&[2.0], &[0.0])])),
        "operator 1, `op1` (Affine): it adds or multiplies integers outside a layer; import the float model that it was made from, and have it quantised here",
    );
    let mut recoded = of_integers(&[4], vec![Identity, d(4, 4)]);
    recoded.operators[0].codes = Some(Codes { scale: 0.25, ..CODES });
    assert_eq!(
        refused(&recoded),
        "operator 0, `op0` (Identity): it changes the integers before the first layer; import the float model that it was made from, and have it quantised here",
    );
    let mut reshaped = of_integers(&[4], vec![d(4, 4), Reshape(vec![2, 2])]);
    reshaped.operators[1].codes = Some(Codes { scale: 0.25, ..CODES });
    assert_eq!(
        refused(&reshaped),
        "operator 1, `op1` (Reshape): it changes what the integers stand for, and not only their shape; the file contradicts itself: write it again",
    );
}
