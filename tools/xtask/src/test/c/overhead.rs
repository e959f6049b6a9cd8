//! What a call from C takes more than the same call in Rust: instructions on an emulated Cortex-M4.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use ae_boards::Board;
use ae_export::{Name, c_project};
use anyhow::{Context, Result, bail};

use crate::c::compile::MACHINES;
use crate::counting::count;
use crate::{firmware, workspace};

/// The board whose core it is counted on.
const BOARD: &str = "mps2-an386";
/// The program in Rust.
const PROGRAM: &str = "calls";
/// The program in C, and what it needs without an operating system.
const SOURCES: [&str; 3] = ["bare/calls.c", "bare/semihosting.c", "bare/start.c"];
/// What it is compiled with, by the names that it calls them.
const MODELS: [(&str, &str); 2] =
    [("counts", "tiny.counts.int8.aeb"), ("features", "tiny.features.int8.aeb")];
/// What a call from C may take more.
const LIMIT: u64 = 200;

/// Calls that are the first with their buffers, which are looked at once: no limit is for them.
const FIRST: [&str; 2] = ["push, the first", "push_with, the first"];

/// The calls, in the order in which both programs make them.
const CALLS: [&str; 22] = [
    "encode",
    "decode",
    "reconstruct",
    "score",
    FIRST[0],
    "push",
    "push, and decide",
    FIRST[1],
    "push_with",
    "push_with, and decide",
    "sampler_push",
    "sampler_push, to a whole window",
    "sampler_copy_window",
    "judge_decide",
    "judge_decide_with",
    "push, of features",
    "push, of features, and decide",
    "push_with, of features, and decide",
    "sampler_push, to a whole frame",
    "sampler_copy_frame",
    "judge_take_frame, and decide",
    "judge_take_frame_with, and decide",
];

/// Counts both programs, prints what each call takes in both, and compares.
///
/// # Errors
/// A program does not build or run; they give different scores; or a call from C takes too much more.
pub(super) fn run(folder: &Path) -> Result<String> {
    let board = Board::find(BOARD)?;
    let flags = firmware::rustflags(&board.target, &board.kernel);
    let rust = firmware::build_by_feature(board, PROGRAM, &flags, &[])?;
    let (rust, of_rust) = calls(board, rust.path()).context("the program in Rust")?;
    let (c, of_c) = calls(board, &of_c(folder)?).context("the program in C")?;
    if c != rust {
        bail!("the program in C says `{c}`, that in Rust `{rust}`");
    }
    check(&of_c, &of_rust)
}

/// Links the program in C.
fn of_c(folder: &Path) -> Result<std::path::PathBuf> {
    let own = folder.join(PROGRAM);
    fs::create_dir_all(&own)?;
    let mut sources = Vec::new();
    for (name, blob) in MODELS {
        let path = workspace::root().join("tests/golden").join(blob);
        let blob = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for file in c_project(&blob, &name.parse::<Name>()?)? {
            if [format!("{name}.c"), format!("{name}.h")].contains(&file.path) {
                fs::write(own.join(file.path), file.bytes)?;
            }
        }
        sources.push(own.join(format!("{name}.c")));
    }
    let elf = own.join("calls.elf");
    let machine = MACHINES.iter().find(|it| it.board == BOARD).context("the board")?;
    let include = [OsStr::new("-I"), own.as_os_str()];
    let more: Vec<&OsStr> = sources.iter().map(|it| it.as_os_str()).chain(include).collect();
    machine.link(&SOURCES, &more, &elf)?;
    Ok(elf)
}

/// The sum of the scores that a program says, and the instructions of each of its calls.
fn calls(board: &'static Board, elf: &Path) -> Result<(String, Vec<u64>)> {
    let (run, profile) = count(board, elf)?;
    // A program in C prints by semihosting, which the emulator shows as errors.
    let printed = [run.output, run.errors].concat();
    let sum = printed.lines().find_map(|line| {
        let words = line.strip_prefix("calls: ")?.split(' ');
        words.filter_map(|word| word.strip_prefix("sum=")).next_back()
    });
    let Some(sum) = sum.filter(|_| run.status.success()) else {
        bail!("it ended with {}: {}", run.status, printed.trim());
    };
    // The first ends at the first mark; then calls and what is between them take turns.
    let between = profile.stretches.iter().skip(1).step_by(2);
    Ok((sum.to_owned(), between.map(|stretch| profile.mix(stretch).total()).collect()))
}

/// What each call from C takes more than in Rust, told, and compared with the limit.
fn check(c: &[u64], rust: &[u64]) -> Result<String> {
    if [c.len(), rust.len()] != [CALLS.len(); 2] {
        bail!("{} calls in C and {} in Rust, expected {}", c.len(), rust.len(), CALLS.len());
    }
    println!("| call | instructions from C | in Rust | more |\n| --- | ---: | ---: | ---: |");
    let mut most = (0, "");
    for ((name, &c), &rust) in CALLS.into_iter().zip(c).zip(rust) {
        let more = c.saturating_sub(rust);
        println!("| {name} | {c} | {rust} | {} |", i128::from(c) - i128::from(rust));
        if !FIRST.contains(&name) {
            most = most.max((more, name));
        }
    }
    let told =
        format!("a call from C takes at most {} instructions more on {BOARD}: {}", most.0, most.1);
    if most.0 >= LIMIT {
        bail!("{told}; fewer than {LIMIT} are allowed");
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::{CALLS, check};

    #[test]
    fn a_call_that_takes_too_much_more_is_found() {
        let rust = [1000; CALLS.len()];
        let mut c = rust.map(|it| it + 50);
        assert!(check(&c, &rust).unwrap().contains("at most 50 instructions"));
        c[9] = 1199;
        assert!(check(&c, &rust).unwrap().contains("push_with, and decide"));
        c[7] = 1200;
        assert!(check(&c, &rust).unwrap().contains("push_with, and decide"));
        c[9] = 1200;
        assert!(check(&c, &rust).unwrap_err().to_string().contains("fewer than 200"));
        assert!(check(&c[1..], &rust).is_err());
    }
}
