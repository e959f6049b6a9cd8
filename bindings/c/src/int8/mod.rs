//! The functions of the int8 family. Of these files those of the f32 family are made, by `cargo xtask
//! c-library`, so a function is written once.

mod detector;
mod judge;
mod model;

/// The arithmetic.
type A = ae_infer::Int8<'static>;

pub use detector::{
    ae_int8_detector_begin, ae_int8_detector_push_f32, ae_int8_detector_push_f32_with,
    ae_int8_detector_push_i16, ae_int8_detector_push_i16_with, ae_int8_detector_push_u8,
    ae_int8_detector_push_u8_with, ae_int8_detector_reset,
};
pub use judge::{
    ae_int8_judge_begin, ae_int8_judge_decide, ae_int8_judge_decide_with, ae_int8_judge_reset,
    ae_int8_judge_take_frame, ae_int8_judge_take_frame_with,
};
pub use model::{
    ae_int8_companions_by_groups, ae_int8_companions_resume, ae_int8_companions_save,
    ae_int8_decode, ae_int8_encode, ae_int8_load, ae_int8_reconstruct, ae_int8_score,
    ae_int8_self_test,
};
