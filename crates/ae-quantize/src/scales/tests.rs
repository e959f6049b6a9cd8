//! What integers stand for, in the cases in which layers leave little free.

use super::*;
use crate::roles::Output;

/// Of 8 channels that lie at different places and are wide differently.
fn values() -> Vec<f32> {
    let value = |sample: usize, channel: usize| {
        let wave = (sample as f32 * (1.0 + channel as f32)).sin();
        0.3 * channel as f32 - 1.0 + (1.0 + channel as f32) * wave
    };
    (0..400).flat_map(|sample| (0..8).map(move |channel| value(sample, channel))).collect()
}

fn codes(role: Role, is_padded: bool) -> Codes {
    let freedom = Freedom { channels: 8, rows: 8, is_sortable: true, is_padded };
    let target = Target::choose(role, &values(), freedom, (0..8).collect());
    // A channel that is widened keeps its zero.
    let steps: Vec<f64> = (0..8).map(|row| if row == 3 { 2.0 } else { 0.0 }).collect();
    target.no_finer_than(&steps).0.outgoing()
}

#[test]
fn where_the_next_layer_is_padded_one_code_is_zero_in_every_channel() {
    let hidden = [Activation::Relu, Activation::Gelu, Activation::Silu].map(Role::Hidden);
    for role in hidden.into_iter().chain([Role::Plain]) {
        let exact = codes(role, true);
        for channel in 0..8 {
            let affine = exact.of_value(channel);
            let zero = affine.real(exact.zero);
            assert!(zero.abs() < 1e-12 * affine.scale, "{role:?}, channel {channel}: {zero}");
        }
        if role != Role::Hidden(Activation::Relu) {
            let free = codes(role, false);
            let is_off = |channel| {
                let affine = free.of_value(channel);
                affine.real(affine.quantise(0.0)).abs() > 0.01 * affine.scale
            };
            assert!((0..8).any(is_off), "{role:?}: zero was exact by itself");
            // It costs some of the steps, but not many.
            for channel in 0..8 {
                let (exact, free) = (exact.of_value(channel).scale, free.of_value(channel).scale);
                assert!(exact < 2.0 * free, "{role:?}, channel {channel}: {exact}, {free}");
            }
        }
    }
}

#[test]
fn rows_of_one_channel_share_what_they_stand_for() {
    use Role::{Hidden, Plain};
    let gelu = Hidden(Activation::Gelu);
    // Places, and those rows of four places that are as wide as the widest of channel 1: of tables
    // that two channels share, and of one that all rows share.
    let two: Vec<usize> = (0..32).filter(|row| row % 8 < 2).collect();
    let cases =
        [(Plain, 4, vec![1, 9, 17, 25], 0), (gelu, 4, two, 16), (gelu, 49, (0..32).collect(), 1)];
    for (role, places, expected, of_tables) in cases {
        let freedom =
            Freedom { channels: 8, rows: 8 * places, is_sortable: false, is_padded: false };
        let target = Target::choose(role, &values(), freedom, (0..8).collect());
        let mut steps = vec![0.0; 32];
        steps[25] = 1e3;
        let before = target.clone();
        let (after, units) = target.no_finer_than(&steps);
        let wide: Vec<usize> = (0..32).filter(|&row| units[row] > 1.0).collect();
        assert_eq!(wide, expected, "{role:?}, {places} places");
        let ratio = after.spread(9) / before.spread(9);
        assert!((ratio / units[9] - 1.0).abs() < 1e-12, "{role:?}: {ratio}");
        let Int8Parameters::Requantised { tables, .. } = after.parameters(0) else {
            panic!("not requantised")
        };
        assert_eq!(tables.len(), 256 * of_tables);
        // Each place has the same ones, and groups differ.
        let (ones, _) = tables.as_chunks::<256>();
        assert!((4..ones.len()).all(|at| ones[at] == ones[at - 4]));
        assert!(ones.len() < 4 || ones[0] != ones[3]);
        if role != Plain {
            assert_eq!(hidden_table_bytes(Activation::Gelu, freedom), tables.len());
        }
    }
}

#[test]
fn tables_are_shared_evenly_and_are_few() {
    let tables = |channels, places| {
        let rows = channels * places;
        hidden_tables(Freedom { channels, rows, is_sortable: false, is_padded: false })
    };
    assert_eq!([tables(3, 1), tables(32, 1), tables(30, 1)], [3, 4, 4]);
    // Of several places every table has whole channels of one of them.
    assert_eq!([tables(16, 4), tables(6, 4), tables(7, 4), tables(16, 9)], [16, 12, 1, 1]);
    assert_eq!([tables(16, 2), tables(16, 8), tables(32, 49)], [8, 16, 1]);
}

#[test]
fn before_pooling_that_makes_pixels_the_range_is_that_which_is_seen() {
    let freedom = Freedom { channels: 1, rows: 1, is_sortable: false, is_padded: false };
    let values: Vec<f32> = (0..4000).map(|i| i as f32 / 100.0 - 20.0).collect();
    let target = Target::choose(Role::Towards(Output::Sigmoid), &values, freedom, vec![0]);
    let range = target.outgoing().of_value(0);
    assert!(range.real(-128) > -10.0 && range.real(127) < 10.0, "{range:?}");
}
