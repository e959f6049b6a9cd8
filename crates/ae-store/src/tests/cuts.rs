//! Cuts in every operation, and in every two.

use std::println;
use std::string::String;

use ae_testkit::nor::{Reads, Torn};

use super::board::{Board, Plan};
use super::faults::Fault;

/// The five ways in which a cut leaves an operation.
const WAYS: [Torn; 5] =
    [Torn::Undone, Torn::Done, Torn::Prefix(128), Torn::Suffix(128), Torn::Unstable];

use Reads::{After, Before, Random};

/// How torn bits read in the lives that follow. They change their mind in each, or after two.
const READS: [&[Reads]; 7] = [
    &[Before],
    &[After],
    &[Before, After],
    &[After, Before],
    &[After, After, Before, Before],
    &[Before, Before, After, After],
    &[Random],
];

/// A provisioned board, two windows, a new model that is changed on its way, another that is not
/// confirmed, one that is; and all again for the first slot.
const WHOLE: Plan = Plan { version: 3, windows: 4, is_rough: true };
/// One model that comes and is confirmed.
const SHORT: Plan = Plan { version: 2, windows: 3, is_rough: false };

/// The same for a board that remembers nothing before.
const QUIET: Plan = Plan { windows: 0, ..SHORT };

/// Operations where nothing is cut.
fn operations<const WORD: usize>(plan: Plan) -> u64 {
    let mut board = Board::<WORD>::new(Fault::Nothing);
    board.run(plan, &[Before]).expect("without a cut");
    board.supply().operations()
}

/// How torn bits may read: where none are, in one way.
fn reads(torn: &[Torn]) -> &'static [&'static [Reads]] {
    if torn.contains(&Torn::Unstable) { &READS } else { &READS[..1] }
}

/// One cut in each operation, in each way. The number of boards.
pub(super) fn singles<const WORD: usize>(fault: Fault, plan: Plan) -> Result<u64, String> {
    let mut boards = 0;
    for operation in 0..operations::<WORD>(plan) {
        for torn in WAYS {
            for reads in reads(&[torn]) {
                let mut board = Board::<WORD>::new(fault);
                board.supply().cut_in(operation, torn);
                let ran = board.run(plan, reads);
                ran.map_err(|what| std::format!("{operation} {torn:?}, {reads:?}: {what}"))?;
                boards += 1;
            }
        }
    }
    Ok(boards)
}

/// Cuts in every two operations, a share of them.
pub(super) fn pairs<const WORD: usize>(
    fault: Fault,
    plan: Plan,
    stride: u64,
) -> Result<u64, String> {
    let operations = operations::<WORD>(plan);
    let (mut boards, mut number) = (0, 0);
    for first in 0..operations {
        // What is repeated makes more of them.
        for second in first + 1..operations + 8 {
            for torn in WAYS {
                for next in WAYS {
                    for reads in reads(&[torn, next]) {
                        number += 1;
                        if number % stride != 0 {
                            continue;
                        }
                        let mut board = Board::<WORD>::new(fault);
                        board.supply().cut_in(first, torn);
                        board.supply().cut_in(second, next);
                        board.run(plan, reads).map_err(|what| {
                            std::format!("{first} {torn:?}, {second} {next:?}, {reads:?}: {what}")
                        })?;
                        boards += 1;
                    }
                }
            }
        }
    }
    Ok(boards)
}

/// Three cuts that follow each other closely and leave nothing certain: of an entry, of the one that
/// a life writes because of its doubt, and of what comes then. Each reads as done until the last.
pub(super) fn triples<const WORD: usize>(fault: Fault, plan: Plan) -> Result<u64, String> {
    const NEAR: u64 = 6;
    let operations = operations::<WORD>(plan);
    let mut boards = 0;
    for first in 0..operations {
        for second in first + 1..=first + NEAR {
            for third in second + 1..=second + NEAR {
                // In the lives behind the cuts, which a restart may come before.
                for reads in [&[After, After, After, Before], &[Before, After, After, After]] {
                    let mut board = Board::<WORD>::new(fault);
                    for operation in [first, second, third] {
                        board.supply().cut_in(operation, Torn::Unstable);
                    }
                    board.run(plan, reads).map_err(|what| {
                        std::format!("{first}, {second}, {third}, {reads:?}: {what}")
                    })?;
                    boards += 1;
                }
            }
        }
    }
    Ok(boards)
}

#[test]
fn a_cut_in_any_operation_leaves_a_board_that_goes_on() {
    let boards = [
        singles::<1>(Fault::Nothing, WHOLE),
        singles::<4>(Fault::Nothing, WHOLE),
        singles::<8>(Fault::Nothing, WHOLE),
        singles::<16>(Fault::Nothing, WHOLE),
        singles::<32>(Fault::Nothing, WHOLE),
    ];
    let boards: u64 = boards.into_iter().map(|found| found.unwrap()).sum();
    println!("{boards} boards, each with a cut");
    assert!(boards > 5_000, "{boards}");
}

#[test]
fn two_cuts_leave_a_board_that_goes_on() {
    let is_all = std::env::var_os("AE_TEST_ALL").is_some();
    let [stride, of_wide] = if is_all { [1; 2] } else { [31, 8 * 31] };
    let boards = [
        pairs::<4>(Fault::Nothing, SHORT, stride),
        pairs::<4>(Fault::Nothing, QUIET, stride),
        pairs::<16>(Fault::Nothing, SHORT, of_wide),
    ];
    let boards: u64 = boards.into_iter().map(|found| found.unwrap()).sum();
    println!("{boards} boards, each with two cuts");
    assert!(boards > 5_000, "{boards}");
}

#[test]
fn three_cuts_leave_a_board_that_goes_on() {
    let boards = triples::<4>(Fault::Nothing, SHORT).unwrap();
    println!("{boards} boards, each with three cuts");
    assert!(boards > 3_000, "{boards}");
    let found = triples::<4>(Fault::ForgetsSealed, SHORT);
    println!("{:?}: {found:?}", Fault::ForgetsSealed);
    assert!(found.is_err(), "it is not found");
}

#[test]
fn each_planted_mistake_is_found() {
    for fault in [
        Fault::ConfirmedUnseen,
        Fault::WrongSlot,
        Fault::FloorFirst,
        Fault::TrustsWhatReads,
        Fault::OneCopy,
        Fault::CommitFirst,
        Fault::SealFirst,
        Fault::DoubtBelieved,
        Fault::OthersPage,
    ] {
        let found = singles::<4>(fault, WHOLE).and_then(|_| pairs::<4>(fault, QUIET, 1));
        println!("{fault:?}: {found:?}");
        assert!(found.is_err(), "{fault:?} is not found");
    }
}
