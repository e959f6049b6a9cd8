//! What a firmware project of another language needs for one model.
//!
//! [`c_project`] gives the files of a folder for C: the blob as an aligned array and as bytes, its sizes
//! as macros, an example, and what builds it. Whoever calls it writes them.
#![forbid(unsafe_code)]

mod array;
mod error;
mod header;
mod name;

pub use error::ExportError;
pub use name::Name;

/// A file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies in the project, with `/` between folders.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Files that are the same for every model but for its name. What stands there as `model` and `MODEL`
/// becomes the name.
const TEMPLATES: [(&str, &str); 9] = [
    ("README.md", include_str!("../templates/README.md")),
    ("CMakeLists.txt", include_str!("../templates/CMakeLists.txt")),
    ("main.c", include_str!("../templates/main.c")),
    ("@model@.ld", include_str!("../templates/model.ld")),
    ("@model@_bin.S", include_str!("../templates/model_bin.S")),
    ("board/board.h", include_str!("../templates/board/board.h")),
    ("board/host.c", include_str!("../templates/board/host.c")),
    ("board/mps2-an386.c", include_str!("../templates/board/mps2-an386.c")),
    ("board/mps2-an386.ld", include_str!("../templates/board/mps2-an386.ld")),
];

/// The folders of a project, beside the project's own.
pub const FOLDERS: [&str; 1] = ["board"];

/// The files of a project in C for the model `blob`.
///
/// # Errors
/// The bytes are no blob, or its detection section is refused.
pub fn c_project(blob: &[u8], name: &Name) -> Result<Vec<File>, ExportError> {
    let file = |path: &str, bytes: Vec<u8>| File { path: name.fill(path), bytes };
    let mut files = vec![
        file("@model@.h", header::text(blob, name)?.into_bytes()),
        file("@model@.c", array::text(blob, name).into_bytes()),
        file("@model@.bin", blob.to_vec()),
    ];
    files.extend(TEMPLATES.iter().map(|(path, text)| file(path, name.fill(text).into_bytes())));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{ExportError, Name, c_project};

    const INT8: &[u8] = include_bytes!("../../../tests/golden/tiny.int8.aeb");
    const COUNTS: &[u8] = include_bytes!("../../../tests/golden/tiny.counts.int8.aeb");
    const VALUES: &[u8] = include_bytes!("../../../tests/golden/tiny.values.f32.aeb");
    const FEATURES: &[u8] = include_bytes!("../../../tests/golden/tiny.features.int8.aeb");

    fn text(blob: &[u8], name: &str, path: &str) -> String {
        let files = c_project(blob, &name.parse().unwrap()).unwrap();
        let file = files.into_iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes).unwrap()
    }

    fn has(header: &str, line: &str) {
        assert!(header.lines().any(|it| it == line), "no `{line}` in: {header}");
    }

    #[test]
    fn the_header_has_the_sizes_and_the_types() {
        let header = text(INT8, "model", "model.h");
        for line in [
            "#define MODEL_BYTES 595u",
            "#define MODEL_FEATURES 4u",
            "#define MODEL_LATENT 2u",
            "#define MODEL_SCRATCH 5u",
            "#define MODEL_HAS_DETECTOR 0u",
            "typedef int8_t model_element;",
            "typedef ae_int8_model model_engine;",
        ] {
            has(&header, line);
        }
        assert!(!header.contains("WINDOW") && !header.contains("_push"));
        let header = text(COUNTS, "watch", "watch.h");
        for line in [
            "#define WATCH_CHANNELS 2u",
            "#define WATCH_WINDOW 4u",
            "#define WATCH_FRAME 0u",
            "#define WATCH_RUNS 2u",
            "typedef int16_t watch_value;",
            "#define watch_push ae_int8_detector_push_i16",
            "#define watch_push_with ae_int8_detector_push_i16_with",
            "typedef ae_int8_judge watch_judge;",
            "#define watch_sampler_push ae_sampler_push_i16",
        ] {
            has(&header, line);
        }
        let header = text(VALUES, "watch", "watch.h");
        has(&header, "typedef float watch_element;");
        has(&header, "#define watch_push ae_f32_detector_push_f32");
        let window = ae_core::window_len(FEATURES).unwrap();
        assert!(window > 4);
        let header = text(FEATURES, "m", "m.h");
        has(&header, &format!("#define M_WINDOW {window}u"));
        // A channel; frames of 32 samples, of each of which two codes are computed.
        for line in ["#define M_CHANNELS 1u", "#define M_FRAME 32u", "#define M_RUNS 2u"] {
            has(&header, line);
        }
    }

    #[test]
    fn the_array_has_every_byte() {
        let source = text(INT8, "model", "model.c");
        let (_, array) = source.split_once("] = {\n").unwrap();
        let bytes: Vec<u8> = array
            .split([',', '\n', ' '])
            .filter_map(|word| word.strip_prefix("0x"))
            .map(|digits| u8::from_str_radix(digits, 16).unwrap())
            .collect();
        assert_eq!(bytes, INT8);
        let files = c_project(INT8, &"model".parse().unwrap()).unwrap();
        assert!(files.iter().any(|file| file.path == "model.bin" && file.bytes == INT8));
    }

    #[test]
    fn no_file_has_a_place_that_is_not_filled() {
        let name: Name = "pump_2".parse().unwrap();
        let files = c_project(COUNTS, &name).unwrap();
        assert_eq!(files.len(), 12);
        for file in files.iter().filter(|file| !file.path.ends_with(".bin")) {
            let text = String::from_utf8(file.bytes.clone()).unwrap();
            assert!(!text.contains("@model") && !text.contains("@MODEL"), "{}", file.path);
            assert!(!file.path.contains('@'), "{}", file.path);
            assert!(text.is_ascii(), "{}", file.path);
        }
    }

    #[test]
    fn what_is_no_blob_is_refused() {
        let name: Name = "model".parse().unwrap();
        let error = c_project(b"no model", &name).unwrap_err();
        assert!(matches!(error, ExportError::Blob(_)), "{error}");
        let mut damaged = INT8.to_vec();
        damaged[100] ^= 1;
        assert!(c_project(&damaged, &name).is_err());
    }
}
