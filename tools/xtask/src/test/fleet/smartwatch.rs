//! The scores, decisions and thresholds of the smartwatch recordings: `ae-train monitor` and an emulated
//! board on one side, `ae-fleet` on the other, in one process and on a cluster.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ae_boards::Board;
use ae_data::watch;
use ae_infer::{CalibrationIn, calibration_len};
use anyhow::{Context, Result, bail, ensure};

use crate::fleet::cluster::Cluster;
use crate::{command, firmware, fleet, setup, workspace};

const BOARD: &str = "mps2-an386";
/// A small detector: what is compared is what it says, not how well it detects.
const DETECT: [&str; 10] = [
    "--normal=TRAP",
    "--values",
    "--window=64",
    "--hidden=48",
    "--latent=8",
    "--epochs=2",
    "--alpha=0.025",
    "--train-groups=1,2,3,4",
    "--calibrate-groups=5,6",
    "--test-groups=7,8,9,10",
];
/// Samples of a window.
const WINDOW: u64 = 64;
/// The rate that thresholds of recordings are found for.
const ALPHA: (&str, u32) = ("0.2", 200_000);
const CHANNELS: [&str; 6] = ["ax", "ay", "az", "wx", "wy", "wz"];

/// What is said of a window, by the line of its last sample.
type Windows = BTreeMap<u64, Said>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    score: u64,
    exceeds: bool,
    /// `None` where it is not asked.
    is_alarm: Option<bool>,
}

/// Gives what was compared.
pub(super) fn run(all: bool) -> Result<String> {
    setup::install_missing_for_boards()?;
    let ae_train = workspace::build_ae_train()?;
    firmware::build(Board::find(BOARD)?)?;
    let folder = workspace::target_folder()?.join("fleet").join("smartwatch");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let csv = match all {
        true => {
            crate::watch::make_if_missing(&ae_train)?;
            watch::full()?
        }
        false => watch::sample(),
    };

    let blob = detector(&ae_train, csv.name, &folder)?;
    let (expected, of_recordings) = monitored(&ae_train, csv.name, &blob, &folder)?;
    let archive = write_samples(&csv, &folder)?;
    let models = folder.join("models");
    fs::create_dir(&models)?;
    command::read(ae_fleet()?.args(["models", "add"]).arg(&blob).arg("--to").arg(&models))?;

    let mut cluster = Cluster::start("debug", &models, 2)?;
    for (name, scheduler) in [("here", None), ("on the cluster", Some(&*cluster.address))] {
        let side = Side { name, scheduler, blob: &blob, folder: &folder };
        side.check_decisions(&archive, &expected)?;
        side.check_windows(&archive, &expected)?;
        side.check_thresholds(&archive, &of_recordings)?;
    }
    cluster.check()?;
    let recordings = of_recordings.len();
    Ok(format!(
        "{} windows and {recordings} thresholds of the smartwatch equal, in one process and on two \
         executors",
        expected.len()
    ))
}

/// Trains a detector, and gives its blob for the board.
fn detector(ae_train: &Path, data: &str, folder: &Path) -> Result<PathBuf> {
    let run = folder.join("run");
    let mut detect = command::program(ae_train);
    detect.arg("detect").arg("--data").arg(data).args(DETECT);
    command::read(detect.arg("--out").arg(&run).args(["--for", BOARD]))?;
    Ok(run.join(format!("model.{BOARD}.int8.aeb")))
}

/// What `ae-train monitor` says of every window, which compares each decision with the board's; and the
/// scores of each recording's windows that do not overlap.
fn monitored(
    ae_train: &Path,
    data: &str,
    blob: &Path,
    folder: &Path,
) -> Result<(Windows, BTreeMap<String, Vec<u64>>)> {
    let scores = folder.join("monitor.csv");
    let mut monitor = command::program(ae_train);
    monitor.arg("monitor").arg(blob).args(["--data", data, "--board", BOARD]);
    monitor.arg("--firmware").arg(firmware::folder()?).arg("--scores").arg(&scores);
    command::read(&mut monitor)?;
    let (mut windows, mut recordings) = (Windows::new(), BTreeMap::<String, Vec<u64>>::new());
    let text = fs::read_to_string(&scores)?;
    for row in text.lines().skip(1) {
        let (line, first, said) = monitored_row(row).with_context(|| row.to_owned())?;
        windows.insert(line, said);
        // Each recording begins at sample 0, and its name has no comma outside of the quotes.
        let recording = row.rsplit_once('"').map_or(row, |(name, _)| name);
        let of_recording = recordings.entry(recording.to_owned()).or_default();
        if first.is_multiple_of(WINDOW) {
            of_recording.push(said.score);
        }
    }
    Ok((windows, recordings))
}

/// Line of the last sample, number of the first one, and what is said. The columns are
/// `…,first_sample,last_sample,first_line,last_line,first_row,last_row,first_time,last_time,score,
/// threshold,above,alarm,channel`.
fn monitored_row(row: &str) -> Option<(u64, u64, Said)> {
    let cells: Vec<&str> = row.rsplit(',').collect();
    let [_channel, alarm, above, _threshold, score, _, _, _, _, line, _, _, first, ..] = cells[..]
    else {
        return None;
    };
    let score = score.parse().ok()?;
    let said = Said { score, exceeds: above == "1", is_alarm: Some(alarm == "1") };
    Some((line.parse().ok()?, first.parse().ok()?, said))
}

/// The recordings as Parquet: a row for each sample, with its line in the text, its device, which is a
/// recording, and its time, which counts samples.
fn write_samples(csv: &watch::Csv, folder: &Path) -> Result<PathBuf> {
    let text = std::str::from_utf8(&csv.text)?;
    let mut lines = text.lines();
    let header = lines.next().context("the recordings have no header")?;
    let mut rows = format!("line,device,time,{header}\n");
    let mut times = BTreeMap::<String, u64>::new();
    for (at, row) in lines.enumerate() {
        let device: Vec<&str> = row.split(',').take(4).collect();
        let device = device.join("-");
        let time = times.entry(device.clone()).or_default();
        rows += &format!("{},{device},{time},{row}\n", at + 2);
        *time += 1;
    }
    let path = folder.join("samples.csv");
    fs::write(&path, rows)?;
    let out = folder.join("samples.parquet");
    let columns =
        CHANNELS.map(|name| format!("arrow_cast({name}, 'Float32') AS {name}")).join(", ");
    // Not in the order of time, as archives are.
    let query =
        format!("SELECT line, device, time, {columns} FROM samples ORDER BY line % 1009, line");
    let mut write = ae_fleet()?;
    write.arg("sql").arg(query).arg("--table").arg(format!("samples={}", path.display()));
    command::read(write.arg("--out").arg(&out))?;
    Ok(out)
}

fn ae_fleet() -> Result<std::process::Command> {
    Ok(command::program(fleet::program("debug", "ae-fleet")?))
}

/// `ae-fleet` in one process, or on a cluster.
struct Side<'a> {
    name: &'a str,
    scheduler: Option<&'a str>,
    blob: &'a Path,
    folder: &'a Path,
}

impl Side<'_> {
    /// Runs a verb on the data, and gives the CSV file that it writes as rows of cells.
    fn rows(&self, verb: &str, data: &Path, options: &[&str]) -> Result<Vec<Vec<String>>> {
        let out = self.folder.join(format!("{verb} {}.csv", self.name));
        let mut fleet = ae_fleet()?;
        fleet.arg(verb).arg("--model").arg(self.blob).arg("--data").arg(data).args(options);
        fleet.args(self.scheduler.map(|scheduler| format!("--scheduler={scheduler}")));
        command::read(fleet.arg("--out").arg(&out))?;
        let text = fs::read_to_string(&out).with_context(|| out.display().to_string())?;
        let cells = |row: &str| row.split(',').map(str::to_owned).collect();
        Ok(text.lines().map(cells).collect())
    }

    /// Decisions on samples.
    fn check_decisions(&self, samples: &Path, expected: &Windows) -> Result<()> {
        let mut options = vec!["--device=device", "--time=time", "--keep=line", "--sample"];
        options.extend(CHANNELS);
        let found = windows(&self.rows("score", samples, &options)?)?;
        self.compare("decisions on samples", &found, expected)
    }

    /// Scores of windows that were cut, and written as Parquet.
    fn check_windows(&self, samples: &Path, expected: &Windows) -> Result<()> {
        let out = self.folder.join(format!("windows {}.parquet", self.name));
        let sample = CHANNELS.join(", ");
        let query = format!(
            "SELECT * FROM (SELECT line, device, ae_windows($watch, make_array({sample})) OVER (PARTITION \
             BY device ORDER BY time) AS window FROM samples) WHERE window IS NOT NULL"
        );
        let mut cut = ae_fleet()?;
        cut.arg("sql").arg(query);
        cut.args(["--model", &format!("watch={}", self.blob.display())]);
        cut.args(["--table", &format!("samples={}", samples.display())]);
        cut.args(self.scheduler.map(|scheduler| format!("--scheduler={scheduler}")));
        command::read(cut.arg("--out").arg(&out))?;
        let found = windows(&self.rows("score", &out, &["--keep=line"])?)?;
        let without_alarms =
            expected.iter().map(|(&line, &said)| (line, Said { is_alarm: None, ..said })).collect();
        self.compare("scores of windows", &found, &without_alarms)
    }

    /// Thresholds of recordings. What each is called differs, so the thresholds are compared in order.
    fn check_thresholds(
        &self,
        samples: &Path,
        recordings: &BTreeMap<String, Vec<u64>>,
    ) -> Result<()> {
        let mut options = vec!["--device=device", "--time=time", "--alpha", ALPHA.0, "--sample"];
        options.extend(CHANNELS);
        let rows = self.rows("calibrate", samples, &options)?;
        let at = column(&rows, "threshold")?;
        let mut found: Vec<Option<u64>> =
            rows[1..].iter().map(|row| row[at].parse().ok()).collect();
        let mut expected = Vec::new();
        for scores in recordings.values() {
            let count = u32::try_from(scores.len())?;
            let kept = calibration_len(count, ALPHA.1);
            if kept == 0 {
                expected.push(None);
                continue;
            }
            let mut calibration = CalibrationIn::within(count, ALPHA.1, vec![0; kept])?;
            scores.iter().for_each(|&score| calibration.take(score));
            expected.push(calibration.threshold());
        }
        // Of a recording that is shorter than a window nothing is known on either side.
        found.retain(Option::is_some);
        expected.retain(Option::is_some);
        found.sort_unstable();
        expected.sort_unstable();
        ensure!(!expected.is_empty(), "no recording has windows enough for a threshold");
        ensure!(found == expected, "thresholds {}: {found:?}, expected {expected:?}", self.name);
        Ok(())
    }

    fn compare(&self, what: &str, found: &Windows, expected: &Windows) -> Result<()> {
        let differs = expected.iter().find(|(line, said)| found.get(line) != Some(said));
        if let Some((line, said)) = differs {
            let found = found.get(line);
            bail!("{what} {}: line {line}: {found:?}, expected {said:?}", self.name);
        }
        let (found, expected) = (found.len(), expected.len());
        ensure!(found == expected, "{what} {}: {found} windows, expected {expected}", self.name);
        Ok(())
    }
}

fn column(rows: &[Vec<String>], name: &str) -> Result<usize> {
    let header = rows.first().context("no header")?;
    header.iter().position(|found| found == name).with_context(|| format!("no {name}: {header:?}"))
}

/// What a file of scores says, by line.
fn windows(rows: &[Vec<String>]) -> Result<Windows> {
    let [line, score, exceeds] =
        [column(rows, "line")?, column(rows, "score")?, column(rows, "exceeds")?];
    let alarm = column(rows, "alarm").ok();
    let said = |row: &Vec<String>| {
        let is_alarm = alarm.map(|alarm| row[alarm] == "true");
        let said = Said { score: row[score].parse()?, exceeds: row[exceeds] == "true", is_alarm };
        Ok((row[line].parse()?, said))
    };
    rows[1..].iter().map(said).collect()
}
