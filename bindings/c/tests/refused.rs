//! What C may hand over by mistake is refused by its own error, and touches nothing.

#![allow(unsafe_code, reason = "functions that take pointers")]

use std::mem::MaybeUninit;
use std::ptr;

use ae_c::*;

const BLOB: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
const F32: &[u8] = include_bytes!("../../../tests/golden/tiny.values.f32.aeb");
const SECRET: [u8; 4] = [1, 2, 3, 4];

/// A model and buffers for it.
struct Bench {
    model: Int8Model,
    pixels: [u8; 4],
    out: [u8; 4],
    latent: [i8; 2],
    scratch: [i8; 5],
}

impl Bench {
    fn new() -> Self {
        let mut model = MaybeUninit::uninit();
        // SAFETY: the length is that of the slice, which is there for ever.
        let error = unsafe { ae_int8_load(model.as_mut_ptr(), BLOB.as_ptr(), BLOB.len()) };
        assert_eq!(error, Error::Ok);
        // SAFETY: without an error it was written.
        let model = unsafe { model.assume_init() };
        Self { model, pixels: SECRET, out: SECRET, latent: [0; 2], scratch: [0; 5] }
    }
}

/// Encodes with these arguments.
fn encode(
    model: *const Int8Model,
    pixels: (*const u8, usize),
    latent: (*mut i8, usize),
    scratch: (*mut i8, usize),
) -> Error {
    // SAFETY: the tests hand over memory that is there, or what is refused.
    unsafe { ae_int8_encode(model, pixels.0, pixels.1, latent.0, latent.1, scratch.0, scratch.1) }
}

#[test]
fn pointers_and_lengths() {
    let mut it = Bench::new();
    let model = &raw const it.model;
    let pixels = (it.pixels.as_ptr(), 4);
    let latent = (it.latent.as_mut_ptr(), 2);
    let scratch = (it.scratch.as_mut_ptr(), 5);
    assert_eq!(encode(model, pixels, latent, scratch), Error::Ok);
    assert_eq!(encode(ptr::null(), pixels, latent, scratch), Error::Null);
    assert_eq!(encode(model, (ptr::null(), 4), latent, scratch), Error::Null);
    assert_eq!(encode(model, (ptr::null(), 0), latent, scratch), Error::Pixels);
    assert_eq!(encode(model, (pixels.0, 3), latent, scratch), Error::Pixels);
    assert_eq!(encode(model, (pixels.0, usize::MAX), latent, scratch), Error::Length);
    assert_eq!(encode(model, pixels, (latent.0, 1), scratch), Error::Latent);
    assert_eq!(encode(model, pixels, (ptr::null_mut(), 2), scratch), Error::Null);
    assert_eq!(encode(model, pixels, latent, (scratch.0, 0)), Error::Scratch);
    let off = model.wrapping_byte_add(4);
    assert_eq!(encode(off, pixels, latent, scratch), Error::Misaligned);
}

#[test]
fn buffers_that_lie_over_each_other() {
    let mut it = Bench::new();
    let model = &raw const it.model;
    let pixels = (it.pixels.as_ptr(), 4);
    let latent = (it.latent.as_mut_ptr(), 2);
    let scratch = (it.scratch.as_mut_ptr(), 5);
    let over = |pointer: *const u8| pointer.cast_mut().cast::<i8>();
    for place in [pixels.0, model.cast(), BLOB.as_ptr(), latent.0.cast()] {
        assert_eq!(encode(model, pixels, latent, (over(place), 5)), Error::Overlap);
    }
    assert_eq!(encode(model, pixels, (scratch.0.wrapping_add(4), 2), scratch), Error::Overlap);
    assert_eq!(it.pixels, SECRET);
    // SAFETY: as above.
    let error = unsafe {
        let (pixels, scratch) = (it.pixels.as_mut_ptr(), it.scratch.as_mut_ptr());
        ae_int8_reconstruct(model, pixels, pixels, 4, scratch, 5)
    };
    assert_eq!((error, it.pixels), (Error::Overlap, SECRET));
}

#[test]
fn structs_that_are_no_model() {
    let mut it = Bench::new();
    let pixels = (it.pixels.as_ptr(), 4);
    let latent = (it.latent.as_mut_ptr(), 2);
    let scratch = (it.scratch.as_mut_ptr(), 5);
    for byte in [0, 1, 0xff] {
        let garbage = [u64::from_ne_bytes([byte; 8]); 64];
        assert_eq!(encode(garbage.as_ptr().cast(), pixels, latent, scratch), Error::NotLoaded);
    }
    // A load that fails leaves no model, whatever there was before.
    // SAFETY: as above.
    let error = unsafe { ae_int8_load(&raw mut it.model, BLOB.as_ptr(), BLOB.len() - 1) };
    assert_eq!(error, Error::BlobLength);
    assert_eq!(encode(&raw const it.model, pixels, latent, scratch), Error::NotLoaded);
    // SAFETY: as above.
    let error = unsafe { ae_int8_load(&raw mut it.model, F32.as_ptr(), F32.len()) };
    assert_eq!(error, Error::Contract);
    let mut other = MaybeUninit::<F32Model>::uninit();
    // SAFETY: as above.
    let error = unsafe { ae_f32_load(other.as_mut_ptr(), F32.as_ptr(), F32.len()) };
    assert_eq!(error, Error::Ok);
    assert_eq!(encode(other.as_ptr().cast(), pixels, latent, scratch), Error::NotLoaded);
    let mut damaged = BLOB.to_vec();
    damaged[100] ^= 1;
    // SAFETY: as above.
    let error = unsafe { ae_int8_load(&raw mut it.model, damaged.as_ptr(), damaged.len()) };
    assert_eq!(error, Error::Checksum);
}

#[test]
fn detectors() {
    let it = &mut Bench::new();
    let (mut window, mut detector) = ([0_u8; 4], MaybeUninit::<Int8Detector>::uninit());
    let held = detector.as_mut_ptr();
    let begin = |window: (*mut u8, usize), out: *mut u8| {
        let (model, scratch) = (&raw const it.model, (&raw const it.scratch).cast_mut().cast());
        // SAFETY: as above.
        unsafe { ae_int8_detector_begin(held, model, window.0, window.1, out, 4, scratch, 5) }
    };
    let out = (&raw const it.out).cast_mut().cast::<u8>();
    let place = window.as_mut_ptr();
    assert_eq!(begin((place, 4), place), Error::Overlap);
    assert_eq!(begin((place, 3), out), Error::Pixels);
    assert_eq!(begin((place, 4), held.cast()), Error::Overlap);
    assert_eq!(begin((place, 4), out), Error::Ok);

    let mut decision = MaybeUninit::<Decision>::uninit();
    let given = decision.as_mut_ptr();
    let sample = [120_i16, -40];
    // SAFETY: as above.
    unsafe {
        assert_eq!(ae_int8_detector_push_i16(held, sample.as_ptr(), 1, given), Error::Channels);
        assert_eq!(ae_int8_detector_push_u8(held, SECRET.as_ptr(), 2, given), Error::SampleType);
        assert_eq!(
            ae_int8_detector_push_i16(held, sample.as_ptr(), 2, ptr::null_mut()),
            Error::Null
        );
        let over = window.as_ptr().cast::<i16>();
        let error = ae_int8_detector_push_i16(held, over, 2, given);
        assert!([Error::Overlap, Error::Misaligned].contains(&error), "{error:?}");
        let inside = held.cast::<Decision>();
        assert_eq!(ae_int8_detector_push_i16(held, sample.as_ptr(), 2, inside), Error::Overlap);
        assert_eq!(ae_int8_detector_push_i16(held, sample.as_ptr(), 2, given), Error::Ok);
        assert_eq!(decision.assume_init_ref().verdict, Verdict::None);
        assert_eq!(ae_int8_detector_push_i16(held, sample.as_ptr(), 2, given), Error::Ok);
        assert_ne!(decision.assume_init_ref().verdict, Verdict::None);
        assert_eq!(ae_int8_detector_reset(held), Error::Ok);
        assert_eq!(
            ae_int8_detector_reset(held.cast::<u8>().wrapping_add(8).cast()),
            Error::NotLoaded
        );
    }
}

#[test]
fn the_self_test_says_which_layer_differs() {
    let mut it = Bench::new();
    let (model, scratch) = (&raw const it.model, it.scratch.as_mut_ptr());
    let mut fault = Fault { side: Side::Encoder, layer: 9, expected: 0, found: 0 };
    // SAFETY: as above.
    let error = unsafe { ae_int8_self_test(model, it.out.as_mut_ptr(), 4, scratch, 5, &mut fault) };
    assert_eq!((error, fault.layer), (Error::Ok, 9));
    // The digest of the decoder's last layer is among the blob's last bytes: another one, and a right
    // checksum.
    let mut wrong = ae_testkit::blob::Blob::<ae_testkit::int8::Int8>::read(BLOB);
    wrong.decoder.as_mut().unwrap().layers[1].digest ^= 1;
    let wrong = wrong.write();
    // SAFETY: as above; the blob outlives the model.
    let error = unsafe { ae_int8_load(&raw mut it.model, wrong.as_ptr(), wrong.len()) };
    assert_eq!(error, Error::Ok);
    // SAFETY: as above.
    let error = unsafe { ae_int8_self_test(model, it.out.as_mut_ptr(), 4, scratch, 5, &mut fault) };
    assert_eq!((error, fault.side, fault.layer), (Error::SelfTest, Side::Decoder, 1));
    assert_eq!(fault.expected, fault.found ^ 1);
}
