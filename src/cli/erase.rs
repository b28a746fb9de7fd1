//! `aftercall erase`: one patient is forgotten, the counts stay.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, user};
use crate::config::Settings;
use crate::engine::office::Erased;
use crate::http::EraseRequest;
use crate::pii::Pii;
use crate::store::erase::Erasable;

/// Erase one patient: name, numbers, identity card, birth, imported rows and recordings.
///
/// Attempts, dispositions and answers stay in the counts and lead to nobody. Open cases are withdrawn. A number on the
/// do-not-call list stays there, without a name: else it would be called again. A list that still has the visit does not
/// bring the patient back. Refused under a legal hold. Backups that were made before still hold everything.
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The patient number, or the number of a visit.
    patient: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// What went as one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            let reader = daemon::reader(&settings).await?;
            let what = reader.erasable(&self.patient).await?;
            reader.close().await;
            if !self.json {
                told(&what);
            }
            if !self.yes && !show::ask("Erase this patient? It cannot be brought back.") {
                return Ok(ExitCode::FAILURE);
            }
            let erased = self.carry_out(&settings).await?;
            if self.json {
                show::json(&erased)?;
                return Ok(ExitCode::SUCCESS);
            }
            show::line(&format!(
                "erased; {} recordings removed, {}",
                erased.what.recordings.len(),
                show::bytes(erased.bytes)
            ));
            if erased.what.do_not_call > 0 {
                show::note("the number that asked not to be called stays on the do-not-call list, without a name");
            }
            if !erased.is_forgotten {
                show::note(
                    "the database was busy or the journal could not be overwritten: the old rows may lie in them until \
                     the daemon is stopped and started once",
                );
            }
            show::note("backups, and data that a restore moved aside, still hold this patient until you delete them");
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn carry_out(&self, settings: &Arc<Settings>) -> anyhow::Result<Erased> {
        match daemon::find(settings).await? {
            Daemon::Running(client) => {
                let request = EraseRequest {
                    patient: Pii::new(self.patient.clone()),
                    who: user::name(),
                };
                Ok(client.post("/v1/erase", &request).await?)
            }
            Daemon::Absent(office) => {
                let erased = office.erase(&self.patient, user::name()).await;
                office.close().await;
                Ok(erased?)
            }
        }
    }
}

fn told(what: &Erasable) {
    show::line(&format!(
        "patient {}: {} numbers, {} visits, {} attempts, {} recordings, {} calls to us, {} open cases",
        what.name.as_deref().unwrap_or("without a name"),
        what.numbers,
        what.encounters,
        what.attempts,
        what.recordings.len(),
        what.call_backs,
        what.open_cases,
    ));
}
