//! What the compose file, the units and the documentation start, the programs take.

use ae_fleet_cluster::{executor, scheduler};
use clap::Parser;

/// Checks a command line, and says whether it is one of the two programs'.
fn takes(words: &[&str]) -> bool {
    let program = words[0].rsplit('/').next().unwrap();
    let taken = match program {
        "ae-fleet-scheduler" => scheduler::Options::try_parse_from(words).map(drop),
        "ae-fleet-executor" => executor::Options::try_parse_from(words).map(drop),
        _ => return false,
    };
    if let Err(error) = taken {
        panic!("{words:?}: {error}");
    }
    true
}

fn count(text: &str, command: impl Fn(&str) -> Option<Vec<&str>>) -> usize {
    text.lines().filter_map(|line| command(line.trim())).filter(|words| takes(words)).count()
}

#[test]
fn the_compose_file() {
    let text = include_str!("../../../compose.yaml");
    let found = count(text, |line| {
        let list = line.strip_prefix("command: [")?.strip_suffix(']')?;
        Some(list.split(", ").map(|word| word.trim_matches('"')).collect())
    });
    assert_eq!(found, 2);
}

#[test]
fn the_units() {
    let units = [
        include_str!("../../systemd/ae-fleet-scheduler.service"),
        include_str!("../../systemd/ae-fleet-executor.service"),
    ];
    for unit in units {
        let found = count(unit, |line| Some(line.strip_prefix("ExecStart=")?.split(' ').collect()));
        assert_eq!(found, 1);
    }
}

#[test]
fn the_documentation() {
    let text = include_str!("../../../../docs/cluster.md");
    let found =
        count(text, |line| line.starts_with("ae-fleet-").then(|| line.split(' ').collect()));
    assert_eq!(found, 2);
}
