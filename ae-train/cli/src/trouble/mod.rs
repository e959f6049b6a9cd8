//! What a user can do about an error of the library: the flag or the command beside the field that
//! the library names.

mod boards;
pub(crate) mod data;
pub(crate) mod disk;
pub(crate) mod runs;
pub(crate) mod shell;

/// The first remedy that the error or one of its causes has.
pub(crate) fn remedy(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|error| data::remedy(error).or_else(|| boards::remedy(error)))
}
