//! The program, run on small archives in folders of their own.

mod board;
mod calibrate;
mod compare;
mod data;
mod docs;
mod drift;
mod errors;
mod memory;
mod models;
mod report;
mod score;
mod sql;
mod support;
