//! The functions for C of each contract, by their pointers.

use std::mem::transmute;

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
    /// `ae_…_companions_save`.
    pub save: unsafe extern "C" fn(*const u8, *const u8, *mut u8, usize) -> Error,
    /// `ae_…_companions_resume`.
    pub resume: unsafe extern "C" fn(*mut u8, *const u8, *const u8, usize) -> Error,
}

/// A contract.
pub trait Family: Sized {
    /// Its elements.
    type E: 'static;
    /// Its functions.
    const FUNCTIONS: &'static Functions<Self::E>;
}

/// A function, for pointers to bytes in place of those to structs. Where a pointer leads changes nothing
/// of how it is handed over.
macro_rules! of_bytes {
    ($function:ident) => {
        // SAFETY: the field has the function's type but for where pointers lead.
        unsafe { transmute::<*const (), _>($function as *const ()) }
    };
}

/// The functions of a contract.
macro_rules! functions {
    ($contract:ty, $element:ty, $($field:ident: $function:ident),+ $(,)?) => {
        #[allow(clippy::missing_transmute_annotations, reason = "the field says what type it has")]
        impl Family for $contract {
            type E = $element;
            const FUNCTIONS: &'static Functions<$element> =
                &Functions { $($field: of_bytes!($function)),+ };
        }
    };
}

functions!(
    Int8<'_>,
    i8,
    load: ae_int8_load,
    encode: ae_int8_encode,
    decode: ae_int8_decode,
    reconstruct: ae_int8_reconstruct,
    score: ae_int8_score,
    self_test: ae_int8_self_test,
    begin: ae_int8_detector_begin,
    push_u8: ae_int8_detector_push_u8,
    push_i16: ae_int8_detector_push_i16,
    push_f32: ae_int8_detector_push_f32,
    reset: ae_int8_detector_reset,
    push_i16_with: ae_int8_detector_push_i16_with,
    judge_begin: ae_int8_judge_begin,
    decide_with: ae_int8_judge_decide_with,
    take_frame_with: ae_int8_judge_take_frame_with,
    decide: ae_int8_judge_decide,
    take_frame: ae_int8_judge_take_frame,
    judge_reset: ae_int8_judge_reset,
    save: ae_int8_companions_save,
    resume: ae_int8_companions_resume,
);
functions!(
    F32,
    f32,
    load: ae_f32_load,
    encode: ae_f32_encode,
    decode: ae_f32_decode,
    reconstruct: ae_f32_reconstruct,
    score: ae_f32_score,
    self_test: ae_f32_self_test,
    begin: ae_f32_detector_begin,
    push_u8: ae_f32_detector_push_u8,
    push_i16: ae_f32_detector_push_i16,
    push_f32: ae_f32_detector_push_f32,
    reset: ae_f32_detector_reset,
    push_i16_with: ae_f32_detector_push_i16_with,
    judge_begin: ae_f32_judge_begin,
    decide_with: ae_f32_judge_decide_with,
    take_frame_with: ae_f32_judge_take_frame_with,
    decide: ae_f32_judge_decide,
    take_frame: ae_f32_judge_take_frame,
    judge_reset: ae_f32_judge_reset,
    save: ae_f32_companions_save,
    resume: ae_f32_companions_resume,
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
