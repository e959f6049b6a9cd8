//! Chromium without a window.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::RgbImage;

/// Long for a page that takes a second: two cores may have other work.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the browser said of a page.
pub(crate) struct Seen {
    /// The page as the browser has read it.
    pub(crate) dom: String,
    /// What stands in its console: among others what the page's policy has kept from being
    /// fetched.
    pub(crate) console: Vec<String>,
}

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

/// Reads a page.
pub(crate) fn read(html: &str) -> Seen {
    let folder = folder(html);
    run(folder.path(), &["--dump-dom"]);
    let text = |name: &str| {
        let bytes = std::fs::read(folder.path().join(name)).expect("it was written");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let console =
        text("stderr").lines().filter(|l| l.contains("CONSOLE")).map(str::to_owned).collect();
    Seen { dom: text("stdout"), console }
}

/// Draws the top of a page.
pub(crate) fn draw(html: &str, width: u32, height: u32, scheme: Scheme) -> RgbImage {
    let folder = folder(html);
    let picture = folder.path().join("page.png");
    let dark = if scheme == Scheme::Dark { 0 } else { 1 };
    run(
        folder.path(),
        &[
            "--hide-scrollbars",
            &format!("--window-size={width},{height}"),
            &format!("--blink-settings=preferredColorScheme={dark}"),
            &format!("--screenshot={}", picture.display()),
        ],
    );
    image::open(&picture).expect("Chromium has drawn the page").to_rgb8()
}

fn folder(html: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("page.html"), html).expect("room for a page");
    folder
}

/// Runs Chromium on `page.html` of the folder, its output in files there, its network cut off.
fn run(folder: &Path, arguments: &[&str]) {
    let file = |name: &str| File::create(folder.join(name)).expect("room for a file");
    let mut child = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--no-first-run", "--disable-extensions", "--disable-background-networking"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(arguments)
        .arg(format!("file://{}", folder.join("page.html").display()))
        .stdin(Stdio::null())
        .stdout(file("stdout"))
        .stderr(file("stderr"))
        .spawn()
        .unwrap_or_else(|error| {
            panic!("chromium: {error}; `cargo xtask setup` installs it (Debian's package chromium)")
        });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            break status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("Chromium has not finished within {PATIENCE:?}");
        }
        sleep(Duration::from_millis(20));
    };
    let said = std::fs::read(folder.join("stderr")).unwrap_or_default();
    assert!(status.success(), "chromium: {status}\n{}", String::from_utf8_lossy(&said));
}
