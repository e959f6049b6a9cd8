//! Learning in place, a store and updates take no more RAM than the documentation says, on every core.

use anyhow::{Result, bail};

use crate::abreast::abreast;
use crate::store_ram::{self, LIMIT};

pub(super) fn run() -> Result<String> {
    let boards: Vec<_> = store_ram::boards().collect();
    let mut faults = Vec::new();
    let mut most = 0;
    for (board, measured) in boards.iter().zip(abreast(&boards, |board| store_ram::measure(board)))
    {
        let checked = measured.and_then(|found| {
            println!(
                "{}: {} bytes, of which `{}` takes {} of stack; by itself `{}` takes {}",
                board.name,
                found.bytes(),
                found.deepest,
                found.deeper_bytes,
                found.alone.1,
                found.alone.0
            );
            most = most.max(found.bytes());
            found.check()
        });
        if let Err(error) = checked {
            faults.push(format!("{}: {error:#}", board.name));
        }
    }
    if !faults.is_empty() {
        bail!(faults.join("\n"));
    }
    Ok(format!("{most} bytes at most on {} boards, of {LIMIT}", boards.len()))
}
