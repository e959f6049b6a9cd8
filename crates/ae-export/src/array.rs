//! The blob as an array of C.

use std::fmt::Write;

use crate::name::Name;

/// Bytes on a line.
const LINE: usize = 16;

/// The source with the array.
pub(crate) fn text(blob: &[u8], name: &Name) -> String {
    let mut text = name.fill(
        "/* The model, made by `ae-train export c`. It lies on a boundary of 16 bytes: kernels read weights\n \
         * in place. */\n\
         #include \"@model@.h\"\n\n\
         #if defined(__GNUC__)\n\
         #define @MODEL@_ALIGNED __attribute__((aligned(16)))\n\
         #elif defined(_MSC_VER)\n\
         #define @MODEL@_ALIGNED __declspec(align(16))\n\
         #else\n\
         #define @MODEL@_ALIGNED _Alignas(16)\n\
         #endif\n\n\
         @MODEL@_ALIGNED const uint8_t @model@_blob[@MODEL@_BYTES] = {\n",
    );
    for line in blob.chunks(LINE) {
        text.push_str("  ");
        for byte in line {
            write!(text, "{byte:#04x},").expect("writing to a string does not fail");
        }
        text.push('\n');
    }
    text + "};\n"
}
