//! What the equivalence tests stand on: models to test with, an oracle, comparisons, and blobs
//! taken apart field by field. The tests themselves are in this package's `tests` folder.
#![forbid(unsafe_code)]

pub mod alone;
pub mod compare;
pub mod coverage;
pub mod damage;
pub mod detector_oracle;
pub mod fields;
pub mod golden;
pub mod hexdump;
pub mod int8_check;
pub mod integers;
pub mod models;
pub mod oracle;
pub mod report;
pub mod reseal;
pub mod signal;
pub mod signals;
pub mod syndromes;
pub mod trained;
