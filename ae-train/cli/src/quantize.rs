//! `ae-train quantize`.

use std::path::{Path, PathBuf};

use ae_boards::{UnknownCore, layout_for};
use ae_core::{
    Contract, Header, Layout, PartSelection, arrange, select_parts, with_detection, with_strips,
};
use ae_data as data;
use ae_data::{Half, Images};
use ae_detect::play::detection;
use ae_engine as engine;
use ae_files::folder_of;
use ae_quantize::{Quantised, Rise, unwatched};
use ae_run::blobs::{BlobRecipe, CALIBRATION_IMAGES, make_blob};
use ae_run::{Run, RunConfig, file, read_config};
use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::Serialize;

use super::quantising::quantising;
use super::trouble::{runs, shell};
use super::{Outcome, files, print, print_json};
use crate::values::PartName;

/// Make a blob of a run's trained weights, or put a blob into another form.
///
/// `train` has made an int8 and an f32 blob already. This command makes another one: of one part
/// only, in the layout of a core, computed in strips, or calibrated on other images. An encoder and a decoder that are
/// made with the same options carry the same model id, and belong together.
///
/// Of a blob, such as `import` makes, --for, --part and --in-strips give another blob of the same model:
/// nothing is quantised again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run folder, or a blob.
    run: PathBuf,
    /// The arithmetic of the blob.
    #[arg(long, value_enum, default_value_t)]
    contract: ContractName,
    /// The part of the model that the blob holds.
    #[arg(long, value_enum, default_value_t)]
    part: PartName,
    /// The core or board that the blob is for, such as cortex-m4. Its weights are put in the layout
    /// that the core's kernel is fast with. Without this option they are in plain rows, which every
    /// core runs. The run's own int8 blob is rearranged where it is there; nothing is quantised again.
    #[arg(long = "for", value_name = "CORE", value_parser = core)]
    core: Option<Core>,
    /// Compute layers over maps in strips, so that the maps between them are never whole: less RAM and
    /// the same results, in more time.
    #[arg(long)]
    in_strips: bool,
    /// Calibrate on the training images of this data. Without this option, on the run's own.
    #[arg(long)]
    data: Option<String>,
    /// The number of training images to calibrate on.
    #[arg(long, value_name = "IMAGES", default_value_t = CALIBRATION_IMAGES, value_parser = at_least_one)]
    calibration: usize,
    /// The blob to write. Without this option it lies in the run folder, and is called
    /// model.encoder.int8.aeb, for example.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    path: PathBuf,
    contract: &'static str,
    layout: &'static str,
    bytes: usize,
    /// What int8 costs on the run's test images, where it was measured.
    #[serde(flatten)]
    cost: Option<Cost>,
}

/// Mean squared errors of an int8 blob and of the f32 blob of the same weights, on images that
/// neither training nor calibration saw.
#[derive(Serialize)]
struct Cost {
    test_mse: f64,
    float_test_mse: f64,
    /// `None` where the float network has no error.
    rise_percent: Option<f64>,
    warning: Option<String>,
}

impl Cost {
    fn of(int8: &Quantised, f32_blob: &[u8], test: &Images) -> anyhow::Result<Self> {
        let mse = |blob: &[u8]| engine::evaluate(blob, test).map(|quality| quality.mse);
        let rise = Rise { int8: mse(&int8.bytes)?, float: mse(f32_blob)? };
        Ok(Self {
            test_mse: rise.int8,
            float_test_mse: rise.float,
            rise_percent: rise.percent(),
            warning: rise.warning(&int8.coarse),
        })
    }

    fn tell(&self) {
        let Self { test_mse, float_test_mse, .. } = self;
        let rise = self.rise_percent.map_or_else(String::new, |rise| format!(", {rise:+.2} %"));
        tell!("on the test images: MSE {test_mse:.6} in int8, {float_test_mse:.6} in float{rise}");
        if let Some(warning) = &self.warning {
            tell!("warning: {warning}");
        }
    }
}

/// The arithmetic to make a blob for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ContractName {
    /// Integers only.
    #[default]
    Int8,
    /// 32-bit floats.
    F32,
}

/// A core or board by its name.
#[derive(Debug, Clone)]
pub(super) struct Core {
    pub(super) name: String,
    pub(super) layout: Layout,
}

pub(super) fn core(name: &str) -> Result<Core, UnknownCore> {
    Ok(Core { name: name.to_lowercase(), layout: layout_for(name)? })
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected a number of images, at least 1".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if args.run.is_file() {
        return of_blob(args);
    }
    if args.out.is_none() && (args.data.is_some() || args.calibration != CALIBRATION_IMAGES) {
        bail!(
            "--data and --calibration need --out, because the run's own blobs must stay as `train` made them"
        );
    }
    let contract = match args.contract {
        ContractName::Int8 => Contract::Int8,
        ContractName::F32 => Contract::F32,
    };
    args.check_layout(contract)?;
    let config = read_config(&args.run)?;
    let (mut blob, cost) = match args.own_blob() {
        Some(own) => (own_blob(&own, &args.run, config.detect.is_some())?, None),
        None => quantised(args, &config, contract)?,
    };
    if let Some(core) = &args.core {
        blob = arrange(&blob, core.layout)?;
    }
    if args.in_strips {
        blob = strips(&blob)?;
    }
    let name = default_name(args, contract);
    let out = args.out.clone().unwrap_or_else(|| args.run.join(name));
    // The folder's lock keeps away who would take the unfinished file for one left by a kill.
    let tell = |line: &str| tell!("{line}");
    let _held = match in_folder(&out, &args.run) {
        true => Some(Run::join(&args.run, &tell).map_err(runs::with_remedy)?),
        false => None,
    };
    finish(args, contract, &blob, out, cost)
}

/// Writes the blob and says so.
fn finish(
    args: &Args,
    contract: Contract,
    blob: &[u8],
    out: PathBuf,
    cost: Option<Cost>,
) -> anyhow::Result<Outcome> {
    files::write(&out, blob)
        .with_context(|| format!("the blob of {} bytes is not kept", blob.len()))?;
    if args.json {
        let layout = match (contract, &args.core) {
            (Contract::F32, _) => "columns",
            (Contract::Int8, None) => Layout::Rows.name(),
            (Contract::Int8, Some(core)) => core.layout.name(),
        };
        print_json(&Report {
            contract: contract.name(),
            layout,
            bytes: blob.len(),
            path: out,
            cost,
        })?;
    } else {
        // Many cores are fast with rows, which is what there is without --for.
        let layout =
            args.core.as_ref().map_or(String::new(), |it| format!(", {}", it.layout.name()));
        print(format_args!("{}  {} bytes{layout}", out.display(), blob.len()))?;
    }
    Ok(Outcome::Success)
}

impl Args {
    /// Only int8 blobs have layouts to choose among.
    fn check_layout(&self, contract: Contract) -> anyhow::Result<()> {
        match (&self.core, contract) {
            (Some(core), Contract::F32) => bail!(
                "--for {}: f32 blobs have one layout for all cores; leave --for out",
                core.name
            ),
            _ => Ok(()),
        }
    }

    /// The run's own blob, if nothing is wanted but that with its weights in another order.
    fn own_blob(&self) -> Option<PathBuf> {
        let own = self.run.join(file::INT8_BLOB);
        let as_trained = self.data.is_none() && self.calibration == CALIBRATION_IMAGES;
        let whole = PartSelection::from(self.part) == PartSelection::Both;
        let is_changed = self.core.is_some() || self.in_strips;
        let is_int8 = self.contract == ContractName::Int8;
        (is_changed && is_int8 && as_trained && whole && own.exists()).then_some(own)
    }
}

fn own_blob(own: &Path, run: &Path, is_detector: bool) -> anyhow::Result<Vec<u8>> {
    let again = if is_detector { "calibrate" } else { "quantize" };
    files::read_blob(own).with_context(|| {
        format!(
            "the run's blob cannot be read from {}; `ae-train {again} {}` makes it again",
            own.display(),
            run.display()
        )
    })
}

/// Another form of a blob.
fn of_blob(args: &Args) -> anyhow::Result<Outcome> {
    let name = args.run.display();
    if args.data.is_some() || args.calibration != CALIBRATION_IMAGES {
        bail!("{name} is a blob, and is not quantised again: leave out --data and --calibration");
    }
    let mut blob = files::read_blob(&args.run)?;
    let contract = engine::contract_of(&blob)?;
    let parts = PartSelection::from(args.part);
    if args.core.is_none() && !args.in_strips && parts == PartSelection::Both {
        bail!("{name} is a blob already: --for, --part or --in-strips put it into another form");
    }
    args.check_layout(contract)?;
    if let Some(core) = &args.core {
        blob = arrange(&blob, core.layout)?;
    }
    if parts != PartSelection::Both {
        blob = select_parts(&blob, parts)?;
    }
    if args.in_strips {
        blob = strips(&blob)?;
    }
    let out = args.out.clone().unwrap_or_else(|| {
        let stem = args.run.file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.trim_end_matches(contract.name()).trim_end_matches('.');
        args.run.with_file_name(form_name(stem, args, contract))
    });
    finish(args, contract, &blob, out, None)
}

/// A blob of the run's weights, and what int8 costs if the whole model is in it.
fn quantised(
    args: &Args,
    config: &RunConfig,
    contract: Contract,
) -> anyhow::Result<(Vec<u8>, Option<Cost>)> {
    let network = files::read_network(&args.run, config)?;
    let (images, test) = match args.data.as_deref() {
        None => {
            let data = files::run_data(&args.run, config, None)?;
            (data.train, Some(data.test))
        }
        Some(spec) => {
            let (images, origin) = data::load_half(Some(spec), Half::Train)?;
            files::tell_origin(&origin, images.len(), "training");
            (images, files::run_data(&args.run, config, None).ok().map(|data| data.test))
        }
    };
    let parts = PartSelection::from(args.part);
    let recipe =
        BlobRecipe { calibration: args.calibration, parts, ..BlobRecipe::of_run(config, &images) };
    let made = quantising(&network, contract, &recipe)?;
    // A part alone has no error.
    let whole = parts == PartSelection::Both;
    let cost = match test.filter(|test| whole && contract == Contract::Int8 && !test.is_empty()) {
        None => None,
        Some(test) => {
            let float = make_blob(&network, Contract::F32, &recipe, &mut unwatched)?;
            let cost = Cost::of(&made, &float.bytes, &test)?;
            cost.tell();
            Some(cost)
        }
    };
    let blob = match config.detect.is_some() && whole {
        true => as_detector(&made.bytes, &args.run, contract)?,
        false => made.bytes,
    };
    Ok((blob, cost))
}

/// The blob with the detection section of the run's own, whose threshold holds for no other model.
fn as_detector(blob: &[u8], run: &Path, contract: Contract) -> anyhow::Result<Vec<u8>> {
    let own = run.join(match contract {
        Contract::Int8 => file::INT8_BLOB,
        Contract::F32 => file::F32_BLOB,
    });
    let remedy = || {
        format!(
            "the run's detector cannot be read from {}; `ae-train calibrate {}` makes it again",
            own.display(),
            shell::quoted(run)
        )
    };
    let bytes = files::read_blob(&own).with_context(remedy)?;
    let section = detection(&bytes).with_context(remedy)?;
    if Header::read(&bytes)?.model_id != Header::read(blob)?.model_id {
        bail!(
            "the detector in {0} was calibrated on another model; leave out --data and --calibration; if the run was made by another version of this program, give `ae-train calibrate {0}` first",
            run.display()
        );
    }
    Ok(with_detection(blob, &section)?)
}

/// The blob with layers over maps in strips.
fn strips(blob: &[u8]) -> anyhow::Result<Vec<u8>> {
    let in_strips = with_strips(blob, true)?;
    let [before, after] = [Header::read(blob)?, Header::read(&in_strips)?]
        .map(|header| header.buffers().scratch_bytes());
    if after < before {
        tell!("scratch: {after} bytes in strips, {before} with whole maps");
    } else {
        tell!(
            "in strips the scratch would be no smaller than {before} bytes; leave --in-strips out"
        );
    }
    Ok(in_strips)
}

/// Whether a file is, or would be, in a folder.
fn in_folder(file: &Path, folder: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    canonical(folder_of(file)).is_some_and(|of_file| Some(of_file) == canonical(folder))
}

/// The run's own names for whole models, and one that says part, core and strips for others.
fn default_name(args: &Args, contract: Contract) -> String {
    form_name("model", args, contract)
}

/// A name that says part, core and strips.
fn form_name(stem: &str, args: &Args, contract: Contract) -> String {
    let part = match args.part.into() {
        PartSelection::Both => "",
        PartSelection::Encoder => ".encoder",
        PartSelection::Decoder => ".decoder",
    };
    let core = args.core.as_ref().map_or_else(String::new, |core| format!(".{}", core.name));
    let strips = if args.in_strips { ".in-strips" } else { "" };
    format!("{stem}{part}{core}{strips}.{}.aeb", contract.name())
}
