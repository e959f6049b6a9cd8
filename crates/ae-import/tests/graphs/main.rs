//! Models whose files hold a graph: TensorFlow Lite and ONNX.

#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod files;
mod onnx;
mod tflite;
