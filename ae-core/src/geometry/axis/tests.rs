//! Against the rules of others: TensorFlow's for padding, the definition of a transposed convolution.

extern crate std;
use std::vec::Vec;

use super::{Axis, AxisField, Direction};
use crate::error::LayerError;

/// TensorFlow's guide, "Padding": `SAME` has `⌈n / s⌉` outputs and `max((outputs − 1)·s + k − n, 0)`
/// places of padding, half of them in front, rounded down; `VALID` has `⌈(n − k + 1) / s⌉` outputs.
#[test]
fn padding_is_that_of_tensorflow() {
    // Inputs, kernel, stride; outputs and padding in front of SAME, outputs of VALID.
    let table: [[u16; 6]; 12] = [
        [5, 3, 1, 5, 1, 3],
        [28, 3, 1, 28, 1, 26],
        [28, 3, 2, 14, 0, 13],
        [7, 3, 2, 4, 1, 3],
        [224, 7, 2, 112, 2, 109],
        [224, 3, 2, 112, 0, 111],
        [10, 2, 3, 4, 0, 3],
        [4, 1, 2, 2, 0, 2],
        [128, 9, 4, 32, 2, 30],
        [30, 5, 2, 15, 1, 13],
        [9, 9, 1, 9, 4, 1],
        [65_535, 3, 65_535, 1, 0, 1],
    ];
    for [inputs, kernel, stride, same, before, valid] in table {
        let axis = Axis::same(inputs, kernel, stride);
        assert_eq!((axis.outputs, axis.before), (same, before), "{inputs} {kernel} {stride}");
        assert_eq!(axis.check(Direction::Width), Ok(()));
        let axis = Axis::valid(inputs, kernel, stride);
        assert_eq!((axis.outputs, axis.before), (valid, 0), "{inputs} {kernel} {stride}");
        assert_eq!(axis.check(Direction::Width), Ok(()));
        assert!(!axis.is_padded());
    }
    // A kernel that is longer than its map.
    let axis = Axis::same(1, 5, 1);
    assert_eq!((axis.outputs, axis.before), (1, 2));
    assert_eq!(Axis::valid(3, 5, 1).outputs, 0);
    // 3 taps with a dilation of 2 reach over 5 places, with one of 4 over 9.
    let axis = Axis::same_dilated(10, 3, 1, 2);
    assert_eq!((axis.outputs, axis.before, axis.extent()), (10, 2, 5));
    let axis = Axis::same_dilated(16, 3, 2, 4);
    assert_eq!((axis.outputs, axis.before, axis.extent()), (8, 3, 9));
    assert_eq!(Axis::valid_dilated(10, 3, 1, 2).outputs, 6);
    assert_eq!(Axis::valid_dilated(10, 3, 2, 4).outputs, 1);
}

/// By definition input `i` adds to the outputs `i·s + j − ⌊(k − s) / 2⌋` its product with weight `j`
/// of `k`. Each such product must be one of a tap and a phase, and no tap may have another.
#[test]
fn a_transposed_axis_has_the_products_of_its_definition() {
    for inputs in 1..6_u16 {
        for stride in 1..5_u16 {
            for kernel in 1..10_u16 {
                let axis = Axis::transposed(inputs, kernel, stride);
                let (inputs, stride, kernel) =
                    (i32::from(inputs), i32::from(stride), i32::from(kernel));
                assert_eq!(axis.check(Direction::Width), Ok(()));
                assert_eq!(i32::from(axis.outputs), inputs * stride);
                let lost = (kernel - stride).max(0) / 2;
                for output in 0..i32::from(axis.outputs) {
                    let of_definition = (0..inputs).filter_map(|input| {
                        let weight = output + lost - input * stride;
                        (0..kernel).contains(&weight).then_some((input, weight))
                    });
                    let expected: Vec<_> = of_definition.collect();
                    let from_crop = output as usize + usize::from(axis.crop);
                    let interleave = usize::from(axis.interleave);
                    let (position, phase) = (from_crop / interleave, from_crop % interleave);
                    assert!(position < axis.positions());
                    let taps = usize::from(axis.kernel);
                    let mut found: Vec<_> = (0..taps)
                        .filter_map(|tap| {
                            let weight = (phase + (taps - 1 - tap) * interleave) as i32;
                            // Weights of 0 fill up what the kernel has not.
                            let input = axis.input(position, tap).filter(|_| weight < kernel)?;
                            Some((input as i32, weight))
                        })
                        .collect();
                    found.sort_unstable();
                    assert_eq!(found, expected, "{axis:?}, output {output}");
                }
            }
        }
    }
}

#[test]
fn taps_read_inputs_or_padding() {
    // Positions begin at −2, 1 and 4; taps are 2 apart.
    let axis = Axis { outputs: 3, before: 2, ..Axis::valid_dilated(7, 3, 3, 2) };
    let read = |position| [0, 1, 2].map(|tap| axis.input(position, tap));
    assert_eq!(read(0), [None, Some(0), Some(2)]);
    assert_eq!(read(1), [Some(1), Some(3), Some(5)]);
    assert_eq!(read(2), [Some(4), Some(6), None]);
    assert!(axis.is_padded());
    assert!(!Axis { outputs: 1, ..Axis::valid(3, 3, 1) }.is_padded());
    // Padding behind the inputs alone.
    assert!(Axis { outputs: 2, ..Axis::valid(3, 3, 1) }.is_padded());
    assert_eq!(axis.input(usize::MAX, usize::MAX), None);
}

#[test]
fn positions_are_those_that_outputs_belong_to() {
    let positions =
        |outputs, interleave, crop| Axis { outputs, interleave, crop, ..Axis::ONE }.positions();
    assert_eq!([positions(5, 1, 0), positions(6, 2, 0), positions(5, 2, 1)], [5, 3, 3]);
    assert_eq!([positions(5, 2, 0), positions(1, 3, 2), positions(2, 3, 2)], [3, 1, 2]);
    assert_eq!(positions(5, 0, 0), 0);
}

#[test]
fn whole_and_repeated_axes() {
    let axis = Axis::whole(7);
    assert_eq!((axis.outputs, axis.kernel, axis.positions()), (1, 7, 1));
    let axis = Axis::repeated(7, 3);
    assert_eq!((axis.outputs, axis.interleave, axis.positions()), (21, 3, 7));
    assert_eq!((Axis::ONE.inputs, Axis::ONE.outputs), (1, 1));
    for axis in [Axis::whole(7), Axis::repeated(7, 3), Axis::ONE] {
        assert_eq!(axis.check(Direction::Height), Ok(()));
    }
}

/// Sizes of a board's buffers are known when it is compiled.
#[test]
fn axes_are_made_at_compile_time() {
    const SAME: Axis = Axis::same(28, 3, 2);
    const UP: Axis = Axis::transposed(SAME.outputs, 4, 2);
    const OUTPUTS: [u8; UP.outputs as usize] = [0; UP.outputs as usize];
    const CHECKED: bool = UP.check(Direction::Width).is_ok();
    assert_eq!((OUTPUTS.len(), CHECKED), (28, true));
}

/// Every number at the end of its bounds, and one beyond it.
#[test]
fn every_number_has_its_bounds() {
    const MOST: u32 = 65_535;
    // Taps reach over 5 places, positions begin at −4, −2, 0, 2, 4 and 6 of 8 places; each gives 3.
    let good = Axis {
        inputs: 8,
        outputs: 17,
        kernel: 3,
        stride: 2,
        dilation: 2,
        before: 4,
        interleave: 3,
        crop: 1,
    };
    assert_eq!((good.extent(), good.positions(), good.check(Direction::Height)), (5, 6, Ok(())));
    let of = |axis: Axis| match axis.check(Direction::Height) {
        Ok(()) => None,
        Err(LayerError::Axis { axis, field, least, most, found }) => {
            assert_eq!(axis, Direction::Height);
            Some((field, least, most, found))
        }
        Err(other) => panic!("{other}"),
    };
    assert_eq!(of(Axis { inputs: 0, ..good }), Some((AxisField::Inputs, 1, MOST, 0)));
    assert_eq!(of(Axis { outputs: 0, ..good }), Some((AxisField::Outputs, 1, MOST, 0)));
    assert_eq!(of(Axis { kernel: 0, ..good }), Some((AxisField::Kernel, 1, MOST, 0)));
    assert_eq!(of(Axis { stride: 0, ..good }), Some((AxisField::Stride, 1, MOST, 0)));
    assert_eq!(of(Axis { dilation: 0, ..good }), Some((AxisField::Dilation, 1, MOST, 0)));
    assert_eq!(of(Axis { before: 5, ..good }), Some((AxisField::Padding, 0, 4, 5)));
    assert_eq!(of(Axis { interleave: 0, ..good }), Some((AxisField::Interleave, 1, MOST, 0)));
    assert_eq!(of(Axis { crop: 3, ..good }), Some((AxisField::Crop, 0, 2, 3)));
    assert_eq!(of(Axis { crop: 2, outputs: 16, ..good }), None);
    // Twelve places from the first position; the seventh would begin with the thirteenth.
    assert_eq!(of(Axis { outputs: 18, ..good }), Some((AxisField::LastPosition, 0, 11, 12)));
    assert_eq!(of(Axis { inputs: 9, outputs: 18, ..good }), None);
    assert_eq!(of(Axis { inputs: 7, ..good }), None);
    assert_eq!(of(Axis { inputs: 6, ..good }), Some((AxisField::LastPosition, 0, 9, 10)));
    // Everything at its most.
    let most = u16::MAX;
    let all = Axis {
        inputs: most,
        outputs: most,
        kernel: most,
        stride: most,
        dilation: most,
        before: most,
        interleave: most,
        crop: most - 1,
    };
    assert_eq!(all.extent(), 65_534 * 65_535 + 1);
    assert_eq!((all.positions(), of(all)), (2, None));
    assert_eq!(
        of(Axis { interleave: 1, crop: 0, ..all }),
        Some((AxisField::LastPosition, 0, 131_069, 65_534 * 65_535))
    );
}

#[test]
fn strides_of_nothing_give_nothing() {
    for axis in [Axis::valid(5, 3, 0), Axis::same(5, 3, 0), Axis::transposed(5, 3, 0)] {
        assert!(axis.check(Direction::Width).is_err(), "{axis:?}");
    }
    assert_eq!(Axis::same(0, 3, 1).outputs, 0);
}

#[test]
fn outputs_over_sixteen_bits_are_left_out() {
    assert_eq!(Axis::transposed(32_767, 2, 2).outputs, 65_534);
    for axis in [Axis::transposed(40_000, 2, 2), Axis::repeated(65_535, 2)] {
        assert_eq!((axis.outputs, axis.positions()), (65_535, 32_768));
    }
}
