//! What the equivalence tests stand on: models to test with, comparisons with the oracles of
//! `ae-testkit`, and signals. The tests themselves are in this package's `tests` folder.
#![forbid(unsafe_code)]

pub mod alone;
pub mod compare;
pub mod coverage;
pub mod damage;
pub mod golden;
pub mod hexdump;
pub mod int8_check;
pub mod integers;
pub mod line;
pub mod models;
pub mod report;
pub mod signals;
pub mod syndromes;
pub mod trained;
pub mod watch;
pub mod watching;
