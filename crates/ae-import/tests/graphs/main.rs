//! Models whose files hold a graph: TensorFlow Lite and ONNX.

mod files;
#[path = "../forward/mod.rs"]
mod forward;
mod tflite;
