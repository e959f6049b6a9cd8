//! The functions for C, given hostile blobs and hostile pointers: what is spoilt gets an error, and all
//! else gives what the engine gives.

mod along;
mod halves;
mod saved;

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;
use ae_core::{Arithmetic, F32, Int8};
use ae_infer::{Autoencoder, Detector, Sample};
use ae_testkit::random::SplitMix64;

use crate::family::{Family, Functions, Struct};
use crate::source::Source;
use crate::subject::Subject;
use crate::work::{MAX_OFTEN, of_model};

/// Bytes of an input that the calls are made of; those before make the blob.
pub const CALLS: usize = 224;

/// How an argument is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoilt {
    /// Not at all.
    Not,
    /// A null pointer.
    Null,
    /// Off its boundary, where its type has one; else null.
    Misaligned,
    /// A length that no memory has.
    TooLong(usize),
    /// Where the model is.
    Model,
    /// Where the blob is.
    Blob,
}

impl Spoilt {
    fn read(input: &mut Source<'_>) -> Self {
        match input.below(8) {
            0 => Self::Null,
            1 => Self::Misaligned,
            2 => Self::TooLong(usize::MAX - usize::from(input.byte())),
            3 => Self::TooLong(usize::MAX / 2 + 1 + usize::from(input.byte())),
            4 => Self::Model,
            5 => Self::Blob,
            _ => Self::Not,
        }
    }

    /// The argument that stands for `count` elements at `pointer`.
    fn of<T>(self, pointer: *mut T, count: usize, places: &Places) -> (*mut T, usize) {
        match self {
            Self::Not => (pointer, count),
            Self::Misaligned if align_of::<T>() > 1 => (pointer.wrapping_byte_add(1), count),
            Self::Null | Self::Misaligned => (ptr::null_mut(), count.max(1)),
            Self::TooLong(count) => (pointer, count),
            Self::Model => (places.model.cast_mut().cast(), count.max(1)),
            Self::Blob => (places.blob.cast_mut().cast(), count.max(1)),
        }
    }
}

/// Where memory lies that no buffer may lie over.
struct Places {
    model: *const u64,
    blob: *const u8,
}

/// A buffer of exactly its size, so that the sanitizer sees what is behind it.
fn buffer<T: Clone + Default>(count: usize) -> Vec<T> {
    let mut buffer = Vec::with_capacity(count);
    buffer.resize(count, T::default());
    buffer
}

/// Calls functions with a blob and with pointers that `input` spoils.
///
/// # Panics
/// If a function takes what is spoilt, or gives something else than the engine.
pub fn call(blob: &[u8], input: &mut Source<'_>) {
    check_sizes(blob);
    along::call(input);
    with_family::<Int8<'_>>(blob, input);
    with_family::<F32>(blob, input);
}

/// The sizes are read of the blobs that can be run, and of no other.
fn check_sizes(blob: &[u8]) {
    let mut sizes = MaybeUninit::<Sizes>::uninit();
    // SAFETY: the length is that of the slice.
    let error = unsafe { ae_sizes_of(blob.as_ptr(), blob.len(), sizes.as_mut_ptr()) };
    if error == Error::Ok {
        let int8 = Autoencoder::<Int8<'_>>::load(blob).map(|it| *it.model().header());
        let header =
            int8.or_else(|_| Autoencoder::<F32>::load(blob).map(|it| *it.model().header()));
        // SAFETY: without an error it was written.
        let sizes = unsafe { sizes.assume_init() };
        assert_eq!(header.expect("a blob with sizes loads").features, sizes.features);
    }
}

fn with_family<'a, A: Subject<'a> + Family<E = <A as Arithmetic<'a>>::Element>>(
    blob: &'a [u8],
    input: &mut Source<'_>,
) {
    let functions = A::FUNCTIONS;
    let direct = Autoencoder::<A>::load(blob);
    let mut model = Struct::garbage::<Int8Model>(input.byte());
    let place = model.pointer();
    // A struct that nothing filled is refused by everything.
    // SAFETY: the struct is there, and no other memory is named.
    let error = unsafe {
        (functions.encode)(place, ptr::null(), 0, ptr::null_mut(), 0, ptr::null_mut(), 0)
    };
    assert_eq!(error, Error::NotLoaded);
    // SAFETY: the lengths are those of the slices; the blob outlives the model.
    let error = unsafe { (functions.load)(place, blob.as_ptr(), blob.len()) };
    let direct = match direct {
        Ok(direct) => {
            assert_eq!(error, Error::Ok);
            direct
        }
        Err(expected) => return assert_eq!(error, Error::from(expected)),
    };
    if of_model(direct.model()) > MAX_OFTEN {
        return;
    }
    let places = Places { model: place.cast(), blob: blob.as_ptr() };
    one_image(&direct, functions, place, &places, input);
    self_test(&direct, functions, place, &places, input);
    saved::call(functions, place, direct.model().header().model_id, &places, input);
    detector(&direct, functions, place, &places, input);
    halves::call(&direct, functions, place, &places, input);
}

/// Encodes, decodes, reconstructs or scores, with an argument that may be spoilt.
fn one_image<'a, A: Subject<'a> + Family<E = <A as Arithmetic<'a>>::Element>>(
    direct: &Autoencoder<'a, A>,
    functions: &Functions<A::Element>,
    model: *mut u8,
    places: &Places,
    input: &mut Source<'_>,
) {
    let header = *direct.model().header();
    let (features, latents) = (header.features as usize, header.latent as usize);
    let random = &mut SplitMix64::new(input.byte().into());
    let mut pixels = random.pixels(features);
    let mut out = buffer::<u8>(features);
    let mut latent = buffer::<A::Element>(latents);
    let mut scratch = buffer::<A::Element>(header.scratch_len());
    let (mut again, mut room) = (out.clone(), scratch.clone());
    let mut latent_again = latent.clone();
    let which = input.below(4);
    let spoilt = Spoilt::read(input);
    let of = |at: usize| if at == which { spoilt } else { Spoilt::Not };
    let mut score = 0_u64;
    // What is read may lie over what is read, so that the first argument is spoilt by pointers alone.
    let reads = |at: usize| match of(at) {
        Spoilt::Model | Spoilt::Blob => Spoilt::Null,
        other => other,
    };
    let (found, expected) = match input.below(4) {
        0 => {
            let (a, b) = reads(0).of(pixels.as_mut_ptr(), features, places);
            let (c, d) = of(1).of(latent.as_mut_ptr(), latents, places);
            let (e, f) = of(2).of(scratch.as_mut_ptr(), scratch.len(), places);
            // SAFETY: what is not spoilt is there, and what is spoilt is refused.
            let found = unsafe { (functions.encode)(model, a, b, c, d, e, f) };
            (found, direct.encode(&pixels, &mut latent_again, &mut room))
        }
        1 => {
            let (a, b) = reads(0).of(latent.as_mut_ptr(), latents, places);
            let (c, d) = of(1).of(out.as_mut_ptr(), features, places);
            let (e, f) = of(2).of(scratch.as_mut_ptr(), scratch.len(), places);
            // SAFETY: as above.
            let found = unsafe { (functions.decode)(model, a, b, c, d, e, f) };
            (found, direct.decode(&latent_again, &mut again, &mut room))
        }
        2 => {
            let (a, b) = reads(0).of(pixels.as_mut_ptr(), features, places);
            let (c, d) = of(1).of(out.as_mut_ptr(), b, places);
            let (e, f) = of(2).of(scratch.as_mut_ptr(), scratch.len(), places);
            // SAFETY: as above.
            let found = unsafe { (functions.reconstruct)(model, a, c, d, e, f) };
            (found, direct.reconstruct(&pixels, &mut again, &mut room))
        }
        _ => {
            let (a, b) = reads(0).of(pixels.as_mut_ptr(), features, places);
            let (c, d) = of(1).of(out.as_mut_ptr(), b, places);
            let (e, f) = of(2).of(scratch.as_mut_ptr(), scratch.len(), places);
            let (g, _) = of(3).of(&raw mut score, 1, places);
            // SAFETY: as above.
            let found = unsafe { (functions.score)(model, a, c, d, e, f, g) };
            let expected = direct.score(&pixels, &mut again, &mut room);
            if found == Error::Ok {
                assert_eq!(Ok(score), expected);
            }
            (found, expected.map(|_| ()))
        }
    };
    if found == Error::Ok {
        assert_eq!(expected, Ok(()), "what the engine refuses");
        assert_eq!(out, again, "pixels");
        assert!(
            latent.iter().zip(&latent_again).all(|(&a, &b)| A::bits(a) == A::bits(b)),
            "latent"
        );
    } else if spoilt == Spoilt::Not {
        assert_eq!(found, Error::from(expected.expect_err("an error of the engine")));
    }
    let can_be_taken = match spoilt {
        Spoilt::Not => true,
        // A scratch of no elements may be null, and one score has no length. What was spoilt may be
        // an argument that the function does not have.
        _ => which == 3 || scratch.is_empty() && which == 2,
    };
    assert!(can_be_taken || found != Error::Ok, "argument {which}: {spoilt:?} is taken");
}

fn self_test<'a, A: Subject<'a> + Family<E = <A as Arithmetic<'a>>::Element>>(
    direct: &Autoencoder<'a, A>,
    functions: &Functions<A::Element>,
    model: *mut u8,
    places: &Places,
    input: &mut Source<'_>,
) {
    let header = *direct.model().header();
    let mut pixels = buffer::<u8>(header.features as usize);
    let mut scratch = buffer::<A::Element>(header.scratch_len());
    let (mut again, mut room) = (pixels.clone(), scratch.clone());
    let expected = direct.self_test(&mut again, &mut room).map_err(Error::from);
    let mut fault = MaybeUninit::<Fault>::uninit();
    let spoilt = Spoilt::read(input);
    let (a, b) = spoilt.of(pixels.as_mut_ptr(), pixels.len(), places);
    let (c, d) = (scratch.as_mut_ptr(), scratch.len());
    // SAFETY: what is not spoilt is there, and what is spoilt is refused.
    let found = unsafe { (functions.self_test)(model, a, b, c, d, fault.as_mut_ptr()) };
    match spoilt {
        Spoilt::Not => assert_eq!(found, expected.err().unwrap_or(Error::Ok), "the self-test"),
        _ => assert_ne!(found, Error::Ok, "{spoilt:?} is taken"),
    }
}

/// A detector whose buffers or samples may be spoilt.
fn detector<'a, A: Subject<'a> + Family<E = <A as Arithmetic<'a>>::Element>>(
    direct: &Autoencoder<'a, A>,
    functions: &Functions<A::Element>,
    model: *mut u8,
    places: &Places,
    input: &mut Source<'_>,
) {
    let header = *direct.model().header();
    let features = header.features as usize;
    let section = direct.model().detection();
    let len = section.ok().flatten().map_or(features, |section| section.window_len(features));
    // A hostile section may ask for a window that is no window any more.
    if len > 1 << 20 {
        return;
    }
    let mut window = buffer::<u8>(len);
    let mut out = buffer::<u8>(features);
    let mut scratch = buffer::<A::Element>(header.scratch_len());
    let (mut window_again, mut again, mut room) = (window.clone(), out.clone(), scratch.clone());
    let expected = Detector::new(*direct, &mut window_again, &mut again, &mut room);
    let mut held = Struct::garbage::<Int8Detector>(input.byte());
    let held = held.pointer();
    // SAFETY: the struct is there.
    assert_eq!(unsafe { (functions.reset)(held) }, Error::NotLoaded);
    let which = input.below(3);
    let spoilt = Spoilt::read(input);
    let of = |at: usize| if at == which { spoilt } else { Spoilt::Not };
    let (a, b) = of(0).of(window.as_mut_ptr(), window.len(), places);
    let (c, d) = of(1).of(out.as_mut_ptr(), features, places);
    let (e, f) = of(2).of(scratch.as_mut_ptr(), scratch.len(), places);
    // SAFETY: what is not spoilt is there and outlives the detector, and what is spoilt is refused.
    let found = unsafe { (functions.begin)(held, model, a, b, c, d, e, f) };
    if spoilt != Spoilt::Not {
        let nothing = which == 2 && scratch.is_empty();
        assert!(nothing || found != Error::Ok, "argument {which}: {spoilt:?} is taken");
        return;
    }
    let mut expected = match expected {
        Ok(detector) => {
            assert_eq!(found, Error::Ok);
            detector
        }
        Err(error) => return assert_eq!(found, Error::from(error)),
    };
    let channels = expected.channels();
    let random = &mut SplitMix64::new(input.byte().into());
    let kind = input.below(3);
    for _ in 0..input.below(24) {
        let spoilt = Spoilt::read(input);
        // Samples of any type: another one than the blob's is refused.
        match kind {
            0 => {
                let sample = random.pixels(channels);
                push(&mut expected, functions.push_u8, held, sample, spoilt, places);
            }
            1 => {
                let sample = (0..channels).map(|_| random.bits() as i16).collect();
                push(&mut expected, functions.push_i16, held, sample, spoilt, places);
            }
            _ => {
                let sample = (0..channels).map(|_| random.any_real()).collect();
                push(&mut expected, functions.push_f32, held, sample, spoilt, places);
            }
        }
    }
    // SAFETY: it was filled above.
    assert_eq!(unsafe { (functions.reset)(held) }, Error::Ok);
}

fn push<'a, A: Subject<'a>, V: Sample>(
    expected: &mut Detector<'a, '_, A>,
    function: unsafe extern "C" fn(*mut u8, *const V, usize, *mut Decision) -> Error,
    detector: *mut u8,
    mut sample: Vec<V>,
    spoilt: Spoilt,
    places: &Places,
) {
    // What is only read may lie over the model and the blob.
    let spoilt = match spoilt {
        Spoilt::Model | Spoilt::Blob => Spoilt::Not,
        other => other,
    };
    let (a, b) = spoilt.of(sample.as_mut_ptr(), sample.len(), places);
    let mut decision = MaybeUninit::uninit();
    // SAFETY: what is not spoilt is there, and what is spoilt is refused.
    let found = unsafe { function(detector, a, b, decision.as_mut_ptr()) };
    if spoilt != Spoilt::Not {
        return assert_ne!(found, Error::Ok, "{spoilt:?} is taken");
    }
    match expected.push(&sample) {
        Err(error) => assert_eq!(found, Error::from(error)),
        Ok(told) => {
            assert_eq!(found, Error::Ok);
            // SAFETY: without an error it was written.
            let decision: Decision = unsafe { decision.assume_init() };
            match told {
                None => assert_eq!(decision.verdict, Verdict::None),
                Some(told) => assert_eq!(decision, Decision::from(told)),
            }
        }
    }
}
