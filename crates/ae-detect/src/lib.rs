//! Anomaly detection: how well scores separate, where the threshold lies, and what both are worth.
//!
//! A window's score is the board's own exact integer, the squared error of its reconstruction; the
//! larger, the less normal. [`weights`] are the small integers that may stand in it, one a feature.
//! [`conformal`] sets the threshold from scores of normal windows, [`interval`] says how sure a
//! rate is, [`roc`] how well normal and abnormal windows are told apart without any threshold, and
//! [`report`] holds all of it in figures. [`monitor`] plays signals through a finished detector.

pub mod conformal;
pub mod cost;
pub mod describe;
pub mod drift;
mod few_codes;
pub mod given;
mod groups;
pub mod images;
pub mod interval;
pub mod make;
pub mod maps;
pub mod met;
pub mod moment;
pub mod monitor;
pub mod need;
mod notes;
pub mod planted;
pub mod play;
pub mod player;
pub mod report;
pub mod roc;
mod saturated;
pub mod scoring;
pub mod strip;
pub mod suggest;
mod trained;
mod trim;
pub mod view;
pub mod weights;
pub mod windows;
