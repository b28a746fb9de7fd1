//! `aftercall backup`: a copy to come back to, while the daemon works.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{progress, runtime, settings, show};
use crate::engine::clock::Clock;
use crate::store::backup::{Files, Origin, backup, note};

/// Copy the database and the list of recordings to a folder, also while the daemon runs.
///
/// The copy is whole and consistent: it holds everything that was confirmed when it began. It stands in a folder of its
/// own that only its owner can read, with `recordings.tsv` (path, bytes, sha256, attempt) and `manifest.json`. The
/// settings, with their passwords, the prompts and the dialplan files are not in it; campaigns and dialplans as they were
/// added are. `aftercall restore` brings it back.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The folder, empty or not there yet.
    folder: PathBuf,
    /// Take the recordings too: linked on the same file system, copied to another.
    #[arg(long)]
    with_recordings: bool,
    /// The manifest as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Backup {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        let files = if self.with_recordings {
            Files::Taken
        } else {
            Files::Listed
        };
        let origin = Origin {
            host: nix::unistd::gethostname()?.to_string_lossy().into_owned(),
            now: Clock::start().wall(),
        };
        let bar = progress::bytes_then_files();
        let done = runtime()?.block_on(backup(&settings.place.data, &self.folder, files, origin, |at| {
            progress::tell(&bar, at);
        }));
        bar.finish_and_clear();
        let manifest = done?;
        if let Err(why) = note(&settings.place.data, &self.folder, manifest.at) {
            show::warn(&format!(
                "the backup is whole, but it could not be noted in the data folder; `warn_after_days` in [backup] does not \
                 count it: {why}"
            ));
        }
        if self.json {
            show::json(&manifest)?;
            return Ok(ExitCode::SUCCESS);
        }
        show::line(&format!(
            "backed up to {}: database {}, {} recordings of {} {}",
            self.folder.display(),
            show::bytes(manifest.database_bytes),
            manifest.recordings,
            show::bytes(manifest.recordings_bytes),
            if manifest.with_recordings {
                "with their files"
            } else {
                "listed, their files not taken"
            },
        ));
        if manifest.recordings_missing > 0 {
            show::warn(&format!(
                "{} recordings have no file; `aftercall check --recordings` looks for them",
                manifest.recordings_missing
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
