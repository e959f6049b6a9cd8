//! Models whose files hold a graph: TensorFlow Lite and ONNX.

mod damaged;
mod files;
#[path = "../forward/mod.rs"]
mod forward;
mod onnx;
mod tflite;
