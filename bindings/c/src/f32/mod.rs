// Made of the same file of the int8 family by `cargo xtask c-library`; not to be edited.
//! The functions of the f32 family. Of these files those of the f32 family are made, by `cargo xtask
//! c-library`, so a function is written once.

mod detector;
mod judge;
mod model;

/// The arithmetic.
type A = ae_infer::F32;

pub use detector::{
    ae_f32_detector_begin, ae_f32_detector_push_f32, ae_f32_detector_push_f32_with,
    ae_f32_detector_push_i16, ae_f32_detector_push_i16_with, ae_f32_detector_push_u8,
    ae_f32_detector_push_u8_with, ae_f32_detector_reset,
};
pub use judge::{
    ae_f32_judge_begin, ae_f32_judge_decide, ae_f32_judge_decide_with, ae_f32_judge_reset,
    ae_f32_judge_take_frame, ae_f32_judge_take_frame_with,
};
pub use model::{
    ae_f32_companions_by_groups, ae_f32_companions_resume, ae_f32_companions_save, ae_f32_decode,
    ae_f32_encode, ae_f32_load, ae_f32_reconstruct, ae_f32_score, ae_f32_self_test,
};
