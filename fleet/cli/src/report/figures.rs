//! What the page shows, asked of the scores.

use std::collections::HashMap;

use anyhow::bail;

use crate::cells::Cells;
use crate::engine::Engine;
use crate::input::Input;
use crate::query::Asker;
use crate::quote;

/// Columns of the map.
pub(super) const MAP: usize = 120;
/// Columns of a device's strip: one for each day of a year.
pub(super) const STRIP: usize = 365;
/// The probability that a drift is told of a device that has none.
pub(super) const DELTA: f64 = 0.01;

/// What the page is about.
pub(super) struct About {
    pub(super) model: String,
    pub(super) digest: String,
    pub(super) threshold: u64,
    pub(super) files: usize,
    pub(super) unit: &'static str,
    pub(super) has_alarms: bool,
    pub(super) alpha: f64,
    pub(super) most_devices: u32,
}

/// All figures.
pub(super) struct Figures {
    pub(super) about: About,
    pub(super) windows: u64,
    pub(super) devices: u64,
    pub(super) exceeding: u64,
    pub(super) alarms: u64,
    pub(super) span: Span,
    /// Those with the most alarms.
    pub(super) shown: Vec<Device>,
    pub(super) strip: Option<Strip>,
}

/// From the first time to the last.
pub(super) struct Span {
    pub(super) from: String,
    pub(super) to: String,
    first: f64,
    last: f64,
}

/// One device.
pub(super) struct Device {
    pub(super) name: String,
    pub(super) windows: u64,
    pub(super) exceeding: u64,
    pub(super) alarms: u64,
    pub(super) largest: u64,
    /// Its own threshold; `None` where it has too few windows.
    pub(super) threshold: Option<u64>,
    /// Since when it drifts.
    pub(super) drifted: Option<String>,
    /// Its scores in stretches of time, as many as [`MAP`].
    pub(super) stretches: Vec<Option<Stretch>>,
}

/// The windows of a stretch of time.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) windows: u64,
    pub(super) exceeding: u64,
    pub(super) least: u64,
    pub(super) mean: f64,
    pub(super) largest: u64,
}

/// The history of one device.
pub(super) struct Strip {
    pub(super) device: String,
    pub(super) span: Span,
    /// As many as [`STRIP`].
    pub(super) stretches: Vec<Option<Stretch>>,
}

impl Figures {
    /// Of the table of scores.
    pub(super) async fn of(
        engine: &Engine,
        input: &Input,
        about: About,
        strip: Option<&str>,
    ) -> anyhow::Result<Self> {
        let asker = Asker { engine, input, probe: Vec::new(), length: None };
        let all = ask(
            &asker,
            "SELECT count(*), count(DISTINCT device), count(*) FILTER (WHERE exceeds), \
             count(*) FILTER (WHERE alarm), arrow_cast(min(time), 'Utf8'), \
             arrow_cast(max(time), 'Utf8'), min(tick), max(tick) FROM scored",
        )
        .await?;
        let Some(row) = all.rows().next().filter(|row| row.unsigned(0) > Some(0)) else {
            bail!("the data has no {} that can be scored", about.unit);
        };
        let number = |column| row.unsigned(column).unwrap_or(0);
        let real = |column| row.real(column).unwrap_or(0.0);
        let span = Span { from: row.text(4), to: row.text(5), first: real(6), last: real(7) };
        let [windows, devices, exceeding, alarms] = [0, 1, 2, 3].map(number);
        let mut shown = by_device(&asker, &about).await?;
        map(&asker, &mut shown, &span).await?;
        let device = strip.or(shown.first().map(|device| &*device.name));
        let strip = match device {
            Some(device) => Some(history(&asker, device).await?),
            None => None,
        };
        Ok(Self { about, windows, devices, exceeding, alarms, span, shown, strip })
    }
}

async fn ask(asker: &Asker<'_>, sql: &str) -> anyhow::Result<Cells> {
    Ok(Cells::new(asker.rows(sql, "asking").await?))
}

async fn by_device(asker: &Asker<'_>, about: &About) -> anyhow::Result<Vec<Device>> {
    let sql = format!(
        "SELECT counts.*, drifts.since FROM (SELECT device, count(*) AS windows, \
         count(*) FILTER (WHERE exceeds) AS exceeding, count(*) FILTER (WHERE alarm) AS alarms, \
         max(score) AS largest, ae_threshold(score, {alpha:?}) FILTER (WHERE apart) AS threshold \
         FROM scored GROUP BY device ORDER BY alarms DESC, exceeding DESC, largest DESC, device \
         LIMIT {most}) AS counts LEFT JOIN (SELECT device, \
         arrow_cast(min(time) FILTER (WHERE drift['drifted']), 'Utf8') AS since FROM (SELECT \
         device, time, ae_drift(score, {DELTA:?}) OVER (PARTITION BY device ORDER BY time) AS drift \
         FROM scored WHERE apart) AS all_drifts GROUP BY device) AS drifts \
         ON drifts.device = counts.device ORDER BY alarms DESC, exceeding DESC, largest DESC, \
         counts.device",
        alpha = about.alpha,
        most = about.most_devices,
    );
    let cells = ask(asker, &sql).await?;
    let device = |row: crate::cells::Row<'_>| Device {
        name: row.text(0),
        windows: row.unsigned(1).unwrap_or(0),
        exceeding: row.unsigned(2).unwrap_or(0),
        alarms: row.unsigned(3).unwrap_or(0),
        largest: row.unsigned(4).unwrap_or(0),
        threshold: row.unsigned(5),
        drifted: Some(row.text(6)).filter(|since| since != "–"),
        stretches: vec![None; MAP],
    };
    Ok(cells.rows().map(device).collect())
}

/// The place of a time among `count` stretches of a span.
fn place(span: &Span, count: usize) -> String {
    let width = (span.last - span.first).max(f64::MIN_POSITIVE);
    let last = count - 1;
    let first = span.first;
    format!(
        "least(greatest(arrow_cast(floor((tick - ({first:?})) / {width:?} * {count}), 'Int64'), 0), \
         {last})"
    )
}

const STRETCH: &str = "count(*), count(*) FILTER (WHERE exceeds), min(score), \
                       avg(arrow_cast(score, 'Float64')), max(score)";

fn stretch(row: crate::cells::Row<'_>, at: usize) -> Stretch {
    let number = |column: usize| row.unsigned(at + column).unwrap_or(0);
    Stretch {
        windows: number(0),
        exceeding: number(1),
        least: number(2),
        mean: row.real(at + 3).unwrap_or(0.0),
        largest: number(4),
    }
}

async fn map(asker: &Asker<'_>, shown: &mut [Device], span: &Span) -> anyhow::Result<()> {
    let names: Vec<String> = shown.iter().map(|device| quote::text(&device.name)).collect();
    let place = place(span, MAP);
    let sql = format!(
        "SELECT device, {place}, {STRETCH} FROM scored WHERE device IN ({}) GROUP BY device, {place}",
        names.join(", ")
    );
    let cells = ask(asker, &sql).await?;
    let places = shown.iter().enumerate().map(|(at, device)| (device.name.clone(), at));
    let places: HashMap<String, usize> = places.collect();
    for row in cells.rows() {
        let device = places.get(&row.text(0)).and_then(|&at| shown.get_mut(at));
        let place = row.unsigned(1).and_then(|at| usize::try_from(at).ok());
        if let (Some(device), Some(place)) = (device, place)
            && let Some(to) = device.stretches.get_mut(place)
        {
            *to = Some(stretch(row, 2));
        }
    }
    Ok(())
}

async fn history(asker: &Asker<'_>, device: &str) -> anyhow::Result<Strip> {
    let name = quote::text(device);
    let sql = format!(
        "SELECT arrow_cast(min(time), 'Utf8'), arrow_cast(max(time), 'Utf8'), min(tick), max(tick) \
         FROM scored WHERE device = {name}"
    );
    let cells = ask(asker, &sql).await?;
    let found = cells.rows().next().and_then(|row| Some((row, row.real(2)?, row.real(3)?)));
    let Some((row, first, last)) = found else {
        bail!("--device-strip: there is no device {device:?} in the data");
    };
    let span = Span { from: row.text(0), to: row.text(1), first, last };
    let place = place(&span, STRIP);
    let sql =
        format!("SELECT {place}, {STRETCH} FROM scored WHERE device = {name} GROUP BY {place}");
    let mut stretches = vec![None; STRIP];
    for row in ask(asker, &sql).await?.rows() {
        let place = row.unsigned(0).and_then(|at| usize::try_from(at).ok());
        if let Some(to) = place.and_then(|place| stretches.get_mut(place)) {
            *to = Some(stretch(row, 1));
        }
    }
    Ok(Strip { device: device.to_owned(), span, stretches })
}
