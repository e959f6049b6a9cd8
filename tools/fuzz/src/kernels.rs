//! Models of any shape, made from a fuzzer's input so that the loader takes them.

use ae_core::{Activation, Contract, F32Model, Header, Int8Model, Layout};
use ae_testkit::random::SplitMix64;

use crate::bulk::every_kernel;
use crate::judge::{Depth, judge};
use crate::made::{Parts, Weights, float, integer};
use crate::source::Source;

/// Widths around those at which a packed sum is split. The rest are 1 to 70.
const WIDE: [usize; 6] = [255, 256, 511, 512, 516, 517];
/// Weights of a model: above this, widths are halved.
const MAX_WEIGHTS: usize = 6_000;

/// Makes the model that `input` stands for, and has every kernel compute it.
///
/// # Panics
/// If the loader refuses the model, or kernels differ.
pub fn compute(input: &mut Source<'_>) {
    let (is_float, layout) = (input.below(3) == 0, Layout::ALL[input.below(2)]);
    let parts = [Parts::Both, Parts::Both, Parts::Encoder, Parts::Decoder][input.below(4)];
    let weights = Weights::ALL[input.below(Weights::ALL.len())];
    let random = &mut SplitMix64::new(input.u32().into());
    let kinds = [(); 4].map(|()| input.below(5));
    let widths = widths(input);
    let blob = if is_float {
        use Activation::{Gelu, Identity, Relu, Sigmoid, Silu};
        let activations = kinds.map(|kind| [Identity, Relu, Gelu, Silu, Sigmoid][kind]);
        float(&widths, parts, &activations, random)
    } else {
        integer(&widths, parts, layout, weights, &kinds, random)
    };
    assert!(judge(&blob, Depth::FULL, random.bits()), "a model that was made is refused");
    match Header::read(&blob).map(|header| header.contract) {
        Ok(Contract::Int8) => {
            let model = Int8Model::parse(&blob).expect("it has been loaded");
            every_kernel(model.encoder(), random);
            every_kernel(model.decoder(), random);
        }
        _ => {
            let model = F32Model::parse(&blob).expect("it has been loaded");
            every_kernel(model.encoder(), random);
            every_kernel(model.decoder(), random);
        }
    }
}

/// Two to five widths.
fn widths(input: &mut Source<'_>) -> Vec<usize> {
    let count = 2 + input.below(4);
    let mut widths: Vec<usize> = Vec::new();
    for _ in 0..count {
        widths.push(match input.byte() {
            byte @ 250.. => WIDE[usize::from(byte - 250)],
            byte => 1 + usize::from(byte) % 70,
        });
    }
    while widths.windows(2).map(|pair| pair[0] * pair[1]).sum::<usize>() > MAX_WEIGHTS {
        let widest = widths.iter_mut().skip(1).max_by_key(|width| **width);
        widest.into_iter().for_each(|width| *width = width.div_ceil(2));
    }
    widths
}
