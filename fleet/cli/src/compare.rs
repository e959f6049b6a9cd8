//! `ae-fleet compare`.

use std::path::PathBuf;

use anyhow::bail;
use serde_json::json;

use crate::cells::Cells;
use crate::engine::{Engine, EngineArgs};
use crate::model::Model;
use crate::reading::{DataArgs, Need, Reading};
use crate::terminal::{print_each, print_json};
use crate::{Outcome, quote, table, thresholds};

/// Devices that are told of without --all.
const TOLD: usize = 20;

/// Say where two models decide otherwise over an archive, and how many windows each lets exceed.
///
/// Each model is compared with its own threshold, or, with --thresholds, with that of each device. In
/// an archive of normal days every window that exceeds is a false alarm. The exit code is 0 whether or
/// not they differ: two models are compared, not checked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Two blobs of `ae-train`: --model A --model B.
    #[arg(long = "model", value_name = "BLOB", required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
    /// Files of `ae-fleet calibrate`, of one of the models or of both. A device without a threshold
    /// there has that of the blob.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "device")]
    thresholds: Vec<String>,
    /// Tell so many windows that are decided on otherwise.
    #[arg(long, value_name = "N", default_value_t = 10)]
    rows: u32,
    /// Tell all devices, not only the first twenty.
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Outcome> {
    let [a, b] = &*args.models else {
        bail!("expected two models, --model A --model B, found {}", args.models.len());
    };
    let (a, b) = (Model::read(a)?, Model::read(b)?);
    let models = [&a, &b];
    for model in models {
        model.detector("comparing decisions")?;
    }
    let engine = Engine::new(&args.engine, &models, &[]).await?;
    let endpoint = args.engine.s3_endpoint.as_deref();
    let reading = Reading::open(&engine, &args.data, &models, endpoint).await?;
    let mut sides = Vec::new();
    for model in models {
        sides.push(Side::of(&engine, model, &args.thresholds, endpoint).await?);
    }
    if !args.thresholds.is_empty() && sides.iter().all(|side| side.thresholds.is_none()) {
        bail!(
            "--thresholds has none of {} or {}, whose digests are {} and {}",
            a.path.display(),
            b.path.display(),
            a.digest,
            b.digest
        );
    }
    let comparison = Comparison { reading: &reading, models, sides: &sides };
    let asker = reading.asker(&engine, &models);
    let devices = Cells::new(asker.rows(&comparison.by_device(), "comparing").await?);
    let differing: u64 = devices.rows().filter_map(|row| row.unsigned(DIFFERING)).sum();
    let rows = if differing > 0 && args.rows > 0 {
        asker.rows(&comparison.first_rows(args.rows), "looking for the first").await?
    } else {
        Vec::new()
    };
    let rows = Cells::new(rows);
    if args.json {
        print_json(&json!({
            "models": [a.digest.to_string(), b.digest.to_string()],
            "devices": devices.json()?,
            "rows": rows.json()?,
        }))?;
    } else {
        print_each(comparison.text(&devices, &rows, args.all))?;
    }
    Ok(Outcome::Success)
}

/// The place of the number of windows that are decided on otherwise.
const DIFFERING: usize = 4;

/// A model's thresholds.
struct Side {
    /// By device; `None`: the blob's own for all.
    thresholds: Option<thresholds::Thresholds>,
    own: u64,
}

impl Side {
    async fn of(
        engine: &Engine,
        model: &Model,
        files: &[String],
        endpoint: Option<&str>,
    ) -> anyhow::Result<Self> {
        let own = model.detector("comparing decisions")?.threshold;
        let found = match files {
            [] => None,
            files => thresholds::read(engine, files, model, endpoint).await?,
        };
        Ok(Self { thresholds: found, own })
    }
}

struct Comparison<'a> {
    reading: &'a Reading,
    models: [&'a Model; 2],
    sides: &'a [Side],
}

impl Comparison<'_> {
    /// Windows with both scores and both decisions.
    fn windows(&self) -> String {
        let Self { reading, models, sides } = self;
        let kept: Vec<&str> =
            reading.device.iter().chain(&reading.time).map(String::as_str).collect();
        let decided = reading.decided(models, &kept, Need::Score);
        let mut joins = String::new();
        let device = match &reading.device {
            Some(name) => format!("decided.{}", quote::name(name)),
            None => "'all'".to_owned(),
        };
        let mut columns = vec![format!("{device} AS device")];
        columns.extend(reading.time.iter().map(|time| format!("{} AS time", quote::name(time))));
        for (at, (side, name)) in sides.iter().zip(["a", "b"]).enumerate() {
            let own = quote::unsigned(side.own);
            let threshold = match &side.thresholds {
                Some(of) => {
                    let of = thresholds::table(of, &format!("{name}_of"));
                    joins = format!(
                        "{joins} LEFT JOIN {of} ON {name}_of.device = arrow_cast({device}, 'Utf8')"
                    );
                    format!("coalesce({name}_of.threshold, {own})")
                }
                None => own,
            };
            columns.push(format!("{} AS {name}_score", reading.score(at, Need::Score)));
            columns.push(format!("{threshold} AS {name}_threshold"));
        }
        format!("SELECT {} FROM ({decided}) AS decided{joins}", columns.join(", "))
    }

    fn decisions(&self) -> String {
        format!(
            "SELECT *, a_score > a_threshold AS a_exceeds, b_score > b_threshold AS b_exceeds, \
             (a_score > a_threshold) <> (b_score > b_threshold) AS differs FROM ({}) AS windows",
            self.windows()
        )
    }

    fn by_device(&self) -> String {
        let count = |what: &str| format!("arrow_cast(count(*) FILTER (WHERE {what}), 'UInt64')");
        let first = match self.reading.time {
            Some(_) => ", min(time) FILTER (WHERE differs) AS first".to_owned(),
            None => String::new(),
        };
        format!(
            "SELECT device, {} AS windows, {} AS a_exceeding, {} AS b_exceeding, {} AS differing\
             {first} FROM ({}) AS decisions GROUP BY device ORDER BY differing DESC, device",
            count("a_score IS NOT NULL AND b_score IS NOT NULL"),
            count("a_exceeds"),
            count("b_exceeds"),
            count("differs"),
            self.decisions()
        )
    }

    fn first_rows(&self, rows: u32) -> String {
        let time = self.reading.time.as_ref().map_or("", |_| "time, ");
        let order = self.reading.time.as_ref().map_or("a_score, b_score", |_| "time");
        format!(
            "SELECT device, {time}a_score, a_threshold, b_score, b_threshold FROM ({}) AS decisions \
             WHERE differs ORDER BY device, {order} LIMIT {rows}",
            self.decisions()
        )
    }

    fn text(&self, devices: &Cells, rows: &Cells, all: bool) -> Vec<String> {
        let sum = |column| -> u64 { devices.rows().filter_map(|row| row.unsigned(column)).sum() };
        let [windows, a, b, differing] = [1, 2, 3, DIFFERING].map(sum);
        let unit = self.reading.unit();
        let share = if windows == 0 { 0.0 } else { 100.0 * differing as f64 / windows as f64 };
        let mut lines = vec![
            format!("{differing} of {windows} {unit} are decided on otherwise ({share:.3} %)"),
            format!("a  {}: {a} exceed", self.models[0].path.display()),
            format!("b  {}: {b} exceed", self.models[1].path.display()),
            String::new(),
        ];
        let mut head = vec!["device", unit, "a exceeds", "b exceeds", "differ"];
        head.extend(self.reading.time.as_ref().map(|_| "first"));
        let told = if all { usize::MAX } else { TOLD };
        let cells = |of: &Cells, width: usize| -> Vec<Vec<String>> {
            of.rows().take(told).map(|row| (0..width).map(|at| row.text(at)).collect()).collect()
        };
        lines.extend(table::lines(&head, &cells(devices, head.len())));
        if let Some(more @ 1..) = devices.len().checked_sub(told) {
            lines.push(format!("{more} more devices; --all tells them"));
        }
        if rows.len() > 0 {
            let mut head = vec!["device"];
            head.extend(self.reading.time.as_ref().map(|_| "time"));
            head.extend(["a score", "threshold", "b score", "threshold"]);
            lines.push(String::new());
            lines.extend(table::lines(&head, &cells(rows, head.len())));
        }
        lines
    }
}
