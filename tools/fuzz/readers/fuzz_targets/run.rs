//! Run folders of somebody else: whatever lies in one, nothing outside of it is read or changed.
#![no_main]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use ae_fuzz::source::Source;
use ae_fuzz::{seeds as begin, tally};
use ae_fuzz_readers::elf::edited;
use ae_fuzz_readers::limited::Limited;
use ae_fuzz_readers::{seeds, text};
use ae_run::{Checkpoint, Run, file, read_config};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// What lies outside of the run.
const SECRET: &[u8] = b"tool = \"secret\"\n";
/// Names in a run that may be links.
const NAMES: [&str; 6] =
    [file::CONFIG, file::LOCK, file::CHECKPOINT, file::PREVIOUS, file::SUMMARY_MD, file::WINDOWS];

thread_local! {
    static PLACE: TempDir = tempfile::tempdir().expect("a temporary folder");
    static CONFIG: String = seeds::run_config();
    static CHECKPOINT: Vec<u8> = seeds::checkpoints().remove(3);
}

fn begins() -> Vec<Vec<u8>> {
    let config = CONFIG.with(|config| [&[0, 0, 0][..], config.as_bytes()].concat());
    let links = (0..64).map(|links| vec![1, links, links / 6]);
    links.chain([config, vec![1, 0, 0, 1, 2, 3, 4, 5, 6, 7], vec![3; 12]]).collect()
}

fuzz_target!(init: begin::begin(begins), |input: &[u8]| {
    tally::EXECUTED.add();
    let [kind, links, targets, rest @ ..] = input else { return };
    PLACE.with(|place| {
        let outside = place.path().join("outside");
        let run = place.path().join("run");
        let _ = fs::remove_dir_all(&run);
        let _ = fs::remove_dir_all(&outside);
        fs::create_dir(&run).expect("a folder");
        fs::create_dir(&outside).expect("a folder");
        fs::write(outside.join("secret"), SECRET).expect("a file");
        let config = match kind % 2 {
            0 => rest.to_vec(),
            _ => CONFIG.with(|whole| {
                text::with_number(whole, &mut Source::new(rest)).into_bytes()
            }),
        };
        let checkpoint = CHECKPOINT.with(|whole| edited(whole, &mut Source::new(rest)));
        fs::write(run.join(file::CONFIG), config).expect("a file");
        fs::write(run.join(file::CHECKPOINT), checkpoint).expect("a file");
        fs::write(run.join(file::LOCK), rest).expect("a file");
        for (bit, name) in NAMES.iter().enumerate().filter(|(bit, _)| links >> bit & 1 == 1) {
            let _ = fs::remove_file(run.join(name));
            let to = match (usize::from(*targets) + bit) % 4 {
                0 => outside.join("secret"),
                1 => outside.join("new"),
                2 => outside.clone(),
                _ => PathBuf::from("/dev/zero"),
            };
            symlink(to, run.join(name)).expect("a link");
        }
        work_in(&run);
        let there: Vec<_> = fs::read_dir(&outside).expect("a folder").collect();
        assert_eq!(there.len(), 1, "{there:?}");
        assert_eq!(fs::read(outside.join("secret")).expect("a file"), SECRET, "was changed");
    });
});

/// Everything that is done in a run folder.
fn work_in(path: &std::path::Path) {
    let _ = Run::holder(path);
    if let Err(error) = read_config(path) {
        let told = error.to_string();
        assert!(!told.is_empty() && !told.contains("secret\""), "{told}");
    }
    let (run, config) = match Run::open(path) {
        Ok(opened) => opened,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    tally::ACCEPTED.add();
    assert_ne!(config.tool, "secret", "a configuration that lies outside");
    if let Ok(Some(bytes)) = run.read_checkpoint(&config) {
        assert_ne!(bytes, SECRET);
        let _ = Checkpoint::from_bytes(&bytes);
    }
    for name in [file::SUMMARY_MD, file::METRICS_JSON] {
        if run.write(name, b"figures").is_ok() {
            assert_eq!(fs::read(path.join(name)).expect("what was written"), b"figures");
        }
    }
    let _ = run.write_checkpoint(b"state");
    let _ = run.write_into(file::WINDOWS, &[("new", b"windows".to_vec())]);
}
