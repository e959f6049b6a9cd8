//! What cannot become a detector: the message says what to do, and no run folder is left.

use crate::machines::{LABELLED, QUICK, csv, labelled_csv, normal};
use crate::workshop::Workshop;

/// `detect LINE`, which must be refused and leave no run folder.
fn refused(workshop: &Workshop, line: &str, words: &[&str]) {
    workshop.refused(&format!("detect {line} --out run"), words);
    assert!(!workshop.exists("run"), "{line}: a run folder was made");
}

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("normal.csv", &csv(&normal()));
    workshop.write("all.csv", &labelled_csv());
    workshop
}

#[test]
fn data_that_is_not_there_or_not_enough() {
    let workshop = workshop();
    refused(&workshop, "--window 16", &["--data is missing", "such as --data normal.csv"]);
    refused(&workshop, "--data nowhere.csv --window 16", &["nowhere.csv", "No such file"]);
    workshop.write("little.csv", &csv(&normal()[..200]));
    refused(&workshop, "--data little.csv", &["too little normal signal", "takes 99 windows"]);
    // The parts of one recording must have a window each, and gaps of a window between them.
    let quick = QUICK.replace("--window 16 ", "");
    refused(
        &workshop,
        &format!("--data normal.csv {quick} --window 2000"),
        &["8000 samples", "takes 14000"],
    );
    refused(
        &workshop,
        &format!("--data normal.csv {quick} --window 9000"),
        &["8000 samples", "takes 63000"],
    );
    let quick = QUICK.replace("0.05", "0.001");
    refused(
        &workshop,
        &format!("--data normal.csv {quick}"),
        &[
            "takes 999 windows to calibrate on",
            "15984 samples",
            "of the 7968 samples here, 1594 are to calibrate on, which give 99",
            "a rate of 0.01 or more",
            "give --alpha 0.01",
        ],
    );
}

#[test]
fn labels_and_groups_that_do_not_fit() {
    let workshop = workshop();
    let columns = LABELLED.replace(" --normal good", "");
    let line = |more: &str| format!("--data all.csv {columns} {QUICK} {more}");
    refused(&workshop, &line(""), &["say with --normal", "good, worn"]);
    refused(&workshop, &line("--normal nice"), &["`nice`", "good, worn"]);
    let line = |more: &str| line(&format!("--normal good {more}"));
    for (groups, words) in [
        (
            "--train-groups m1,m2 --calibrate-groups m1 --test-groups m3",
            ["`m1`", "both --train-groups and --calibrate-groups"],
        ),
        (
            "--train-groups m1 --calibrate-groups m77 --test-groups m3",
            ["`m77`", "--calibrate-groups"],
        ),
        ("--train-groups m1", ["--calibrate-groups is missing", "m19"]),
    ] {
        refused(&workshop, &line(groups), &words);
    }
    let named = "--train-groups a --calibrate-groups b --test-groups c";
    refused(&workshop, &format!("--data normal.csv {QUICK} {named}"), &["--group"]);
    refused(&workshop, &format!("--data normal.csv {QUICK} --normal good"), &["--label"]);
    let unknown = QUICK.to_owned() + " --label fault";
    refused(&workshop, &format!("--data normal.csv {unknown}"), &["`fault`", "x, y"]);
}

#[test]
fn files_that_are_not_signals() {
    let workshop = workshop();
    let line = |file: &str| format!("--data {file} {QUICK}");
    let text = workshop.read_text("normal.csv");
    let lines: Vec<&str> = text.lines().collect();

    let mut words = lines.clone();
    words[49] = "1.0,abc";
    workshop.write("words.csv", words.join("\n").as_bytes());
    refused(&workshop, &line("words.csv"), &["words.csv: line 50, column `y`", "`abc`"]);

    let mut ragged = lines.clone();
    ragged[9] = "1.0";
    workshop.write("ragged.csv", ragged.join("\n").as_bytes());
    refused(
        &workshop,
        &line("ragged.csv"),
        &["ragged.csv: line 10: it has 1 field, and the header has 2"],
    );

    let constant: Vec<_> = normal().into_iter().map(|[x, _]| [x, 5.0]).collect();
    workshop.write("constant.csv", &csv(&constant));
    refused(&workshop, &line("constant.csv"), &["channel `y` is 5", "--columns x, or --drop"]);
    let several: Vec<String> = normal().iter().map(|[x, _]| format!("{x},5,0.5,{x},7")).collect();
    let several = format!("x,a,b,y,c\n{}\n", several.join("\n"));
    workshop.write("several.csv", several.as_bytes());
    let words = ["3 channels stay the same: `a` (5), `b` (0.5), `c` (7)", "--columns x,y, or"];
    refused(&workshop, &line("several.csv"), &words);

    refused(&workshop, &line("normal.csv run.csv"), &["run.csv"]);
    workshop.write("other.csv", text.replacen("x,y", "x,z", 1).as_bytes());
    let words = ["other.csv has the channels", "--columns"];
    refused(&workshop, &line("normal.csv other.csv"), &words);
    let beyond = "normal.csv --counts-per-unit 100000";
    refused(
        &workshop,
        &line(beyond),
        &["normal.csv, line ", "column `", "-32768 to 32767", "--counts-per-unit"],
    );
    let three = "normal.csv --counts-per-unit 1,2,3";
    refused(&workshop, &line(three), &["3 numbers", "the 2: x, y"]);
}

#[test]
fn files_of_other_kinds_and_folders_of_files() {
    let workshop = workshop();
    let line = |file: &str| format!("--data {file} {QUICK}");
    let sheet = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more";
    workshop.write("sheet.xls", sheet);
    refused(&workshop, &line("sheet.xls"), &["sheet.xls: this is an Excel workbook", "CSV UTF-8"]);
    std::fs::create_dir(workshop.path("logs")).unwrap();
    refused(&workshop, &line("normal.csv logs"), &["no file of signals lies in the folder logs"]);
    // What is wrong, before all advice; how many there are, and where.
    let text = workshop.read_text("normal.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    [11, 21, 31, 41].iter().for_each(|&at| lines[at] = "NaN,0.5");
    workshop.write("holes.csv", lines.join("\n").as_bytes());
    let words = ["holes.csv: line 12, column `x`: the value is missing (`NaN`) (one of 4 missing \
         values, the next: line 22, column `x`; line 32, column `x`)"];
    refused(&workshop, &line("holes.csv"), &words);
    // A limit that the file's samples are above.
    let words = ["of memory, and the limit is 1.0 MB", "--memory"];
    refused(
        &workshop,
        &(line(
            "normal.csv normal.csv normal.csv normal.csv normal.csv \
        normal.csv",
        ) + " --memory 1"),
        &words,
    );
}

#[test]
fn rates_and_debounces_that_are_none() {
    let workshop = workshop();
    for (options, word) in [
        ("--hits 0", "--hits 0 --of 1"),
        ("--hits 2", "--hits 2 --of 1"),
        ("--of 33", "at most 32"),
        ("--hits 33 --of 33", "at most 32"),
    ] {
        refused(&workshop, &format!("--data normal.csv {QUICK} {options}"), &[word]);
    }
    for rate in ["0", "1", "5%", "-0.1"] {
        let line = QUICK.replace("--alpha 0.05", &format!("--alpha={rate}"));
        refused(&workshop, &format!("--data normal.csv {line}"), &["--alpha", "0.000001"]);
    }
}

#[test]
fn images_without_labels_or_with_options_of_signals() {
    let workshop = workshop();
    let images = "--data fashion-mnist-sample --epochs 1 --alpha 0.05";
    refused(&workshop, images, &["--normal", "0, 1, 2"]);
    refused(&workshop, &format!("{images} --normal trouser"), &["`trouser`", "0, 1, 2"]);
    // Labels are not said, so `data` has none.
    refused(&workshop, "--data data --normal 1", &["label"]);
    for option in [
        "--columns x",
        "--time t",
        "--label fault",
        "--group g",
        "--recording r",
        "--counts-per-unit 3",
        "--train-groups 1",
        "--calibrate-groups 1",
        "--test-groups 1",
        "--window 4",
        "--stride 4",
        "--train-stride 4",
        "--values",
        "--drop-constant",
        "--missing -127",
    ] {
        let name = option.split(' ').next().unwrap();
        refused(&workshop, &format!("{images} --normal 3 {option}"), &[name, "is for signals"]);
    }
}
