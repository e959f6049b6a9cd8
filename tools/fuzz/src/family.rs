//! The functions for C of each contract, by their pointers.

use ae_c::*;
use ae_core::{F32, Int8};

/// The functions of a contract whose elements are `E`. Structs are bytes, as a hostile program sees
/// them.
#[derive(Debug)]
#[allow(clippy::type_complexity, reason = "functions of C with their arguments")]
pub struct Functions<E> {
    /// `ae_…_load`.
    pub load: unsafe extern "C" fn(*mut u8, *const u8, usize) -> Error,
    /// `ae_…_encode`.
    pub encode:
        unsafe extern "C" fn(*const u8, *const u8, usize, *mut E, usize, *mut E, usize) -> Error,
    /// `ae_…_decode`.
    pub decode:
        unsafe extern "C" fn(*const u8, *const E, usize, *mut u8, usize, *mut E, usize) -> Error,
    /// `ae_…_reconstruct`.
    pub reconstruct:
        unsafe extern "C" fn(*const u8, *const u8, *mut u8, usize, *mut E, usize) -> Error,
    /// `ae_…_score`.
    pub score: unsafe extern "C" fn(
        *const u8,
        *const u8,
        *mut u8,
        usize,
        *mut E,
        usize,
        *mut u64,
    ) -> Error,
    /// `ae_…_self_test`.
    pub self_test:
        unsafe extern "C" fn(*const u8, *mut u8, usize, *mut E, usize, *mut Fault) -> Error,
    /// `ae_…_detector_begin`.
    pub begin: unsafe extern "C" fn(
        *mut u8,
        *const u8,
        *mut u8,
        usize,
        *mut u8,
        usize,
        *mut E,
        usize,
    ) -> Error,
    /// `ae_…_detector_push_u8`.
    pub push_u8: unsafe extern "C" fn(*mut u8, *const u8, usize, *mut Decision) -> Error,
    /// `ae_…_detector_push_i16`.
    pub push_i16: unsafe extern "C" fn(*mut u8, *const i16, usize, *mut Decision) -> Error,
    /// `ae_…_detector_push_f32`.
    pub push_f32: unsafe extern "C" fn(*mut u8, *const f32, usize, *mut Decision) -> Error,
    /// `ae_…_detector_reset`.
    pub reset: unsafe extern "C" fn(*mut u8) -> Error,
    /// `ae_…_detector_push_i16_with`. Those of the other types are the same function of Rust.
    pub push_i16_with:
        unsafe extern "C" fn(*mut u8, *mut u8, *const i16, usize, *mut Observation) -> Error,
    /// `ae_…_judge_begin`.
    pub judge_begin: unsafe extern "C" fn(
        *mut u8,
        *mut u8,
        *const u8,
        *mut u8,
        usize,
        *mut u8,
        usize,
        *mut E,
        usize,
    ) -> Error,
    /// `ae_…_judge_decide_with`.
    pub decide_with:
        unsafe extern "C" fn(*mut u8, *mut u8, *const u8, usize, *mut Observation) -> Error,
    /// `ae_…_judge_take_frame_with`.
    pub take_frame_with:
        unsafe extern "C" fn(*mut u8, *mut u8, *const i16, usize, *mut Observation) -> Error,
    /// `ae_…_judge_decide`.
    pub decide: unsafe extern "C" fn(*mut u8, *const u8, usize, *mut Decision) -> Error,
    /// `ae_…_judge_take_frame`.
    pub take_frame: unsafe extern "C" fn(*mut u8, *const i16, usize, *mut Decision) -> Error,
    /// `ae_…_judge_reset`.
    pub judge_reset: unsafe extern "C" fn(*mut u8) -> Error,
}

/// A contract.
pub trait Family: Sized {
    /// Its elements.
    type E: 'static;
    /// Its functions.
    const FUNCTIONS: &'static Functions<Self::E>;
}

/// Functions that take bytes for the structs of a contract.
macro_rules! functions {
    ($contract:ty, $element:ty, $model:ty, $detector:ty, $load:ident, $encode:ident, $decode:ident,
     $reconstruct:ident, $score:ident, $self_test:ident, $begin:ident, $u8:ident, $i16:ident,
     $f32:ident, $reset:ident, $i16_with:ident, $judge_begin:ident, $decide_with:ident,
     $take_frame_with:ident, $decide:ident, $take_frame:ident, $judge_reset:ident) => {
        impl Family for $contract {
            type E = $element;
            const FUNCTIONS: &'static Functions<$element> = {
                type E = $element;
                unsafe extern "C" fn load(a: *mut u8, b: *const u8, c: usize) -> Error {
                    // SAFETY: the caller's word, here and below.
                    unsafe { $load(a.cast(), b, c) }
                }
                unsafe extern "C" fn encode(
                    a: *const u8,
                    b: *const u8,
                    c: usize,
                    d: *mut E,
                    e: usize,
                    f: *mut E,
                    g: usize,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $encode(a.cast(), b, c, d, e, f, g) }
                }
                unsafe extern "C" fn decode(
                    a: *const u8,
                    b: *const E,
                    c: usize,
                    d: *mut u8,
                    e: usize,
                    f: *mut E,
                    g: usize,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $decode(a.cast(), b, c, d, e, f, g) }
                }
                unsafe extern "C" fn reconstruct(
                    a: *const u8,
                    b: *const u8,
                    c: *mut u8,
                    d: usize,
                    e: *mut E,
                    f: usize,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $reconstruct(a.cast(), b, c, d, e, f) }
                }
                unsafe extern "C" fn score(
                    a: *const u8,
                    b: *const u8,
                    c: *mut u8,
                    d: usize,
                    e: *mut E,
                    f: usize,
                    g: *mut u64,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $score(a.cast(), b, c, d, e, f, g) }
                }
                unsafe extern "C" fn self_test(
                    a: *const u8,
                    b: *mut u8,
                    c: usize,
                    d: *mut E,
                    e: usize,
                    f: *mut Fault,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $self_test(a.cast(), b, c, d, e, f) }
                }
                #[allow(clippy::too_many_arguments, reason = "as the function has them")]
                unsafe extern "C" fn begin(
                    a: *mut u8,
                    b: *const u8,
                    c: *mut u8,
                    d: usize,
                    e: *mut u8,
                    f: usize,
                    g: *mut E,
                    h: usize,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $begin(a.cast(), b.cast(), c, d, e, f, g, h) }
                }
                unsafe extern "C" fn push_u8(
                    a: *mut u8,
                    b: *const u8,
                    c: usize,
                    d: *mut Decision,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $u8(a.cast(), b, c, d) }
                }
                unsafe extern "C" fn push_i16(
                    a: *mut u8,
                    b: *const i16,
                    c: usize,
                    d: *mut Decision,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $i16(a.cast(), b, c, d) }
                }
                unsafe extern "C" fn push_f32(
                    a: *mut u8,
                    b: *const f32,
                    c: usize,
                    d: *mut Decision,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $f32(a.cast(), b, c, d) }
                }
                unsafe extern "C" fn reset(a: *mut u8) -> Error {
                    // SAFETY: as above.
                    unsafe { $reset(a.cast()) }
                }
                unsafe extern "C" fn push_i16_with(
                    a: *mut u8,
                    b: *mut u8,
                    c: *const i16,
                    d: usize,
                    e: *mut Observation,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $i16_with(a.cast(), b.cast(), c, d, e) }
                }
                #[allow(clippy::too_many_arguments, reason = "as the function has them")]
                unsafe extern "C" fn judge_begin(
                    a: *mut u8,
                    b: *mut u8,
                    c: *const u8,
                    d: *mut u8,
                    e: usize,
                    f: *mut u8,
                    g: usize,
                    h: *mut E,
                    i: usize,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $judge_begin(a.cast(), b.cast(), c.cast(), d, e, f, g, h, i) }
                }
                unsafe extern "C" fn decide_with(
                    a: *mut u8,
                    b: *mut u8,
                    c: *const u8,
                    d: usize,
                    e: *mut Observation,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $decide_with(a.cast(), b.cast(), c, d, e) }
                }
                unsafe extern "C" fn take_frame_with(
                    a: *mut u8,
                    b: *mut u8,
                    c: *const i16,
                    d: usize,
                    e: *mut Observation,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $take_frame_with(a.cast(), b.cast(), c, d, e) }
                }
                unsafe extern "C" fn decide(
                    a: *mut u8,
                    b: *const u8,
                    c: usize,
                    d: *mut Decision,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $decide(a.cast(), b, c, d) }
                }
                unsafe extern "C" fn take_frame(
                    a: *mut u8,
                    b: *const i16,
                    c: usize,
                    d: *mut Decision,
                ) -> Error {
                    // SAFETY: as above.
                    unsafe { $take_frame(a.cast(), b, c, d) }
                }
                unsafe extern "C" fn judge_reset(a: *mut u8) -> Error {
                    // SAFETY: as above.
                    unsafe { $judge_reset(a.cast()) }
                }
                &Functions {
                    load,
                    encode,
                    decode,
                    reconstruct,
                    score,
                    self_test,
                    begin,
                    push_u8,
                    push_i16,
                    push_f32,
                    reset,
                    push_i16_with,
                    judge_begin,
                    decide_with,
                    take_frame_with,
                    decide,
                    take_frame,
                    judge_reset,
                }
            };
        }
    };
}

functions!(
    Int8<'_>,
    i8,
    Int8Model,
    Int8Detector,
    ae_int8_load,
    ae_int8_encode,
    ae_int8_decode,
    ae_int8_reconstruct,
    ae_int8_score,
    ae_int8_self_test,
    ae_int8_detector_begin,
    ae_int8_detector_push_u8,
    ae_int8_detector_push_i16,
    ae_int8_detector_push_f32,
    ae_int8_detector_reset,
    ae_int8_detector_push_i16_with,
    ae_int8_judge_begin,
    ae_int8_judge_decide_with,
    ae_int8_judge_take_frame_with,
    ae_int8_judge_decide,
    ae_int8_judge_take_frame,
    ae_int8_judge_reset
);
functions!(
    F32,
    f32,
    F32Model,
    F32Detector,
    ae_f32_load,
    ae_f32_encode,
    ae_f32_decode,
    ae_f32_reconstruct,
    ae_f32_score,
    ae_f32_self_test,
    ae_f32_detector_begin,
    ae_f32_detector_push_u8,
    ae_f32_detector_push_i16,
    ae_f32_detector_push_f32,
    ae_f32_detector_reset,
    ae_f32_detector_push_i16_with,
    ae_f32_judge_begin,
    ae_f32_judge_decide_with,
    ae_f32_judge_take_frame_with,
    ae_f32_judge_decide,
    ae_f32_judge_take_frame,
    ae_f32_judge_reset
);

/// Memory for a struct, on its boundary and of exactly its size.
#[derive(Debug)]
pub struct Struct(Vec<u64>);

impl Struct {
    /// For a struct `S`, full of a byte.
    #[must_use]
    pub fn garbage<S>(byte: u8) -> Self {
        Self(vec![u64::from_ne_bytes([byte; 8]); size_of::<S>() / size_of::<u64>()])
    }

    /// Where it lies.
    pub fn pointer(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}
