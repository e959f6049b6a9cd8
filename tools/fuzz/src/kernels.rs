//! Models of any shape, made from a fuzzer's input so that the loader takes them.

use ae_core::{F32, Int8, Model};
use ae_testkit::arithmetic::Arithmetic;
use ae_testkit::blob::Blob;
use ae_testkit::draw::{self, Weights};
use ae_testkit::float::Activation;
use ae_testkit::places::Layout;
use ae_testkit::random::SplitMix64;
use ae_testkit::spatial::Kind;

use crate::bulk::every_kernel;
use crate::judge::{Depth, judge};
use crate::parts::Parts;
use crate::source::Source;
use crate::subject::Subject;

/// Widths around those at which a packed sum is split. The rest are 1 to 70.
const WIDE: [usize; 6] = [255, 256, 511, 512, 516, 517];
/// Weights of a model: above this, widths are halved.
const MAX_WEIGHTS: usize = 6_000;

/// Makes the model that `input` stands for, and has every kernel compute it.
///
/// # Panics
/// If the loader refuses the model, or kernels differ.
pub fn compute(input: &mut Source<'_>) {
    let (is_float, layout) =
        (input.below(3) == 0, [Layout::Rows, Layout::RowPairs][input.below(2)]);
    let parts = [Parts::Both, Parts::Both, Parts::Encoder, Parts::Decoder][input.below(4)];
    let weights = Weights::ALL[input.below(Weights::ALL.len())];
    let random = &mut SplitMix64::new(input.u32().into());
    let kinds = [(); 4].map(|()| input.below(5));
    let is_one_hot = input.below(4) == 0;
    if input.below(16) == 0 {
        let layers = 1 + input.below(5);
        if is_float {
            let blob = parts.of(draw::runs::float(layers, random));
            check::<F32>(&blob.write(), &blob, random);
        } else {
            let blob = parts.of(draw::runs::int8(layers, layout, random));
            check::<Int8<'_>>(&blob.write(), &blob, random);
        }
        return;
    }
    if input.below(2) == 0 {
        let kinds = [(); 4].map(|()| Kind::ALL[input.below(5)]);
        if is_float {
            let blob = parts.of(draw::spatial_model::float(kinds, random));
            check::<F32>(&blob.write(), &blob, random);
        } else {
            let blob = parts.of(draw::spatial_model::int8(kinds, layout, random));
            check::<Int8<'_>>(&blob.write(), &blob, random);
        }
        return;
    }
    let widths = widths(input);
    if is_float {
        let activations = kinds.map(|kind| Activation::ALL[kind]);
        let blob = parts.of(latent(draw::float(&widths, &activations, random), is_one_hot));
        check::<F32>(&blob.write(), &blob, random);
    } else {
        let blob = draw::int8(&widths, layout, weights, &kinds, random);
        let blob = parts.of(latent(blob, is_one_hot));
        check::<Int8<'_>>(&blob.write(), &blob, random);
    }
}

/// The blob, or the same with a one-hot latent.
fn latent<A: Arithmetic>(blob: Blob<A>, is_one_hot: bool) -> Blob<A> {
    if is_one_hot { blob.with_one_hot_latent() } else { blob }
}

/// Has every kernel compute a model. `bytes` are those of `oracle`.
fn check<'a, A: Subject<'a>>(bytes: &'a [u8], oracle: &Blob<A::Oracle>, random: &mut SplitMix64) {
    assert!(judge(bytes, Depth::FULL, random.bits()), "a model that was made is refused");
    let model = Model::<A>::parse(bytes).expect("it has been loaded");
    every_kernel(model.encoder(), oracle.encoder.as_ref(), random);
    every_kernel(model.decoder(), oracle.decoder.as_ref(), random);
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
