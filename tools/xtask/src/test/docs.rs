//! Rustdoc finds nothing, and links in pages of Markdown lead somewhere.

use ae_boards::Board;
use anyhow::Result;

use crate::gate::Gate;
use crate::{command, firmware, links, setup};

pub(super) fn run() -> Result<String> {
    let checked = links::check()?;
    let host = command::cargo("doc --workspace --release --no-deps --keep-going");
    let mut docs = Vec::new();
    if setup::has_board_targets() {
        for board in Board::all() {
            let mut doc = firmware::cargo_for(board, "doc")?;
            // The programs are named alike, and their pages would overwrite each other.
            doc.args(["--quiet", "--no-deps", "--lib", "--package", &board.package]);
            docs.push(doc);
        }
        let support = Board::all().iter().find(|board| board.workspace.is_none() && board.f32);
        if let Some(board) = support {
            let plain = Board {
                features: ["double-rounding", "f32", "maps", "messages", "signal-features", "soak"]
                    .map(str::to_owned)
                    .to_vec(),
                ..board.clone()
            };
            // With what only firmware for signed models has.
            let mut doc = Gate::trial()?.cargo_for(&plain, "doc")?;
            doc.args(["--quiet", "--no-deps", "--package", "ae-firmware"]);
            docs.push(doc);
        }
    }
    // Each builds in a folder of its own.
    let mut groups = [vec![host], docs];
    for doc in groups.iter_mut().flatten() {
        doc.env("RUSTDOCFLAGS", "--deny warnings");
    }
    command::run_groups(groups)?;
    Ok(checked)
}
