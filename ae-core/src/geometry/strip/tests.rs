//! Strips against the layers that they are of.

extern crate std;
use std::vec::Vec;

use super::super::{Axis, Direction, Spatial, SpatialKind};

/// Axes of every sort: kernels, strides, holes, padding, phases and outputs that are left out.
fn axes() -> Vec<Axis> {
    let mut axes = Vec::new();
    for inputs in [1, 2, 5, 9, 23] {
        for (kernel, stride) in [(1, 1), (1, 3), (2, 2), (3, 1), (3, 2), (5, 4), (7, 3)] {
            axes.push(Axis::same(inputs, kernel, stride));
            axes.push(Axis::valid(inputs, kernel, stride));
            axes.push(Axis::same_dilated(inputs, kernel, stride, 2));
            axes.push(Axis::transposed(inputs, kernel, stride));
            axes.push(Axis::transposed(inputs, kernel, stride.min(kernel)));
        }
        axes.push(Axis::whole(inputs));
        axes.push(Axis::repeated(inputs, 3));
    }
    axes.extend(axes.clone().iter().filter(|axis| axis.outputs > 2).map(|axis| {
        let outputs = axis.outputs - axis.outputs % 2 - 1;
        Axis { outputs, ..*axis }
    }));
    axes.retain(|axis| axis.check(Direction::Height).is_ok());
    axes
}

fn layer(height: Axis, width: Axis) -> Spatial {
    let kind = SpatialKind::Convolution;
    Spatial { kind, channels_in: 2, channels_out: 3, height, width }
}

/// Every position of a strip reads what it reads of the whole map, and writes where it does there;
/// and strips have all outputs, one after the other.
#[test]
fn strips_are_their_layer() {
    let all = axes();
    assert!(all.len() > 200, "{}", all.len());
    for along in &all {
        for across in [Axis::ONE, Axis::same(3, 3, 1), Axis::valid(40, 1, 1)] {
            for spatial in [layer(*along, across), layer(across, *along)] {
                follow(&spatial);
            }
        }
    }
}

fn follow(spatial: &Spatial) {
    let axis =
        |of: &Spatial| if let Direction::Height = spatial.cut() { of.height } else { of.width };
    let along = axis(spatial);
    let (mut position, mut line) = (0, 0);
    while position < along.positions() {
        let strip = spatial.strip(position);
        let part = axis(&strip.spatial);
        assert_eq!(part.check(Direction::Height), Ok(()), "{part:?} of {along:?}");
        assert_eq!((part.inputs as usize, part.outputs as usize), {
            let length = |[from, to]: [usize; 2]| to - from;
            (length(strip.reads), length(strip.writes))
        });
        assert_eq!(part.positions(), strip.next - position);
        for at in position..strip.next {
            for tap in 0..usize::from(along.kernel) {
                let read = part.input(at - position, tap).map(|input| input + strip.reads[0]);
                assert_eq!(read, along.input(at, tap), "{along:?}, position {at}, tap {tap}");
            }
        }
        assert_eq!(strip.next_reads, spatial.strip(strip.next).reads);
        assert_eq!(strip.writes[0], line);
        for output in strip.writes[0]..strip.writes[1] {
            let (whole, part) = (
                output + usize::from(along.crop),
                output - strip.writes[0] + usize::from(part.crop),
            );
            let interleave = usize::from(along.interleave);
            assert_eq!(whole / interleave, position + part / interleave);
            assert_eq!(whole % interleave, part % interleave);
        }
        (position, line) = (strip.next, strip.writes[1]);
    }
    assert_eq!(line, usize::from(along.outputs));
    let none = spatial.strip(position);
    assert_eq!((none.reads, none.writes), ([along.inputs.into(); 2], [line; 2]));
    assert_eq!((none.next, none.next_reads), (position, none.reads));
}

/// A map one high before and behind a layer is cut along its width.
#[test]
fn signals_are_cut_along_time() {
    let signal = layer(Axis::ONE, Axis::same(256, 9, 4));
    assert_eq!((signal.cut(), signal.line_in(), signal.line_out()), (Direction::Width, 2, 3));
    assert_eq!((signal.strip(8).reads, signal.strip(8).writes), ([30, 99], [8, 24]));
    let taller = layer(Axis::repeated(1, 2), Axis::same(256, 9, 4));
    assert_eq!((taller.cut(), taller.line_in(), taller.lines_out()), (Direction::Height, 512, 2));
}

/// Two layers are followed strip by strip, and what is held between them is counted.
#[test]
fn windows_hold_what_waits() {
    let (mut pairs, mut tight) = (0_u32, 0_u32);
    for front in axes() {
        for back in axes().into_iter().filter(|back| back.inputs == front.outputs) {
            for across in [Axis::ONE, Axis::valid(40, 1, 1)] {
                let (first, second) = (layer(front, across), layer(back, across));
                let second = Spatial { channels_in: 3, ..second };
                if matches!(first.cut(), Direction::Height)
                    == matches!(second.cut(), Direction::Height)
                {
                    let most = most_held(&first, &second);
                    let window = super::super::Map::of(&first).window(&second) / first.line_out();
                    assert!(most <= window, "{front:?}, {back:?}: {most} above {window}");
                    pairs += 1;
                    tight += u32::from(most == window);
                }
            }
        }
    }
    assert!(pairs > 1000 && tight * 4 > pairs * 3, "{tight} of {pairs}");
}

/// Lines of the map between two layers that are held at most, those that the second needs no more being
/// given up before the first adds others.
fn most_held(first: &Spatial, second: &Spatial) -> usize {
    let (mut at, mut next, mut written, mut most) = (0, 0, 0, 0);
    while written < first.lines_out() {
        loop {
            let strip = second.strip(next);
            if strip.next == next || strip.reads[1] > written {
                break;
            }
            next = strip.next;
        }
        let strip = first.strip(at);
        (at, written) = (strip.next, strip.writes[1]);
        most = most.max(written - second.strip(next).reads[0].min(strip.writes[0]));
    }
    most
}
