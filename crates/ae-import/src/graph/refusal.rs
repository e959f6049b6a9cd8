//! Why an operator is not understood, before it is said which one it is.

use crate::{ImportError, SourceFormat};

/// A reason without a place. Whoever goes over the operators knows the place.
#[derive(Debug)]
pub(crate) struct Refusal {
    reason: String,
    /// What can be done; none where the file is damaged.
    mend: Option<String>,
}

/// What was understood, or why not.
pub(crate) type Understood<T> = Result<T, Refusal>;

impl Refusal {
    /// Something that a well-formed file may hold and that is not understood.
    pub(crate) fn new(reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { reason: reason.into(), mend: Some(mend.into()) }
    }

    /// Something that the format does not allow.
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), mend: None }
    }

    /// The error, in a part of the file that is no operator.
    pub(crate) fn within(self, format: SourceFormat, place: &str) -> ImportError {
        let Self { reason, mend } = self;
        match mend {
            None => ImportError::Malformed { format, place: place.to_owned(), reason },
            Some(mend) => ImportError::Unfit { reason: format!("{place}: {reason}"), mend },
        }
    }

    /// The error, at an operator.
    pub(crate) fn at(
        self,
        format: SourceFormat,
        index: usize,
        name: &str,
        kind: &str,
    ) -> ImportError {
        let Self { reason, mend } = self;
        let (name, kind) = (name.to_owned(), kind.to_owned());
        match mend {
            None => {
                let place = format!("operator {index}, `{name}` ({kind})");
                ImportError::Malformed { format, place, reason }
            }
            Some(mend) => ImportError::Operator { index, name, kind, reason, mend },
        }
    }
}
