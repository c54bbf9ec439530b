//! Tables of one line a row, fitted to a width.

use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, Row, TableStyle,
    Width,
};

use super::paint::{Ink, Paint};

/// Nothing but space between the columns.
const STYLE: TableStyle =
    NOTHING.header_lines(ContentLineStyle::none()).content_lines(ContentLineStyle::none());

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Align {
    Left,
    Right,
}

/// A column: as wide as its content, or at most a share (in percent) of what the columns before it leave.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Column {
    pub(in crate::report) title: &'static str,
    pub(in crate::report) align: Align,
    pub(in crate::report) share: Option<u16>,
}

#[derive(Debug)]
pub(in crate::report) struct Table {
    columns: Vec<Column>,
    rows: Vec<(Option<Ink>, Vec<String>)>,
}

impl Table {
    pub(in crate::report) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; the ink is for its first cell.
    pub(in crate::report) fn row(&mut self, ink: Option<Ink>, cells: Vec<String>) {
        self.rows.push((ink, cells));
    }

    /// The header and a line for each row.
    pub(in crate::report) fn lines(&self, width: usize, paint: Paint) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        table.load_style(STYLE);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        let header: Vec<_> = self.columns.iter().map(|column| cell(column, column.title)).collect();
        table.set_header(header);
        for (_, cells) in &self.rows {
            let cells = self.columns.iter().zip(cells).map(|(column, text)| cell(column, text));
            let mut row = Row::from(cells.collect::<Vec<_>>());
            row.max_height(1);
            table.add_row(row);
        }
        self.constrain(&mut table, width);
        let mut lines: Vec<_> = table.lines().collect();
        for (i, line) in lines.iter_mut().enumerate() {
            match i.checked_sub(1).and_then(|row| self.rows.get(row)) {
                None => *line = paint.put(Ink::Muted, line.trim_end()),
                Some((Some(ink), cells)) => {
                    // The layout knows nothing of colour: the first cell is painted in the finished line.
                    if let Some(word) = cells.first() {
                        *line = line.replacen(word.as_str(), &paint.put(*ink, word), 1);
                    }
                }
                Some((None, _)) => {}
            }
        }
        lines
    }

    fn constrain(&self, table: &mut comfy_table::Table, width: usize) {
        let widths = table.column_max_content_widths();
        let fixed: usize = self
            .columns
            .iter()
            .zip(&widths)
            .map(|(column, w)| if column.share.is_none() { usize::from(*w) + 2 } else { 2 })
            .sum();
        let mut rest = width.saturating_sub(fixed);
        for (i, (column, content)) in self.columns.iter().zip(&widths).enumerate() {
            let Some(target) = table.column_mut(i) else { continue };
            target.set_padding((0, 2));
            target.set_constraint(match column.share {
                None => ColumnConstraint::ContentWidth,
                Some(share) => {
                    // What a short column does not need is left to those behind it.
                    let room = (rest * usize::from(share) / 100).max(8).min(usize::from(*content));
                    rest = rest.saturating_sub(room);
                    // Padding counts as part of a column.
                    let room = u16::try_from(room + 2).unwrap_or(u16::MAX);
                    ColumnConstraint::UpperBoundary(Width::Fixed(room))
                }
            });
        }
    }
}

fn cell(column: &Column, text: &str) -> Cell {
    Cell::new(text).set_alignment(match column.align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}
