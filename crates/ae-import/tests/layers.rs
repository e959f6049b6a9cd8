//! Every layer of a blob gives what the operator gives that it is called by, and a layer that does not is
//! found.

mod common;

use ae_data::npy::{Numbers, Values};
use ae_import::{
    AgreementError, LayerAgreement, LayerName, Making, OutputPixels, PixelMap, Runner, SourceModel,
};
use common::draw::Draw;
use common::forward::steps;
use common::integers::{model as integer_model, steps as integer_steps};
use common::made::{MAKING, float, integers, real, samples};
use common::models::{model, words};

/// Inputs of a model.
const SAMPLES: usize = 3;

/// Largest difference that may be: as that of whole models.
const TOLERANCE: f64 = 1e-5;

/// What an operator gives for all inputs, of what each gives for each of them.
fn outputs<T: Copy>(model: &SourceModel, steps: &[Vec<Vec<T>>], name: &str) -> Vec<T> {
    let operator = model.operators.iter().position(|operator| operator.name == name);
    let operator = operator.expect("a name of the file");
    steps.iter().flat_map(|of_sample| of_sample[operator].clone()).collect()
}

fn names(runner: &Runner<'_>) -> Vec<LayerName> {
    let names = runner.layers().unwrap();
    names.into_iter().filter(|name| name.is_in_file).collect()
}

#[test]
fn layers_of_real_numbers_are_those_of_the_file() {
    let (mut compared, mut all, mut found) = (0, 0, 0);
    for seed in 0..200 {
        let mut draw = Draw::new(seed);
        let model = model(&mut draw);
        let width: usize = model.input.shape.iter().product();
        let inputs = draw.units(SAMPLES * width, 2.0);
        let blob = float(&real(&model).unwrap(), &[PixelMap::PLAIN]).unwrap();
        let reals = |input: &[f32]| input.iter().copied().map(f64::from).collect::<Vec<f64>>();
        let steps: Vec<_> =
            inputs.chunks_exact(width).map(|input| steps(&model, &reals(input))).collect();
        let runner = Runner::new(&blob).unwrap();
        let given = samples(inputs, width);
        all += runner.layers().unwrap().len();
        for LayerName { layer, name, .. } in names(&runner) {
            let wanted: Vec<f32> =
                outputs(&model, &steps, &name).into_iter().map(|it| it as f32).collect();
            let compare = |wanted: Vec<f32>| {
                let wanted = samples(wanted.clone(), wanted.len() / SAMPLES);
                match runner.compare_layer(layer, &given, &wanted).unwrap() {
                    LayerAgreement::Real(difference) => difference,
                    other => panic!("{other:?}"),
                }
            };
            let text = || format!("seed {seed}, layer {layer}, {name}: {}", words(&model));
            let difference = compare(wanted.clone());
            assert_eq!(difference.values, wanted.len());
            let least = difference.largest.min(difference.relative * 10.0);
            assert!(least <= TOLERANCE, "{difference:?}, {}", text());
            compared += 1;
            // A value that is another, and one in the place of the next, are seen.
            let mut off = wanted.clone();
            off[wanted.len() / 2] += wanted.iter().fold(0.1, |most: f32, it| most.max(it.abs()));
            assert!(compare(off).largest > 0.01, "{}", text());
            let mut turned = wanted.clone();
            turned.rotate_left(1);
            found += usize::from(compare(turned).largest > 0.01);
        }
    }
    // Most layers are in the file, and hardly one gives the same number everywhere.
    assert!(compared > all * 3 / 4, "{compared} of {all}");
    assert!(found > compared * 3 / 4, "{found} of {compared}");
}

#[test]
fn every_byte_of_every_layer_is_that_of_the_runtime() {
    let mut compared = 0;
    for seed in 0..100 {
        let mut draw = Draw::new(seed);
        let model = integer_model(&mut draw);
        let width: usize = model.input.shape.iter().product();
        let inputs: Vec<i8> = (0..SAMPLES * width).map(|_| draw.below(256) as u8 as i8).collect();
        let steps: Vec<_> =
            inputs.chunks_exact(width).map(|input| integer_steps(&model, input)).collect();
        let output = draw.of(&[OutputPixels::OfInput, OutputPixels::OfRuntime]);
        let blob = integers(&model).unwrap().blob(&Making { output, ..MAKING }).unwrap();
        let runner = Runner::new(&blob).unwrap();
        let numbers = |values: Values, len: usize| Numbers {
            samples: SAMPLES,
            shape: vec![len / SAMPLES],
            values,
        };
        let given = numbers(Values::I8(inputs.clone()), inputs.len());
        for LayerName { layer, name, .. } in names(&runner) {
            let wanted = outputs(&model, &steps, &name);
            let len = wanted.len();
            let compare = |wanted| runner.compare_layer(layer, &given, &numbers(wanted, len));
            let text = || format!("seed {seed}, layer {layer}, {name}: {}", words(&model));
            let equal = LayerAgreement::Integers { bytes: len, differ: 0, largest: 0, first: None };
            assert_eq!(compare(Values::I8(wanted.clone())).unwrap(), equal, "{}", text());
            // The same as a runtime's real numbers.
            let operator = model.operators.iter().find(|it| it.name == name).unwrap();
            let codes = operator.codes.unwrap();
            let reals = wanted.iter().map(|&code| codes.real(code) as f32).collect();
            assert_eq!(compare(Values::F32(reals)).unwrap(), equal, "{}", text());
            compared += 1;

            let mut off = wanted.clone();
            let at = len - 1;
            off[at] ^= 1;
            let first = Some((SAMPLES - 1, len / SAMPLES - 1));
            let one = LayerAgreement::Integers { bytes: len, differ: 1, largest: 1, first };
            assert_eq!(compare(Values::I8(off)).unwrap(), one, "{}", text());
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn what_does_not_fit_a_layer_is_named() {
    let model = model(&mut Draw::new(3));
    let width: usize = model.input.shape.iter().product();
    let blob = float(&real(&model).unwrap(), &[PixelMap::PLAIN]).unwrap();
    let runner = Runner::new(&blob).unwrap();
    let layer = names(&runner)[0].layer;
    let given = samples(vec![0.5; width], width);
    let refused =
        |layer, outputs: &Numbers| runner.compare_layer(layer, &given, outputs).unwrap_err();
    let long = samples(vec![0.0; 9999], 9999);
    let AgreementError::LayerWidth { layer: 0.., found: 9999, .. } = refused(layer, &long) else {
        panic!("another width")
    };
    let AgreementError::Layer { layer: 99 } = refused(99, &long) else { panic!("no such layer") };
    let two = samples(vec![0.0; 2], 1);
    let AgreementError::Samples { inputs: 1, outputs: 2 } = refused(layer, &two) else {
        panic!("another number of samples")
    };
    let plain = include_bytes!("../../../tests/golden/tiny.f32.aeb");
    let error = Runner::new(plain).unwrap().layers().unwrap_err();
    assert!(matches!(error, AgreementError::NoLayers), "{error}");
}

#[test]
fn a_layer_is_called_by_the_last_of_joined_names_or_by_its_number() {
    let layer = LayerName { layer: 3, name: "dense/BiasAdd".into(), is_in_file: true };
    assert!(
        ["dense/BiasAdd", "relu;dense/MatMul;dense/BiasAdd", "layer 3"]
            .iter()
            .all(|it| layer.is(it))
    );
    assert!(!["", "dense", "layer 4", "dense/BiasAdd;relu"].iter().any(|it| layer.is(it)));
    let nameless = LayerName { name: String::new(), ..layer };
    assert!(nameless.is("layer 3") && !nameless.is(""));
}
