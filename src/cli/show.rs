//! Words to the terminal: results on standard output, everything else on standard error.

use std::io::Write;

/// One line of result. A reader that went away (a closed pipe) ends the output quietly.
pub(super) fn line(text: &str) {
    if try_line(text).is_err() {
        std::process::exit(0);
    }
}

/// The same for a command that has something to end before it goes.
pub(super) fn try_line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}

/// Rows as aligned columns; wide characters (中文) take two places.
pub(super) fn table(rows: &[Vec<String>]) {
    use unicode_width::UnicodeWidthStr;
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for row in rows {
        let mut text = String::new();
        for (width, cell) in widths.iter().zip(row) {
            text.push_str(cell);
            text.push_str(&" ".repeat(width - cell.width() + 2));
        }
        line(text.trim_end());
    }
}

/// A value as one line of JSON.
pub(super) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// Something the person at the terminal should know that is no result.
pub(super) fn note(text: &str) {
    // Standard error that is gone cannot be told about.
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Something worth a look.
pub(super) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

/// A size as people read it.
pub(super) fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

/// Asks on the terminal; yes only if the answer is. Without a terminal nobody says yes.
pub(super) fn ask(question: &str) -> bool {
    use std::io::IsTerminal;
    let input = std::io::stdin();
    if !input.is_terminal() {
        note(&format!("{question} Nobody is there to ask: say --yes."));
        return false;
    }
    let mut err = std::io::stderr().lock();
    if write!(err, "{question} [y/N] ").and_then(|()| err.flush()).is_err() {
        return false;
    }
    let mut answer = String::new();
    input.read_line(&mut answer).is_ok() && ["y", "yes", "是"].contains(&answer.trim().to_lowercase().as_str())
}
