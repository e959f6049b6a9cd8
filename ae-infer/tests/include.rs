//! Programs that include models: which do not compile, what the compiler says of them, and how long
//! it takes.
//!
//! All are binaries of one package, and one start of cargo checks them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Bytes of the longest model.
const LONG: usize = 1_900_000;
/// Bytes that pass for a model at compile time, of which the compiler needs a moment for each.
const SHORT: usize = 2_000;

/// Offsets in the header, by FORMAT.md.
const FEATURES: usize = 40;
const LATENT: usize = 44;
const ENCODER_SCRATCH: usize = 48;
const DECODER_SCRATCH: usize = 52;

/// A header with right length and checksum before `len` bytes in all, with other fields.
fn blob(len: usize, fields: &[(usize, u32)]) -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/tiny.int8.aeb");
    let mut blob = fs::read(golden).unwrap();
    blob.resize(len, 7);
    for &(at, value) in fields {
        blob[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    assert!(ae_testkit::seal::seal(&mut blob));
    blob
}

struct Package {
    folder: PathBuf,
}

impl Package {
    /// A package in the folder for tests, which depends on this one.
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("include");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(folder.join("src/bin")).unwrap();
        let manifest = format!(
            "[package]\nname = \"includes\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [dependencies]\nae-infer.path = {root:?}\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(root.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    fn add(&self, name: &str, blob: &[u8], macro_text: &str) {
        let model = self.folder.join(format!("{name}.aeb"));
        fs::write(&model, blob).unwrap();
        let text = macro_text.replace("FILE", &format!("{model:?}"));
        let text = format!("ae_infer::include_model! {{ {text} }}\nfn main() {{}}\n");
        fs::write(self.folder.join(format!("src/bin/{name}.rs")), text).unwrap();
    }

    /// What cargo says of some of them.
    fn check(&self, names: &[&str]) -> String {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.folder).args(["check", "--release", "--offline", "--keep-going"]);
        cargo.args(["--message-format", "short", "--color", "never", "--target-dir", "target"]);
        cargo.args(names.iter().flat_map(|name| ["--bin", name]));
        let output = cargo.output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn models_that_no_program_should_include_do_not_compile() {
    let package = Package::new();
    let plain = "mod model = FILE";
    let hostile: [(&str, &[(usize, u32)]); 5] = [
        ("features", &[(FEATURES, 8_000_000)]),
        ("no-features", &[(FEATURES, 0)]),
        ("latent", &[(LATENT, 65_536)]),
        ("encoder", &[(ENCODER_SCRATCH, 8_000_000)]),
        ("decoder", &[(DECODER_SCRATCH, u32::MAX)]),
    ];
    for (name, fields) in hostile {
        package.add(name, &blob(SHORT, fields), plain);
    }
    let mut damaged = blob(100_000, &[]);
    damaged[70_001] ^= 1;
    package.add("damaged", &damaged, plain);
    let linked = "#[unsafe(link_section = \".flash\")] mod model = FILE";
    package.add("linked", &blob(SHORT, &[]), linked);
    package.add("long", &blob(LONG, &[]), plain);
    package.add("placed", &blob(SHORT, &[]), "pub mod model = FILE, section = \".model_flash\"");

    let said = package.check(&["placed"]);
    assert!(said.contains("Finished"), "{said}");

    let refused = hostile.map(|(name, _)| name);
    let said = package.check(&[&refused[..], &["damaged", "linked"]].concat());
    let of = |name: &str| {
        let lines = said.lines().filter(|line| line.contains(&format!("bin/{name}.rs")));
        lines.collect::<Vec<_>>().join("\n")
    };
    for name in refused {
        assert!(
            of(name).contains(
                "its header says a size that the format or the file's length does not allow"
            ),
            "{name}: {said}"
        );
    }
    assert!(of("damaged").contains("is damaged: its checksum differs"), "{said}");
    assert!(of("linked").contains("link_section moves no model"), "{said}");

    let before = processor_seconds();
    let said = package.check(&["long"]);
    assert!(said.contains("Finished"), "{said}");
    if let Some((before, after)) = before.zip(processor_seconds()) {
        let took = after - before;
        println!("{LONG} bytes in {took} s");
        // Some two seconds; a step for each byte takes more than ten.
        assert!(took < 6.0, "{LONG} bytes in {took} s");
    }
}

/// Seconds that a processor was busy with programs that this one started, which others beside them
/// do not lengthen much; `None` where the system does not say.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let ticks = |field: usize| behind_name.split_whitespace().nth(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}
