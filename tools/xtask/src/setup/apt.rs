//! Packages of Debian and Ubuntu.

use std::path::Path;

use crate::command;
use crate::fashion_mnist;

const QEMU: [&str; 2] = ["qemu-system-arm", "qemu-system-misc"];

/// QEMU for Arm and RISC-V.
pub(super) fn install_qemu() {
    if install(&QEMU) || !is_installed("qemu-utils") {
        return;
    }
    // A qemu-utils of another release stands in the way. In a container it may go; elsewhere that
    // is for the user to say.
    let without = [QEMU[0], QEMU[1], "qemu-utils-"];
    if is_root() {
        println!("without qemu-utils, whose version conflicts:");
        install(&without);
    } else {
        println!("qemu-utils conflicts; `sudo apt-get install {}` replaces it", without.join(" "));
    }
}

/// QEMU for programs of other processors.
pub(super) fn install_qemu_user() {
    if !install(&["qemu-user"]) {
        println!("not installed: qemu-aarch64; the kernel for AArch64 is not tested");
    }
}

/// All of Fashion-MNIST, so that tests need not do with the sample.
pub(super) fn install_fashion_mnist() {
    if !fashion_mnist::is_installed() && !install(&["dataset-fashion-mnist"]) {
        println!(
            "tests use the sample of Fashion-MNIST; `cargo run --release -- fetch fashion-mnist` gets the whole"
        );
    }
}

/// A C++ compiler, which builds the fuzzer itself.
pub(super) fn install_cxx() -> bool {
    install(&["g++"])
}

/// Valgrind, which watches the kernels' accesses to memory.
pub(super) fn install_valgrind() -> bool {
    install(&["valgrind"])
}

/// Compilers for C: of this machine, a second one, and those for boards.
pub(super) fn install_c() -> bool {
    install(&["gcc", "g++", "clang", "gcc-arm-none-eabi", "gcc-riscv64-unknown-elf"])
}

/// CMake and pkg-config, which find packages.
pub(super) fn install_finders() -> bool {
    install(&["cmake", "pkg-config"])
}

/// Python 3 with what makes virtual environments.
pub(super) fn install_venv() -> bool {
    install(&["python3-venv"])
}

/// Chromium, in which the report of a detector is looked at.
pub(super) fn install_chromium() {
    if !install(&["chromium"]) {
        println!("not installed: chromium; the test of the report's page fails without it");
    }
}

/// A Rust compiler and the source of its library.
pub(super) fn install_rust() -> bool {
    install(&["rustc-web", "rust-web-src"])
}

/// Whether the packages are installed now.
fn install(packages: &[&str]) -> bool {
    if !Path::new("/usr/bin/apt-get").exists() {
        return false;
    }
    let install = || {
        let mut apt = apt_get();
        apt.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        println!("{}", command::line(&apt));
        command::read_quietly(&mut apt).is_some()
    };
    if install() {
        return true;
    }
    // The list of packages may be old, or empty.
    let mut update = apt_get();
    update.arg("update");
    println!("{}", command::line(&update));
    command::read_quietly(&mut update).is_some() && install()
}

/// `apt-get`, as root: by sudo if that asks no password.
fn apt_get() -> std::process::Command {
    const NO_QUESTIONS: (&str, &str) = ("DEBIAN_FRONTEND", "noninteractive");
    let (name, value) = NO_QUESTIONS;
    if is_root() {
        let mut apt = command::program("apt-get");
        apt.env(name, value);
        return apt;
    }
    // sudo drops the environment.
    let mut apt = command::program("sudo");
    apt.args(["--non-interactive", &format!("{name}={value}"), "apt-get"]);
    apt
}

fn is_root() -> bool {
    command::read_quietly(command::program("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

fn is_installed(package: &str) -> bool {
    let query = ["--show", "--showformat=${Status}", package];
    command::read_quietly(command::program("dpkg-query").args(query))
        .is_some_and(|status| status.ends_with(" installed"))
}
