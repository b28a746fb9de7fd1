//! `aftercall hold`: what nothing may delete.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, user};
use crate::calendar;
use crate::config::Settings;
use crate::engine::office::HoldRequest;
use crate::ids::CaseId;
use crate::pii::Pii;
use crate::store::hold::{Held, Holds};

/// Put a legal hold on a patient or a case: neither purge nor erase touches what is under it.
#[derive(Debug, Args)]
pub(super) struct Hold {
    /// The patient number, or the number of a visit: a hold on everything of the patient.
    #[arg(required_unless_present_any = ["case", "list"], conflicts_with = "list")]
    patient: Option<String>,
    /// A case instead: a hold on its calls alone.
    #[arg(long, value_name = "ID", conflicts_with_all = ["patient", "list"])]
    case: Option<i64>,
    /// Why; it is kept with the hold. Write no name into it.
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["end", "list"], conflicts_with_all = ["end", "list"])]
    reason: Option<String>,
    /// End the hold.
    #[arg(long, conflicts_with = "list")]
    end: bool,
    /// List the holds in force.
    #[arg(long)]
    list: bool,
    /// With --list: ended ones too.
    #[arg(long, requires = "list")]
    all: bool,
    /// The list as one line of JSON.
    #[arg(long, requires = "list")]
    json: bool,
}

impl Hold {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        runtime()?.block_on(async {
            if self.list {
                return self.show(&settings).await;
            }
            let held = match (self.case, self.patient) {
                (Some(case), _) => Held::Case(CaseId(case)),
                (None, patient) => Held::Patient(Pii::new(patient.context("name a patient or a case")?)),
            };
            let request = HoldRequest {
                held,
                reason: self.reason.unwrap_or_default(),
                who: user::name(),
            };
            let daemon = daemon::find(&settings).await?;
            if self.end {
                let ended: u64 = match &daemon {
                    Daemon::Running(client) => client.post("/v1/holds/end", &request).await?,
                    Daemon::Absent(office) => office.end_hold(request).await?,
                };
                show::line(if ended == 0 {
                    "there was no such hold"
                } else {
                    "the hold has ended"
                });
            } else {
                let id: i64 = match &daemon {
                    Daemon::Running(client) => client.post("/v1/holds", &request).await?,
                    Daemon::Absent(office) => office.hold(request).await?,
                };
                show::line(&format!("hold {id} is in force"));
            }
            if let Daemon::Absent(office) = daemon {
                office.close().await;
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn show(&self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let which = if self.all { Holds::All } else { Holds::InForce };
        let holds = reader.holds(which).await?;
        reader.close().await;
        if self.json {
            show::json(&holds)?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = ["hold", "patient", "name", "case", "since", "by", "ended", "reason"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let day = |at| calendar::local(at, settings.place.time_zone).date().to_string();
        for hold in holds {
            rows.push(vec![
                hold.id.to_string(),
                hold.patient_no.unwrap_or_default(),
                hold.name.unwrap_or_default(),
                hold.case.map_or_else(|| "all".to_owned(), |case| case.to_string()),
                day(hold.since),
                hold.who,
                hold.ended_at.map(day).unwrap_or_default(),
                hold.reason,
            ]);
        }
        show::table(&rows);
        Ok(ExitCode::SUCCESS)
    }
}
