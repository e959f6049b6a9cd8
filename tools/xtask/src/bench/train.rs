//! Epochs of the article's recipe, ours and PyTorch's in turn.

use std::path::Path;
use std::{env, fs, process};

use anyhow::{Context, Result, bail};

use super::torch::Torch;
use super::{TrainArgs, busy_note, median};
use crate::{command, fashion_mnist, workspace};

/// The seconds of each epoch of one side, without the test, and how well it learned.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Epochs {
    pub(super) seconds: Vec<f64>,
    /// Test cross-entropy after each training: shows that both sides do the same work.
    pub(super) test_bce: Vec<f64>,
}

pub(super) fn run(args: &TrainArgs, rounds: u32, python: &Path) -> Result<()> {
    let busy = busy_note();
    let ae_train = workspace::build_ae_train()?;
    let data = fashion_mnist::folder(args.data.as_deref(), &ae_train)?;
    let torch = Torch::find(python);
    if torch.is_none() {
        let python = python.display();
        println!("{python} has no PyTorch and numpy: only our own epochs are timed");
    }

    let (mut ours, mut theirs) = (Epochs::default(), Epochs::default());
    for _ in 0..rounds {
        ours.append(train(&ae_train, &data, args)?);
        if let Some(torch) = &torch {
            theirs.append(torch.train(&data, args)?);
        }
    }
    let TrainArgs { epochs, threads, .. } = args;
    println!("\nseconds of an epoch: {rounds} times {epochs} epochs, {threads} threads");
    println!("{:<16} {:>8} {:>8} {:>10}", "", "median", "best", "test BCE");
    println!("{}", ours.row("ae-train"));
    if let Some(torch) = &torch {
        println!("{}", theirs.row(&torch.name()));
        println!("{}", ours.ratio(&theirs));
    }
    if let Some(note) = busy {
        println!("{note}");
    }
    Ok(())
}

impl Epochs {
    fn append(&mut self, mut more: Self) {
        self.seconds.append(&mut more.seconds);
        self.test_bce.append(&mut more.test_bce);
    }

    fn best(&self) -> Option<f64> {
        self.seconds.iter().copied().min_by(f64::total_cmp)
    }

    /// Below 1 where this side is the faster one.
    fn ratio(&self, theirs: &Self) -> String {
        let ratio = |ours: Option<f64>, theirs: Option<f64>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => format!("{:.2}", ours / theirs),
            _ => "-".into(),
        };
        let medians = ratio(median(&self.seconds), median(&theirs.seconds));
        let bests = ratio(self.best(), theirs.best());
        format!("{:<16} {medians:>8} {bests:>8}", "ours / theirs")
    }

    fn row(&self, name: &str) -> String {
        let show = |value: Option<f64>| value.map_or_else(|| "-".into(), |v| format!("{v:.3}"));
        let bce = median(&self.test_bce).map_or_else(|| "-".into(), |v| format!("{v:.5}"));
        let (middle, best) = (show(median(&self.seconds)), show(self.best()));
        format!("{name:<16} {middle:>8} {best:>8} {bce:>10}")
    }
}

/// One training by our own program, in a run folder that is removed.
fn train(ae_train: &Path, data: &Path, args: &TrainArgs) -> Result<Epochs> {
    let out = env::temp_dir().join(format!("ae-xtask-bench-{}", process::id()));
    let mut train = command::program(ae_train);
    train.args(["train", "--recipe", "article", "--no-baseline", "--json"]);
    train.arg("--data").arg(data).arg("--out").arg(&out);
    train.arg("--epochs").arg(args.epochs.to_string());
    train.arg("--threads").arg(args.threads.to_string());
    let metrics = command::read(&mut train).and_then(|_| {
        let path = out.join("metrics.csv");
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    });
    let removed = fs::remove_dir_all(&out);
    let epochs = read_metrics(&metrics?)?;
    removed.with_context(|| format!("cannot remove {}", out.display()))?;
    Ok(epochs)
}

/// Reads the columns `seconds` and `test_bce` of `metrics.csv`; of the latter, the last line.
fn read_metrics(csv: &str) -> Result<Epochs> {
    let mut lines = csv.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| {
        head.iter().position(|&column| column == name).with_context(|| {
            format!("metrics.csv has no column `{name}`, only {}", head.join(", "))
        })
    };
    let (seconds, test_bce) = (column("seconds")?, column("test_bce")?);
    let mut epochs = Epochs::default();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |column: usize| -> Result<f64> {
            let field = fields.get(column).copied().unwrap_or_default();
            field.parse().with_context(|| format!("metrics.csv: `{field}` in line `{line}`"))
        };
        epochs.seconds.push(number(seconds)?);
        epochs.test_bce = vec![number(test_bce)?];
    }
    if epochs.seconds.is_empty() {
        bail!("metrics.csv has no epoch");
    }
    Ok(epochs)
}

#[cfg(test)]
mod tests {
    use super::{Epochs, read_metrics};

    #[test]
    fn seconds_and_the_last_loss_are_read() {
        let csv =
            "epoch,train_loss,test_bce,test_mse,seconds\n1,.4,.33,.03,2.5\n2,.3,.31,.02,1.5\n";
        let mut epochs = read_metrics(csv).unwrap();
        assert_eq!(epochs, Epochs { seconds: vec![2.5, 1.5], test_bce: vec![0.31] });
        epochs.append(Epochs { seconds: vec![4.0], test_bce: vec![0.33] });
        let words: Vec<String> = epochs.row("x").split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["x", "2.500", "1.500", "0.32000"]);

        let theirs = Epochs { seconds: vec![5.0, 10.0, 2.0], test_bce: vec![0.31] };
        assert!(epochs.ratio(&theirs).ends_with(" 0.50     0.75"), "{}", epochs.ratio(&theirs));
    }

    #[test]
    fn other_tables_are_refused() {
        assert!(read_metrics("epoch,seconds\n1,2\n").is_err());
        assert!(read_metrics("test_bce,seconds\n").is_err());
        assert!(read_metrics("test_bce,seconds\n1,x\n").is_err());
        assert!(read_metrics("").is_err());
    }
}
