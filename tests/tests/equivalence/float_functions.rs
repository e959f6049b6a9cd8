//! The functions of the f32 contract against double precision.

use ae_infer::{gelu, sigmoid, silu};
use ae_testkit::random::SplitMix64;

/// micromath's `exp` is off by at most 2.4e-3 of its value; the sigmoid's slope by the logarithm
/// of it is at most 1/4, and f32's own rounding is far below the rest.
const SIGMOID_TOLERANCE: f64 = 6.1e-4;
/// A few roundings of f32 of a value of at most 20.
const ACTIVATION_TOLERANCE: f64 = 3e-6;

fn exact_sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn exact_gelu(x: f64) -> f64 {
    0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))
}

fn exact_silu(x: f64) -> f64 {
    x / (1.0 + (-x).exp())
}

/// −limit…limit in steps of 2⁻¹², which f32 holds exactly, and random values between.
fn sweep(limit: i32) -> impl Iterator<Item = f32> {
    let steps = (-limit * 4096..=limit * 4096).map(|step| step as f32 / 4096.0);
    let mut random = SplitMix64::new(1);
    steps.chain((0..200_000).map(move |_| limit as f32 * random.signed_unit()))
}

/// The largest absolute error and where it is.
fn worst(
    inputs: impl Iterator<Item = f32>,
    function: impl Fn(f32) -> f32,
    exact: impl Fn(f64) -> f64,
) -> (f64, f32) {
    let errors = inputs.map(|x| {
        let error = (f64::from(function(x)) - exact(f64::from(x))).abs();
        (if error.is_nan() { f64::INFINITY } else { error }, x)
    });
    errors.max_by(|a, b| a.0.total_cmp(&b.0)).expect("values to compare")
}

#[test]
fn the_sigmoid_is_within_its_tolerance() {
    let infinite = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, -0.0];
    let (error, at) = worst(sweep(100).chain(infinite), sigmoid, exact_sigmoid);
    println!("sigmoid: largest error {error:.3e} at {at}");
    assert!(error <= SIGMOID_TOLERANCE, "{error:e} at {at}");
    assert_eq!((sigmoid(f32::NAN), sigmoid(-f32::NAN)), (0.0, 0.0));
}

#[test]
fn the_sigmoid_gives_the_right_pixel_or_its_neighbour() {
    let pixel = |p: f64| (p * 255.0 + 0.5) as i32;
    let differ = |x: f32| {
        let x_exact = f64::from(x);
        (pixel(f64::from(sigmoid(x))) - pixel(exact_sigmoid(x_exact))).abs()
    };
    let (count, wrong) = sweep(16).fold((0, 0), |(count, wrong), x| {
        let difference = differ(x);
        assert!(difference <= 1, "{difference} steps at {x}");
        (count + 1, wrong + difference)
    });
    println!("sigmoid: {wrong} of {count} values give the neighbouring pixel");
}

#[test]
fn gelu_and_silu_are_within_their_tolerance() {
    for (name, function, exact) in
        [("gelu", gelu as fn(f32) -> f32, exact_gelu as fn(f64) -> f64), ("silu", silu, exact_silu)]
    {
        let (error, at) = worst(sweep(20), function, exact);
        println!("{name}: largest error {error:.3e} at {at}");
        assert!(error <= ACTIVATION_TOLERANCE, "{name}: {error:e} at {at}");
        // Far out, one is the identity and the other nothing.
        for x in [100.0, 1000.0, 1e30, f32::MAX] {
            assert_eq!((function(x), function(-x)), (x, 0.0), "{name}({x})");
        }
        assert_eq!(function(f32::INFINITY), f32::INFINITY);
        assert!(function(f32::NAN).is_nan());
    }
}

/// The comparison notices a function that is off by little, or not a number at one place.
#[test]
fn functions_that_are_slightly_wrong_are_noticed() {
    let (error, _) = worst(sweep(100), |x| sigmoid(x + 0.01), exact_sigmoid);
    assert!(error > SIGMOID_TOLERANCE, "{error:e}");
    let (error, at) =
        worst(sweep(100), |x| if x == 5.0 { f32::NAN } else { sigmoid(x) }, exact_sigmoid);
    assert_eq!((error, at), (f64::INFINITY, 5.0));
    let tanh_form = |x: f32| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh());
    let (error, _) = worst(sweep(20), tanh_form, exact_gelu);
    assert!(error > ACTIVATION_TOLERANCE, "the approximation of GELU is another function");
    let (error, _) = worst(sweep(20), |x| silu(x * 1.000_01), exact_silu);
    assert!(error > ACTIVATION_TOLERANCE, "{error:e}");
}
