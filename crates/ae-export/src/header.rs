//! The header with a model's sizes.

use ae_core::{
    Contract, Detection, F32Model, Header, Int8Model, LoadError, SampleKind, window_len,
};

use crate::ExportError;
use crate::name::Name;

/// The header of a blob.
pub(crate) fn text(blob: &[u8], name: &Name) -> Result<String, ExportError> {
    let header = Header::check(blob)?;
    let detection = match header.contract {
        Contract::Int8 => Int8Model::parse(blob)?.detection()?,
        Contract::F32 => F32Model::parse(blob)?.detection()?,
    };
    let (family, element) = match header.contract {
        Contract::Int8 => ("int8", "int8_t"),
        Contract::F32 => ("f32", "float"),
    };
    let mut text = name.fill(
        "/* The sizes of a model, made by `ae-train export c`. */\n\
         #ifndef @MODEL@_H\n#define @MODEL@_H\n\n\
         #include \"autoencoder.h\"\n\n",
    );
    let mut define = |what: &str, macro_name: &str, value: usize| {
        text += &format!("/* {what} */\n#define {}_{macro_name} {value}u\n", name.upper());
    };
    define("Bytes of the blob.", "BYTES", blob.len());
    define("Pixels of one input, and of one reconstruction.", "FEATURES", header.features as usize);
    define("Latent values.", "LATENT", header.latent as usize);
    define("Elements of a scratch for every function.", "SCRATCH", header.scratch_len());
    let [encode, decode] = [header.encoder_scratch, header.decoder_scratch];
    define("Elements of a scratch for encoding alone.", "ENCODE_SCRATCH", encode as usize);
    define("Elements of a scratch for decoding alone.", "DECODE_SCRATCH", decode as usize);
    define("Whether there is an encoder.", "HAS_ENCODER", header.has_encoder.into());
    define("Whether there is a decoder.", "HAS_DECODER", header.has_decoder.into());
    let watches = header.has_encoder && header.has_decoder;
    let detection = detection.filter(|_| watches);
    define("Whether there is a detector.", "HAS_DETECTOR", detection.is_some().into());
    if let Some(detection) = &detection {
        let of_codes =
            detection.channels(header.features as usize).map_err(LoadError::Detection)?;
        let of_samples = detection.features.map_or(of_codes, |of| of.channels.into());
        define("Values of a sample.", "CHANNELS", of_samples);
        // A section that was read has a length.
        let window = window_len(blob).unwrap_or(detection.window_len(header.features as usize));
        define("Bytes of a detector's window.", "WINDOW", window);
        let frame = detection.features.map_or(0, |of| of.frame_values());
        let what = "Values of a frame, where features are computed of the signal; otherwise 0.";
        define(what, "FRAME", frame);
        let what = "Elements of `runs` of companions that look at every channel. Their other buffers go by \
                    their plan:\n * AE_CALIBRATION_LEN for scores, AE_COMPANIONS_STATE_LEN for what is \
                    saved.";
        define(what, "RUNS", of_codes);
    }
    text += &name.fill(&types(family, element, detection.as_ref()));
    Ok(text)
}

/// The types of a contract, and its functions.
fn types(family: &str, element: &str, detection: Option<&Detection<'_>>) -> String {
    let mut text = format!(
        "\n/* A latent value, and an element of the scratch. */\n\
         typedef {element} @model@_element;\n\
         /* The model, loaded. */\n\
         typedef ae_{family}_model @model@_engine;\n\
         /* A function of the model's contract: `@model@_call(load)(…)` is `ae_{family}_load(…)`. */\n\
         #define @model@_call(function) ae_{family}_##function\n"
    )
    .replace('…', "...");
    if let Some(detection) = detection {
        let (value, push) = match detection.kind() {
            SampleKind::Pixels => ("uint8_t", "u8"),
            SampleKind::Counts => ("int16_t", "i16"),
            SampleKind::Values => ("float", "f32"),
        };
        text += &format!(
            "/* A value of a sample. */\n\
             typedef {value} @model@_value;\n\
             /* A detector with the model. */\n\
             typedef ae_{family}_detector @model@_detector;\n\
             /* Takes the next sample; and the same with companions. */\n\
             #define @model@_push ae_{family}_detector_push_{push}\n\
             #define @model@_push_with ae_{family}_detector_push_{push}_with\n\
             /* Of a detector in two halves the half that decides, and what the other one takes samples by. */\n\
             typedef ae_{family}_judge @model@_judge;\n\
             #define @model@_sampler_push ae_sampler_push_{push}\n"
        );
    }
    text + "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\
            /* The blob. */\n\
            extern const uint8_t @model@_blob[@MODEL@_BYTES];\n\
            #ifdef __cplusplus\n}\n#endif\n\n#endif\n"
}
