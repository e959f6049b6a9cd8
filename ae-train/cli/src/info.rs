//! `ae-train info`.

mod detector;

use std::path::{Path, PathBuf};

use ae_core::{
    Activation, Arithmetic, F32, F32Model, Int8, Int8Model, Layer, Model, Part, PartKind, Rounding,
};
use ae_engine as engine;
use ae_files::{hex, text};
use ae_import::{Origin, PixelMap};
use ae_model::Words;
use serde::Serialize;

use super::model_file::ModelFile;
use super::{Outcome, keys, print_each, print_json};
use detector::DetectorInfo;

/// Most characters of the name of a blob's maker that are shown.
const LONGEST_TOOL: usize = 60;

/// Show what a blob holds and what it needs on the board.
///
/// Of a signed file it shows the model version, the purpose and the key too. With --key it checks the signature: the exit
/// code is 1 if the signature is wrong, or if there is none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A blob.
    model: PathBuf,
    /// Check the signature with this public key, NAME.pub of `ae-train keygen`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Info {
    format_version: u32,
    contract: &'static str,
    parts: &'static str,
    /// Whether layers over maps are computed in strips.
    in_strips: bool,
    model_id: String,
    bytes: usize,
    checksum: String,
    features: u32,
    latent: u32,
    parameters: u64,
    multiply_adds: u64,
    layers: Vec<LayerInfo>,
    buffers: Buffers,
    provenance: ProvenanceInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    detector: Option<DetectorInfo>,
    signature: SignatureInfo,
}

#[derive(Serialize)]
struct LayerInfo {
    layer: String,
    kind: String,
    shape: String,
    inputs: usize,
    outputs: usize,
    activation: String,
    layout: &'static str,
    parameters: u64,
    multiply_adds: u64,
    data_bytes: usize,
    digest: String,
}

/// What the caller must provide; bytes on the board.
#[derive(Serialize)]
struct Buffers {
    element_bytes: usize,
    pixels: usize,
    latent_bytes: u64,
    encode_scratch_bytes: u64,
    decode_scratch_bytes: u64,
    scratch_bytes: u64,
    total_bytes: u64,
}

#[derive(Serialize)]
struct ProvenanceInfo {
    tool: String,
    config_digest: String,
    data_digest: String,
    /// The file of another tool that the model was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    imported: Option<ImportedInfo>,
}

/// What an imported blob says of its file.
#[derive(Serialize)]
struct ImportedInfo {
    format: String,
    sha256: String,
    /// What a pixel stands for: `scale · pixel + offset`. One for all values, or one for each.
    pixels: Vec<PixelMap>,
}

impl ImportedInfo {
    fn of(config: &[u8]) -> Option<Self> {
        let Origin { format, digest, pixels, .. } = Origin::from_bytes(config)?;
        Some(Self { format, sha256: hex(&digest), pixels })
    }

    fn lines(&self) -> [(&'static str, String); 2] {
        let Self { format, sha256, pixels } = self;
        let pixel = match pixels[..] {
            [PixelMap { scale, offset }] => format!("{scale} · pixel + {offset}"),
            _ => format!("{} maps, of each value or channel; --json shows them", pixels.len()),
        };
        let format = text::beginning(format, LONGEST_TOOL);
        [("imported from", format!("{format}, SHA-256 {sha256}")), ("a pixel is", pixel)]
    }
}

/// The trailer of a signed file.
#[derive(Default, Serialize)]
struct SignatureInfo {
    signed: bool,
    model_version: Option<u32>,
    /// What the model is for; null where it is for nothing in particular.
    purpose: Option<String>,
    /// The first eight bytes of the public key that it names.
    key_id: Option<String>,
    /// Whether it is right; null where no key was given.
    verified: Option<bool>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let file = ModelFile::read(&args.model)?;
    let key = args.key.as_deref().map(keys::read_public_key).transpose()?;
    let blob = file.blob();
    let mut info = match engine::contract_of(blob)? {
        ae_core::Contract::Int8 => describe(&Int8Model::parse(blob)?, int8_activation)?,
        ae_core::Contract::F32 => describe(&F32Model::parse(blob)?, f32_activation)?,
    };
    let signed = file.signature();
    let verified = key.map(|key| signed.is_some_and(|signed| signed.verify(&key).is_ok()));
    info.signature = SignatureInfo {
        signed: signed.is_some(),
        model_version: signed.map(|signed| signed.version()),
        purpose: signed
            .map(|signed| signed.purpose().name().to_owned())
            .filter(|it| !it.is_empty()),
        key_id: signed.map(|signed| signed.key_id().to_string()),
        verified,
    };
    if args.json {
        print_json(&info)?;
    } else {
        print_each(page(&info, args.key.as_deref()))?;
    }
    Ok(if verified == Some(false) { Outcome::Mismatch } else { Outcome::Success })
}

fn describe<'a, A: Arithmetic<'a>>(
    model: &Model<'a, A>,
    activation: fn(&Layer<'a, A>) -> String,
) -> anyhow::Result<Info> {
    let (header, totals) = (model.header(), model.totals());
    let buffers = header.buffers();
    let mut layers = Vec::new();
    for (kind, part) in [(PartKind::Encoder, model.encoder()), (PartKind::Decoder, model.decoder())]
    {
        layers.extend(part.into_iter().flat_map(|part| describe_part(kind, part, activation)));
    }
    let provenance = model.provenance();
    let imported = ImportedInfo::of(provenance.config);
    Ok(Info {
        format_version: ae_core::Header::VERSION,
        contract: header.contract.name(),
        parts: header.parts().name(),
        in_strips: header.in_strips,
        model_id: hex(&header.model_id),
        bytes: header.total_len as usize,
        checksum: format!("{:08x}", header.checksum),
        features: header.features,
        latent: header.latent,
        parameters: totals.parameters,
        multiply_adds: totals.multiply_adds,
        layers,
        buffers: Buffers {
            element_bytes: header.contract.element_bytes(),
            pixels: buffers.features,
            latent_bytes: buffers.latent_bytes(),
            encode_scratch_bytes: buffers.encoder_scratch_bytes(),
            decode_scratch_bytes: buffers.decoder_scratch_bytes(),
            scratch_bytes: buffers.scratch_bytes(),
            total_bytes: buffers.total_bytes(1),
        },
        provenance: ProvenanceInfo {
            tool: provenance.tool.to_owned(),
            config_digest: match &imported {
                Some(_) => String::new(),
                None => hex(provenance.config),
            },
            data_digest: hex(provenance.data),
            imported,
        },
        detector: DetectorInfo::of(model)?,
        signature: SignatureInfo::default(),
    })
}

fn describe_part<'a, A: Arithmetic<'a>>(
    kind: PartKind,
    part: &Part<'a, A>,
    activation: fn(&Layer<'a, A>) -> String,
) -> Vec<LayerInfo> {
    let layers = part.layers().enumerate().map(|(index, layer)| {
        let geometry = layer.geometry();
        LayerInfo {
            layer: format!("{kind}.{index}"),
            kind: Words(geometry).with_kernel(),
            shape: Words(geometry).to_string(),
            inputs: geometry.inputs(),
            outputs: geometry.outputs(),
            activation: activation(&layer),
            layout: layer.arithmetic().storage().name(),
            parameters: geometry.parameters(),
            multiply_adds: geometry.multiply_adds(),
            data_bytes: layer.data().len(),
            digest: format!("{:08x}", layer.digest()),
        }
    });
    layers.collect()
}

fn int8_activation(layer: &Layer<'_, Int8<'_>>) -> String {
    let activation = match layer.arithmetic().tables().len() {
        0 if layer.arithmetic().is_one_hot() => "one-hot".to_owned(),
        0 => format!("saturate, zero point {}", layer.arithmetic().zero_point()),
        1 => "1 table".to_owned(),
        count => format!("{count} tables"),
    };
    match layer.arithmetic().rounding() {
        Rounding::Once => activation,
        Rounding::Twice => format!("{activation}, rounded twice"),
    }
}

fn f32_activation(layer: &Layer<'_, F32>) -> String {
    match layer.arithmetic().activation() {
        Activation::Identity => "identity".to_owned(),
        other => ae_model::activation_name(other),
    }
}

/// What there is to say of the signature, if anything.
fn signature_line(signature: &SignatureInfo, key: Option<&Path>) -> Option<String> {
    let key = key.map(|key| key.display().to_string()).unwrap_or_default();
    let SignatureInfo { model_version, purpose, key_id, verified, .. } = signature;
    let purpose = purpose.as_deref().map(|name| format!(", purpose {name}")).unwrap_or_default();
    let by = key_id.as_deref().unwrap_or_default();
    Some(match (model_version, verified) {
        (None, None) => return None,
        (None, Some(_)) => "NO: this is a blob without a signature".to_owned(),
        (Some(version), None) => format!(
            "model version {version}{purpose}, key {by}; --key NAME.pub checks the signature"
        ),
        (Some(version), Some(true)) => {
            format!("model version {version}{purpose}, right by {key}, key {by}")
        }
        (Some(version), Some(false)) => format!(
            "WRONG: says model version {version}{purpose}, key {by}, and was changed or signed with \
             another key than that of {key}"
        ),
    })
}

fn page(info: &Info, key: Option<&Path>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: &str| lines.push(format!("{name:<16}{value}"));
    line("contract", &format!("{}, format version {}", info.contract, info.format_version));
    line("model id", &info.model_id);
    // The maker may write here what they like, and a terminal goes on below what is too long.
    line("made by", &text::beginning(&info.provenance.tool, LONGEST_TOOL).to_string());
    for (name, value) in info.provenance.imported.iter().flat_map(ImportedInfo::lines) {
        line(name, &value);
    }
    line("size", &format!("{} bytes, CRC-32C {}", info.bytes, info.checksum));
    if let Some(signature) = signature_line(&info.signature, key) {
        line("signed", &signature);
    }
    line("parameters", &info.parameters.to_string());
    line("multiply-adds", &info.multiply_adds.to_string());
    line("parts", if info.parts == "both" { "encoder and decoder" } else { info.parts });
    line("pixels", &format!("{} bytes each way", info.buffers.pixels));
    line("latent", &format!("{} values, {} bytes", info.latent, info.buffers.latent_bytes));
    let buffers = &info.buffers;
    line(
        "scratch",
        &format!(
            "{} bytes; {} to encode alone, {} to decode alone{}",
            buffers.scratch_bytes,
            buffers.encode_scratch_bytes,
            buffers.decode_scratch_bytes,
            if info.in_strips { "; in strips" } else { "" }
        ),
    );
    line("RAM", &format!("{} bytes: pixels both ways and scratch", buffers.total_bytes));
    for (name, value) in info.detector.iter().flat_map(DetectorInfo::lines) {
        line(name, &value);
    }
    for layer in &info.layers {
        let LayerInfo { kind, shape, data_bytes, activation, layout, .. } = layer;
        line(&layer.layer, &format!("{kind}, {shape}, {data_bytes} bytes, {layout}, {activation}"));
    }
    lines
}
