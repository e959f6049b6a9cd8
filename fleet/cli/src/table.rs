//! Tables of text.

/// Lines with the columns side by side: the first is text and stands left, the others right.
pub(crate) fn lines(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (at, (cell, width)) in cells.zip(&widths).enumerate() {
            let space = " ".repeat(width - cell.chars().count());
            match at {
                0 => line.extend([cell, &space]),
                _ => line.extend(["  ", &space, cell]),
            }
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_stand_below_each_other() {
        let rows = [vec!["pump 1".to_owned(), "7".to_owned()], vec!["é".into(), "1234".into()]];
        let lines = super::lines(&["device", "n"], &rows);
        assert_eq!(lines, ["device     n", "pump 1     7", "é       1234"]);
    }
}
