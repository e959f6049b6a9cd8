//! Names and texts as SQL has them.

use datafusion::arrow::datatypes::DataType;

/// A column's name, whatever it is.
pub(crate) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text.
pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A number of 64 bits without a sign.
pub(crate) fn unsigned(number: u64) -> String {
    format!("arrow_cast({number}, 'UInt64')")
}

/// An expression as numbers of the type.
pub(crate) fn cast(expression: &str, to: &DataType) -> String {
    format!("arrow_cast({expression}, '{to}')")
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_are_doubled() {
        assert_eq!(super::name("a\"b"), "\"a\"\"b\"");
        assert_eq!(super::text("it's"), "'it''s'");
    }
}
