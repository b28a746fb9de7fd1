//! Progress on long work, on standard error, gone when it is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::store::backup::Progress;

/// A line that shows that something goes on.
pub(super) fn spinner(text: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(text.to_owned());
    bar.set_style(style("{spinner} {msg} {elapsed}"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A bar for a database and then for its recordings.
pub(super) fn bytes_then_files() -> ProgressBar {
    let bar = ProgressBar::new(0);
    bar.set_style(style(
        "database {bar:30} {binary_bytes} of {binary_total_bytes} {elapsed}",
    ));
    bar
}

/// Moves such a bar.
pub(super) fn tell(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Database { bytes, of } => {
            bar.set_length(of);
            bar.set_position(bytes.min(of));
        }
        Progress::Recordings { done, of } => {
            if bar.position() == 0 || bar.length() != Some(of) {
                bar.set_style(style("recordings {bar:30} {pos} of {len} {elapsed}"));
                bar.set_length(of);
            }
            bar.set_position(done);
        }
    }
}

/// A bar for so many steps.
pub(super) fn steps(what: &str, of: u64) -> ProgressBar {
    let bar = ProgressBar::new(of).with_message(what.to_owned());
    bar.set_style(style("{msg} {bar:30} {pos} of {len} {elapsed}"));
    bar
}

/// A bar for very many steps, with their rate and the time that is left.
pub(super) fn many(what: &str, of: u64) -> ProgressBar {
    let bar = ProgressBar::new(of).with_message(what.to_owned());
    bar.set_style(style(
        "{msg} {bar:30} {human_pos} of {human_len} {per_sec} {elapsed}, {eta} left",
    ));
    bar
}
