//! `aftercall restore`: a backup becomes the data folder again.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{progress, runtime, settings, show};
use crate::engine::clock::Clock;
use crate::store::backup::{Present, Restored, restore};

/// Bring a backup back into the data folder of the settings. No daemon may run on it.
///
/// The backup is checked first: its manifest, its checksum, SQLite's own check, and that this program is not older than
/// it. Calls that were made after the backup are not in it: look at what would be dialed again before you let it dial.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder of the backup.
    backup: PathBuf,
    /// The data folder is in use: move what it holds aside, into a folder of its own inside it. Nothing is deleted.
    #[arg(long)]
    replace: bool,
    /// What was done as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        let present = if self.replace {
            Present::MovedAside
        } else {
            Present::Refused
        };
        let bar = progress::bytes_then_files();
        let now = Clock::start().wall();
        let done = runtime()?.block_on(restore(&self.backup, &settings.place.data, present, now, |at| {
            progress::tell(&bar, at);
        }));
        bar.finish_and_clear();
        let restored = done?;
        if self.json {
            show::json(&restored)?;
        } else {
            told(&restored, &settings.place.data);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn told(restored: &Restored, data: &Path) {
    let manifest = &restored.manifest;
    show::line(&format!(
        "restored to {}: the database of {}, taken on {} by {}; {} recordings",
        data.display(),
        manifest.at_utc,
        manifest.host,
        manifest.program,
        restored.recordings,
    ));
    if let Some(aside) = &restored.moved_to {
        show::line(&format!("what was there is in {}", aside.display()));
    }
    if restored.absent > 0 {
        show::warn(&format!(
            "{} recordings are not in the backup; copy them to {} if you have them, then `aftercall check --recordings`",
            restored.absent,
            data.join("recordings").display()
        ));
    }
    if restored.damaged > 0 {
        show::warn(&format!(
            "{} recordings are not what they were: their SHA-256 differs",
            restored.damaged
        ));
    }
    show::line(
        "The database is frozen: calls made after the backup are unknown to it. `aftercall thaw` shows what would be \
         dialed again, and asks.",
    );
}
