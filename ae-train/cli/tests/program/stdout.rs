//! Standard output that does not take what is printed, and devices as files to write.

use std::fs::{self, File};
use std::process::Stdio;

use crate::npy_bytes;
use crate::workshop::{Finished, QUICK, Workshop};

const PRINTING: [&str; 8] = [
    "info run/model.int8.aeb",
    "info run/model.int8.aeb --json",
    "evaluate run/model.int8.aeb --data data",
    "evaluate run/model.int8.aeb --data data --json",
    "verify run/model.int8.aeb",
    "verify run/model.int8.aeb --json",
    "train --resume run --no-baseline",
    "completions bash",
];

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let workshop = Workshop::with_run();
    for line in PRINTING {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = workshop.command(line).stdout(full).stderr(Stdio::piped()).output().unwrap();
        Finished::of(output).expect_refusal(line, &["standard output", "No space left"]);
    }
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let workshop = Workshop::with_run();
    for line in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = workshop.command(line).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let finished = Finished::of(output);
        assert_eq!(finished.code, Some(0), "{line}: {}", finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{line}: {}", finished.stderr);
    }
}

#[test]
fn a_training_outlives_the_reader_of_its_log() {
    let workshop = Workshop::with_run();
    let line = format!("train --out other {QUICK}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = workshop.command(&line).stdout(Stdio::piped()).stderr(writer).output().unwrap();
    assert_eq!(Finished::of(output).code, Some(0));
    assert!(workshop.read("other/model.int8.aeb") == workshop.read("run/model.int8.aeb"));
    #[cfg(target_os = "linux")]
    for (line, code) in
        [("train --resume other --no-baseline", 0), ("quantize other", 0), ("info nothing", 2)]
    {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = workshop.command(line).stdout(Stdio::piped()).stderr(full).output().unwrap();
        assert_eq!(Finished::of(output).code, Some(code), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_written_to_and_not_replaced() {
    let workshop = Workshop::with_run();
    workshop.ok("encode run/model.int8.aeb --data data --out latents.npy");
    // The process's own standard output, by a name in which no file can be made.
    let finished = workshop.ok("encode run/model.int8.aeb --data data --out /proc/self/fd/1");
    assert!(finished.stdout == workshop.read("latents.npy"));
    assert!(npy_bytes::split(&finished.stdout).0.contains("(12, 3"));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_stays_a_link() {
    let workshop = Workshop::with_run();
    fs::create_dir(workshop.path("elsewhere")).unwrap();
    workshop.write("elsewhere/real.npy", b"old");
    std::os::unix::fs::symlink("elsewhere/real.npy", workshop.path("link.npy")).unwrap();
    workshop.ok("encode run/model.int8.aeb --data data --out link.npy");
    assert!(fs::symlink_metadata(workshop.path("link.npy")).unwrap().is_symlink());
    assert!(workshop.read("elsewhere/real.npy").starts_with(b"\x93NUMPY"));
    assert_eq!(workshop.names("elsewhere"), ["real.npy"]);
}
