//! Reads tables that lie in a file by column.

mod arrow;
mod cell;
mod packed;
mod parquet;
mod table;

pub(super) use arrow::{read as read_arrow, read_stream};
pub(super) use parquet::read as read_parquet;
