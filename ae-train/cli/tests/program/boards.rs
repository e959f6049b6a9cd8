//! A model on emulated boards, and the tool that flashes real ones: `verify --board` and `flash`.
//!
//! These need QEMU, and firmware that `cargo xtask firmware` has built.

use object::{Object, ObjectSection, ObjectSymbol};

use crate::workshop::{TEST_IMAGES, Workshop};

#[test]
fn a_model_gives_the_same_bytes_on_boards() {
    let workshop = Workshop::with_run();
    for (model, board) in [
        ("model.int8", "microbit"),
        ("model.int8", "rv32"),
        ("model.f32", "mps2-an386"),
        ("model.f32", "mps2-an385"),
    ] {
        let said = workshop.ok(&format!("verify run/{model}.aeb --board {board}"));
        let verdict = format!("equal: {board} (");
        assert!(said.text().contains(&verdict), "{}", said.text());
        assert!(said.text().contains("output of decoder.2"), "{}", said.text());
        let report = workshop.read_text(&format!("run/{model}.{board}.md"));
        assert!(
            report.contains(&format!("| images | {TEST_IMAGES} | {TEST_IMAGES} |")),
            "{report}"
        );
    }
}

#[test]
fn the_report_can_be_json_of_a_part_and_of_some_images() {
    let workshop = Workshop::with_run();
    for (part, layers, bytes) in
        [("encoder", 3, ["latent_bytes", "pixels"]), ("decoder", 3, ["pixels", "latent_bytes"])]
    {
        let line = format!(
            "verify run/model.int8.aeb --board mps3-an547 --part {part} --stride 5 --json --report {part}.md"
        );
        let report = workshop.ok(&line).json();
        assert_eq!(report["equal"], true);
        assert_eq!((&report["part"], &report["core"]), (&part.into(), &"Cortex-M55".into()));
        // Images 0, 5 and 10 of 12.
        assert_eq!((&report["samples"], &report["stride"]), (&3.into(), &5.into()));
        assert_eq!(report["layers"].as_array().unwrap().len(), layers);
        assert!(
            report[bytes[0]]["of"].as_u64() > Some(0) && report[bytes[1]].is_null(),
            "{report}"
        );
        assert!(workshop.exists(&format!("{part}.md")));
    }
}

/// The firmware of rv32 with a kernel that computes nothing: its function returns at once.
fn firmware_with_a_wrong_kernel(workshop: &Workshop) {
    let firmware = ae_boards::Firmware::default_folder().join("rv32").join("equivalence.elf");
    let mut elf = std::fs::read(&firmware).expect("cargo xtask firmware rv32 builds it");
    let offset = {
        let file = object::File::parse(&*elf).unwrap();
        let is_kernel = |symbol: &object::Symbol<'_, '_>| {
            let name = symbol.name().unwrap_or_default();
            name.contains("ae_infer") && name.contains("compute_rows")
        };
        let address = file.symbols().find(is_kernel).unwrap().address();
        let section = file.sections().find(|section| section.name() == Ok(".text")).unwrap();
        (section.file_range().unwrap().0 + address - section.address()) as usize
    };
    // `ret`.
    elf[offset..][..2].copy_from_slice(&0x8082_u16.to_le_bytes());
    std::fs::create_dir_all(workshop.path("wrong/rv32")).unwrap();
    workshop.write("wrong/rv32/equivalence.elf", &elf);
}

#[test]
fn a_board_that_computes_something_else_is_a_mismatch_with_the_layer_and_the_image() {
    let workshop = Workshop::with_run();
    firmware_with_a_wrong_kernel(&workshop);
    let line = "verify run/model.int8.aeb --board rv32 --firmware wrong --stride 2";
    let finished = workshop.run(line);
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    let text = finished.text();
    assert!(text.contains("DIFFERENT: rv32 (RV32IMAC, kernel rv32): encoder layer "), "{text}");
    let report = workshop.read_text("run/model.int8.rv32.md");
    assert!(report.contains("DIFFERENT: rv32"), "{report}");

    let finished = workshop.run(&format!("{line} --json"));
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    let report = finished.json();
    assert_eq!(report["equal"], false);
    assert!(report["first_layer"].as_str().unwrap().starts_with("encoder."), "{report}");
    // Images are counted in all of them, not in every second one.
    assert_eq!(report["first_image"].as_u64().unwrap() % 2, 0);
    assert!(report["answers"]["equal"].as_u64() < report["answers"]["of"].as_u64(), "{report}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let workshop = Workshop::with_run();
    for part in ["encoder", "decoder"] {
        workshop.ok(&format!("quantize run --part {part}"));
    }
    let verify = "verify run/model";
    workshop.refused(
        &format!("{verify}.int8.aeb --board toaster"),
        &["'toaster'", "microbit", "pico2"],
    );
    workshop.refused(&format!("{verify}.f32.aeb --board microbit"), &["int8 models only", "f32"]);
    workshop.refused(
        &format!("{verify}.decoder.int8.aeb --board rv32"),
        &["only a decoder", "--part decoder"],
    );
    workshop.refused(
        &format!("{verify}.encoder.int8.aeb --board rv32 --part both"),
        &["run/model.encoder.int8.aeb", "no decoder"],
    );
    workshop.refused(
        &format!("{verify}.int8.aeb --board rv32 --firmware nowhere"),
        &["not built", "rv32", "; `cargo xtask firmware rv32` builds it, and --firmware names"],
    );
    workshop.refused(&format!("{verify}.int8.aeb --board rv32 --port x"), &["no --port"]);
    let model = workshop.read("run/model.int8.aeb");
    let over = format!("{verify}.int8.aeb --board rv32 --report run/model.int8.aeb");
    workshop.refused(&over, &["--report names the model"]);
    assert!(workshop.read("run/model.int8.aeb") == model);
    let nowhere = format!("{verify}.int8.aeb --board rv32 --report nowhere/a.md");
    workshop.refused(&nowhere, &["cannot write a report to nowhere", "--report"]);
    workshop.write_data("others", 2, 2, 3, 3);
    workshop.refused(
        &format!("{verify}.int8.aeb --board rv32 --data others"),
        &["9 pixels", "20 features"],
    );
    for line in ["--stride 0", "--stride 2", "--run run"] {
        let board = if line == "--stride 2" { "" } else { "--board rv32" };
        let finished = workshop.run(&format!("{verify}.int8.aeb {board} {line}"));
        assert_eq!(finished.code, Some(2), "{line}: {}", finished.stderr);
    }
}

/// 900 pixels and 250 hidden units: 470 KB, of which either part has a half.
const LARGE: &str =
    "train --data large --out big --epochs 1 --hidden 250 --latent 16 --no-baseline";

#[test]
fn a_model_that_is_too_large_is_refused_with_sizes_and_a_part_of_it_is_not() {
    let workshop = Workshop::new();
    workshop.write_data("large", 8, 2, 30, 30);
    workshop.ok(LARGE);
    let bytes = workshop.read("big/model.int8.aeb").len().to_string();
    let words = ["does not fit microbit", &bytes, "242912 free", "RAM for buffers", "stack"];
    let message = workshop.refused("verify big/model.int8.aeb --board microbit", &words);
    assert!(message.contains("--part encoder"), "{message}");
    assert!(!workshop.exists("big/model.int8.microbit.md"));
    workshop
        .refused("flash big/model.f32.aeb --board stm32f405", &["does not fit stm32f405", "flash"]);
    let said = workshop.ok("verify big/model.int8.aeb --board microbit --part encoder");
    assert!(
        said.text().contains("equal: microbit (Cortex-M0, kernel thumbv6m)"),
        "{}",
        said.text()
    );
}

#[test]
fn flash_says_whether_a_model_fits_and_what_is_missing() {
    let workshop = Workshop::with_run();
    let flash = "flash run/model.int8.aeb --board";
    let said = workshop.ok(&format!("{flash} esp32-c3 --check"));
    assert!(said.text().contains("fits esp32-c3: flash: "), "{}", said.text());
    workshop.refused(&format!("{flash} rv32"), &["rv32 is emulated", "cargo xtask emulate rv32"]);
    for (board, tool) in [("pico2", "probe-rs"), ("esp32-c3", "espflash")] {
        let mut command = workshop.command(&format!("{flash} {board}"));
        let finished = crate::workshop::Finished::of(command.env("PATH", "").output().unwrap());
        assert_eq!(finished.code, Some(2));
        let install = format!("{tool} is not installed; `cargo install --locked {tool}");
        assert!(finished.stderr.contains(&install), "{}", finished.stderr);
    }
}

/// A stand-in for probe-rs whose board is the emulated Netduino Plus 2, so everything but the
/// probe itself is real: the firmware, the model in it, the UART.
#[cfg(unix)]
mod with_a_stand_in {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use crate::workshop::{Finished, Workshop};

    const EMULATOR: &str = "qemu-system-arm -machine netduinoplus2 -display none -monitor none \
                            -semihosting-config enable=on,target=native";

    /// The program with a `probe-rs` on its path that does what the shell script `body` says.
    fn command(workshop: &Workshop, body: &str, line: &str) -> Command {
        let folder = workshop.path("bin");
        fs::create_dir_all(&folder).unwrap();
        let script = folder.join("probe-rs");
        fs::write(&script, format!("#!/bin/sh\nset -e\n{body}\n")).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = workshop.command(line);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", folder.display()));
        command
    }

    fn run(workshop: &Workshop, body: &str, line: &str) -> Finished {
        Finished::of(command(workshop, body, line).output().unwrap())
    }

    #[test]
    fn the_self_test_runs_on_the_flashed_board() {
        let workshop = Workshop::with_run();
        let probe = format!(
            "case $1 in list) echo 'found: [0] a probe';; \
             run) test $2$3 = --chipSTM32F405RGTx; exec {EMULATOR} -serial null -kernel $4;; \
             *) exit 9;; esac"
        );
        let finished = run(&workshop, &probe, "flash run/model.int8.aeb --board stm32f405");
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let text = finished.text();
        assert!(text.contains("ok: stm32f405 (Cortex-M4, kernel thumbv7m), int8 model"), "{text}");
        assert!(text.contains("all of 6 layers give their digest"), "{text}");
    }

    #[test]
    fn a_board_that_fails_its_self_test_is_a_mismatch() {
        let workshop = Workshop::with_run();
        let probe = "if [ $1 = run ]; then echo 'FAILED: encoder layer 1 differs first'; exit 1; fi; echo a probe";
        let finished = run(&workshop, probe, "flash run/model.int8.aeb --board stm32f405");
        assert_eq!(finished.code, Some(1), "{}", finished.stderr);
        assert!(finished.text().contains("FAILED: encoder layer 1"), "{}", finished.text());
    }

    #[test]
    fn a_probe_that_is_missing_or_forbidden_is_named_with_the_remedy() {
        let workshop = Workshop::with_run();
        let line = "flash run/model.int8.aeb --board nrf52840-dk";
        for (probe, words) in [
            ("echo 'No debug probes were found.'", ["finds no debug probe", "`probe-rs list`"]),
            ("echo 'Permission denied' >&2; exit 1", ["may not use the debug probe", "udevadm"]),
            (
                "if [ $1 != list ]; then echo 'the chip is locked' >&2; exit 3; fi; echo a probe",
                ["probe-rs failed", "the chip is locked"],
            ),
            (
                "if [ $1 != list ]; then echo 'Permission denied' >&2; exit 1; fi; echo a probe",
                ["may not use the debug probe", "udevadm"],
            ),
            // It ends well, and no board has said anything.
            ("echo a probe", ["said neither `ok: ` nor `FAILED: `", "cargo xtask firmware"]),
        ] {
            let finished = run(&workshop, probe, line);
            assert_eq!(finished.code, Some(2), "{probe}: {}", finished.stderr);
            for word in words {
                assert!(finished.stderr.contains(word), "{word}: {}", finished.stderr);
            }
        }
    }

    #[test]
    fn a_real_board_is_flashed_and_verified_over_its_serial_port() {
        let workshop = Workshop::with_run();
        let (elf, port) = (workshop.path("flashed.elf"), workshop.path("port"));
        let (elf, port) = (elf.display(), port.display());
        // `reset` starts the board, whose UART is a pseudo-terminal that QEMU names; it ends when
        // the host leaves, or by itself after a minute.
        let probe = format!(
            "case $1 in list) echo a probe;; \
             download) cp $4 {elf};; \
             reset) timeout 60 {EMULATOR} -chardev pty,id=uart -serial chardev:uart -kernel {elf} > {port}.log 2>&1 </dev/null & \
             for i in $(seq 100); do grep -q /dev/pts {port}.log && break; sleep 0.05; done; \
             ln -s $(grep -o '/dev/pts/[0-9]*' {port}.log) {port};; esac"
        );
        let line = format!("verify run/model.int8.aeb --board stm32f405 --port {port} --json");
        let finished = run(&workshop, &probe, &line);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let report = finished.json();
        assert_eq!((&report["equal"], &report["board"]), (&true.into(), &"stm32f405".into()));
    }

    #[test]
    fn a_serial_port_that_is_not_there_is_named() {
        let workshop = Workshop::with_run();
        let line = "verify run/model.int8.aeb --board stm32f405 --port nowhere";
        let finished = run(&workshop, "echo a probe", line);
        finished.expect_refusal(line, &["serial port nowhere"]);
    }
}
