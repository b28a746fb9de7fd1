//! The live line of the demo: due, dialing, talking, done, by disposition.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use crate::cli::interrupt::Interrupts;
use crate::engine::{Office, Snapshot};
use crate::store::Counts;

/// How often the line is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(500);

/// Shows progress until every case is closed; true if Ctrl-C came first.
pub(super) async fn until_done(office: &Office, patients: u32) -> anyhow::Result<bool> {
    let mut interrupts = Interrupts::new()?;
    let mut ticks = tokio::time::interval(DRAWN_EVERY);
    let terminal = std::io::stderr().is_terminal();
    let mut last = String::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = interrupts.next() => {
                end_line(terminal);
                return Ok(true);
            }
        }
        let campaigns = office.store().reader().campaigns(office.clock().wall()).await?;
        let counts = campaigns.first().map(|campaign| campaign.counts).unwrap_or_default();
        let closed = counts.closed;
        let line = words(&office.present().unwrap_or_default(), counts, patients);
        if line != last {
            draw(&line, terminal);
            last = line;
        }
        if closed >= u64::from(patients) {
            end_line(terminal);
            return Ok(false);
        }
    }
}

fn words(now: &Snapshot, counts: Counts, patients: u32) -> String {
    let due = counts.due + counts.waiting;
    let mut line = format!(
        "due {due:>3} · dialing {:>2} · ringing {:>2} · talking {:>2} · done {}/{patients}",
        now.dialing, now.ringing, now.talking, counts.closed
    );
    for (disposition, count) in &now.dispositions {
        line.push_str(&format!(" · {} {count}", disposition.zh()));
    }
    line
}

fn draw(line: &str, terminal: bool) {
    let mut out = std::io::stderr().lock();
    // A terminal redraws one line; a file gets one line for each change.
    let drawn = if terminal {
        write!(out, "\r\x1b[K{line}")
    } else {
        writeln!(out, "{line}")
    };
    // Standard error that is gone cannot be told about.
    drop(drawn.and_then(|()| out.flush()));
}

fn end_line(terminal: bool) {
    if terminal {
        drop(writeln!(std::io::stderr().lock()));
    }
}
