//! `aftercall migrate`: what an upgrade does to the database, by itself.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{runtime, settings, show};
use crate::engine::clock::Clock;
use crate::engine::open_store;
use crate::store::{self, Error};

/// Bring the database forward to this program, or copy it as it is before that.
///
/// `run` does the same when it starts; this is for an upgrade that wants to know before it starts. The whole way forward
/// is one transaction: killed at any point, the database is as it was. A database of a newer program is refused. No
/// daemon may run meanwhile. scripts/install calls it.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Only write the database, whatever its schema, into this new file.
    #[arg(long, value_name = "FILE")]
    copy: Option<PathBuf>,
    /// Only say what would be done; works beside a running daemon.
    #[arg(long, conflicts_with = "copy")]
    dry_run: bool,
}

impl Migrate {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = settings(config)?;
        let data = &settings.place.data;
        runtime()?.block_on(async {
            let (found, known) = match store::schema_of(data).await {
                Ok(schema) => schema,
                Err(Error::NoDatabase { path }) => {
                    show::line(&format!("there is no database at {} yet", path.display()));
                    return Ok(ExitCode::SUCCESS);
                }
                Err(error) => return Err(error.into()),
            };
            if self.dry_run {
                show::line(&if found == known {
                    format!("the database has schema {found}, as this program")
                } else {
                    format!("the database has schema {found}; it would be brought to {known}")
                });
                return Ok(ExitCode::SUCCESS);
            }
            let clock = Clock::start();
            if let Some(file) = &self.copy {
                store::copy(data, file, clock.wall()).await?;
                show::line(&format!(
                    "the database with schema {found} was copied to {}",
                    file.display()
                ));
                return Ok(ExitCode::SUCCESS);
            }
            open_store(&settings, clock).await?.close().await;
            show::line(&if found == known {
                format!("the database has schema {found}, as this program: nothing had to be done")
            } else {
                format!("the database was brought from schema {found} to {known}")
            });
            Ok(ExitCode::SUCCESS)
        })
    }
}
