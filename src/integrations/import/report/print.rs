//! The report as text for a terminal and as CSV for a sheet.

use std::fmt::Write as _;

use super::Report;
use crate::integrations::import::{Change, Scope};

impl Report {
    /// As text: the figures, then each list with at most `lines` lines. `full` names the file that holds all of them.
    pub fn text(&self, lines: usize, full: Option<&str>) -> String {
        let mut text = self.summary();
        let refused = |scope| {
            let some = self.refused.iter().filter(move |refusal| refusal.scope == scope);
            let line = |r: &super::Refusal| {
                [
                    row(r.row),
                    place(&r.column, &r.header),
                    r.value.clone(),
                    r.reason.to_string(),
                ]
            };
            some.map(line).collect::<Vec<_>>()
        };
        let warning = |w: &super::Warning| {
            [
                row(w.row),
                place(&w.column, &w.header),
                w.value.clone(),
                w.doubt.to_string(),
            ]
        };
        let updated = self.updated.iter().flat_map(|updated| {
            updated.changes.iter().map(|change| {
                [
                    row(updated.row),
                    updated.visit_no.clone(),
                    change.what.clone(),
                    arrow(change),
                ]
            })
        });
        let replaced = self.replaced.iter().flat_map(|replaced| {
            let by = format!("by row {}", replaced.by_row);
            replaced
                .changes
                .iter()
                .map(move |change| [row(replaced.row), by.clone(), change.what.clone(), arrow(change)])
        });
        section(&mut text, "refused rows", &refused(Scope::Row), lines, full);
        section(
            &mut text,
            "refused numbers (the row was taken with its others)",
            &refused(Scope::Value),
            lines,
            full,
        );
        section(
            &mut text,
            "updated (before -> after)",
            &updated.collect::<Vec<_>>(),
            lines,
            full,
        );
        section(
            &mut text,
            "replaced by a later row of this file",
            &replaced.collect::<Vec<_>>(),
            lines,
            full,
        );
        section(
            &mut text,
            "warnings",
            &self.warnings.iter().map(warning).collect::<Vec<_>>(),
            lines,
            full,
        );
        text
    }

    fn summary(&self) -> String {
        let mut text = format!("{}: {}", self.file, self.format);
        if let Some(encoding) = self.encoding {
            let _ = write!(text, ", {encoding}");
        }
        if let Some(sheet) = &self.sheet {
            let _ = write!(text, ", sheet {sheet}");
        }
        let _ = writeln!(text, ", header in row {}", self.header_row);
        let updated = self.updated.len();
        let was_applied = self.new > 0 || self.unchanged > 0 || updated > 0;
        let detail = format!("new {}, updated {updated}, unchanged {}", self.new, self.unchanged);
        let figures = [
            ("rows read", self.rows_read, String::new()),
            (
                "accepted",
                self.accepted,
                if was_applied { detail } else { String::new() },
            ),
            ("duplicates", self.duplicates, String::new()),
            (
                "replaced",
                u32::try_from(self.replaced.len()).unwrap_or(u32::MAX),
                String::new(),
            ),
            ("refused", self.refused_rows, String::new()),
        ];
        for (what, figure, detail) in figures {
            let _ = writeln!(text, "{}", format!("  {what:<12}{figure:>9}  {detail}").trim_end());
        }
        let unread = self
            .columns
            .iter()
            .filter(|column| column.field.is_none() && !column.header.is_empty());
        let unread: Vec<String> = unread.map(|column| place(&column.letters, &column.header)).collect();
        if !unread.is_empty() {
            let _ = writeln!(text, "  columns not read: {}", unread.join(", "));
        }
        text
    }

    /// As CSV, one line for each refusal, change and warning: `kind,row,column,header,value,reason`. Cells that a sheet
    /// would take for a formula get an apostrophe.
    ///
    /// # Errors
    /// Never in practice: the writer writes into memory.
    pub fn csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["kind", "row", "column", "header", "value", "reason"])?;
        let mut write = |cells: [&str; 6]| writer.write_record(cells.map(harmless));
        for r in &self.refused {
            let kind = match r.scope {
                Scope::Row => "refused row",
                Scope::Value => "refused number",
            };
            write([
                kind,
                &r.row.to_string(),
                &r.column,
                &r.header,
                &r.value,
                &r.reason.to_string(),
            ])?;
        }
        for updated in &self.updated {
            for change in &updated.changes {
                write([
                    "updated",
                    &updated.row.to_string(),
                    "",
                    &change.what,
                    &updated.visit_no,
                    &arrow(change),
                ])?;
            }
        }
        for replaced in &self.replaced {
            for change in &replaced.changes {
                let by = format!("by row {}", replaced.by_row);
                write([
                    "replaced",
                    &replaced.row.to_string(),
                    "",
                    &change.what,
                    &by,
                    &arrow(change),
                ])?;
            }
        }
        for w in &self.warnings {
            write([
                "warning",
                &w.row.to_string(),
                &w.column,
                &w.header,
                &w.value,
                &w.doubt.to_string(),
            ])?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn row(row: u32) -> String {
    if row == 0 {
        "file".to_owned()
    } else {
        format!("row {row}")
    }
}

fn place(letters: &str, header: &str) -> String {
    format!("{letters} {header}").trim().to_owned()
}

fn arrow(change: &Change) -> String {
    let or_nothing = |text: &str| {
        if text.is_empty() {
            "(nothing)".to_owned()
        } else {
            text.to_owned()
        }
    };
    format!("{} -> {}", or_nothing(&change.before), or_nothing(&change.after))
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn section(text: &mut String, title: &str, rows: &[[String; 4]], lines: usize, full: Option<&str>) {
    if rows.is_empty() {
        return;
    }
    let shown = rows.get(..lines.min(rows.len())).unwrap_or_default();
    let width_of = |column: usize| {
        shown
            .iter()
            .filter_map(|cells| cells.get(column))
            .map(|cell| width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths = [width_of(0), width_of(1), width_of(2), 0];
    let _ = writeln!(text, "\n{title}: {}", rows.len());
    for cells in shown {
        let padded = cells.iter().zip(widths).map(|(cell, column)| {
            let gap = " ".repeat(column.saturating_sub(width(cell)));
            format!("{cell}{gap}")
        });
        let _ = writeln!(text, "  {}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
    if let Some(more) = rows.len().checked_sub(shown.len()).filter(|&more| more > 0) {
        let place = full.map(|file| format!(", see {file}")).unwrap_or_default();
        let _ = writeln!(text, "  … and {more} more{place}");
    }
}

/// Columns of a terminal that a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    let is_wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3fffd}');
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}
